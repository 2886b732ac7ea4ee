/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/observed/observed.h"
#include "analyzer/profile.h"
#include "analyzer/profilejson.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define MACHINE_ID_FILE "/etc/machine-id"
#define MACHINE_ID_MAX ((size_t) 256) /* bytes of the file that are read */
/* Where the kernel begins to choose ports, when the record does not say. */
#define EPHEMERAL_DEFAULT 32768

struct merger {
  struct dc_profile *profile;
  const struct dc_observed *observed;
  bool *is_seen;      /* of each endpoint that was there before */
  size_t known;       /* endpoints that were there before */
  uint64_t ephemeral; /* the first port that the kernel chooses */
};

/* A row of DC_SEEN_LISTEN in our words. */
struct listener {
  const struct dc_observed_row *row;
  enum dc_protocol protocol;
  const char *address; /* "": any, both families */
  uint16_t port;
  const char *service; /* NULL: unknown */
};

static enum dc_protocol
protocol_of (const char *name)
{
  if (strcmp (name, "unix") == 0)
    return DC_UNIX;
  return strcmp (name, "udp") == 0 ? DC_UDP : DC_TCP;
}

/* The service that the record means; NULL for what is none: a session,
 * systemd itself, nobody known.
 */
static const char *
service_of (const struct dc_profile *profile, const char *name)
{
  static const char type[] = ".service";
  const size_t size = strlen (name);
  const struct dc_unit *unit = dc_units_find (profile->units, name);

  if (size < sizeof type || strcmp (name + size + 1 - sizeof type, type) != 0)
    return NULL;
  return unit != NULL ? unit->name : name;
}

/* Less ".PID.tmp", which HAProxy has until the socket has its name. */
static size_t
path_size (const char *path)
{
  size_t size = strlen (path);

  if (size < 6 || strcmp (path + size - 4, ".tmp") != 0)
    return size;
  size_t digits = size - 4;
  while (digits > 0 && isdigit ((unsigned char) path[digits - 1]))
    digits--;
  return digits > 1 && digits < size - 4 && path[digits - 1] == '.' ? digits - 1
                                                                    : size;
}

/* A path that is relative (Postfix) is one to its process. */
static bool
is_same_path (const char *declared, const char *seen)
{
  static const char old[] = "/var/run/";
  const size_t size = path_size (seen);

  if (strncmp (declared, old, sizeof old - 1) == 0)
    declared += 4;
  if (strncmp (seen, old, sizeof old - 1) == 0)
    return strlen (declared) == size - 4 &&
           strncmp (declared, seen + 4, size - 4) == 0;
  if (*seen != '/' && *seen != '@') {
    const char *end = strstr (declared, seen);
    return end != NULL && end > declared && end[-1] == '/' &&
           strlen (end) == size;
  }
  return strlen (declared) == size && strncmp (declared, seen, size) == 0;
}

/* "" listens on both families, as does what /proc/net calls "::". */
static bool
covers (const char *declared, const char *seen)
{
  static const char *const any[] = { "", "0.0.0.0", "::" };
  bool is_any = false, is_seen_any = false;

  for (size_t i = 0; i < DC_COUNT (any); i++) {
    is_any = is_any || strcmp (declared, any[i]) == 0;
    is_seen_any = is_seen_any || strcmp (seen, any[i]) == 0;
  }
  if (is_any && is_seen_any)
    return *declared == '\0' || *seen == '\0' || strcmp (declared, seen) == 0;
  return strcmp (declared, seen) == 0;
}

static bool
is_at (const struct dc_endpoint *endpoint, const struct listener *listener)
{
  if (endpoint->protocol != listener->protocol)
    return false;
  if (endpoint->protocol == DC_UNIX)
    return is_same_path (endpoint->path, listener->row->fields[2]);
  return endpoint->port == listener->port &&
         covers (endpoint->address, listener->address);
}

static int
confirm (struct dc_endpoint *endpoint, const char *file, unsigned line,
         struct dc_error *err)
{
  char *copy = strdup (file);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep an endpoint");
  free (endpoint->evidence.file);
  endpoint->evidence.file = copy;
  endpoint->evidence.line = line;
  endpoint->confidence = DC_OBSERVED;
  return 0;
}

/* How many endpoints LISTENER confirms; -1. */
static int
confirm_all (struct merger *merger, const struct listener *listener,
             struct dc_error *err)
{
  int count = 0;

  for (size_t i = 0; i < merger->known; i++) {
    struct dc_endpoint *endpoint = &merger->profile->endpoints.items[i];
    if (!is_at (endpoint, listener) ||
        (listener->service != NULL &&
         strcmp (endpoint->service, listener->service) != 0))
      continue;
    count++;
    if (!merger->is_seen[i] && confirm (endpoint, merger->observed->file,
                                        listener->row->line, err) < 0)
      return -1;
    merger->is_seen[i] = true;
  }
  return count;
}

/* A port that the kernel chose for somebody who asks others is no service. */
static bool
is_answer_port (const struct merger *merger, const struct listener *listener)
{
  return listener->protocol == DC_UDP && listener->port >= merger->ephemeral;
}

static int
add_endpoint (struct merger *merger, const struct listener *listener,
              struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  const bool is_unix = listener->protocol == DC_UNIX;
  const char *name = listener->row->fields[2];

  if (is_answer_port (merger, listener) ||
      strcmp (listener->row->fields[4], "init.scope") == 0)
    return 0; /* the latter are systemd's own */
  if (listener->service == NULL)
    return dc_profile_note (
        merger->profile, "observed.listener", merger->observed->file,
        listener->row->line, err,
        "somebody ('%s') listens on %s %s, and no service is known for it",
        dc_quote (listener->row->fields[3]).text, listener->row->fields[0],
        dc_quote (name).text);
  if (is_unix && *name != '/' && *name != '@')
    return 0; /* below a folder that the record does not have */
  if (is_unix && (path = strndup (name, path_size (name))) == NULL)
    return dc_fail_errno (err, "cannot keep an endpoint");
  const struct dc_listen listen = {
    .protocol = listener->protocol,
    .address = is_unix ? NULL : listener->address,
    .port = listener->port,
    .path = path,
    .proof = { merger->observed->file, listener->row->line },
    .confidence = DC_OBSERVED,
  };
  return dc_endpoint_add (&merger->profile->endpoints, listener->service,
                          &listen, err);
}

static int
merge_listener (struct merger *merger, const struct dc_observed_row *row,
                struct dc_error *err)
{
  const struct listener listener = {
    .row = row,
    .protocol = protocol_of (row->fields[0]),
    .address = strcmp (row->fields[1], "*") == 0 ? "" : row->fields[1],
    .port = (uint16_t) dc_observed_number (row, 2),
    .service = service_of (merger->profile, row->fields[4]),
  };
  const int count = confirm_all (merger, &listener, err);

  if (count < 0)
    return -1;
  if (listener.service != NULL)
    dc_profile_forget_notes (merger->profile, "endpoint.unknown",
                             listener.service);
  return count > 0 ? 0 : add_endpoint (merger, &listener, err);
}

static int
note_unseen (struct merger *merger, struct dc_error *err)
{
  for (size_t i = 0; i < merger->known; i++) {
    const struct dc_endpoint *endpoint = &merger->profile->endpoints.items[i];
    AUTO_FREE char *port = NULL;
    if (merger->is_seen[i])
      continue;
    if (dc_text_print (&port, err, "port %u", endpoint->port) < 0 ||
        dc_profile_note (
            merger->profile, "endpoint.unseen", endpoint->evidence.file,
            endpoint->evidence.line, err,
            "%s: nobody listened on %s %s when the record was made",
            dc_quote (endpoint->service).text,
            dc_protocol_name (endpoint->protocol),
            endpoint->path != NULL ? dc_quote (endpoint->path).text : port) < 0)
      return -1;
  }
  return 0;
}

static int
merge_listeners (struct merger *merger, struct dc_error *err)
{
  size_t position = 0, count = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (merger->observed, DC_SEEN_LISTEN,
                                  &position)) != NULL) {
    count++;
    if (merge_listener (merger, row, err) < 0)
      return -1;
  }
  if (count > 0 && note_unseen (merger, err) < 0)
    return -1;
  dc_endpoints_sort (&merger->profile->endpoints);
  return 0;
}

/* Those that a service made itself. */
static int
merge_connections (struct merger *merger, struct dc_error *err)
{
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (merger->observed, DC_SEEN_CONNECT,
                                  &position)) != NULL) {
    const char *service = service_of (merger->profile, row->fields[4]);
    const struct dc_target target = {
      .protocol = protocol_of (row->fields[1]),
      .host = row->fields[2],
      .port = (uint16_t) dc_observed_number (row, 3),
      .proof = { merger->observed->file, row->line },
      .confidence = DC_OBSERVED,
    };
    if (strcmp (row->fields[0], "out") == 0 && service != NULL &&
        dc_connection_add (&merger->profile->connections, service, &target,
                           err) < 0)
      return -1;
  }
  return 0;
}

static uint64_t
first_ephemeral (const struct dc_observed *observed)
{
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (observed, DC_SEEN_SYSCTL, &position)) !=
         NULL) {
    struct dc_error ignored;
    struct dc_span rest = dc_span_of (row->fields[1]), word;
    uint64_t port;
    if (strcmp (row->fields[0], "net.ipv4.ip_local_port_range") == 0 &&
        dc_span_word (&rest, &word) &&
        dc_number_parse_bytes (word.text, word.size, 1, UINT16_MAX, &port,
                               &ignored) == 0)
      return port;
  }
  return EPHEMERAL_DEFAULT;
}

static int
note_other (struct merger *merger, const char *what, const char *seen,
            const char *guest, struct dc_error *err)
{
  return dc_profile_note (
      merger->profile, "observed.other_host", merger->observed->file, 0, err,
      "the record may be another host's: its %s is '%s', that of the guest "
      "'%s'",
      what, dc_quote (seen).text, dc_quote (guest).text);
}

/* Names are compared up to the domain. */
static int
check_hostname (struct merger *merger, struct dc_error *err)
{
  const char *seen = dc_observed_text (merger->observed, DC_SEEN_HOSTNAME);
  const char *guest = merger->profile->hostname;

  if (seen == NULL || *seen == '\0' || guest == NULL)
    return 0;
  const size_t size = strcspn (seen, ".");
  return size == strcspn (guest, ".") && strncmp (seen, guest, size) == 0
             ? 0
             : note_other (merger, "host name", seen, guest, err);
}

static int
check_os (struct merger *merger, struct dc_error *err)
{
  size_t position = 0;
  const struct dc_observed_row *row =
      dc_observed_next (merger->observed, DC_SEEN_OS, &position);
  const struct dc_osrel *os = merger->profile->os;

  if (row == NULL || os == NULL || os->id == NULL || *row->fields[0] == '\0')
    return 0;
  if (strcmp (row->fields[0], os->id) != 0)
    return note_other (merger, "system", row->fields[0], os->id, err);
  return os->version_id == NULL || strcmp (row->fields[1], os->version_id) == 0
             ? 0
             : note_other (merger, "release", row->fields[1], os->version_id,
                           err);
}

/* The ids are not repeated: machine-id(5) asks for that. */
static int
check_machine_id (struct merger *merger, struct dc_tree *tree,
                  struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (MACHINE_ID_MAX);
  const char *seen = dc_observed_text (merger->observed, DC_SEEN_MACHINE_ID);

  if (seen == NULL || strlen (seen) != 32)
    return 0;
  const int found = dc_tree_read_file (tree, MACHINE_ID_FILE, &b, err);
  if (found <= 0)
    return found == 0 || dc_is_fault_of_guest (err->code) ? 0 : -1;
  const struct dc_span guest =
      dc_span_trim ((struct dc_span){ b.data, strcspn (b.data, "\n") });
  if (guest.size != 32 || dc_span_is (guest, seen))
    return 0;
  return dc_profile_note (
      merger->profile, "observed.other_host", merger->observed->file, 0, err,
      "the record may be another host's: its machine id is not the guest's");
}

int
dc_observed_merge (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  const size_t known = profile->endpoints.count;
  AUTO_FREE bool *is_seen = calloc (known + 1, sizeof *is_seen);
  struct merger merger = { profile, &profile->observed, is_seen, known,
                           first_ephemeral (&profile->observed) };

  if (is_seen == NULL)
    return dc_fail_errno (err, "cannot keep endpoints");
  if (check_hostname (&merger, err) < 0 || check_os (&merger, err) < 0 ||
      check_machine_id (&merger, tree, err) < 0 ||
      merge_listeners (&merger, err) < 0)
    return -1;
  return merge_connections (&merger, err);
}
