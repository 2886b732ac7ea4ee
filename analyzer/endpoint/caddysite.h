/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CADDYSITE_H
#define DC_ANALYZER_ENDPOINT_CADDYSITE_H

/* caddysite: where Caddy listens for a site, and what its global options
 * change about that (conf_caddy.h).
 */

#include "analyzer/endpoint/daemon.h"

struct dc_caddy_options {
  uint16_t http_port, https_port;
  bool has_redirects;    /* from http_port to TLS */
  bool has_http3;        /* UDP beside TLS */
  char *admin;           /* "off", an address; NULL: the default */
  struct dc_words hosts; /* default_bind */
  struct dc_proof admin_proof;
};
#define DC_CADDY_OPTIONS_INIT                                                  \
  {                                                                            \
    .http_port = 80, .https_port = 443, .has_redirects = true,                 \
    .has_http3 = true                                                          \
  }

struct dc_caddy_site {
  struct dc_words addresses; /* "example.org", "http://:8080/path" */
  struct dc_words hosts;     /* bind */
  struct dc_proof proof;
};

/* The line WORDS of the global options, or of "servers" in them.  0 or -1:
 * DC_ERR_SYSTEM.
 */
int dc_caddy_option (struct dc_caddy_options *options,
                     const struct dc_words *words, struct dc_proof proof,
                     struct dc_error *err);
/* The service listens for SITE.  1, 0 after a note, -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_caddy_site_tell (const struct dc_daemon *daemon,
                        const struct dc_caddy_options *options,
                        const struct dc_caddy_site *site, struct dc_error *err);
/* The same for its own administration. */
int dc_caddy_admin_tell (const struct dc_daemon *daemon,
                         const struct dc_caddy_options *options,
                         struct dc_error *err);
void dc_caddy_site_release (struct dc_caddy_site *site);
void dc_caddy_options_release (struct dc_caddy_options *options);

#endif
