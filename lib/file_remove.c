/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/quote.h"

/* One descriptor a level is open.  What lies deeper (a hostile layer may
 * nest a hundred thousand folders) is renamed to the top and removed there.
 */
#define LEVEL_MAX 32

struct removal {
  int top_fd;      /* the folder that the user named */
  unsigned lifted; /* folders renamed to the top so far */
};

static void
close_dir_auto (DIR **dir)
{
  if (*dir != NULL)
    (void) closedir (*dir); /* it was only read */
}

#define AUTO_CLOSE_DIR __attribute__ ((__cleanup__ (close_dir_auto)))

static int
fail_remove (const char *name, struct dc_error *err)
{
  return dc_fail_errno (err, "cannot remove '%s'", dc_quote (name).text);
}

/* Only what unlinkat() found to be a full folder, so no mount point: that is
 * EBUSY to it.
 */
static int
open_folder (int dir_fd, const char *name, int flags)
{
  return openat (dir_fd, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* fchmod() refuses an O_PATH descriptor, its name in /proc does not. */
static void
make_readable (int dir_fd, const char *name)
{
  AUTO_CLOSE int fd = open_folder (dir_fd, name, O_PATH);
  char path[sizeof "/proc/self/fd/2147483647"];

  if (fd < 0)
    return;
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d", fd); /* fits */
  (void) chmod (path, 0700); /* the next open says why, if not */
}

/* With the rights that an unpacked guest may have taken from the owner. */
static DIR *
open_to_empty (int dir_fd, const char *name)
{
  AUTO_CLOSE int fd = open_folder (dir_fd, name, O_RDONLY);

  if (fd < 0 && errno == EACCES) {
    make_readable (dir_fd, name);
    fd = open_folder (dir_fd, name, O_RDONLY);
  }
  if (fd < 0)
    return NULL;
  (void) fchmod (fd, 0700); /* the first unlink says why, if not */
  DIR *dir = fdopendir (fd);
  if (dir != NULL)
    fd = -1; /* now DIR's */
  return dir;
}

/* The names at the top are not ours: a taken one is passed over. */
static int
lift (struct removal *removal, int dir_fd, const char *name,
      struct dc_error *err)
{
  for (;;) {
    char lifted[sizeof ".decant-lifted-4294967295"];
    (void) snprintf (lifted, sizeof lifted, ".decant-lifted-%u",
                     removal->lifted); /* fits */
    removal->lifted++;
    if (renameat (dir_fd, name, removal->top_fd, lifted) == 0)
      return 0;
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
      return fail_remove (name, err);
  }
}

static int empty_folder (struct removal *removal, DIR *dir, unsigned level,
                         struct dc_error *err);

static int
remove_folder (struct removal *removal, int dir_fd, const char *name,
               unsigned level, struct dc_error *err)
{
  if (unlinkat (dir_fd, name, AT_REMOVEDIR) == 0)
    return 0;
  if (errno != ENOTEMPTY && errno != EEXIST)
    return fail_remove (name, err);
  if (level > LEVEL_MAX)
    return lift (removal, dir_fd, name, err);
  AUTO_CLOSE_DIR DIR *dir = open_to_empty (dir_fd, name);
  if (dir == NULL)
    return fail_remove (name, err);
  if (empty_folder (removal, dir, level, err) < 0)
    return -1;
  return unlinkat (dir_fd, name, AT_REMOVEDIR) == 0 ? 0
                                                    : fail_remove (name, err);
}

static int
remove_entry (struct removal *removal, int dir_fd, const struct dirent *entry,
              unsigned level, struct dc_error *err)
{
  const char *name = entry->d_name;

  if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return 0;
  if (entry->d_type != DT_DIR) { /* also for DT_UNKNOWN */
    if (unlinkat (dir_fd, name, 0) == 0)
      return 0;
    if (errno != EISDIR)
      return fail_remove (name, err);
  }
  return remove_folder (removal, dir_fd, name, level, err);
}

/* LEVEL is 0 for the top, which is scanned again while folders are lifted to
 * it: a scan under way need not see them.
 */
static int
empty_folder (struct removal *removal, DIR *dir, unsigned level,
              struct dc_error *err)
{
  const bool is_top = level == 0;
  unsigned lifted;

  if (is_top)
    removal->top_fd = dirfd (dir);
  do {
    const struct dirent *entry;
    lifted = removal->lifted;
    rewinddir (dir);
    for (errno = 0; (entry = readdir (dir)) != NULL; errno = 0)
      if (remove_entry (removal, dirfd (dir), entry, level + 1, err) < 0)
        return -1;
    if (errno != 0)
      return dc_fail_errno (err, "cannot list a folder");
  } while (is_top && lifted != removal->lifted);
  return 0;
}

int
dc_file_remove_tree (int dir_fd, const char *name, struct dc_error *err)
{
  struct removal removal = { .top_fd = -1 };

  if (unlinkat (dir_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
    return 0;
  return remove_folder (&removal, dir_fd, name, 0, err);
}
