/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_MYOPTION_H
#define DC_ANALYZER_ENDPOINT_MYOPTION_H

/* myoption: the lines of MySQL's and MariaDB's option files.
 *
 *   [mysqld]    name    name = value    name = "value" # comment
 *   !include /etc/mysql/other.cnf    !includedir /etc/mysql/conf.d
 *
 * Source: dev.mysql.com/doc/refman/8.0/en/option-files.html,
 * mariadb.com/kb/en/configuring-mariadb-with-option-files, and measured with
 * my_print_defaults of MariaDB 10.11.
 */

#include "lib/span.h"

enum dc_myoption_kind {
  DC_MYOPTION_BLANK, /* or a comment */
  DC_MYOPTION_GROUP, /* NAME */
  DC_MYOPTION_SETTING,
  DC_MYOPTION_INCLUDE,    /* VALUE: a file */
  DC_MYOPTION_INCLUDEDIR, /* VALUE: a folder */
};

struct dc_myoption {
  enum dc_myoption_kind kind;
  char *name;
  char *value; /* NULL: a setting without '=' */
};

/* One line, for the caller to release.  0, or -1: DC_ERR_INVALID (the server
 * would not start), DC_ERR_SYSTEM.
 */
int dc_myoption_line (struct dc_span line, struct dc_myoption *out,
                      struct dc_error *err);
void dc_myoption_release (struct dc_myoption *option);
/* Are these names of the same option?  '_' is '-'. */
bool dc_myoption_is (const char *name, const char *option);

#endif
