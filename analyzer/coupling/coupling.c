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

#define HOSTS_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */

/* What the join needs to know. */
struct joiner {
  struct dc_tree *tree;
  struct dc_profile *profile;
  struct dc_words own; /* names and addresses of the guest, sorted */
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

static int
copy (const char *text, char **out, struct dc_error *err)
{
  *out = text != NULL ? strdup (text) : NULL;
  return text == NULL || *out != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep a coupling");
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
is_own (const struct joiner *joiner, const char *host)
{
  return is_loopback (host) ||
         (joiner->own.count > 0 &&
          bsearch (&host, joiner->own.items, joiner->own.count, sizeof (char *),
                   by_text) != NULL);
}

/* Names that /etc/hosts gives to the guest itself: 127.0.0.1 and its kin. */
static int
read_hosts_line (struct joiner *joiner, struct dc_span line,
                 struct dc_error *err)
{
  char address[64];
  struct dc_span word;
  const char *comment =
      line.size > 0 ? memchr (line.text, '#', line.size) : NULL;

  if (comment != NULL)
    line.size = (size_t) (comment - line.text);
  if (!dc_span_word (&line, &word) || word.size >= sizeof address)
    return 0;
  memcpy (address, word.text, word.size);
  address[word.size] = '\0';
  if (!is_loopback (address))
    return 0;
  while (dc_span_word (&line, &word) && joiner->own.count < DC_COUPLING_OWN_MAX)
    if (!dc_span_has (word, '\0') &&
        dc_words_add_bytes (&joiner->own, word.text, word.size, err) < 0)
      return -1;
  return 0;
}

static int
find_own (struct joiner *joiner, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (HOSTS_SIZE_MAX);
  struct dc_span line;

  if (joiner->profile->hostname != NULL &&
      dc_words_add (&joiner->own, joiner->profile->hostname, err) < 0)
    return -1;
  const int found = dc_tree_read_file (joiner->tree, "/etc/hosts", &b, err);
  if (found < 0 && err->code == DC_ERR_SYSTEM)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), found > 0 ? b.size : 0 };
  while (dc_span_line (&rest, &line))
    if (read_hosts_line (joiner, line, err) < 0)
      return -1;
  dc_words_sort (&joiner->own);
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
add (struct dc_couplings *couplings, struct dc_coupling *coupling,
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
  if (copy (connection->service, &coupling->from, err) < 0 ||
      copy (connection->host, &coupling->host, err) < 0 ||
      copy (connection->path, &coupling->path, err) < 0 ||
      copy (connection->evidence.file, &coupling->from_evidence.file, err) < 0)
    return -1;
  if (endpoint == NULL)
    return 0;
  coupling->to_evidence.line = endpoint->evidence.line;
  if (endpoint->confidence > coupling->confidence)
    coupling->confidence = endpoint->confidence;
  return copy (endpoint->service, &coupling->to, err) < 0 ||
                 copy (endpoint->evidence.file, &coupling->to_evidence.file,
                       err) < 0
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
      add (&joiner->profile->couplings, &coupling, err) < 0) {
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

  if (copy (unit->name, &coupling.from, err) < 0 ||
      copy (other->name, &coupling.to, err) < 0 ||
      copy (setting->file, &coupling.from_evidence.file, err) < 0 ||
      add (&profile->couplings, &coupling, err) < 0) {
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

  return unit->is_started && dot != NULL && strcmp (dot, ".service") == 0 &&
         dc_services_left_out (template, unit->name) == NULL;
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
  struct joiner joiner = { tree, profile, { NULL, 0 } };

  int status = find_own (&joiner, err);
  for (size_t i = 0; i < profile->connections.count && status == 0; i++)
    status = join (&joiner, &profile->connections.items[i], err);
  dc_words_release (&joiner.own);
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
