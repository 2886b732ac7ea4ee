/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_NGINX_H
#define DC_ANALYZER_ENDPOINT_CONF_NGINX_H

/* conf_nginx: where nginx listens.
 *
 * Source: nginx.org/en/docs, ngx_http_core_module, ngx_stream_core_module and
 * ngx_mail_core_module "listen", ngx_core_module "include"; nginx(8) -c -p.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_NGINX_BLOCK_MAX 64             /* blocks in each other */
#define DC_NGINX_RANGE_MAX 256            /* ports of one listen directive */
#define DC_NGINX_PASS_MAX ((size_t) 5000) /* proxy_pass and its kin */

int dc_nginx_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
