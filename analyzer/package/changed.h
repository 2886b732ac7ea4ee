/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_CHANGED_H
#define DC_ANALYZER_PACKAGE_CHANGED_H

/* changed: files that are not as their package brought them.
 *
 * Configuration files are always compared: they are few and small.  All files
 * of all packages only on demand, as all their content is read.  Compared are
 * contents and the targets of links, not modes, owners or times.
 *
 * Source: dpkg(1) --verify, rpm(8) --verify, apk-audit(8), pacman(8) -Qkk.
 */

#include "lib/report.h"
#include "lib/span.h"
#include "lib/tree/tree.h"

#define DC_CHANGED_MAX ((size_t) 100000) /* further ones are counted */

struct dc_packages;

enum dc_file_state {
  DC_FILE_SAME,
  DC_FILE_CHANGED,
  DC_FILE_MISSING,
};

struct dc_changed_file {
  size_t package; /* index in packages->items */
  char *path;     /* as the package calls it, with a slash before it */
  enum dc_file_state state;
};

struct dc_changed_files {
  struct dc_changed_file *items;
  size_t count;
  uint64_t left_out; /* beyond DC_CHANGED_MAX */
};

/* What the comparison of all files gave. */
struct dc_verification {
  struct dc_changed_files files; /* sorted by path, then package */
  uint64_t checked; /* files and links that have something to compare with */
  uint64_t unknown; /* listed, but without a checksum; not folders */
  uint64_t changed, missing;
  uint64_t bytes; /* that were read */
};

/* Add the configuration files that are changed or missing. */
int dc_conffiles_compare (const struct dc_packages *packages,
                          struct dc_tree *tree,
                          struct dc_changed_files *changed,
                          struct dc_error *err);
/* 0 and *OUT for the caller; -1: DC_ERR_LIMIT, DC_ERR_SYSTEM,
 * DC_ERR_CANCELLED, what the tree says.
 */
int dc_packages_verify (const struct dc_packages *packages,
                        struct dc_tree *tree, const struct dc_report *report,
                        struct dc_verification **out, struct dc_error *err);
void dc_verification_free (struct dc_verification *verification);
DC_DEFINE_AUTO (dc_verification)

/* PATH is copied. */
int dc_changed_add (struct dc_changed_files *changed, size_t package,
                    struct dc_span path, enum dc_file_state state,
                    struct dc_error *err);
void dc_changed_release (struct dc_changed_files *changed);

#endif
