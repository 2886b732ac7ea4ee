/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_URL_H
#define DC_ANALYZER_ENDPOINT_URL_H

/* url: what a service connects to, as configuration files write it.
 *
 *   http://user:password@db.example.org:8080/path   10.0.0.1:5432   host
 *   http://unix:/run/x.sock:/path                    nginx
 *   unix:/run/x.sock|fcgi://localhost/               Apache
 *
 * Nothing is unescaped or looked up.  Source: RFC 3986; the manuals of nginx
 * and Apache; the ports: each protocol's registration or manual.
 */

#include <stdbool.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/daemon.h"
#include "lib/span.h"

#define DC_URL_SCHEME_MAX 31 /* bytes */

struct dc_url {
  char scheme[DC_URL_SCHEME_MAX + 1]; /* lower case; "" none */
  struct dc_address address;          /* host "" for a Unix socket */
  bool has_port;                      /* else it is that of the scheme, or 0 */
  struct dc_span path;                /* of a Unix socket; in TEXT */
};

/* 0 and *OUT; -1: DC_ERR_INVALID (no host, a port that is none). */
int dc_url_parse (const char *text, struct dc_url *out, struct dc_error *err);
/* The service connects to what TEXT says.  Where it says no port that is
 * DEFAULT_PORT, then that of the scheme.  Text with variables ('$', '%', '{')
 * where it matters, or that names no host, is no target and left out.  0 or
 * -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_url_connects (const struct dc_daemon *daemon, const char *text,
                     uint16_t default_port, struct dc_proof proof,
                     struct dc_error *err);

#endif
