/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITENV_H
#define DC_ANALYZER_UNIT_UNITENV_H

/* unitenv: the variables that a unit gives to its commands.
 *
 * Source: systemd.exec(5), "Environment".  Those that systemd itself adds
 * (PATH, USER, INVOCATION_ID ...) are not here.
 */

#include "analyzer/unit/unit.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_ENVIRONMENT_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of a file */
#define DC_ENVIRONMENT_COUNT_MAX 4096                  /* variables */

/* The value of the variable whose name is the SIZE bytes at NAME, or NULL. */
const char *dc_environment_get (const struct dc_words *environment,
                                const char *name, size_t size);
/* Add ASSIGNMENT "K=V" or replace the one of the same name.  What is none (no
 * '=', a name that is no name) is ignored, as systemd does.
 */
int dc_environment_set (struct dc_words *environment, const char *assignment,
                        struct dc_error *err);
/* Add the variables of the SIZE bytes at TEXT, of a file for
 * EnvironmentFile=.  0, or -1: DC_ERR_INVALID (a NUL, not UTF-8: systemd
 * refuses the file), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_environment_parse (const char *text, size_t size,
                          struct dc_words *environment, struct dc_error *err);

/* Add what Environment= and then EnvironmentFile= in SECTION of UNIT say;
 * the files are read from TREE.  In *MISSING for the caller the first file
 * that systemd would insist on but that cannot be read, else NULL: then the
 * service would not start; the other variables are there anyway.  0 or -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_unit_environment (struct dc_tree *tree, const struct dc_unit *unit,
                         const char *section, const char *hostname,
                         struct dc_words *environment, char **missing,
                         struct dc_error *err);

#endif
