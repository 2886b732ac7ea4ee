/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TREE_TREE_H
#define DC_LIB_TREE_TREE_H

/* tree: a read-only file tree with full metadata, in one normal form.
 *
 * Backends (ext, appliance, dir, tar, memory) hand their entries to a
 * builder (lib/tree/builder.h), which makes the normal form:
 *
 * - entries[0] is the root; then all paths in byte order ("a", "a-b", "a/b":
 *   '-' is below '/').  Names are bytes.
 * - mtime in whole seconds (rounded down); no atime, no ctime; numeric
 *   owners; mode is type and permission bits.
 * - hard links: the first sorted name carries the data (its `hardlink` is
 *   its own index), the others point at it.
 * - no sockets, no device nodes, no names that begin with ".wh.": left out
 *   with a note.  FIFOs stay.
 * - xattrs, of regular files and folders: security.capability, user.*,
 *   system.posix_acl_access and system.posix_acl_default (undefined id =
 *   0xffffffff), sorted by name.  Others are left out.
 *
 * Memory: at most 128 bytes an entry, names of 24 bytes included.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_TREE_ENTRY_MAX ((uint32_t) 50 * 1000 * 1000)
#define DC_TREE_PATH_MAX ((size_t) 64 * 1024) /* bytes of a whole path */
#define DC_TREE_DEPTH_MAX 1024
#define DC_TREE_LINK_MAX 40   /* symbolic links followed, as the kernel */
#define DC_TREE_NOTE_MAX 1000 /* notes kept; further ones are counted */
#define DC_TREE_NONE UINT32_MAX

struct dc_xattr {
  const char *name;
  const void *value;
  size_t size;
};

/* A set shared by all entries that have the same. */
struct dc_xattrs {
  size_t count;
  struct dc_xattr items[];
};

struct dc_entry {
  const char *name;               /* last component; "" for the root */
  const char *target;             /* of a symbolic link, else NULL */
  const struct dc_xattrs *xattrs; /* NULL: none */
  uint64_t size;                  /* bytes of a regular file, else 0 */
  int64_t mtime;                  /* seconds since 1970 */
  uint64_t cookie;                /* the backend's own: inode, offset */
  uint32_t parent;                /* index; the root's is its own */
  uint32_t hardlink;              /* index of the entry with the data */
  uint32_t uid, gid;
  uint32_t first_child;  /* in byte order of names; DC_TREE_NONE */
  uint32_t next_sibling; /* DC_TREE_NONE */
  uint16_t mode;         /* S_IFMT and 07777 bits */
};

/* Something that is not in the tree, or not whole, and why. */
struct dc_note {
  char *path;
  char *text;
};

struct dc_tree;

/* Gets the content of the files asked for, in the order asked for. */
struct dc_tree_sink {
  /* A file begins; SIZE bytes of data will follow in data() calls. */
  int (*begin) (void *self, uint32_t index, struct dc_error *err);
  /* Room to fill: as dc_pipeline_room(). */
  int (*room) (void *self, void **bytes, size_t *room, struct dc_error *err);
  int (*commit) (void *self, size_t size, struct dc_error *err);
  void *self;
};

/* Bytes of a file from BEGIN up to before END. */
struct dc_tree_range {
  uint64_t begin, end;
};

struct dc_tree_ops {
  const char *name; /* "ext", "dir", "tar", "memory" */
  /* SIZE bytes at OFFSET of a regular file's content; the range lies inside
   * the file.  A hole reads as zeros.
   */
  int (*read) (struct dc_tree *tree, const struct dc_entry *entry,
               uint64_t offset, void *bytes, size_t size, struct dc_error *err);
  /* The content of COUNT entries, one after another, into SINK.  NULL: done
   * with read().  A backend that gains from many requests in flight has its
   * own.
   */
  int (*stream) (struct dc_tree *tree, const uint32_t *indexes, size_t count,
                 const struct dc_tree_sink *sink, struct dc_error *err);
  /* Bytes that a regular file takes on its disk; NULL: the backend does not
   * know.
   */
  int (*allocated) (struct dc_tree *tree, const struct dc_entry *entry,
                    uint64_t *bytes, struct dc_error *err);
  /* As dc_tree_data(); NULL: the backend does not know. */
  int (*data) (struct dc_tree *tree, const struct dc_entry *entry,
               uint64_t offset, struct dc_tree_range *range,
               struct dc_error *err);
  void (*free) (struct dc_tree *tree);
};

/* The head of every backend's own struct. */
struct dc_tree {
  const struct dc_tree_ops *ops;
  struct dc_entry *entries;
  uint32_t count;
  struct dc_note *notes;
  size_t note_count;
  uint64_t notes_lost;         /* beyond DC_TREE_NOTE_MAX */
  struct dc_tree_store *store; /* the builder's memory: names, hash, xattrs */
};

/* The entry of exactly this path ("etc/fstab", no leading slash; "" is the
 * root), symbolic links not followed: its index, or DC_TREE_NONE.
 */
uint32_t dc_tree_find (const struct dc_tree *tree, const char *path);
/* The same with links followed inside the tree, absolute ones from its root;
 * a leading slash is allowed.  DC_TREE_NONE also for loops.
 */
uint32_t dc_tree_resolve (const struct dc_tree *tree, const char *path);
/* The same from FOLDER on, unless PATH begins with a slash. */
uint32_t dc_tree_resolve_at (const struct dc_tree *tree, uint32_t folder,
                             const char *path);
/* The child of a folder by name. */
uint32_t dc_tree_child (const struct dc_tree *tree, uint32_t folder,
                        const char *name);
/* Set the flag of each of these folders that is there, and of all entries below
 * them, in FLAGS, which has one for each entry; not for the root.
 */
void dc_tree_mark_below (const struct dc_tree *tree, const char *const *folders,
                         size_t count, uint8_t *flags);
/* The path of an entry, no leading slash, into B (cleared first). */
int dc_tree_path (const struct dc_tree *tree, uint32_t index,
                  struct dc_buffer *b, struct dc_error *err);

int dc_tree_read (struct dc_tree *tree, uint32_t index, uint64_t offset,
                  void *bytes, size_t size, struct dc_error *err);
/* The whole content of the file that PATH resolves to, appended to B.
 * 1; 0 when there is no such regular file; -1 (DC_ERR_LIMIT: over B's max).
 */
int dc_tree_read_file (struct dc_tree *tree, const char *path,
                       struct dc_buffer *b, struct dc_error *err);
/* What a regular file takes on its disk, holes left out; only for a tree whose
 * backend knows.  0 or -1 as dc_tree_read().
 */
int dc_tree_allocated (struct dc_tree *tree, uint32_t index, uint64_t *bytes,
                       struct dc_error *err);
/* The first bytes at OFFSET, which lies inside of a regular file, or behind it
 * that are not known to be a hole; empty at the file's end where there are
 * none.  What is not covered reads as zeros.  0 or -1 as dc_tree_read().
 */
int dc_tree_data (struct dc_tree *tree, uint32_t index, uint64_t offset,
                  struct dc_tree_range *range, struct dc_error *err);
/* For backends: "cannot read 'etc/fstab': " before what ERR says; -1. */
int dc_tree_cannot_read (const struct dc_tree *tree, uint32_t index,
                         struct dc_error *err);
int dc_tree_stream (struct dc_tree *tree, const uint32_t *indexes, size_t count,
                    const struct dc_tree_sink *sink, struct dc_error *err);
void dc_tree_free (struct dc_tree *tree);
DC_DEFINE_AUTO (dc_tree)

#endif
