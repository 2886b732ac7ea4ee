/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_MYSQL_H
#define DC_ANALYZER_ENDPOINT_CONF_MYSQL_H

/* conf_mysql: where MySQL and MariaDB listen, and the cluster that a node of
 * Galera joins.
 *
 * The command line goes before the option files, of which the last one wins.
 * A group that is for one version counts when a package of the guest says
 * that it is this one.
 *
 * Source: the manuals of MySQL 8.0 (server-system-variables, x-plugin) and of
 * MariaDB 10.11, its mariadbd --help --verbose; galeracluster.com's list of
 * wsrep_provider_options.
 */

#include "analyzer/endpoint/daemon.h"

int dc_mysql_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
