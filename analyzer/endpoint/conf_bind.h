/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_BIND_H
#define DC_ANALYZER_ENDPOINT_CONF_BIND_H

/* conf_bind: where BIND's named listens, and the servers that it asks.
 *
 * Source: named(8), named.conf(5) and the Administrator Reference Manual of
 * BIND 9.18.
 */

#include "analyzer/endpoint/daemon.h"

int dc_bind_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
