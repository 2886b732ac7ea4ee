/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/coupling/coupling.h"
#include "analyzer/profile.h"
#include "lib/array.h"
#include "lib/span.h"
#include "templates/templates.h"
#include "lib/text.h"
#include "analyzer/unit/unitconverted.h"

/* What the join needs to know. */
struct joiner {
  struct dc_profile *profile;
  struct dc_words addresses, names; /* of the guest itself; sorted */
};

static void
release (struct dc_coupling *coupling)
{
  free (coupling->from);
  free (coupling->to);
  free (coupling->host);
  free (coupling->path);
  free (coupling->from_evidence.file);
  free (coupling->to_evidence.file);
}

static bool
is_loopback (const char *host)
{
  struct in_addr v4;
  struct in6_addr v6;

  if (inet_pton (AF_INET, host, &v4) == 1)
    return (ntohl (v4.s_addr) >> 24) == 127 || v4.s_addr == 0;
  if (inet_pton (AF_INET6, host, &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK (&v6) || IN6_IS_ADDR_UNSPECIFIED (&v6);
  return strcasecmp (host, "localhost") == 0 ||
         strcasecmp (host, "localhost.localdomain") == 0 ||
         strcasecmp (host, "ip6-localhost") == 0;
}

static int
by_text (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static bool
has (const struct dc_words *sorted, const char *text)
{
  return sorted->count > 0 && bsearch (&text, sorted->items, sorted->count,
                                       sizeof (char *), by_text) != NULL;
}

static bool
is_own_address (const struct joiner *joiner, const char *host)
{
  return is_loopback (host) || has (&joiner->addresses, host);
}

static bool
is_own (const struct joiner *joiner, const char *host)
{
  return is_own_address (joiner, host) || has (&joiner->names, host);
}

static int
add (struct dc_words *own, const char *text, size_t size, struct dc_error *err)
{
  return own->count < DC_COUPLING_OWN_MAX
             ? dc_words_add_bytes (own, text, size, err)
             : 0;
}

/* Those that the live host had. */
static int
add_seen (struct joiner *joiner, struct dc_error *err)
{
  const struct dc_observed_row *row;
  size_t position = 0;

  while ((row = dc_observed_next (&joiner->profile->observed, DC_SEEN_ADDRESS,
                                  &position)) != NULL)
    if (add (&joiner->addresses, row->fields[1], strcspn (row->fields[1], "/"),
             err) < 0)
      return -1;
  return 0;
}

/* Addresses of interfaces, "10.0.0.2/24" without the length. */
static int
find_addresses (struct joiner *joiner, struct dc_error *err)
{
  const struct dc_network *network = &joiner->profile->network;

  for (size_t i = 0; i < network->interface_count; i++) {
    const struct dc_words *addresses = &network->interfaces[i].addresses;
    for (size_t k = 0; k < addresses->count; k++)
      if (add (&joiner->addresses, addresses->items[k],
               strcspn (addresses->items[k], "/"), err) < 0)
        return -1;
  }
  if (add_seen (joiner, err) < 0)
    return -1;
  dc_words_sort (&joiner->addresses);
  return 0;
}

static int
add_all (struct dc_words *own, const struct dc_words *names,
         struct dc_error *err)
{
  for (size_t i = 0; i < names->count; i++)
    if (add (own, names->items[i], strlen (names->items[i]), err) < 0)
      return -1;
  return 0;
}

/* The host name, and names that /etc/hosts gives to the guest's addresses. */
static int
find_names (struct joiner *joiner, struct dc_error *err)
{
  const struct dc_network *network = &joiner->profile->network;
  const char *hostname = joiner->profile->hostname;

  if ((hostname != NULL &&
       add (&joiner->names, hostname, strlen (hostname), err) < 0) ||
      add_all (&joiner->names, &network->own_names, err) < 0)
    return -1;
  for (size_t i = 0; i < network->host_count; i++)
    if (is_own_address (joiner, network->hosts[i].address) &&
        add_all (&joiner->names, &network->hosts[i].names, err) < 0)
      return -1;
  dc_words_sort (&joiner->names);
  return 0;
}

/* /var/run is /run. */
static const char *
short_path (const char *path)
{
  return strncmp (path, "/var/run/", 9) == 0 ? path + 4 : path;
}

static bool
listens_there (const struct dc_endpoint *endpoint,
               const struct dc_connection *connection)
{
  if (endpoint->protocol != connection->protocol)
    return false;
  if (endpoint->protocol == DC_UNIX)
    return strcmp (short_path (endpoint->path),
                   short_path (connection->path)) == 0;
  return connection->port != 0 && endpoint->port == connection->port;
}

/* Who listens where CONNECTION of the guest to itself leads; NULL. */
static const struct dc_endpoint *
find_endpoint (const struct dc_profile *profile,
               const struct dc_connection *connection)
{
  const struct dc_endpoint *found = NULL;

  for (size_t i = 0; i < profile->endpoints.count; i++) {
    const struct dc_endpoint *endpoint = &profile->endpoints.items[i];
    if (listens_there (endpoint, connection) &&
        (found == NULL || endpoint->confidence < found->confidence))
      found = endpoint;
  }
  return found;
}

static int
keep (struct dc_couplings *couplings, struct dc_coupling *coupling,
      struct dc_error *err)
{
  if (DC_ARRAY_GROW (couplings->items, couplings->count, DC_COUPLING_COUNT_MAX,
                     "couplings", err) < 0)
    return -1;
  couplings->items[couplings->count++] = *coupling;
  return 0;
}

static int
fill (const struct dc_connection *connection,
      const struct dc_endpoint *endpoint, struct dc_coupling *coupling,
      struct dc_error *err)
{
  if (dc_text_copy (connection->service, &coupling->from, err) < 0 ||
      dc_text_copy (connection->host, &coupling->host, err) < 0 ||
      dc_text_copy (connection->path, &coupling->path, err) < 0 ||
      dc_text_copy (connection->evidence.file, &coupling->from_evidence.file,
                    err) < 0)
    return -1;
  if (endpoint == NULL)
    return 0;
  coupling->to_evidence.line = endpoint->evidence.line;
  if (endpoint->confidence > coupling->confidence)
    coupling->confidence = endpoint->confidence;
  return dc_text_copy (endpoint->service, &coupling->to, err) < 0 ||
                 dc_text_copy (endpoint->evidence.file,
                               &coupling->to_evidence.file, err) < 0
             ? -1
             : 0;
}

static int
join (const struct joiner *joiner, const struct dc_connection *connection,
      struct dc_error *err)
{
  const bool is_socket = connection->protocol == DC_UNIX;
  const bool is_inside = is_socket || is_own (joiner, connection->host);
  struct dc_coupling coupling = {
    .kind = is_socket   ? DC_COUPLING_SOCKET
            : is_inside ? DC_COUPLING_PORT
                        : DC_COUPLING_OUTBOUND,
    .protocol = connection->protocol,
    .port = connection->port,
    .confidence = connection->confidence,
    .from_evidence.line = connection->evidence.line,
  };
  const struct dc_endpoint *endpoint =
      is_inside ? find_endpoint (joiner->profile, connection) : NULL;

  if (fill (connection, endpoint, &coupling, err) < 0 ||
      keep (&joiner->profile->couplings, &coupling, err) < 0) {
    release (&coupling);
    return -1;
  }
  return 0;
}

/* One unit of a list of names. */
static int
add_required (struct dc_profile *profile, const struct dc_unit *unit,
              const struct dc_setting *setting, const struct dc_unit *other,
              struct dc_error *err)
{
  struct dc_coupling coupling = {
    .kind = DC_COUPLING_REQUIRES,
    .confidence = DC_DECLARED,
    .from_evidence.line = setting->line,
  };

  if (dc_text_copy (unit->name, &coupling.from, err) < 0 ||
      dc_text_copy (other->name, &coupling.to, err) < 0 ||
      dc_text_copy (setting->file, &coupling.from_evidence.file, err) < 0 ||
      keep (&profile->couplings, &coupling, err) < 0) {
    release (&coupling);
    return -1;
  }
  return 0;
}

static bool
is_service (const struct dc_services_template *template,
            const struct dc_unit *unit)
{
  const char *dot = strrchr (unit->name, '.');

  return dot != NULL && strcmp (dot, ".service") == 0 &&
         dc_unit_is_converted (unit, template);
}

/* The services that start among the words of SETTING. */
static int
read_required (struct dc_profile *profile,
               const struct dc_services_template *template,
               const struct dc_unit *unit, const struct dc_setting *setting,
               struct dc_error *err)
{
  struct dc_span rest = dc_span_of (setting->value), word;

  while (dc_span_word (&rest, &word)) {
    AUTO_FREE char *name = NULL;
    if (dc_span_copy (word, &name, err) < 0)
      return -1;
    const struct dc_unit *other = dc_units_find (profile->units, name);
    if (other != NULL && other != unit && is_service (template, other) &&
        add_required (profile, unit, setting, other, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_units (struct dc_profile *profile, struct dc_error *err)
{
  static const char *const keys[] = { "Requires", "BindsTo", "Requisite",
                                      "Wants", "PartOf" };
  DC_AUTO (dc_services_template) *template = NULL;

  if (dc_services_template_load (&template, err) < 0)
    return -1;
  for (size_t i = 0; i < profile->units->count; i++) {
    const struct dc_unit *unit = &profile->units->items[i];
    if (!is_service (template, unit))
      continue;
    for (size_t k = 0; k < DC_COUNT (keys); k++) {
      const struct dc_setting *setting;
      size_t position = 0;
      while (dc_unit_next (unit, "Unit", keys[k], &position, &setting) > 0)
        if (read_required (profile, template, unit, setting, err) < 0)
          return -1;
    }
  }
  return 0;
}

int
dc_couplings_read (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  struct joiner joiner = { .profile = profile };

  (void) tree; /* all is in the profile by now */
  int status = find_addresses (&joiner, err);
  if (status == 0)
    status = find_names (&joiner, err);
  for (size_t i = 0; i < profile->connections.count && status == 0; i++)
    status = join (&joiner, &profile->connections.items[i], err);
  dc_words_release (&joiner.addresses);
  dc_words_release (&joiner.names);
  return status < 0 ? -1 : read_units (profile, err);
}

void
dc_couplings_forget (struct dc_profile *profile)
{
  for (size_t i = 0; i < profile->couplings.count; i++)
    release (&profile->couplings.items[i]);
  free (profile->couplings.items);
  profile->couplings = (struct dc_couplings){ NULL, 0 };
}
