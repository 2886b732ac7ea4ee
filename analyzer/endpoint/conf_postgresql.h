/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_POSTGRESQL_H
#define DC_ANALYZER_ENDPOINT_CONF_POSTGRESQL_H

/* conf_postgresql: where PostgreSQL listens, and the primary of a standby.
 *
 * Found by the command line of postgres, pg_ctl or Debian's pg_ctlcluster:
 * what it says goes before postgresql.auto.conf in the data directory, that
 * before postgresql.conf and what it includes, that before $PGPORT.
 *
 * Source: PostgreSQL 15: postgres(1), pg_ctl(1), config-setting.html,
 * runtime-config-connection.html; postgresql-common's pg_ctlcluster(1).
 */

#include "analyzer/endpoint/daemon.h"

int dc_postgresql_endpoints (const struct dc_daemon *daemon,
                             struct dc_error *err);

#endif
