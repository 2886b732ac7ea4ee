/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_REDIS_H
#define DC_ANALYZER_ENDPOINT_CONF_REDIS_H

/* conf_redis: where Redis and Valkey listen.
 *
 * A guest's protected-mode, which answers only local clients, becomes a
 * finding "endpoint.protected".
 *
 * Source: the comments of redis.conf of Redis 7.0.
 */

#include "analyzer/endpoint/daemon.h"

int dc_redis_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
