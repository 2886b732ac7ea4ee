/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_EXPAND_H
#define DC_INIT_EXPAND_H

/* expand: variables in the arguments of a command.
 *
 * A word that is $X alone becomes the words of its value, or none; quotes in
 * the value count.  ${X} anywhere in a word becomes the value as it is, or
 * nothing.  $$ is a dollar sign.  Any other dollar sign stays.
 *
 * Source: systemd.service(5), "Command lines"; measured on systemd 252.
 */

#include "runtime/init/env.h"
#include "runtime/init/plan.h"

#define DI_ARGV_MAX 4096                        /* words */
#define DI_ARGV_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of all of them */

/* argv and its texts, in one piece each. */
struct di_argv {
  char **items; /* ends in NULL */
  char *bytes;
};

/* The argv of the exec line LINE with variables from ENV.  0, or -1 with
 * ERR.
 */
int di_argv_make (const struct di_line *line, const struct di_env *env,
                  struct di_argv *argv, struct di_error *err);
void di_argv_release (struct di_argv *argv);

#endif
