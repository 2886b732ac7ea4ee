/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_PGSETTING_H
#define DC_ANALYZER_ENDPOINT_PGSETTING_H

/* pgsetting: the lines of postgresql.conf, and the lists in its values.
 *
 *   NAME = VALUE    NAME VALUE    NAME 'it''s \'quoted\'' # comment
 *
 * Source: PostgreSQL 15, "Setting Parameters" (config-setting.html), and
 * measured with its `postgres -C`.
 */

#include "lib/span.h"
#include "lib/words.h"

/* One line: 1, NAME and VALUE for the caller, without quotes; 0 for a blank
 * line or a comment; -1: DC_ERR_INVALID (PostgreSQL would not start),
 * DC_ERR_SYSTEM.
 */
int dc_pgsetting_line (struct dc_span line, char **name, char **value,
                       struct dc_error *err);
/* Append the entries of a list "localhost, 10.0.0.1" to WORDS: what is not in
 * "" is in lower case.  0, or -1: DC_ERR_INVALID (no such list), DC_ERR_SYSTEM.
 */
int dc_pgsetting_list (const char *value, struct dc_words *words,
                       struct dc_error *err);

#endif
