/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_LIBRARIES_H
#define DC_ANALYZER_PROGRAM_LIBRARIES_H

/* libraries: where the guest's dynamic loader looks for a library.
 *
 * In this order: DT_RPATH where there is no DT_RUNPATH, DT_RUNPATH, the
 * folders of /etc/ld.so.conf (which may include others), the loader's own.
 * musl: /etc/ld-musl-ARCH.path, else /lib, /usr/local/lib, /usr/lib.
 * $ORIGIN is the folder of the file that asks; other tokens are not
 * followed.  LD_LIBRARY_PATH is the caller's.
 *
 * Source: ld.so(8), ldconfig(8); musl's documentation of dynamic linking.
 */

#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_LIBRARY_CONF_MAX ((size_t) 64 * 1024) /* bytes of one file */
#define DC_LIBRARY_FOLDER_MAX 1000               /* folders searched */
#define DC_LIBRARY_DEPTH_MAX 8                   /* files that include others */

struct dc_libraries {
  struct dc_tree *tree;
  struct dc_words folders; /* absolute paths, in order */
};

/* 0 and *OUT filled (release it), or -1: DC_ERR_SYSTEM, what the tree says. */
int dc_libraries_load (struct dc_tree *tree, struct dc_libraries *out,
                       struct dc_error *err);
/* Append to FOLDERS those that PATH ("/a:$ORIGIN/../b") names for a file in
 * the folder ORIGIN of the tree.
 */
int dc_libraries_path (const struct dc_libraries *libraries, const char *path,
                       uint32_t origin, struct dc_words *folders,
                       struct dc_error *err);
void dc_libraries_release (struct dc_libraries *libraries);

#endif
