/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_PGCOMMAND_H
#define DC_ANALYZER_ENDPOINT_PGCOMMAND_H

/* pgcommand: the command line of postgres that pg_ctl or Debian's
 * pg_ctlcluster make of their own.
 *
 *   pg_ctl start -D DIR -o "-p 5433"     postgres -p 5433 -D DIR
 *   pg_ctlcluster 15-main start          postgres -c config_file=...
 *
 * Source: pg_ctl(1), pg_ctlcluster(1).
 */

#include "lib/words.h"

#define DC_PG_CLUSTERS "/etc/postgresql" /* Debian's: VERSION/NAME below */

/* Append the command line of postgres to POSTGRES, a name for the program
 * first.  0 or -1: DC_ERR_SYSTEM.
 */
int dc_pgcommand (const struct dc_words *argv, struct dc_words *postgres,
                  struct dc_error *err);

#endif
