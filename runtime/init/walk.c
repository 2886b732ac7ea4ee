/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/init/reach.h"
#include "runtime/init/walk.h"

/* From <linux/openat2.h>, which musl does not have. */
struct how {
  uint64_t flags, mode, resolve;
};
#define NO_XDEV 0x01
#define NO_SYMLINKS 0x04

/* Gives what it meets to somebody. */
struct giving {
  struct di_walk walk;
  uid_t owner;
  gid_t group;
};

/* Folder NAME of the same mount, or -1. */
static int
enter (int dir_fd, const char *name)
{
  struct how how = { .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                     .resolve = NO_XDEV | NO_SYMLINKS };

  return (int) syscall (SYS_openat2, dir_fd, name, &how, sizeof how);
}

static bool
is_dots (const char *name)
{
  return strcmp (name, ".") == 0 || strcmp (name, "..") == 0;
}

/* Act on all in DIR_FD, the deepest first.  Returns how often that failed. */
static unsigned
go (const struct di_walk *walk, int dir_fd, unsigned depth)
{
  const int own_fd = enter (dir_fd, ".");
  DIR *dir = own_fd < 0 ? NULL : fdopendir (own_fd);
  const struct dirent *entry;
  unsigned failures = 0;

  if (dir == NULL) {
    if (own_fd >= 0)
      close (own_fd);
    return 1;
  }
  while ((entry = readdir (dir)) != NULL) {
    if (is_dots (entry->d_name))
      continue;
    const int fd = enter (dir_fd, entry->d_name);
    if (fd >= 0 && depth < DI_WALK_DEPTH_MAX)
      failures += go (walk, fd, depth + 1);
    if (walk->act (walk, dir_fd, entry->d_name, fd >= 0) < 0)
      failures++;
    if (fd >= 0)
      close (fd);
  }
  closedir (dir);
  return failures;
}

/* A mount point is busy and stays, and so does the folder that holds it. */
static int
remove_one (const struct di_walk *walk, int dir_fd, const char *name,
            bool is_folder)
{
  (void) walk;
  return unlinkat (dir_fd, name, is_folder ? AT_REMOVEDIR : 0);
}

static int
chown_one (const struct di_walk *walk, int dir_fd, const char *name,
           bool is_folder)
{
  const struct giving *giving = (const struct giving *) walk;
  struct stat st;

  if (fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return -1;
  /* A folder that could not be entered is a mount, hence not ours; a second
   * name of a file may be one that is not ours.
   */
  if (S_ISDIR (st.st_mode) ? !is_folder : st.st_nlink > 1)
    return 0;
  return fchownat (dir_fd, name, giving->owner, giving->group,
                   AT_SYMLINK_NOFOLLOW);
}

unsigned
di_walk (const struct di_walk *walk, int dir_fd)
{
  return go (walk, dir_fd, 0);
}

void
di_walk_empty (int dir_fd)
{
  const struct di_walk walk = { .act = remove_one };

  (void) go (&walk, dir_fd, 0); /* mount points are expected to stay */
}

int
di_walk_remove_at (int dir_fd, const char *name)
{
  if (unlinkat (dir_fd, name, 0) == 0 || errno == ENOENT)
    return 0;
  const int saved = errno;
  const int fd =
      openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    errno = saved;
    return -1;
  }
  di_walk_empty (fd);
  close (fd);
  return unlinkat (dir_fd, name, AT_REMOVEDIR);
}

void
di_walk_remove (const char *path)
{
  const char *name;
  const int dir_fd = di_reach (path, false, &name);

  if (dir_fd < 0)
    return;
  (void) di_walk_remove_at (dir_fd, name);
  close (dir_fd);
}

unsigned
di_walk_chown (int dir_fd, uid_t owner, gid_t group)
{
  const struct giving giving = { { chown_one }, owner, group };

  return go (&giving.walk, dir_fd, 0);
}

int
di_make_parents (const char *path)
{
  return di_make_parents_mode (path, 0755);
}

int
di_make_parents_mode (const char *path, mode_t mode)
{
  char *copy = strdup (path);

  if (copy == NULL)
    return -1;
  for (char *slash = strchr (copy + 1, '/'); slash != NULL;
       slash = strchr (slash + 1, '/')) {
    *slash = '\0';
    if (mkdir (copy, mode) < 0 && errno != EEXIST) {
      free (copy);
      return -1;
    }
    *slash = '/';
  }
  free (copy);
  return 0;
}
