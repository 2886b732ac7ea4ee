/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_MANAGER_H
#define DC_INIT_MANAGER_H

/* manager: variables that are given to PID 1 at run time, for every command
 * started from then on.
 *
 * They lie in memory that the keepers share, because a command of a service
 * may set what the next one reads, as MariaDB's unit does.  PID 1 alone
 * writes, and answers only then.
 *
 * Source: systemctl(1), "Environment Commands".
 */

#include "runtime/init/env.h"

#define DI_MANAGER_SIZE 16384 /* bytes of all */

struct di_manager {
  size_t size;
  char text[DI_MANAGER_SIZE]; /* "NAME=VALUE", NUL, ... */
};

/* An empty one in memory that children share; NULL with errno. */
struct di_manager *di_manager_make (void);
/* Set "NAME=VALUE": 0, or -1 with ERR. */
int di_manager_set (struct di_manager *manager, const char *assignment,
                    struct di_error *err);
/* Remove NAME, or "NAME=VALUE" if it has that value. */
void di_manager_unset (struct di_manager *manager, const char *word);
/* The assignment after ITEM, the first for NULL; NULL at the end. */
const char *di_manager_next (const struct di_manager *manager,
                             const char *item);

#endif
