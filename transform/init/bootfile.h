/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_BOOTFILE_H
#define DC_TRANSFORM_BOOTFILE_H

/* bootfile: what the files that a boot reads (tmpfiles.d, sysusers.d) share:
 * where they lie, and their specifiers.
 *
 * Source: tmpfiles.d(5), sysusers.d(5) of systemd 252, "Configuration
 * directories and precedence" and "Specifiers".
 */

#include "lib/tree/tree.h"
#include "lib/words.h"

/* What specifiers are read from. */
struct dc_bootfile {
  struct dc_tree *tree;
  const char *hostname;    /* NULL: unknown */
  struct dc_words release; /* os-release: "ID=debian" */
};

/* The paths of the files that count in FOLDER ("tmpfiles.d"), in order. */
int dc_bootfile_paths (const struct dc_tree *tree, const char *folder,
                       struct dc_words *paths, struct dc_error *err);

/* TREE and HOSTNAME are borrowed.  0, or -1: DC_ERR_SYSTEM, what the tree
 * says; then there is nothing to release.
 */
int dc_bootfile_init (struct dc_bootfile *bootfile, struct dc_tree *tree,
                      const char *hostname, struct dc_error *err);
/* TEXT with its specifiers replaced, for the caller.  One that only a running
 * system knows stays as it is, and its letter is in *UNKNOWN.
 */
int dc_bootfile_expand (const struct dc_bootfile *bootfile, const char *text,
                        char **out, char *unknown, struct dc_error *err);
void dc_bootfile_release (struct dc_bootfile *bootfile);

#endif
