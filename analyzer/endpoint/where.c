/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/where.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"

/* What may stand before an address. */
static const struct prefix {
  const char *text;
  uint16_t port; /* 0: none of its own */
  bool is_unix, has_protocol;
  enum dc_protocol protocol;
} prefixes[] = {
  { "amqp://", 5672, false, false, DC_TCP },
  { "http://", 80, false, false, DC_TCP },
  { "https://", 443, false, false, DC_TCP },
  { "inet6:", 0, false, false, DC_TCP },
  { "inet:", 0, false, false, DC_TCP },
  { "ldap://", 389, false, false, DC_TCP },
  { "ldapi://", 0, true, false, DC_UNIX },
  { "ldaps://", 636, false, false, DC_TCP },
  { "local:", 0, true, false, DC_UNIX },
  { "tcp4://", 0, false, true, DC_TCP },
  { "tcp6://", 0, false, true, DC_TCP },
  { "tcp6:", 0, false, true, DC_TCP },
  { "tcp,", 0, false, true, DC_TCP },
  { "tcp://", 0, false, true, DC_TCP },
  { "tcp:", 0, false, true, DC_TCP },
  { "udp6:", 0, false, true, DC_UDP },
  { "udp://", 0, false, true, DC_UDP },
  { "udp:", 0, false, true, DC_UDP },
  { "unix://", 0, true, false, DC_UNIX },
  { "unix:", 0, true, false, DC_UNIX },
};

static int
refuse (const char *text, struct dc_error *err)
{
  return dc_fail (err, DC_ERR_INVALID, "'%s' is no address or port",
                  dc_quote (text).text);
}

static bool
is_number (struct dc_span text)
{
  for (size_t i = 0; i < text.size; i++)
    if (text.text[i] < '0' || text.text[i] > '9')
      return false;
  return text.size > 0;
}

/* A port by number, or by a name that /etc/services may have. */
static bool
read_port (struct dc_span text, struct dc_where *where)
{
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  struct dc_error ignored = { .code = DC_OK };
  uint64_t port;

  where->has_port = true;
  if (is_number (text)) {
    if (dc_number_parse_bytes (text.text, text.size, 0, UINT16_MAX, &port,
                               &ignored) < 0)
      return false;
    where->port = (uint16_t) port;
    return true;
  }
  if (text.size == 0 || text.size >= sizeof where->service)
    return false;
  for (size_t i = 0; i < text.size; i++)
    if (strchr (bytes, text.text[i]) == NULL)
      return false;
  memcpy (where->service, text.text, text.size);
  where->service[text.size] = '\0';
  return true;
}

static bool
read_host (struct dc_span text, struct dc_where *where)
{
  static const char *const any[] = { "*", "any", "all", "" };
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_%";

  if (text.size > 1 && text.text[0] == '[' && text.text[text.size - 1] == ']')
    text = (struct dc_span){ text.text + 1, text.size - 2 };
  where->has_host = true;
  for (size_t i = 0; i < DC_COUNT (any); i++)
    if (dc_span_is (text, any[i]))
      return true;
  if (text.size > DC_ADDRESS_HOST_MAX || text.text[0] == '_')
    return false;
  for (size_t i = 0; i < text.size; i++)
    if (memchr (bytes, text.text[i], sizeof bytes - 1) == NULL)
      return false;
  memcpy (where->host, text.text, text.size);
  where->host[text.size] = '\0';
  return true;
}

static bool
read_both (struct dc_span host, struct dc_span port, struct dc_where *where)
{
  return read_host (host, where) && read_port (port, where);
}

/* "host@port", or "port@host" as milters write it. */
static bool
read_at (struct dc_span text, size_t at, struct dc_where *where)
{
  const struct dc_span left = { text.text, at };
  const struct dc_span right = dc_span_skip (text, at + 1);

  return is_number (left) ? read_both (right, left, where)
                          : read_both (left, right, where);
}

static struct dc_span
unquote (struct dc_span text)
{
  const bool is_quoted =
      text.size > 1 && text.text[0] == '"' && text.text[text.size - 1] == '"';

  return is_quoted ? (struct dc_span){ text.text + 1, text.size - 2 } : text;
}

/* Two words, one of which is a port; "host,port". */
static bool
read_pair (struct dc_span text, struct dc_where *where)
{
  struct dc_span first, second, third;

  if (dc_span_has (text, ','))
    return dc_span_field (&text, ',', &first) &&
           dc_span_field (&text, ',', &second) && text.text == NULL &&
           is_number (second) && read_both (first, second, where);
  if (!dc_span_word (&text, &first) || !dc_span_word (&text, &second) ||
      dc_span_word (&text, &third))
    return false;
  first = unquote (first);
  second = unquote (second);
  if (is_number (second))
    return read_both (first, second, where);
  return is_number (first) && read_both (second, first, where);
}

/* "127.0.0.1.25", "::1.25": the place of the last dot, as Exim writes it. */
static const char *
find_port_dot (struct dc_span text)
{
  const char *dot = memrchr (text.text, '.', text.size);
  size_t dots = 0, colons = 0, others = 0;

  for (size_t i = 0; i < text.size; i++) {
    dots += text.text[i] == '.';
    colons += text.text[i] == ':';
    others += strchr ("0123456789abcdefABCDEF.:", text.text[i]) == NULL;
  }
  const bool is_it =
      others == 0 && (colons == 0 ? dots == 4 : dots == 1) &&
      is_number (dc_span_skip (text, (size_t) (dot - text.text) + 1));
  return is_it && colons != 1 ? dot : NULL;
}

static bool
read_network (struct dc_span text, struct dc_where *where)
{
  const char *at = memchr (text.text, '@', text.size);
  const char *first = memchr (text.text, ':', text.size);
  const char *last = memrchr (text.text, ':', text.size);
  const char *bracket = memrchr (text.text, ']', text.size);

  if (dc_span_has (text, ' ') || dc_span_has (text, '\t') ||
      dc_span_has (text, ','))
    return read_pair (text, where);
  if (at != NULL)
    return read_at (text, (size_t) (at - text.text), where);
  if (is_number (text))
    return read_port (text, where);
  const char *dot = find_port_dot (text);
  if (dot != NULL) {
    const size_t before = (size_t) (dot - text.text);
    return read_both ((struct dc_span){ text.text, before },
                      dc_span_skip (text, before + 1), where);
  }
  const bool is_ipv6 = first != last && bracket == NULL;
  if (last == NULL || is_ipv6 || (bracket != NULL && bracket > last))
    return read_host (text, where);
  const size_t size = (size_t) (last - text.text);
  return read_both ((struct dc_span){ text.text, size },
                    dc_span_skip (text, size + 1), where);
}

static int
hex_of (char c)
{
  static const char digits[] = "0123456789abcdef";
  const char *found = c != '\0' ? strchr (digits, c | 0x20) : NULL;

  return found != NULL ? (int) (found - digits) : -1;
}

/* TEXT with %2f and the like decoded, up to a '?'. */
static bool
read_path (const char *text, struct dc_where *where)
{
  size_t size = 0;

  where->has_protocol = true;
  where->protocol = DC_UNIX;
  while (*text != '\0' && *text != '?') {
    const int high = text[0] == '%' ? hex_of (text[1]) : -1;
    const int low = high >= 0 ? hex_of (text[2]) : -1;
    if (size + 1 >= sizeof where->path)
      return false;
    where->path[size++] = low < 0 ? *text : (char) (high * 16 + low);
    text += low < 0 ? 1 : 3;
  }
  if (size > 0 && where->path[size - 1] == '/')
    size--; /* "/" alone leaves the choice to the program */
  where->path[size] = '\0';
  return strlen (where->path) == size;
}

static const struct prefix *
find_prefix (const char *text)
{
  for (size_t i = 0; i < DC_COUNT (prefixes); i++)
    if (strncasecmp (text, prefixes[i].text, strlen (prefixes[i].text)) == 0)
      return &prefixes[i];
  return NULL;
}

int
dc_where_parse (const char *text, struct dc_where *out, struct dc_error *err)
{
  struct dc_where where = { .port = 0 };
  const struct prefix *prefix = find_prefix (text);
  const char *scheme = prefix == NULL ? strstr (text, "://") : NULL;
  const char *rest = prefix != NULL   ? text + strlen (prefix->text)
                     : scheme != NULL ? scheme + strlen ("://")
                                      : text;

  const bool is_url =
      scheme != NULL || (prefix != NULL && strstr (prefix->text, "//") != NULL);
  const bool is_path = !is_url && (rest[0] == '/' || rest[0] == '@');
  if ((prefix != NULL && prefix->is_unix) || is_path) {
    if (!read_path (rest, &where))
      return refuse (text, err);
    *out = where;
    return 0;
  }
  struct dc_span place = dc_span_of (rest);
  if (is_url)
    place.size = strcspn (rest, "/?");
  if (prefix != NULL) {
    where.has_protocol = prefix->has_protocol;
    where.protocol = prefix->protocol;
  }
  if (!read_network (place, &where))
    return refuse (text, err);
  if (!where.has_port && prefix != NULL && prefix->port > 0) {
    where.port = prefix->port;
    where.has_port = true;
  }
  *out = where;
  return 0;
}
