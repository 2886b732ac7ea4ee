/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_DROPDIR_H
#define DC_ANALYZER_UNIT_DROPDIR_H

/* dropdir: the files of several folders that add to one configuration
 * ("tmpfiles.d", "x.service.d").
 *
 * They count in byte order of their names, whatever the folder; of equal
 * names that of the folder which was added first.  Names that begin with a
 * dot, and folders, do not count.
 *
 * Source: systemd.unit(5), tmpfiles.d(5), systemd.preset(5).
 */

#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_DROPDIR_FILE_MAX 100000
#define DC_DROPDIR_NAME_MAX 255 /* bytes; longer names do not count */

struct dc_dropdir {
  struct dc_dropdir_file *items;
  size_t count;
};

/* Add the files of the folder at PATH ("/etc/tmpfiles.d"; links are followed)
 * whose names end in SUFFIX (".conf").  A folder that is not there adds
 * nothing.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_dropdir_add (struct dc_dropdir *dropdir, const struct dc_tree *tree,
                    const char *path, const char *suffix, struct dc_error *err);
/* Append the paths of those that count, in the order in which they do. */
int dc_dropdir_paths (struct dc_dropdir *dropdir, struct dc_words *paths,
                      struct dc_error *err);
void dc_dropdir_release (struct dc_dropdir *dropdir);

#endif
