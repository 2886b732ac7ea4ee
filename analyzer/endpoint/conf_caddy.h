/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_CADDY_H
#define DC_ANALYZER_ENDPOINT_CONF_CADDY_H

/* conf_caddy: where Caddy listens by its Caddyfile, and the servers behind it.
 *
 *   {                          global options
 *     admin off
 *   }
 *   (common) { ... }           a snippet
 *   example.org, http://a:81 { a site and its addresses
 *     import common
 *     reverse_proxy 10.0.0.1:8080
 *   }
 *
 * A site with a name has TLS on 443, HTTP/3 there since 2.6, and on 80 what
 * sends its visitors to 443; each of these can be turned off.
 *
 * Source: caddyserver.com/docs: caddyfile/concepts, caddyfile/options,
 * automatic-https, conventions, command-line; measured with 2.6.2.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_CADDY_LINE_MAX ((size_t) 100000) /* with snippets repeated */
#define DC_CADDY_BLOCK_MAX 32               /* blocks in each other */
#define DC_CADDY_SNIPPET_MAX ((size_t) 1000)

int dc_caddy_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
