/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_COUPLING_TEXTSCAN_H
#define DC_ANALYZER_COUPLING_TEXTSCAN_H

/* textscan: what a line of some program's configuration connects to, without
 * knowing the program.
 *
 *   DATABASE_URL=postgres://app:secret@db.example.org/app
 *   url: jdbc:mysql://10.0.0.5:3307/shop?x=y
 *   define('DB_HOST', 'localhost:/run/mysqld/mysqld.sock');
 *   REDIS_HOST=cache     "MYSQL_HOST" => "db"
 *
 * URLs of schemes that name a service, and values of names that hold the name
 * of one and HOST, SERVER or ADDR.  A guess with a reason, so all of it is
 * inferred.  Passwords are stepped over and never kept.
 */

#include <stdbool.h>

#include "analyzer/coupling/product.h"
#include "analyzer/endpoint/connection.h"
#include "lib/span.h"

#define DC_TEXTSCAN_LINE_MAX ((size_t) 4096) /* bytes; longer lines are cut */

/* Something a line connects to: HOST and PORT, or PATH. */
struct dc_text_target {
  char host[256];
  char path[256]; /* of a Unix socket; "" */
  uint16_t port;  /* 0: not told */
};

/* The next target in *REST, which begins as the line and is moved on: 1 and
 * *OUT, 0 when there is none.  WITH_WEB: http and its kin count too.
 */
int dc_textscan_next (struct dc_span *rest, bool with_web,
                      struct dc_text_target *out);

#endif
