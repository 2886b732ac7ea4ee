/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/copy.h"
#include "runtime/init/plan.h"

#define PIECE ((size_t) 1024 * 1024)

struct copy {
  int64_t owner, group;
};

static int copy_one (const struct copy *copy, int from_fd, const char *from,
                     int to_fd, const char *to, unsigned depth);

/* Owner, mode and times of what is open as FD; closes it. */
static int
finish (const struct copy *copy, int fd, const struct stat *st)
{
  const struct timespec times[2] = { st->st_atim, st->st_mtim };
  const uid_t owner = copy->owner == DI_KEEP ? st->st_uid : (uid_t) copy->owner;
  const gid_t group = copy->group == DI_KEEP ? st->st_gid : (gid_t) copy->group;
  const int status = fchown (fd, owner, group) < 0 ||
                             fchmod (fd, st->st_mode & 07777) < 0 ||
                             futimens (fd, times) < 0
                         ? -1
                         : 0;

  return close (fd) < 0 ? -1 : status;
}

static int
copy_file (const struct copy *copy, int from, int to, const struct stat *st)
{
  ssize_t size;

  if (to < 0)
    return -1;
  do
    size = sendfile (to, from, NULL, PIECE);
  while (size > 0);
  if (size < 0) {
    close (to);
    return -1;
  }
  return finish (copy, to, st);
}

static bool
is_empty (int fd)
{
  const int own_fd = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = own_fd < 0 ? NULL : fdopendir (own_fd);
  unsigned count = 0;

  if (dir == NULL)
    return false;
  while (readdir (dir) != NULL)
    count++;
  closedir (dir);
  return count <= 2; /* the dots */
}

/* All in the folder FROM, which is closed, into TO. */
static int
copy_content (const struct copy *copy, int from, int to, unsigned depth)
{
  DIR *dir = fdopendir (from);
  const struct dirent *entry;
  int status = 0;

  if (dir == NULL) {
    close (from);
    return -1;
  }
  while (status == 0 && (entry = readdir (dir)) != NULL) {
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      status = copy_one (copy, dirfd (dir), entry->d_name, to, entry->d_name,
                         depth + 1);
  }
  closedir (dir);
  return status;
}

static int
copy_folder (const struct copy *copy, int from, int to_fd, const char *to,
             const struct stat *st, unsigned depth)
{
  if (depth == DI_COPY_DEPTH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  const bool is_new = mkdirat (to_fd, to, 0700) == 0;
  if (!is_new && errno != EEXIST)
    return -1;
  const int fd =
      openat (to_fd, to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || (!is_new && !is_empty (fd))) {
    if (fd >= 0)
      close (fd);
    return is_new ? -1 : 0;
  }
  const int own_fd = openat (from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own_fd < 0 || copy_content (copy, own_fd, fd, depth) < 0) {
    close (fd);
    return -1;
  }
  return finish (copy, fd, st);
}

static int
copy_link (const struct copy *copy, int from_fd, const char *from, int to_fd,
           const char *to, const struct stat *st)
{
  char target[PATH_MAX];
  const ssize_t size = readlinkat (from_fd, from, target, sizeof target - 1);

  if (size < 0)
    return -1;
  target[size] = '\0';
  if (symlinkat (target, to_fd, to) < 0)
    return errno == EEXIST ? 0 : -1;
  return fchownat (to_fd, to,
                   copy->owner == DI_KEEP ? st->st_uid : (uid_t) copy->owner,
                   copy->group == DI_KEEP ? st->st_gid : (gid_t) copy->group,
                   AT_SYMLINK_NOFOLLOW);
}

static int
copy_one (const struct copy *copy, int from_fd, const char *from, int to_fd,
          const char *to, unsigned depth)
{
  struct stat st;
  int status = 0;

  if (fstatat (from_fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return -1;
  if (S_ISLNK (st.st_mode))
    return copy_link (copy, from_fd, from, to_fd, to, &st);
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    return 0; /* a socket, a device: nobody's template */
  const int fd =
      openat (from_fd, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return -1;
  if (S_ISDIR (st.st_mode)) {
    status = copy_folder (copy, fd, to_fd, to, &st, depth);
  } else {
    const int to_file = openat (
        to_fd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to_file >= 0 || errno != EEXIST)
      status = copy_file (copy, fd, to_file, &st);
  }
  const int saved = errno;
  close (fd);
  errno = saved;
  return status;
}

int
di_copy (const char *path, int dir_fd, const char *name, int64_t owner,
         int64_t group)
{
  const struct copy copy = { owner, group };

  return copy_one (&copy, AT_FDCWD, path, dir_fd, name, 0);
}
