/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_ENV_H
#define DC_INIT_ENV_H

/* env: the environment a command gets.
 *
 * Source: systemd.exec(5), "Environment Variables in Spawned Processes";
 * environ(7).
 */

#include <stdbool.h>
#include <stddef.h>

#include "runtime/init/text.h"

#define DI_ENV_MAX 4096                            /* variables */
#define DI_ENVFILE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of a file */

/* Owns its strings; ITEMS ends in NULL once something was set. */
struct di_env {
  char **items; /* "NAME=VALUE" */
  size_t count, capacity;
};

/* Set the variable of NAME_SIZE bytes at NAME, replacing an earlier one.  0,
 * or -1 with ERR.
 */
int di_env_set (struct di_env *env, const char *name, size_t name_size,
                const char *value, struct di_error *err);
/* The same for "NAME=VALUE". */
int di_env_put (struct di_env *env, const char *assignment,
                struct di_error *err);
/* The value of a variable, NULL when there is none. */
const char *di_env_get (const struct di_env *env, const char *name,
                        size_t name_size);
/* Remove "NAME", or "NAME=VALUE" if it has this value. */
void di_env_unset (struct di_env *env, const char *word);
void di_env_release (struct di_env *env);

/* Letters, digits and _, no digit first. */
bool di_env_is_name (const char *name, size_t size);

/* Add the assignments of a file's text, which is SIZE bytes and a NUL and is
 * changed.  Syntax of EnvironmentFile= in systemd.exec(5): quotes as in a
 * shell, a backslash joins lines, nothing is expanded, # and ; begin comments;
 * a line without an assignment is passed over.
 */
int di_envfile_parse (char *text, size_t size, struct di_env *env,
                      struct di_error *err);
/* The files that PATTERN (glob(7)) names.  IS_OPTIONAL: none is no error. */
int di_envfile_read (const char *pattern, bool is_optional, struct di_env *env,
                     struct di_error *err);

#endif
