/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_BACKENDS_H
#define DC_LIB_TREE_BACKENDS_H

/* backends: the trees that need no guest knowledge.
 *
 * dir     a folder of this host, read below its descriptor.
 * tar     an archive, any compression libarchive knows; read once from a
 *         descriptor (which may be a pipe), contents kept in SPOOL_FD.
 * memory  a table, for tests and for files that we add ourselves.
 */

#include "lib/tree/tree.h"

/* DIR_FD is borrowed and must outlive the tree.  Mount points below it are
 * entered.  An unreadable file is DC_ERR_SYSTEM with its path.
 */
int dc_tree_dir (int dir_fd, struct dc_tree **out, struct dc_error *err);

/* Reads FD to its end.  SPOOL_FD is an empty file to write to, borrowed.
 * Later members replace earlier ones of the same path (lib/tree/tarmember.h);
 * missing folders are made (0755 root:root, mtime 0); ".." and absolute names
 * are taken as inside the root with a note; a hard link to a missing name or
 * to a folder is left out with a note.
 * -1: DC_ERR_INVALID (not an archive, without files, damaged, truncated),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM (the spool is full).  An archive that ends
 * between two members without the end mark cannot be told from a whole one
 * and has a note.
 */
int dc_tree_tar (int fd, int spool_fd, struct dc_tree **out,
                 struct dc_error *err);

/* One row of a memory tree.  Folders come before what is in them. */
struct dc_memory_file {
  const char *path; /* "etc/hostname"; "" is the root */
  uint16_t mode;    /* with type bits */
  const char *data; /* content, or the target of a symbolic link */
  size_t size;      /* of DATA; 0: strlen (data) */
  uint32_t uid, gid;
  int64_t mtime;
  uint64_t link_group;           /* equal for the names of one file; 0: none */
  const struct dc_xattr *xattrs; /* NULL: none */
  size_t xattr_count;
};
/* The rows and their data are borrowed and must outlive the tree.  A row
 * without its folder above it is DC_ERR_INVALID.
 */
int dc_tree_memory (const struct dc_memory_file *files, size_t count,
                    struct dc_tree **out, struct dc_error *err);

#endif
