/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_MYSETTINGS_H
#define DC_ANALYZER_ENDPOINT_MYSETTINGS_H

/* mysettings: what a MySQL or MariaDB server is told about its sockets, by
 * its command line and all its option files.
 */

#include "analyzer/endpoint/conflines.h"

enum dc_mysetting {
  DC_MY_ADMIN_ADDRESS,
  DC_MY_ADMIN_PORT,
  DC_MY_BIND,
  DC_MY_CLUSTER, /* wsrep_cluster_address */
  DC_MY_DATADIR,
  DC_MY_EXTRA_PORT,
  DC_MY_MYSQLX,
  DC_MY_MYSQLX_BIND,
  DC_MY_MYSQLX_PORT,
  DC_MY_MYSQLX_SOCKET,
  DC_MY_PORT,
  DC_MY_PROVIDER,         /* wsrep_provider */
  DC_MY_PROVIDER_OPTIONS, /* wsrep_provider_options */
  DC_MY_SKIP_NETWORKING,
  DC_MY_SOCKET,
  DC_MY_WSREP,
  DC_MYSETTING_COUNT,
};

struct dc_myvalue {
  const char *text; /* NULL: not set; "" for a flag: set */
  struct dc_proof proof;
  enum dc_confidence confidence;
};

struct dc_mysettings {
  const struct dc_daemon *daemon;
  bool is_mariadb;
  bool is_mysql8; /* or later, by its package */
  struct dc_myvalue values[DC_MYSETTING_COUNT];
  struct dc_conflines lines; /* is_incomplete: something was noted */
  struct dc_words texts;     /* of the values */
  const char *suffix;        /* of --defaults-group-suffix, or "" */
  bool is_ours;              /* what is being read: a group of this server */
};

/* Fill SETTINGS, which has only its DAEMON.  0, or -1: DC_ERR_SYSTEM.  Either
 * way to be released.
 */
int dc_mysettings_read (struct dc_mysettings *settings, struct dc_error *err);
void dc_mysettings_release (struct dc_mysettings *settings);
/* Is a flag on?  OTHERWISE when it is not set. */
bool dc_mysettings_is (const struct dc_mysettings *settings,
                       enum dc_mysetting setting, bool otherwise);

#endif
