/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/haproxyplace.h"
#include "lib/cleanup.h"
#include "lib/quote.h"
#include "lib/text.h"

/* What stands before an address. */
static const struct family {
  const char *prefix;
  enum dc_protocol protocol;
  bool is_inherited;
  bool is_abstract;
} families[] = {
  { "abns@", DC_UNIX, false, true },  { "fd@", DC_TCP, true, false },
  { "ipv4@", DC_TCP, false, false },  { "ipv6@", DC_TCP, false, false },
  { "ip@", DC_TCP, false, false },    { "quic4@", DC_UDP, false, false },
  { "quic6@", DC_UDP, false, false }, { "sockpair@", DC_TCP, true, false },
  { "tcp4@", DC_TCP, false, false },  { "tcp6@", DC_TCP, false, false },
  { "tcp@", DC_TCP, false, false },   { "udp4@", DC_UDP, false, false },
  { "udp6@", DC_UDP, false, false },  { "udp@", DC_UDP, false, false },
  { "unix@", DC_UNIX, false, false }, { "uxst@", DC_UNIX, false, false },
};

void
dc_haproxy_place_release (struct dc_haproxy_place *place)
{
  free (place->host);
  free (place->path);
}

/* Ports behind the last colon: "80", "80-90"; "+1" and "" are none. */
static int
read_ports (const char *text, struct dc_haproxy_place *place,
            struct dc_error *err)
{
  const char *dash = strchr (text, '-');
  AUTO_FREE char *first = NULL;

  if (text[0] == '\0' || text[0] == '+' || text[0] == '-')
    return 0;
  if (dash == NULL)
    dash = text + strlen (text);
  if (dc_text_print (&first, err, "%.*s", (int) (dash - text), text) < 0 ||
      dc_port_parse (first, &place->first, err) < 0 ||
      (*dash == '-' && dc_port_parse (dash + 1, &place->last, err) < 0))
    return -1;
  place->last = *dash == '-' ? place->last : place->first;
  return 0;
}

static int
read_internet (const char *text, struct dc_haproxy_place *place,
               struct dc_error *err)
{
  const char *colon = strrchr (text, ':');
  size_t size = colon != NULL ? (size_t) (colon - text) : strlen (text);

  if (colon != NULL && strchr (colon, ']') != NULL) { /* no port */
    size = strlen (text);
    colon = NULL;
  }
  if (size > DC_ADDRESS_HOST_MAX)
    return dc_fail (err, DC_ERR_INVALID, "address '%s' is too long",
                    dc_quote (text).text);
  if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
    text++;
    size -= 2;
  }
  const bool is_any = size == 0 || (size == 1 && text[0] == '*');
  if (dc_text_print (&place->host, err, "%.*s", is_any ? 7 : (int) size,
                     is_any ? "0.0.0.0" : text) < 0)
    return -1;
  return colon == NULL ? 0 : read_ports (colon + 1, place, err);
}

static int
read_place (const char *text, struct dc_haproxy_place *place,
            struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (families); i++) {
    const size_t size = strlen (families[i].prefix);
    if (strncmp (text, families[i].prefix, size) != 0)
      continue;
    place->protocol = families[i].protocol;
    place->is_inherited = families[i].is_inherited;
    place->is_abstract = families[i].is_abstract;
    text += size;
    break;
  }
  if (place->is_inherited)
    return 0;
  if (text[0] == '/')
    place->protocol = DC_UNIX;
  return place->protocol == DC_UNIX
             ? dc_text_print (&place->path, err, "%s%s",
                              place->is_abstract ? "@" : "", text)
             : read_internet (text, place, err);
}

int
dc_haproxy_place (const char *text, struct dc_haproxy_place *out,
                  struct dc_error *err)
{
  struct dc_haproxy_place place = { .protocol = DC_TCP };

  if (read_place (text, &place, err) < 0) {
    dc_haproxy_place_release (&place);
    return -1;
  }
  *out = place;
  return 0;
}
