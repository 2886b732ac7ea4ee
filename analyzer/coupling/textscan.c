/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/coupling/textscan.h"
#include "analyzer/endpoint/url.h"

static bool
is_name_byte (char byte)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' ||
         byte == '-';
}

static bool
is_one_of (const char *word, const char *const *words, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp (word, words[i]) == 0)
      return true;
  return false;
}

static bool
is_scheme (const char *scheme, bool with_web)
{
  static const char *const services[] = {
    "amqp",       "amqps",     "ldap",       "ldaps",     "memcached",
    "mongodb",    "mysql",     "mariadb",    "nats",      "pgsql",
    "postgresql", "postgres",  "redis",      "rediss",    "smtp",
    "smtps",      "sqlserver", "clickhouse", "cassandra", "influxdb",
  };
  static const char *const web[] = { "http", "https", "ws",
                                     "wss",  "grpc",  "grpcs" };

  return is_one_of (scheme, services, DC_COUNT (services)) ||
         (with_web && is_one_of (scheme, web, DC_COUNT (web)));
}

/* A name or address that can be one: no variable, no pattern. */
static bool
is_host (const char *host)
{
  bool has_letter_or_digit = false;

  for (const char *p = host; *p != '\0'; p++) {
    if (!is_name_byte (*p) && *p != ':')
      return false;
    has_letter_or_digit |= *p != '.' && *p != '-' && *p != ':';
  }
  return has_letter_or_digit;
}

/* The URL whose "://" is at COLON of LINE. */
static bool
take_url (struct dc_span line, size_t colon, bool with_web,
          struct dc_text_target *out)
{
  static const char ends[] = " \t\r\"'`<>(){}|\\^,;";
  char text[1024];
  struct dc_error why;
  struct dc_url url;
  size_t first = colon, end = colon;

  while (first > 0 && is_name_byte (line.text[first - 1]))
    first--;
  while (end < line.size && strchr (ends, line.text[end]) == NULL)
    end++;
  if (end - first >= sizeof text ||
      memchr (line.text + first, '\0', end - first) != NULL)
    return false;
  memcpy (text, line.text + first, end - first);
  text[end - first] = '\0';
  if (dc_url_parse (text, &url, &why) < 0 || !is_scheme (url.scheme, with_web))
    return false;
  if (url.path.text != NULL || !is_host (url.address.host))
    return false;
  *out = (struct dc_text_target){ .port = url.address.port };
  memcpy (out->host, url.address.host, strlen (url.address.host) + 1);
  return true;
}

/* The value behind a name: after blanks, quotes and what assigns, which must be
 * there; else nothing.
 */
static struct dc_span
value_of (struct dc_span rest)
{
  static const char between[] = " \t\"'=:>,(";
  bool is_assigned = false;
  static const char ends[] = " \t\r\"',;)}]";
  size_t size = 0;

  while (rest.size > 0 && *rest.text != '\0' &&
         strchr (between, *rest.text) != NULL) {
    is_assigned |= strchr ("=:,", *rest.text) != NULL;
    rest = dc_span_skip (rest, 1);
  }
  while (size < rest.size && strchr (ends, rest.text[size]) == NULL)
    size++;
  return (struct dc_span){ rest.text, is_assigned ? size : 0 };
}

/* "db", "db:3307", "localhost:/run/x.sock", "/run/x.sock" */
static bool
take_value (struct dc_span value, uint16_t port, struct dc_text_target *out)
{
  char text[sizeof out->host + 8];
  struct dc_error why;
  struct dc_address address;

  if (value.size == 0 || value.size >= sizeof text ||
      memchr (value.text, '\0', value.size) != NULL)
    return false;
  memcpy (text, value.text, value.size);
  text[value.size] = '\0';
  const char *path = strchr (text, '/');
  *out = (struct dc_text_target){ .port = port };
  if (path != NULL) {
    if ((path != text && path[-1] != ':') || strstr (path, "//") != NULL ||
        strlen (path) >= sizeof out->path)
      return false;
    memcpy (out->path, path, strlen (path) + 1);
    return true;
  }
  if (dc_address_parse (text, &address, &why) < 0 || address.host[0] == '\0' ||
      !is_host (address.host))
    return false;
  if (address.port > 0)
    out->port = address.port;
  memcpy (out->host, address.host, strlen (address.host) + 1);
  return true;
}

/* Does NAME end as the names of hosts do? */
static bool
names_host (struct dc_span name)
{
  static const char *const words[] = { "HOST", "HOSTNAME", "SERVER", "ADDR",
                                       "ADDRESS" };

  for (size_t i = 0; i < DC_COUNT (words); i++) {
    const size_t size = strlen (words[i]);
    if (name.size > size &&
        strncasecmp (name.text + name.size - size, words[i], size) == 0)
      return true;
  }
  return false;
}

/* A name like DB_HOST at FIRST of LINE, SIZE bytes long. */
static bool
take_named (struct dc_span line, size_t first, size_t size,
            struct dc_text_target *out)
{
  const struct dc_span name = { line.text + first, size };
  uint16_t port = 0;

  if (!names_host (name) || !dc_product_port (name, &port))
    return false;
  return take_value (value_of (dc_span_skip (line, first + size)), port, out);
}

int
dc_textscan_next (struct dc_span *rest, bool with_web,
                  struct dc_text_target *out)
{
  struct dc_span line = *rest;

  if (line.size > DC_TEXTSCAN_LINE_MAX)
    line.size = DC_TEXTSCAN_LINE_MAX;
  for (size_t i = 0; i < line.size; i++) {
    size_t size = 0;
    while (i + size < line.size && is_name_byte (line.text[i + size]))
      size++;
    const size_t end = i + size;
    const bool is_url = size > 0 && end + 3 <= line.size &&
                        memcmp (line.text + end, "://", 3) == 0;
    if (is_url ? take_url (line, end, with_web, out)
               : size > 0 && take_named (line, i, size, out)) {
      *rest = dc_span_skip (line, end);
      return 1;
    }
    i = size > 0 ? end - 1 : i;
  }
  return 0;
}
