/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_SANDBOX_H
#define DC_LIB_SANDBOX_H

/* sandbox: how a worker gives up its rights, one after the other.
 *
 *   folders      those listed become mounts of their own, so that ".." ends
 *                there, and the root is empty; only root may do this
 *   limits       no core file, few descriptors, FSIZE
 *   privileges   no_new_privs, not dumpable, capabilities dropped
 *   Landlock     only the folders listed
 *   seccomp      only the calls of lib/filter.c
 *
 * For lib/confine.c only.  Source: open_tree(2), fsmount(2) in the kernel's
 * tree, capabilities(7), landlock(7), seccomp(2).
 */

#include "lib/confine.h"
#include "lib/error.h"

/* Confine this process, which has one thread, for good. */
int dc_sandbox_enter (const struct dc_confine *confine, struct dc_error *err);

#endif
