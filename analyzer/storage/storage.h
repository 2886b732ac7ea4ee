/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_STORAGE_STORAGE_H
#define DC_ANALYZER_STORAGE_STORAGE_H

/* storage: where the bytes of a guest are, and which of them are data: a
 * section of the profile.
 *
 * Folders of applications' data (templates/apps/), folders and files that
 * matter for other reasons (templates/storage.yaml), and how much lies below
 * each folder of the root.
 */

#include <jansson.h>
#include <stdint.h>

#include "lib/tree/tree.h"

#define DC_STORAGE_ITEM_MAX ((size_t) 5000)
/* A file is sparse when less than half of it takes room on the disk, ... */
#define DC_STORAGE_SPARSE_MIN ((uint64_t) 64 * 1024 * 1024) /* ... from here */
#define DC_STORAGE_SPARSE_MAX 1000 /* of those that are looked at */

struct dc_storage_item {
  char *path;
  char *kind;    /* "data", "container storage", "large file" */
  char *reason;  /* a sentence without its full stop */
  char *service; /* whose data it is; NULL */
  uint64_t size; /* bytes of all regular files */
  uint64_t files;
  int64_t newest; /* mtime of the newest, seconds since 1970 */
};

/* Depends on how the guest was read, so it is told with that. */
struct dc_storage_sparse {
  char *path;
  uint64_t size, allocated; /* bytes */
};

struct dc_storage {
  struct dc_storage_item *items; /* sorted by path, kind */
  size_t count;
  struct dc_storage_item *top; /* folders in the root; kind, reason NULL */
  size_t top_count;
  struct dc_storage_sparse *sparse;
  size_t sparse_count;
  bool knows_sparse; /* else the way of reading does not tell */
};

struct dc_mount;
struct dc_page;
struct dc_profile;
/* As struct dc_section has it. */
int dc_storage_read (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err);
json_t *dc_storage_json (const struct dc_profile *profile);
/* [{"path", "size", "allocated"}] or null; for the profile's "guest". */
json_t *dc_storage_sparse_json (const struct dc_storage *storage);
int dc_storage_text (struct dc_page *page, struct dc_error *err);
void dc_storage_forget (struct dc_profile *profile);

#endif
