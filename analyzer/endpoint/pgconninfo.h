/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_PGCONNINFO_H
#define DC_ANALYZER_ENDPOINT_PGCONNINFO_H

/* pgconninfo: where a connection string of PostgreSQL leads.
 *
 *   host=db1,db2 port=5432,5433 user='re pl'
 *   postgresql://user@db1:5432,db2/name?sslmode=require
 *
 * Source: libpq-connect.html, "Connection Strings".
 */

#include <stdint.h>

#include "lib/words.h"

#define DC_PGCONNINFO_PORT 5432

/* Append each host of TEXT to HOSTS, and its port, or "", at the same place
 * to PORTS.  A host that begins with a slash is the folder of a Unix socket.
 * 0, or -1: DC_ERR_INVALID (no such string), DC_ERR_SYSTEM.
 */
int dc_pgconninfo_hosts (const char *text, struct dc_words *hosts,
                         struct dc_words *ports, struct dc_error *err);

#endif
