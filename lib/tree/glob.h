/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_GLOB_H
#define DC_LIB_TREE_GLOB_H

/* glob: the paths of a tree that fit a pattern, as glob(3) finds them.
 *
 * Links are followed inside the tree.  A name that begins with a dot fits
 * only a pattern whose component does.
 *
 * Source: glob(7), lib/glob.h.
 */

#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_GLOB_PATH_MAX 10000   /* paths found */
#define DC_GLOB_LOOK_MAX 1000000 /* entries looked at */
#define DC_GLOB_DEPTH_MAX 64     /* components with a pattern */

/* Append what fits PATTERN ("/etc/nginx/conf.d/" "*.conf") to PATHS, in byte
 * order; a path without a pattern is there if it exists.  0, or -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM; then PATHS may have some.
 */
int dc_tree_glob (const struct dc_tree *tree, const char *pattern,
                  struct dc_words *paths, struct dc_error *err);

#endif
