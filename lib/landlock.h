/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_LANDLOCK_H
#define DC_LIB_LANDLOCK_H

/* landlock: which files a process can still reach, decided before it forks.
 *
 * A ruleset refuses every kind of access that this kernel knows (also TCP,
 * abstract sockets and signals to processes outside), except to the files
 * and folders that it lists.  Descriptors that are open already stay usable.
 *
 * Source: landlock(7); Linux Documentation/userspace-api/landlock.rst.
 */

#include "lib/error.h"

enum dc_landlock_access {
  DC_LANDLOCK_READ,    /* read files, list folders */
  DC_LANDLOCK_EXECUTE, /* READ, and start programs and map libraries */
  DC_LANDLOCK_WRITE,   /* READ, and make, change, rename, remove */
};

/* The version of the kernel's interface; 0: it has no Landlock, or it is
 * switched off.
 */
int dc_landlock_abi (void);

enum dc_landlock_network {
  DC_LANDLOCK_OFFLINE, /* neither TCP nor abstract sockets of others */
  DC_LANDLOCK_ONLINE,  /* both; for who is in a network of its own */
};

/* A new ruleset that allows nothing but NETWORK.  0 and *RULESET for the
 * caller to close, -1 in it when the kernel has no Landlock; or -1.
 */
int dc_landlock_new (enum dc_landlock_network network, int *ruleset,
                     struct dc_error *err);

/* Allow ACCESS to what FD is open on (O_PATH suffices) and, for a folder, to
 * all below it.  Does nothing if RULESET is -1.
 */
int dc_landlock_allow (int ruleset, int fd, enum dc_landlock_access access,
                       struct dc_error *err);
/* The same by name.  DC_ERR_NOTFOUND if nothing is there. */
int dc_landlock_allow_path (int ruleset, const char *path,
                            enum dc_landlock_access access,
                            struct dc_error *err);

/* Confine the calling thread and all it will start, for good; it must have
 * no_new_privs set.  0, or the errno.  Async-signal-safe.  Does nothing if
 * RULESET is -1.
 */
int dc_landlock_enter (int ruleset);

#endif
