/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_SHELLVARS_H
#define DC_ANALYZER_ENDPOINT_SHELLVARS_H

/* shellvars: the variables that a sourced file of a start script sets.
 *
 *   export NAME=value   NAME="a $OTHER ${ANOTHER:-default}"   NAME='as it is'
 *
 * Only such lines are read, also those inside an "if", because the scripts'
 * conditions are not evaluated; a line with a command in it ($(...), ``) is
 * left out.  Source: POSIX.1-2024, XCU 2.2 and 2.6.2; the files envvars of
 * Apache, setenv.sh of Tomcat, /etc/default of Debian.
 */

#include "lib/words.h"

/* Add what SIZE bytes at TEXT set to ENVIRONMENT ("NAME=value" each), whose
 * variables can be used.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_shellvars_read (const char *text, size_t size,
                       struct dc_words *environment, struct dc_error *err);

#endif
