/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PACMAN_H
#define DC_ANALYZER_PACKAGE_PACMAN_H

/* pacman: the database of Arch Linux's package manager.
 *
 * A folder NAME-VERSION a package in /var/lib/pacman/local, with
 *
 *   desc    %NAME%        a key, its values a line each, an empty line
 *           bash
 *
 *           %REASON%      1: as a dependency; without it: asked for
 *           1
 *   files   %FILES%       paths, folders with a slash behind them
 *           %BACKUP%      path, tab, MD5 of what an administrator may change
 *   mtree   gzip of mtree(5): sizes and SHA-256 of the files
 *
 * Which repository a package is from is not recorded, so whether it is foreign
 * is not known.
 *
 * Source: libalpm 13 lib/libalpm/be_local.c; pacman.conf(5); mtree(5).
 */

#include "analyzer/package/manager.h"

#define DC_PACMAN_FOLDER "/var/lib/pacman/local"

/* Values of the file of keys. */
struct dc_pacman_reader {
  struct dc_span rest, key;
  unsigned line; /* of the value given last */
};
/* The next value and its key ("NAME"); false at the end. */
bool dc_pacman_next (struct dc_pacman_reader *reader, struct dc_span *value);

/* pacmanfiles.c: struct dc_package_manager's list(). */
int dc_pacman_list (const struct dc_packages *packages, size_t db,
                    struct dc_tree *tree, const struct dc_file_sink *sink,
                    struct dc_error *err);

#endif
