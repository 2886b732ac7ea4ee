/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "lib/array.h"
#include "lib/file.h"
#include "lib/span.h"
#include "runtime/probe/protocol.h"
#include "runtime/verify/listeners.h"

#define TCP_LISTEN "0A" /* include/net/tcp_states.h */
#define UDP_UNCONNECTED "07"
#define UNIX_ACCEPTS 0x10000u /* __SO_ACCEPTCON of include/linux/net.h */
#define UNIX_DATAGRAM 2

static const struct {
  const char *name;
  int transport;
} tables[] = {
  { "1/net/tcp", DC_OVER_TCP },   { "1/net/tcp6", DC_OVER_TCP },
  { "1/net/udp", DC_OVER_UDP },   { "1/net/udp6", DC_OVER_UDP },
  { "1/net/unix", DC_OVER_UNIX },
};

/* All of SPAN as a hexadecimal number of up to 8 digits. */
static bool
read_hex (struct dc_span span, uint32_t *out)
{
  static const char digits[] = "0123456789abcdef";
  uint32_t number = 0;

  if (span.size == 0 || span.size > 8)
    return false;
  for (size_t i = 0; i < span.size; i++) {
    const char c = span.text[i];
    const char *digit =
        memchr (digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c, 16);
    if (digit == NULL)
      return false;
    number = number << 4 | (uint32_t) (digit - digits);
  }
  *out = number;
  return true;
}

/* "0100007F:1F90", of IPv6 with four words. */
static bool
read_address (struct dc_span word, struct dc_listener *out)
{
  struct dc_span host, rest = word;
  uint32_t words[4] = { 0 }, port = 0;

  if (!dc_span_field (&rest, ':', &host) || rest.text == NULL ||
      !read_hex (rest, &port) || port > UINT16_MAX ||
      (host.size != 8 && host.size != 32))
    return false;
  for (size_t i = 0; i < host.size / 8; i++)
    if (!read_hex ((struct dc_span){ host.text + i * 8, 8 }, &words[i]))
      return false;
  out->port = (uint16_t) port;
  return inet_ntop (host.size == 8 ? AF_INET : AF_INET6, words, out->address,
                    sizeof out->address) != NULL;
}

/* "sl: local remote state ..." */
static bool
read_ip (struct dc_span line, int transport, struct dc_listener *out)
{
  struct dc_span sl, local, remote, state;

  return dc_span_word (&line, &sl) && dc_span_word (&line, &local) &&
         dc_span_word (&line, &remote) && dc_span_word (&line, &state) &&
         dc_span_is (state,
                     transport == DC_OVER_TCP ? TCP_LISTEN : UDP_UNCONNECTED) &&
         read_address (local, out);
}

/* "Num: RefCount Protocol Flags Type St Inode Path"; 1, 0 or -1. */
static int
read_unix (struct dc_span line, struct dc_listener *out, struct dc_error *err)
{
  struct dc_span words[7];
  uint32_t flags = 0, type = 0;

  for (size_t i = 0; i < DC_COUNT (words); i++)
    if (!dc_span_word (&line, &words[i]))
      return 0;
  line = dc_span_trim (line);
  if (line.size == 0 || !read_hex (words[3], &flags) ||
      !read_hex (words[4], &type) ||
      ((flags & UNIX_ACCEPTS) == 0 && type != UNIX_DATAGRAM))
    return 0;
  if (dc_span_copy (line, &out->path, err) < 0)
    return err->code == DC_ERR_INVALID ? 0 : -1;
  return 1;
}

int
dc_listeners_parse (struct dc_listeners *listeners, int transport,
                    const char *table, size_t size, struct dc_error *err)
{
  struct dc_span rest = { table, size }, line;

  while (dc_span_line (&rest, &line)) {
    struct dc_listener listener = { .transport = transport };
    const int is_there = transport == DC_OVER_UNIX
                             ? read_unix (line, &listener, err)
                             : read_ip (line, transport, &listener);
    if (is_there < 0)
      return -1;
    if (is_there == 0)
      continue;
    if (DC_ARRAY_GROW (listeners->items, listeners->count, DC_LISTENER_MAX,
                       "listeners", err) < 0) {
      free (listener.path);
      return -1;
    }
    listeners->items[listeners->count++] = listener;
  }
  return 0;
}

int
dc_listeners_read (struct dc_listeners *listeners, int proc_fd,
                   struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (tables); i++) {
    AUTO_BUFFER struct dc_buffer table = DC_BUFFER_INIT (DC_LISTENER_TABLE_MAX);
    AUTO_CLOSE int fd = dc_file_open (proc_fd, tables[i].name, err);
    if (fd < 0 && err->code == DC_ERR_NOTFOUND && i > 0)
      continue; /* a kernel without IPv6 */
    /* EINVAL: the process is a zombie. */
    if (fd < 0 || dc_file_read_all (fd, &table, err) < 0)
      return err->code == DC_ERR_NOTFOUND || err->sys_errno == EINVAL
                 ? dc_fail (err, DC_ERR_NOTFOUND, "it has ended")
                 : -1;
    if (dc_listeners_parse (listeners, tables[i].transport,
                            dc_buffer_text (&table), table.size, err) < 0)
      return -1;
  }
  return 0;
}

static bool
is_any (const char *address)
{
  return address == NULL || address[0] == '\0' || strcmp (address, "*") == 0 ||
         strcmp (address, "0.0.0.0") == 0 || strcmp (address, "::") == 0;
}

static bool
is_loopback (const char *address)
{
  return strncmp (address, "127.", 4) == 0 || strcmp (address, "::1") == 0 ||
         strcmp (address, "localhost") == 0;
}

/* /var/run is /run everywhere. */
static const char *
shorten (const char *path)
{
  return strncmp (path, "/var/run/", 9) == 0 ? path + 4 : path;
}

/* A path may be as the server wrote it, from its working directory (measured:
 * Postfix's "private/smtp").
 */
static bool
is_path (const char *listens, const char *promised)
{
  const size_t size = strlen (listens), whole = strlen (promised);

  if (listens[0] == '/' || listens[0] == '@')
    return strcmp (shorten (listens), shorten (promised)) == 0;
  return whole > size && promised[whole - size - 1] == '/' &&
         strcmp (promised + whole - size, listens) == 0;
}

bool
dc_listener_fits (const struct dc_listener *listener,
                  const struct dc_promise_endpoint *endpoint)
{
  if (listener->transport != endpoint->transport)
    return false;
  if (listener->transport == DC_OVER_UNIX)
    return endpoint->path != NULL && is_path (listener->path, endpoint->path);
  if (listener->port != endpoint->port)
    return false;
  if (is_any (listener->address) || is_any (endpoint->address))
    return true;
  return strcmp (endpoint->address, listener->address) == 0 ||
         (strcmp (endpoint->address, "localhost") == 0 &&
          is_loopback (listener->address));
}

void
dc_listeners_release (struct dc_listeners *listeners)
{
  for (size_t i = 0; i < listeners->count; i++)
    free (listeners->items[i].path);
  free (listeners->items);
  *listeners = (struct dc_listeners){ .items = NULL };
}
