/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_FUNCTIONAL_DISKTREE_H
#define DC_TESTS_FUNCTIONAL_DISKTREE_H

/* disktree: trees of raw disk files, for the test programs.  What they open
 * stays open until the program ends.
 */

#include "lib/tree/tree.h"

/* "FILE", or "FILE=/,FILE=/var,...": ext file systems and where they are
 * mounted.  The state of each goes to stderr.
 */
int disktree_ext (const char *words, struct dc_tree **out,
                  struct dc_error *err);

/* "FILE,FILE,...", and "root=DEVICE" among them: the guest on these disks.
 * Its file systems go to stdout as "fs DEVICE TYPE 'LABEL' MOUNTPOINT SIZE
 * STATE", warnings to stderr; an error begins with the name of its code.
 */
int disktree_guest (const char *words, struct dc_tree **out,
                    struct dc_error *err);

#endif
