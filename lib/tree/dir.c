/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "lib/tree/backends.h"
#include "lib/tree/builder.h"
#include "lib/tree/dirwalk.h"

struct dir_tree {
  struct dc_tree head;
  int dir_fd;          /* borrowed */
  int file_fd;         /* the file read last, or -1 */
  uint32_t file_index; /* which one that is */
};

/* Open PATH below DIR_FD, component by component: no link is followed, and
 * the path may be longer than the kernel takes at a time.
 */
static int
open_path (int dir_fd, char *path)
{
  AUTO_CLOSE int above = -1;
  int from = dir_fd;
  char *slash;

  for (; (slash = strchr (path, '/')) != NULL; path = slash + 1) {
    *slash = '\0';
    const int next =
        openat (from, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
      return -1;
    if (above >= 0)
      (void) close (above); /* a place, not a file */
    above = from = next;
  }
  return dc_dirwalk_open (from, path, O_NOCTTY);
}

/* Make file_fd the file INDEX. */
static int
open_file (struct dir_tree *dir, uint32_t index, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  struct stat st;

  if (dir->file_fd >= 0 && dir->file_index == index)
    return 0;
  if (dc_tree_path (&dir->head, index, &path, err) < 0)
    return -1;
  AUTO_CLOSE int fd = open_path (dir->dir_fd, path.data); /* spoils PATH */
  if (fd < 0 || fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot open it");
  if (!S_ISREG (st.st_mode))
    return dc_fail (err, DC_ERR_SYSTEM, "it became something else meanwhile");
  if (dir->file_fd >= 0)
    (void) close (dir->file_fd); /* only read from */
  dir->file_fd = DC_TAKE_FD (fd);
  dir->file_index = index;
  return 0;
}

static int
read_dir (struct dc_tree *tree, const struct dc_entry *entry, uint64_t offset,
          void *bytes, size_t size, struct dc_error *err)
{
  struct dir_tree *dir = (struct dir_tree *) tree;

  if (open_file (dir, (uint32_t) (entry - tree->entries), err) < 0)
    return -1;
  return dc_file_read_at (dir->file_fd, offset, bytes, size, err);
}

static int
allocated_dir (struct dc_tree *tree, const struct dc_entry *entry,
               uint64_t *bytes, struct dc_error *err)
{
  struct dir_tree *dir = (struct dir_tree *) tree;
  struct stat st;

  if (open_file (dir, (uint32_t) (entry - tree->entries), err) < 0)
    return -1;
  if (fstat (dir->file_fd, &st) < 0)
    return dc_fail_errno (err, "cannot ask for its size");
  *bytes = (uint64_t) st.st_blocks * 512;
  return 0;
}

static int
data_dir (struct dc_tree *tree, const struct dc_entry *entry, uint64_t offset,
          struct dc_tree_range *range, struct dc_error *err)
{
  struct dir_tree *dir = (struct dir_tree *) tree;

  if (open_file (dir, (uint32_t) (entry - tree->entries), err) < 0)
    return -1;
  return dc_file_data (dir->file_fd, offset, entry->size, &range->begin,
                       &range->end, err);
}

static void
free_dir (struct dc_tree *tree)
{
  struct dir_tree *dir = (struct dir_tree *) tree;

  if (dir->file_fd >= 0)
    (void) close (dir->file_fd); /* only read from */
  dc_tree_release (tree);
  free (dir);
}

static const struct dc_tree_ops dir_ops = {
  .name = "dir",
  .read = read_dir,
  .allocated = allocated_dir,
  .data = data_dir,
  .free = free_dir,
};

int
dc_tree_dir (int dir_fd, struct dc_tree **out, struct dc_error *err)
{
  DC_AUTO (dc_builder) *builder = NULL;

  if (dc_builder_new (&builder, err) < 0 ||
      dc_dirwalk (dir_fd, builder, err) < 0)
    return -1;
  AUTO_FREE struct dir_tree *dir = calloc (1, sizeof *dir);
  if (dir == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  if (dc_builder_finish (builder, &dir->head, err) < 0)
    return -1;
  dir->head.ops = &dir_ops;
  dir->dir_fd = dir_fd;
  dir->file_fd = -1;
  *out = &DC_TAKE (dir)->head;
  return 0;
}
