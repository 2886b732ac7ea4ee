/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_HAPROXY_H
#define DC_ANALYZER_ENDPOINT_CONF_HAPROXY_H

/* conf_haproxy: where HAProxy listens and which servers are behind it.
 *
 * Source: HAProxy's configuration manual 2.6: 3.1 "stats socket", 3.5
 * "peers", 4.2 "bind", "server", "disabled", 5.3.2 "nameserver", 11 "Address
 * formats"; haproxy(1) -f -C -L -S.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_HAPROXY_LEVEL_MAX 16             /* .if in each other */
#define DC_HAPROXY_BIND_MAX ((size_t) 5000) /* of one section */
#define DC_HAPROXY_RANGE_MAX 256            /* ports of one address */
#define DC_HAPROXY_USE_MAX 100000           /* uses of variables */
#define DC_HAPROXY_VARIABLE_MAX 500         /* set in the files */

int dc_haproxy_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
