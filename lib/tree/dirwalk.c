/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "lib/tree/dirwalk.h"
#include "lib/tree/hostxattrs.h"
#include "lib/tree/links.h"

#define DEVICE_MAX 65536 /* mounted file systems */

/* A folder that is still to be listed. */
struct pending {
  char *name;
  uint32_t id, depth;
};

/* A file system, and its inodes of several names. */
struct device {
  dev_t dev;
  struct dc_links *links;
};

struct level {
  dev_t dev;
  ino_t ino;
};

struct walk {
  struct dc_builder *builder;
  int fd; /* the folder that we are in */
  uint32_t depth;
  struct level levels[DC_TREE_DEPTH_MAX + 1]; /* it, and those above it */
  struct pending *pendings; /* the next last; folders in it before others */
  size_t pending_count;
  struct device *devices;
  size_t device_count;
  struct dc_hostxattrs xattrs;
};

int
dc_dirwalk_open (int dir_fd, const char *name, int flags)
{
  const int all = flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

  const int fd = openat (dir_fd, name, all | O_NOATIME);
  if (fd >= 0 || errno != EPERM)
    return fd;
  return openat (dir_fd, name, all);
}

/* "cannot read 'a/b': ..." for NAME in FOLDER, or for FOLDER itself. */
static int
cannot_read (const struct walk *walk, uint32_t folder, const char *name,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);
  struct dc_error path_err;

  if (dc_builder_path (walk->builder, folder, &b, &path_err) < 0 ||
      (name != NULL && dc_buffer_print (&b, &path_err, "%s%s",
                                        b.size > 0 ? "/" : "", name) < 0))
    return dc_context (err, "cannot read a folder");
  return dc_context (err, "cannot read '%s'",
                     dc_quote (dc_buffer_text (&b)).text);
}

/* The file system of DEV, a new one if need be. */
static int
get_device (struct walk *walk, dev_t dev, size_t *index, struct dc_error *err)
{
  for (size_t i = 0; i < walk->device_count; i++)
    if (walk->devices[i].dev == dev) {
      *index = i;
      return 0;
    }
  if (DC_ARRAY_GROW (walk->devices, walk->device_count, DEVICE_MAX,
                     "mounted file systems", err) < 0)
    return -1;
  struct device *device = &walk->devices[walk->device_count];
  if (dc_links_new (&device->links, err) < 0)
    return -1;
  device->dev = dev;
  *index = walk->device_count++;
  return 0;
}

/* A number that only the names of this inode have; 0: it has one name. */
static int
get_link_group (struct walk *walk, const struct stat *st, uint64_t *group,
                struct dc_error *err)
{
  size_t device;
  uint32_t index;

  *group = 0;
  if (st->st_nlink < 2 || S_ISDIR (st->st_mode))
    return 0;
  if (get_device (walk, st->st_dev, &device, err) < 0 ||
      dc_links_group (walk->devices[device].links, st->st_ino, &index, err) < 0)
    return -1;
  *group = ((uint64_t) (device + 1) << 32) | index;
  return 0;
}

static int
fill (struct walk *walk, const struct stat *st, struct dc_raw_entry *raw,
      struct dc_error *err)
{
  raw->size = S_ISREG (st->st_mode) ? (uint64_t) st->st_size : 0;
  raw->mtime = st->st_mtim.tv_sec;
  raw->uid = st->st_uid;
  raw->gid = st->st_gid;
  raw->mode = (uint16_t) st->st_mode;
  return get_link_group (walk, st, &raw->link_group, err);
}

/* Open a regular file or a folder for its xattrs.  1; 0: it is gone. */
static int
read_opened (struct walk *walk, const char *name, struct stat *st,
             struct dc_raw_entry *raw, struct dc_error *err)
{
  const mode_t kind = st->st_mode & S_IFMT;

  AUTO_CLOSE int fd =
      dc_dirwalk_open (walk->fd, name, S_ISDIR (kind) ? O_DIRECTORY : 0);
  if (fd < 0 && errno == ENOENT)
    return 0;
  if (fd < 0)
    return dc_fail_errno (err, "cannot open it");
  if (fstat (fd, st) < 0)
    return dc_fail_errno (err, "cannot ask for its metadata");
  if ((st->st_mode & S_IFMT) != kind)
    return dc_fail (err, DC_ERR_SYSTEM, "it became something else meanwhile");
  if (dc_hostxattrs_read (fd, (uint16_t) st->st_mode, &walk->xattrs, err) < 0)
    return -1;
  raw->xattrs = walk->xattrs.items;
  raw->xattr_count = walk->xattrs.count;
  return 1;
}

static int
push (struct walk *walk, const char *name, uint32_t id, struct dc_error *err)
{
  if (DC_ARRAY_GROW (walk->pendings, walk->pending_count, DC_TREE_ENTRY_MAX,
                     "folders", err) < 0)
    return -1;
  char *copy = strdup (name);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  walk->pendings[walk->pending_count++] =
      (struct pending){ .name = copy, .id = id, .depth = walk->depth + 1 };
  return 0;
}

static int
note_gone (struct walk *walk, uint32_t folder, const char *name,
           struct dc_error *err)
{
  return dc_builder_note (walk->builder, folder, name, err,
                          "vanished while it was read, left out");
}

/* NAME, which readdir() found in FOLDER, where we are. */
static int
add_name (struct walk *walk, uint32_t folder, const char *name,
          struct dc_error *err)
{
  struct dc_raw_entry raw = { .name = name, .name_size = strlen (name) };
  char target[PATH_MAX];
  struct stat st;
  uint32_t id;
  int exists = 1;

  if (fstatat (walk->fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) <
      0) {
    if (errno != ENOENT)
      return dc_fail_errno (err, "cannot ask for its metadata");
    exists = 0;
  } else if (S_ISREG (st.st_mode) || S_ISDIR (st.st_mode))
    exists = read_opened (walk, name, &st, &raw, err);
  else if (S_ISLNK (st.st_mode)) {
    const ssize_t size = readlinkat (walk->fd, name, target, sizeof target);
    if (size < 0 && errno != ENOENT)
      return dc_fail_errno (err, "cannot read the link");
    raw.target = target;
    raw.target_size = size < 0 ? 0 : (size_t) size;
    exists = size >= 0;
  }
  if (exists < 0)
    return -1;
  if (!exists)
    return note_gone (walk, folder, name, err);
  if (fill (walk, &st, &raw, err) < 0 ||
      dc_builder_add (walk->builder, folder, &raw, &id, err) < 0)
    return -1;
  return S_ISDIR (st.st_mode) && id != DC_TREE_NONE ? push (walk, name, id, err)
                                                    : 0;
}

static void
close_listing (DIR **listing)
{
  if (*listing != NULL)
    (void) closedir (*listing); /* only read from */
}

static int
add_all_names (struct walk *walk, DIR *listing, uint32_t folder,
               struct dc_error *err)
{
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir (listing);
    if (entry == NULL)
      break;
    const char *name = entry->d_name;
    if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
      continue;
    if (add_name (walk, folder, name, err) < 0)
      return cannot_read (walk, folder, name, err);
  }
  if (errno == 0)
    return 0;
  (void) dc_fail_errno (err, "cannot list it");
  return cannot_read (walk, folder, NULL, err);
}

/* Everything in the folder ID, where we are. */
static int
list_folder (struct walk *walk, uint32_t id, struct dc_error *err)
{
  /* One of our own: the place in the listing belongs to the open file. */
  AUTO_CLOSE int fd = dc_dirwalk_open (walk->fd, ".", O_DIRECTORY);
  __attribute__ ((__cleanup__ (close_listing))) DIR *listing = NULL;

  if (fd >= 0)
    listing = fdopendir (fd);
  if (listing == NULL) {
    (void) dc_fail_errno (err, "cannot list it");
    return cannot_read (walk, id, NULL, err);
  }
  fd = -1; /* LISTING has it */
  return add_all_names (walk, listing, id, err);
}

/* Is the folder FD full of device nodes, as devtmpfs is?  statfs() cannot
 * tell that from any other tmpfs.
 */
static bool
is_dev (int fd)
{
  struct stat st;

  return fstatat (fd, "null", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISCHR (st.st_mode) && st.st_rdev == makedev (1, 3);
}

/* The kind of file system mounted at FD, if it holds no files, else NULL. */
static const char *
find_kernel_fs (int fd)
{
  static const struct {
    unsigned long magic;
    const char *name;
  } kinds[] = {
    { PROC_SUPER_MAGIC, "proc" },
    { SYSFS_MAGIC, "sysfs" },
    { CGROUP_SUPER_MAGIC, "cgroup" },
    { CGROUP2_SUPER_MAGIC, "cgroup2" },
    { DEVPTS_SUPER_MAGIC, "devpts" },
    { DEBUGFS_MAGIC, "debugfs" },
    { TRACEFS_MAGIC, "tracefs" },
    { SECURITYFS_MAGIC, "securityfs" },
    { SELINUX_MAGIC, "selinuxfs" },
    { BPF_FS_MAGIC, "bpf" },
    { PSTOREFS_MAGIC, "pstore" },
    { EFIVARFS_MAGIC, "efivarfs" },
    { BINFMTFS_MAGIC, "binfmt_misc" },
    { AUTOFS_SUPER_MAGIC, "autofs" },
    { NSFS_MAGIC, "nsfs" },
  };
  struct statfs fs;

  if (fstatfs (fd, &fs) < 0)
    return NULL; /* what cannot be asked is treated as files */
  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if ((unsigned long) fs.f_type == kinds[i].magic)
      return kinds[i].name;
  return (unsigned long) fs.f_type == TMPFS_MAGIC && is_dev (fd) ? "devtmpfs"
                                                                 : NULL;
}

/* Back to the folder that is DEPTH below the root. */
static int
go_up (struct walk *walk, uint32_t depth, struct dc_error *err)
{
  while (walk->depth > depth) {
    AUTO_CLOSE int fd = openat (walk->fd, "..", O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat (fd, &st) < 0)
      return dc_fail_errno (err, "cannot go back to the folder above");
    const struct level *level = &walk->levels[--walk->depth];
    if (st.st_dev != level->dev || st.st_ino != level->ino)
      return dc_fail (err, DC_ERR_SYSTEM,
                      "a folder was moved while it was read");
    (void) close (walk->fd); /* only read from */
    walk->fd = DC_TAKE_FD (fd);
  }
  return 0;
}

/* Go into the folder NAME, below where we are, and list it as ID. */
static int
enter (struct walk *walk, const char *name, uint32_t id, struct dc_error *err)
{
  AUTO_CLOSE int fd = dc_dirwalk_open (walk->fd, name, O_DIRECTORY);
  struct stat st;

  if (fd < 0 && errno == ENOENT)
    return note_gone (walk, id, NULL, err);
  if (fd < 0 || fstat (fd, &st) < 0) {
    (void) dc_fail_errno (err, "cannot open it");
    return cannot_read (walk, id, NULL, err);
  }
  if (st.st_dev != walk->levels[walk->depth].dev) {
    const char *kind = find_kernel_fs (fd);
    if (kind != NULL)
      return dc_builder_note (walk->builder, id, NULL, err,
                              "is a mounted %s, its content left out", kind);
  }
  (void) close (walk->fd); /* only read from */
  walk->fd = DC_TAKE_FD (fd);
  walk->levels[++walk->depth] =
      (struct level){ .dev = st.st_dev, .ino = st.st_ino };
  return list_folder (walk, id, err);
}

static int
walk_root (struct walk *walk, int dir_fd, struct dc_error *err)
{
  struct dc_raw_entry raw = { .name = "" };
  struct stat st;

  /* DIR_FD may be an O_PATH descriptor. */
  walk->fd = dc_dirwalk_open (dir_fd, ".", O_DIRECTORY);
  if (walk->fd < 0 || fstat (walk->fd, &st) < 0)
    return dc_fail_errno (err, "cannot open the folder");
  if (dc_hostxattrs_read (walk->fd, (uint16_t) st.st_mode, &walk->xattrs, err) <
      0)
    return -1;
  raw.xattrs = walk->xattrs.items;
  raw.xattr_count = walk->xattrs.count;
  if (fill (walk, &st, &raw, err) < 0 ||
      dc_builder_root (walk->builder, &raw, err) < 0)
    return -1;
  walk->levels[0] = (struct level){ .dev = st.st_dev, .ino = st.st_ino };
  return list_folder (walk, 0, err);
}

static int
walk_all (struct walk *walk, int dir_fd, struct dc_error *err)
{
  if (walk_root (walk, dir_fd, err) < 0)
    return -1;
  while (walk->pending_count > 0) {
    const struct pending next = walk->pendings[--walk->pending_count];
    AUTO_FREE char *name = next.name;
    assert (next.depth > 0);
    if (go_up (walk, next.depth - 1, err) < 0 ||
        enter (walk, name, next.id, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_dirwalk (int dir_fd, struct dc_builder *builder, struct dc_error *err)
{
  AUTO_FREE struct walk *walk = calloc (1, sizeof *walk);
  if (walk == NULL)
    return dc_fail_errno (err, "cannot walk a folder");
  walk->builder = builder;
  walk->fd = -1;
  const int status = walk_all (walk, dir_fd, err);

  if (walk->fd >= 0)
    (void) close (walk->fd); /* only read from */
  for (size_t i = 0; i < walk->pending_count; i++)
    free (walk->pendings[i].name);
  free (walk->pendings);
  for (size_t i = 0; i < walk->device_count; i++)
    dc_links_free (walk->devices[i].links);
  free (walk->devices);
  dc_hostxattrs_release (&walk->xattrs);
  return status;
}
