/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/reach.h"

#define LINK_MAX_FOLLOWED 40 /* as the kernel */

struct place {
  int fd;         /* the folder, -1: not begun */
  struct stat st; /* of what was passed last, a link too */
  unsigned links; /* followed so far */
  bool makes;
};

static int go (struct place *place, const char *path, size_t size);

static bool
is_unsafe (const struct stat *from, const struct stat *to)
{
  return from->st_uid != 0 && from->st_uid != to->st_uid;
}

static void
leave (struct place *place)
{
  const int saved = errno;

  if (place->fd >= 0)
    close (place->fd);
  errno = saved;
}

static int
follow (struct place *place, int link_fd)
{
  char target[PATH_MAX];
  const ssize_t size = readlinkat (link_fd, "", target, sizeof target);

  if (size < 0)
    return -1;
  if (size == 0 || (size_t) size == sizeof target ||
      ++place->links > LINK_MAX_FOLLOWED) {
    errno = ELOOP;
    return -1;
  }
  return go (place, target, (size_t) size);
}

/* Go on to what is open as FD, which is taken. */
static int
pass (struct place *place, int fd)
{
  struct stat st;
  int status = fd < 0 ? -1 : fstat (fd, &st);

  if (status == 0 && place->fd >= 0 && is_unsafe (&place->st, &st)) {
    errno = DI_REACH_UNSAFE;
    status = -1;
  }
  if (status == 0) {
    place->st = st;
    if (!S_ISLNK (st.st_mode)) {
      leave (place);
      place->fd = fd;
      return 0;
    }
    status = follow (place, fd);
  }
  const int saved = errno;
  if (fd >= 0)
    close (fd);
  errno = saved;
  return status;
}

static int
step (struct place *place, const char *name)
{
  const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat (place->fd, name, flags);

  /* Another service, which makes the same, may be a moment faster. */
  if (fd < 0 && errno == ENOENT && place->makes &&
      (mkdirat (place->fd, name, 0755) == 0 || errno == EEXIST))
    fd = openat (place->fd, name, flags);
  return pass (place, fd);
}

/* The components of the SIZE bytes at PATH, all of which are folders. */
static int
go (struct place *place, const char *path, size_t size)
{
  const char *const end = path + size;

  if (size > 0 && path[0] == '/' &&
      pass (place, open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    return -1;
  while (path < end) {
    char name[NAME_MAX + 1];
    const char *slash = memchr (path, '/', (size_t) (end - path));
    const size_t length = (size_t) ((slash != NULL ? slash : end) - path);
    if (length > NAME_MAX) {
      errno = ENAMETOOLONG;
      return -1;
    }
    memcpy (name, path, length);
    name[length] = '\0';
    if (length > 0 && strcmp (name, ".") != 0 && step (place, name) < 0)
      return -1;
    path += length + 1;
  }
  return 0;
}

int
di_reach (const char *path, bool makes, const char **name)
{
  struct place place = { .fd = -1, .makes = makes };
  const char *last = strrchr (path, '/') + 1;

  if (go (&place, path, (size_t) (last - path)) < 0) {
    leave (&place);
    return -1;
  }
  *name = *last != '\0' ? last : ".";
  return place.fd;
}

bool
di_reach_is_safe (int dir_fd, const char *name)
{
  struct stat from, to;

  if (fstat (dir_fd, &from) < 0 ||
      fstatat (dir_fd, name, &to, AT_SYMLINK_NOFOLLOW) < 0)
    return false;
  errno = DI_REACH_UNSAFE;
  return !is_unsafe (&from, &to);
}

const char *
di_reach_problem (void)
{
  return errno == DI_REACH_UNSAFE ? "the way there is in another user's hands"
                                  : strerror (errno);
}
