/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "runtime/ports.h"

#define FIRST_FREE_PORT 8000 /* tried from here on where one is taken */
#define UNPRIVILEGED_PORT 1024
#define TABLE_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* of /proc/PID/net/tcp */
#define LINE_SIZE 128 /* of it; what we look for ends before byte 90 */
#define POLL_MS 50
#define LISTENING 0x0a /* include/net/tcp_states.h: TCP_LISTEN */

struct socket_address {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } at;
  socklen_t size;
};

static int
parse_address (const char *text, uint16_t port, struct socket_address *out,
               struct dc_error *err)
{
  *out = (struct socket_address){ .size = 0 };
  if (inet_pton (AF_INET, text, &out->at.v4.sin_addr) == 1) {
    out->at.v4.sin_family = AF_INET;
    out->at.v4.sin_port = htons (port);
    out->size = sizeof out->at.v4;
  } else if (inet_pton (AF_INET6, text, &out->at.v6.sin6_addr) == 1) {
    out->at.v6.sin6_family = AF_INET6;
    out->at.v6.sin6_port = htons (port);
    out->size = sizeof out->at.v6;
  } else {
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no IP address",
                    dc_quote (text).text);
  }
  return 0;
}

/* Could a server listen there now? */
static bool
is_free (const char *address, uint16_t port, bool is_udp)
{
  struct socket_address where;
  struct dc_error ignored;

  if (parse_address (address, port, &where, &ignored) < 0)
    return false;
  AUTO_CLOSE int fd =
      socket (where.at.any.sa_family,
              (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  const int on = 1; /* as servers do: a closing connection is no obstacle */
  return fd >= 0 &&
         setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         bind (fd, &where.at.any, where.size) == 0;
}

bool
dc_ports_are_free (const struct dc_ports *ports)
{
  for (size_t i = 0; i < ports->count; i++) {
    const struct dc_published *port = &ports->items[i];
    if (!is_free (port->address, port->outside, port->is_udp))
      return false;
  }
  return true;
}

static bool
is_published (const struct dc_ports *ports, const char *address,
              uint16_t outside, bool is_udp)
{
  for (size_t i = 0; i < ports->count; i++)
    if (ports->items[i].outside == outside &&
        ports->items[i].is_udp == is_udp &&
        strcmp (ports->items[i].address, address) == 0)
      return true;
  return false;
}

static int
add_port (struct dc_ports *ports, const char *address, uint16_t outside,
          uint16_t inside, bool is_udp, struct dc_error *err)
{
  struct socket_address where;

  if (ports->count == DC_RUN_PORT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d ports", DC_RUN_PORT_MAX);
  if (parse_address (address, outside, &where, err) < 0)
    return -1;
  struct dc_published *port = &ports->items[ports->count++];
  *port = (struct dc_published){ .outside = outside,
                                 .inside = inside,
                                 .is_udp = is_udp };
  (void) snprintf (port->address, sizeof port->address, "%s", address);
  return 0;
}

/* The same number where it can be had, else the next free one. */
static int
publish (struct dc_ports *ports, const char *address, uint16_t inside,
         bool is_udp, struct dc_error *err)
{
  const bool needs_root = inside < UNPRIVILEGED_PORT && geteuid () != 0;

  if (!needs_root && !is_published (ports, address, inside, is_udp) &&
      is_free (address, inside, is_udp))
    return add_port (ports, address, inside, inside, is_udp, err);
  struct socket_address where;
  if (parse_address (address, inside, &where, err) < 0)
    return -1;
  const unsigned first =
      inside < FIRST_FREE_PORT ? inside + FIRST_FREE_PORT : inside;
  for (unsigned port = first; port <= UINT16_MAX; port++)
    if (!is_published (ports, address, (uint16_t) port, is_udp) &&
        is_free (address, (uint16_t) port, is_udp))
      return add_port (ports, address, (uint16_t) port, inside, is_udp, err);
  return dc_fail (err, DC_ERR_BUSY, "no free port on '%s' for %u", address,
                  inside);
}

/* The number that the user wants, or none. */
static int
publish_as (struct dc_ports *ports, const char *address, uint16_t outside,
            uint16_t inside, bool is_udp, struct dc_error *err)
{
  if (is_published (ports, address, outside, is_udp))
    return dc_fail (err, DC_ERR_INVALID, "port %u of '%s' is published twice",
                    outside, address);
  if (add_port (ports, address, outside, inside, is_udp, err) < 0)
    return -1;
  if (is_free (address, outside, is_udp))
    return 0;
  ports->count--;
  (void) dc_fail_errno (err, "cannot listen on port %u of '%s'", outside,
                        address);
  err->code = DC_ERR_BUSY;
  return -1;
}

/* Take "/tcp" or "/udp" off TEXT. */
static int
take_protocol (char *text, bool *is_udp, struct dc_error *err)
{
  char *slash = strchr (text, '/');

  *is_udp = slash != NULL && strcmp (slash, "/udp") == 0;
  if (slash != NULL && !*is_udp && strcmp (slash, "/tcp") != 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is neither tcp nor udp",
                    dc_quote (slash + 1).text);
  if (slash != NULL)
    *slash = '\0';
  return 0;
}

static int
parse_port (const char *text, uint16_t *port, struct dc_error *err)
{
  uint64_t number = 0;

  if (dc_number_parse (text, 1, UINT16_MAX, &number, err) < 0)
    return dc_context (err, "port");
  *port = (uint16_t) number;
  return 0;
}

int
dc_ports_of_image (const struct dc_image *image, const char *address,
                   struct dc_ports *out, struct dc_error *err)
{
  json_t *exposed = json_object_get (json_object_get (image->config, "config"),
                                     "ExposedPorts");
  const char *key = NULL;
  json_t *unused = NULL;

  json_object_foreach (exposed, key, unused)
  {
    char text[32];
    bool is_udp = false;
    uint16_t port = 0;
    const int size = snprintf (text, sizeof text, "%s", key);
    if (size < 0 || (size_t) size >= sizeof text)
      return dc_fail (err, DC_ERR_INVALID, "ExposedPorts: '%s'",
                      dc_quote (key).text);
    if (take_protocol (text, &is_udp, err) < 0 ||
        parse_port (text, &port, err) < 0)
      return dc_context (err, "ExposedPorts");
    if (publish (out, address, port, is_udp, err) < 0)
      return -1;
  }
  return 0;
}

/* [ADDRESS:][OUTSIDE:]INSIDE from the right, since an address may hold
 * colons when it stands in brackets.
 */
static int
parse_publish (char *text, const char *default_address, bool is_udp,
               struct dc_ports *ports, struct dc_error *err)
{
  uint16_t inside = 0, outside = 0;
  char *colon = strrchr (text, ':');

  if (parse_port (colon != NULL ? colon + 1 : text, &inside, err) < 0)
    return -1;
  if (colon == NULL)
    return publish (ports, default_address, inside, is_udp, err);
  *colon = '\0';
  colon = strrchr (text, ':');
  if (parse_port (colon != NULL ? colon + 1 : text, &outside, err) < 0)
    return -1;
  if (colon == NULL)
    return publish_as (ports, default_address, outside, inside, is_udp, err);
  *colon = '\0';
  const size_t size = strlen (text);
  const bool has_brackets = size > 2 && text[0] == '[' && text[size - 1] == ']';
  if (strchr (text, ':') != NULL && !has_brackets)
    return dc_fail (err, DC_ERR_INVALID, "an IPv6 address needs brackets");
  if (has_brackets)
    text[size - 1] = '\0';
  return publish_as (ports, text + has_brackets, outside, inside, is_udp, err);
}

int
dc_ports_parse (const char *text, const char *default_address,
                struct dc_ports *ports, struct dc_error *err)
{
  AUTO_FREE char *copy = strdup (text);
  bool is_udp = false;

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a port");
  if (take_protocol (copy, &is_udp, err) < 0 ||
      parse_publish (copy, default_address, is_udp, ports, err) < 0)
    return dc_context (err, "'%s'", dc_quote (text).text);
  return 0;
}

/* "sl: local_address rem_address st ...", addresses as HEX:HEX. */
static bool
is_listener (const char *line, uint16_t port)
{
  unsigned local = 0, state = 0;

  return sscanf (line, "%*[ 0-9]:%*[ ]%*[0-9A-F]:%4x%*[ ]%*[0-9A-F]:%*x %2x",
                 &local, &state) == 2 &&
         local == port && state == LISTENING;
}

/* Each line by itself, because sscanf() measures all that it is given. */
bool
dc_ports_listens (const char *table, uint16_t port)
{
  while (*table != '\0') {
    char line[LINE_SIZE];
    const size_t size = strcspn (table, "\n");
    (void) snprintf (line, sizeof line, "%.*s",
                     size < sizeof line ? (int) size : LINE_SIZE - 1, table);
    if (is_listener (line, port))
      return true;
    table += size + (table[size] == '\n');
  }
  return false;
}

static int
read_table (int pid, const char *name, struct dc_buffer *table,
            struct dc_error *err)
{
  char path[64];

  (void) snprintf (path, sizeof path, "/proc/%d/net/%s", pid, name);
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, err);
  return fd < 0 ? -1 : dc_file_read_all (fd, table, err);
}

/* 1 and *MISSING, 0 when all are there, -1. */
static int
find_missing (int pid, const struct dc_ports *ports, uint16_t *missing,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer v4 = DC_BUFFER_INIT (TABLE_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer v6 = DC_BUFFER_INIT (TABLE_SIZE_MAX);
  struct dc_error ignored; /* no IPv6: an empty table */

  if (read_table (pid, "tcp", &v4, err) < 0)
    return err->code == DC_ERR_NOTFOUND || err->sys_errno == EINVAL
               ? dc_fail (err, DC_ERR_NOTFOUND, "it has ended")
               : -1;
  (void) read_table (pid, "tcp6", &v6, &ignored);
  for (size_t i = 0; i < ports->count; i++) {
    const uint16_t port = ports->items[i].inside;
    if (ports->items[i].is_udp ||
        dc_ports_listens (dc_buffer_text (&v4), port) ||
        dc_ports_listens (dc_buffer_text (&v6), port))
      continue;
    *missing = port;
    return 1;
  }
  return 0;
}

int
dc_ports_wait (int pid, const struct dc_ports *ports, unsigned timeout_ms,
               const struct dc_report *report, uint16_t *missing,
               struct dc_error *err)
{
  for (unsigned waited_ms = 0;; waited_ms += POLL_MS) {
    const int is_missing = find_missing (pid, ports, missing, err);
    if (is_missing <= 0)
      return is_missing < 0 ? -1 : 1;
    if (waited_ms >= timeout_ms)
      return 0;
    /* A listening socket of another process tells nobody: the table has to
     * be asked again.
     */
    struct pollfd cancel = { .fd = report->cancel_fd, .events = POLLIN };
    if (poll (&cancel, 1, POLL_MS) == 1)
      return dc_fail (err, DC_ERR_CANCELLED, "interrupted");
  }
}
