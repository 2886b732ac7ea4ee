/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/url.h"
#include "lib/quote.h"

static const struct {
  const char *scheme;
  uint16_t port;
} ports[] = {
  { "ajp", 8009 },   { "amqp", 5672 },       { "amqps", 5671 },
  { "fcgi", 8000 },  { "ftp", 21 },          { "grpc", 80 },
  { "grpcs", 443 },  { "h2", 443 },          { "h2c", 80 },
  { "http", 80 },    { "https", 443 },       { "ldap", 389 },
  { "ldaps", 636 },  { "memcached", 11211 }, { "mongodb", 27017 },
  { "mysql", 3306 }, { "postgres", 5432 },   { "postgresql", 5432 },
  { "redis", 6379 }, { "rediss", 6379 },     { "scgi", 4000 },
  { "smtp", 25 },    { "smtps", 465 },       { "uwsgi", 3031 },
  { "ws", 80 },      { "wss", 443 },
};

static uint16_t
scheme_port (const char *scheme)
{
  for (size_t i = 0; i < DC_COUNT (ports); i++)
    if (strcmp (ports[i].scheme, scheme) == 0)
      return ports[i].port;
  return 0;
}

/* Read "SCHEME://" and step over it. */
static const char *
read_scheme (const char *text, struct dc_url *url)
{
  const char *end = strstr (text, "://");
  const size_t size = end != NULL ? (size_t) (end - text) : 0;

  if (size == 0 || size > DC_URL_SCHEME_MAX || strcspn (text, "/@[|") < size)
    return text;
  for (size_t i = 0; i < size; i++)
    url->scheme[i] = text[i] >= 'A' && text[i] <= 'Z'
                         ? (char) (text[i] - 'A' + 'a')
                         : text[i];
  url->scheme[size] = '\0';
  return end + 3;
}

/* HOST[:PORT] behind USER:PASSWORD@, up to the path. */
static int
read_host (const char *text, struct dc_url *url, struct dc_error *err)
{
  char host[DC_ADDRESS_HOST_MAX + sizeof "[]:65535"];
  size_t size = strcspn (text, "/?#|;");

  for (size_t i = size; i > 0; i--)
    if (text[i - 1] == '@') {
      text += i;
      size -= i;
      break;
    }
  if (size >= sizeof host)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is too long for a host",
                    dc_quote (text).text);
  memcpy (host, text, size);
  host[size] = '\0';
  if (dc_address_parse (host, &url->address, err) < 0)
    return -1;
  url->has_port = url->address.port > 0;
  if (!url->has_port)
    url->address.port = scheme_port (url->scheme);
  return url->address.host[0] != '\0'
             ? 0
             : dc_fail (err, DC_ERR_INVALID, "'%s' has no host",
                        dc_quote (text).text);
}

int
dc_url_parse (const char *text, struct dc_url *out, struct dc_error *err)
{
  struct dc_url url = { .has_port = false };
  const char *rest = read_scheme (text, &url);

  if (strncmp (rest, "unix:", 5) == 0)
    url.path = (struct dc_span){ rest + 5, strcspn (rest + 5, "|:") };
  else if (read_host (rest, &url, err) < 0)
    return -1;
  *out = url;
  return 0;
}

int
dc_url_connects (const struct dc_daemon *daemon, const char *text,
                 uint16_t default_port, struct dc_proof proof,
                 struct dc_error *err)
{
  static const char variable[] = "$%{";
  struct dc_url url;
  AUTO_FREE char *path = NULL;
  struct dc_target target = { .proof = proof, .confidence = DC_DECLARED };

  if (dc_url_parse (text, &url, err) < 0)
    return 0;
  if (url.path.text != NULL) {
    if (dc_span_copy (url.path, &path, err) < 0)
      return -1;
    target.protocol = DC_UNIX;
    target.path = path;
  } else {
    target.host = url.address.host;
    target.port =
        url.has_port || default_port == 0 ? url.address.port : default_port;
  }
  const char *where = path != NULL ? path : url.address.host;
  return strpbrk (where, variable) != NULL || where[0] == '\0'
             ? 0
             : dc_daemon_connects (daemon, &target, err);
}
