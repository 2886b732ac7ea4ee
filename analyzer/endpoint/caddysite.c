/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/caddysite.h"
#include "lib/quote.h"
#include "lib/text.h"

#define ADMIN_PLACE "localhost:2019"

/* A place to listen, before the hosts of "bind" are known. */
struct place {
  uint16_t port;
  enum dc_protocol protocol;
  enum dc_confidence confidence;
};

static int
read_port (const struct dc_words *words, uint16_t *port)
{
  struct dc_error ignored;

  return words->count > 1 ? dc_port_parse (words->items[1], port, &ignored) : 0;
}

int
dc_caddy_option (struct dc_caddy_options *options, const struct dc_words *words,
                 struct dc_proof proof, struct dc_error *err)
{
  const char *name = words->count > 0 ? words->items[0] : "";

  if (strcmp (name, "http_port") == 0) {
    (void) read_port (words, &options->http_port); /* else it does not start */
  } else if (strcmp (name, "https_port") == 0) {
    (void) read_port (words, &options->https_port);
  } else if (strcmp (name, "auto_https") == 0) {
    if (dc_words_has (words, "off") ||
        dc_words_has (words, "disable_redirects"))
      options->has_redirects = false;
  } else if (strcmp (name, "protocols") == 0) {
    options->has_http3 = dc_words_has (words, "h3");
  } else if (strcmp (name, "default_bind") == 0) {
    for (size_t i = 1; i < words->count; i++)
      if (dc_words_add (&options->hosts, words->items[i], err) < 0)
        return -1;
  } else if (strcmp (name, "admin") == 0 && words->count > 1) {
    free (options->admin);
    options->admin = NULL;
    options->admin_proof = proof;
    return dc_text_print (&options->admin, err, "%s", words->items[1]);
  }
  return 0;
}

/* HTTP/3 is on by itself since 2.6; an unknown version is taken for a later
 * one.
 */
static bool
has_http3 (const struct dc_daemon *daemon,
           const struct dc_caddy_options *options)
{
  const char *version = dc_daemon_version (daemon);
  const bool is_old = version != NULL && strncmp (version, "2.", 2) == 0 &&
                      version[2] >= '0' && version[2] < '6' &&
                      (version[3] < '0' || version[3] > '9');

  return options->has_http3 && !is_old;
}

/* HOST, of "bind" or an address of the administration.  Go listens on the
 * first IPv4 address of a name, and on both families for both wildcards.
 */
static int
listen_at (const struct dc_daemon *daemon, const char *host,
           const struct place *place, struct dc_proof proof,
           struct dc_error *err)
{
  static const char *const any[] = { "*", "0.0.0.0", "::", "[::]" };
  AUTO_FREE char *bare = NULL;
  struct dc_listen listen = {
    .protocol = place->protocol,
    .address = host,
    .port = place->port,
    .proof = proof,
    .confidence = place->confidence,
  };

  const size_t size = strlen (host);
  if (host[0] == '[' && size > 2 && host[size - 1] == ']') {
    if (dc_text_print (&bare, err, "%.*s", (int) size - 2, host + 1) < 0)
      return -1;
    listen.address = bare;
  }
  for (size_t i = 0; i < DC_COUNT (any); i++)
    if (strcmp (host, any[i]) == 0)
      listen.address = "";
  if (strcmp (host, "localhost") == 0)
    listen.address = "127.0.0.1";
  return dc_daemon_listens (daemon, &listen, err);
}

static int
listen_unix (const struct dc_daemon *daemon, const char *text,
             struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%.*s", (int) strcspn (text, "|"), text) < 0)
    return -1;
  const struct dc_listen listen = {
    .protocol = DC_UNIX,
    .path = path,
    .proof = proof,
    .confidence = DC_DECLARED,
  };
  return dc_daemon_listens (daemon, &listen, err);
}

/* On all hosts that the site or the options bind to. */
static int
tell_place (const struct dc_daemon *daemon,
            const struct dc_caddy_options *options,
            const struct dc_caddy_site *site, const struct place *place,
            struct dc_error *err)
{
  const struct dc_words *hosts =
      site->hosts.count > 0 ? &site->hosts : &options->hosts;

  if (hosts->count == 0)
    return listen_at (daemon, "", place, site->proof, err);
  for (size_t i = 0; i < hosts->count; i++) {
    const char *host = hosts->items[i];
    const bool is_unix = strncmp (host, "unix/", 5) == 0;
    const bool is_tcp = strncmp (host, "tcp/", 4) == 0;
    const int status = is_unix
                           ? listen_unix (daemon, host + 5, site->proof, err)
                           : listen_at (daemon, host + (is_tcp ? 4 : 0), place,
                                        site->proof, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

/* "https://example.org:8443/path" */
struct address {
  bool is_http, is_https, has_host;
  uint16_t port; /* 0: not said */
};

static int
read_address (const char *text, struct address *out)
{
  struct address address = { .port = 0 };
  struct dc_error ignored;
  AUTO_FREE char *port = NULL;

  if (strpbrk (text, "{}") != NULL)
    return -1;
  address.is_http = strncmp (text, "http://", 7) == 0;
  address.is_https = strncmp (text, "https://", 8) == 0;
  text += address.is_http ? 7 : 0;
  text += address.is_https ? 8 : 0;
  const size_t size = strcspn (text, "/");
  const char *bracket = memrchr (text, ']', size);
  const char *colon = memrchr (text, ':', size);
  if (bracket != NULL && colon != NULL && colon < bracket)
    colon = NULL;
  address.has_host = colon != NULL ? colon > text : size > 0;
  if (colon != NULL) {
    const size_t before = (size_t) (colon - text) + 1;
    if (dc_text_print (&port, &ignored, "%.*s", (int) (size - before),
                       colon + 1) < 0 ||
        dc_port_parse (port, &address.port, &ignored) < 0)
      return -1;
  }
  *out = address;
  return 0;
}

static int
tell_address (const struct dc_daemon *daemon,
              const struct dc_caddy_options *options,
              const struct dc_caddy_site *site, const struct address *address,
              struct dc_error *err)
{
  const uint16_t port = address->port > 0  ? address->port
                        : address->is_http ? options->http_port
                                           : options->https_port;
  const bool has_tls =
      !address->is_http && port != options->http_port &&
      (address->has_host || address->is_https || port == options->https_port);
  const struct place places[] = {
    { port, DC_TCP, DC_DECLARED },
    { port, DC_UDP, DC_INFERRED },
    { options->http_port, DC_TCP, DC_INFERRED },
  };
  const bool is_told[DC_COUNT (places)] = {
    true,
    has_tls && has_http3 (daemon, options),
    has_tls && address->has_host && options->has_redirects,
  };

  for (size_t i = 0; i < DC_COUNT (places); i++)
    if (is_told[i] && tell_place (daemon, options, site, &places[i], err) < 0)
      return -1;
  return 0;
}

int
dc_caddy_site_tell (const struct dc_daemon *daemon,
                    const struct dc_caddy_options *options,
                    const struct dc_caddy_site *site, struct dc_error *err)
{
  bool is_complete = true;

  for (size_t i = 0; i < site->addresses.count; i++) {
    struct address address;
    if (read_address (site->addresses.items[i], &address) == 0) {
      if (tell_address (daemon, options, site, &address, err) < 0)
        return -1;
      continue;
    }
    is_complete = false;
    if (dc_daemon_note (daemon, site->proof, err,
                        "'%s' is no address that can be understood",
                        dc_quote (site->addresses.items[i]).text) < 0)
      return -1;
  }
  return is_complete;
}

int
dc_caddy_admin_tell (const struct dc_daemon *daemon,
                     const struct dc_caddy_options *options,
                     struct dc_error *err)
{
  const char *text = options->admin != NULL ? options->admin : ADMIN_PLACE;
  struct dc_address address;
  struct dc_error ignored;

  if (strcmp (text, "off") == 0)
    return 1;
  if (strncmp (text, "unix/", 5) == 0)
    return listen_unix (daemon, text + 5, options->admin_proof, err) < 0 ? -1
                                                                         : 1;
  if (dc_address_parse (text, &address, &ignored) < 0 || address.port == 0 ||
      strpbrk (text, "{}/") != NULL)
    return dc_daemon_note (daemon, options->admin_proof, err,
                           "'%s' is no address that can be understood",
                           dc_quote (text).text);
  const struct place place = { address.port, DC_TCP,
                               options->admin != NULL ? DC_DECLARED
                                                      : DC_INFERRED };
  return listen_at (daemon, address.host, &place, options->admin_proof, err) < 0
             ? -1
             : 1;
}

void
dc_caddy_site_release (struct dc_caddy_site *site)
{
  dc_words_release (&site->addresses);
  dc_words_release (&site->hosts);
}

void
dc_caddy_options_release (struct dc_caddy_options *options)
{
  free (options->admin);
  dc_words_release (&options->hosts);
}
