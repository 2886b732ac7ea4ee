/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/folders.h"
#include "runtime/init/reach.h"
#include "runtime/init/walk.h"

static const struct {
  const char *variable, *base;
} kinds[] = {
  [DI_RUNTIME] = { "RUNTIME_DIRECTORY", "/run" },
  [DI_STATE] = { "STATE_DIRECTORY", "/var/lib" },
  [DI_CACHE] = { "CACHE_DIRECTORY", "/var/cache" },
  [DI_LOGS] = { "LOGS_DIRECTORY", "/var/log" },
  [DI_CONFIGURATION] = { "CONFIGURATION_DIRECTORY", "/etc" },
};

#define PRIVATE "/private"

/* Give the open folder FD at PATH to the service's user, if it is not. */
static int
give (int fd, const char *path, const struct di_service *service)
{
  const uid_t user = service->user == DI_KEEP ? 0 : (uid_t) service->user;
  const gid_t group = service->group == DI_KEEP ? 0 : (gid_t) service->group;
  struct stat st;

  if (fstat (fd, &st) < 0)
    return -1;
  if (st.st_uid == user && st.st_gid == group)
    return 0;
  const unsigned failures = di_walk_chown (fd, user, group);
  if (failures > 0)
    di_say (service->name, DI_NUMBER (failures), " files in '", path,
            "' stay another user's", NULL);
  return fchown (fd, user, group);
}

static bool
is_private (const struct di_service *service, int kind)
{
  return service->has_private_folders && kind != DI_CONFIGURATION &&
         (kind != DI_RUNTIME || service->preserve != DI_PRESERVE_NO);
}

/* Where the folder PATH of KIND lies if it is private, and the target of the
 * link to there; both in one piece of memory, for the caller to free.
 */
static char *
private_path (const char *path, int kind, const char **target)
{
  const size_t base = strlen (kinds[kind].base);
  const char *rest = path + base;
  size_t depth = 0;

  for (const char *s = strchr (rest + 1, '/'); s != NULL;
       s = strchr (s + 1, '/'))
    depth++;
  const size_t size = strlen (path) + sizeof PRIVATE;
  char *whole = calloc (2, size + 3 * depth);
  if (whole == NULL)
    return NULL;
  char *s = mempcpy (mempcpy (whole, kinds[kind].base, base), PRIVATE,
                     strlen (PRIVATE));
  memcpy (s, rest, strlen (rest) + 1);
  s = whole + size;
  *target = s;
  for (; depth > 0; depth--)
    s = mempcpy (s, "../", 3);
  memcpy (s, whole + base + 1, strlen (whole + base));
  return whole;
}

static bool
is_link_to (int dir_fd, const char *name, const char *target)
{
  char there[PATH_MAX];
  const ssize_t size = readlinkat (dir_fd, name, there, sizeof there);

  return size > 0 && (size_t) size == strlen (target) &&
         memcmp (there, target, (size_t) size) == 0;
}

/* The folder NAME in DIR_FD, also behind a link that is nobody's trap. */
static int
open_folder (int dir_fd, const char *name, const char *path)
{
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  char behind[PATH_MAX];
  int fd = openat (dir_fd, name, flags | O_NOFOLLOW);

  if (fd >= 0 || strlen (path) + 2 > sizeof behind)
    return fd;
  *(char *) mempcpy (mempcpy (behind, path, strlen (path)), "/", 1) = '\0';
  const int reached = di_reach (behind, false, &name);
  if (reached < 0)
    return -1;
  fd = openat (reached, ".", flags);
  close (reached);
  return fd;
}

/* The folder at PATH, of the user and with the mode.  A configuration that is
 * there stays whose it is.
 */
static int
make_plain (const struct di_service *service, const struct di_line *line,
            const char *path)
{
  const char *name;
  const int dir_fd = di_reach (path, true, &name);

  if (dir_fd < 0)
    return -1;
  const bool is_new = mkdirat (dir_fd, name, 0755) == 0;
  int status = is_new || errno == EEXIST ? 0 : -1;
  const int fd = status < 0 ? -1 : open_folder (dir_fd, name, path);
  if (fd < 0)
    status = -1;
  else if (is_new || line->choice != DI_CONFIGURATION)
    status = give (fd, path, service) < 0 ||
                     fchmod (fd, (mode_t) line->numbers[0]) < 0
                 ? -1
                 : 0;
  const int saved = errno;
  if (fd >= 0)
    close (fd);
  close (dir_fd);
  errno = saved;
  return status;
}

/* Move the folder FROM to TO, where a link TARGET to it is, or nothing without
 * a TARGET.  A volume cannot be moved: -1, and all is as it was.
 */
static int
move (const char *from, const char *to, const char *target)
{
  const char *name, *old_name;
  const int old_fd = di_reach (from, false, &old_name);
  const int dir_fd = old_fd < 0 ? -1 : di_reach (to, true, &name);
  int status = -1;

  if (dir_fd >= 0) {
    const bool is_link = target != NULL && is_link_to (dir_fd, name, target) &&
                         unlinkat (dir_fd, name, 0) == 0;
    if (is_link || target == NULL)
      status = renameat (old_fd, old_name, dir_fd, name);
    if (status < 0 && is_link)
      (void) !symlinkat (target, dir_fd, name); /* as it was */
    close (dir_fd);
  }
  if (old_fd >= 0)
    close (old_fd);
  return status;
}

/* The folder that all private ones are in may be passed, but not listed:
 * systemd closes it to all, and shows a service its own by a mount.
 */
static void
open_private (int kind)
{
  char path[32]; /* the longest is /var/cache/private */
  const size_t base = strlen (kinds[kind].base);

  memcpy (path, kinds[kind].base, base);
  memcpy (path + base, PRIVATE, sizeof PRIVATE);
  (void) mkdir (path, 0711);
  (void) chmod (path, 0711);
}

static int
link_to (const char *path, const char *target)
{
  const char *name;
  const int dir_fd = di_reach (path, true, &name);

  if (dir_fd < 0)
    return -1;
  int status = symlinkat (target, dir_fd, name);
  if (status < 0 && errno == EEXIST) {
    status = is_link_to (dir_fd, name, target) ? 0 : -1;
    if (status < 0 && unlinkat (dir_fd, name, AT_REMOVEDIR) == 0)
      status = symlinkat (target, dir_fd, name); /* an empty folder was there */
  }
  const int saved = errno;
  close (dir_fd);
  errno = saved;
  return status;
}

/* PATH as a link to its private folder REAL; what was public moves there, but
 * a volume is used where it is.
 */
static int
make_private (const struct di_service *service, const struct di_line *line,
              const char *path, const char *real, const char *target)
{
  struct stat st;

  open_private (line->choice);
  if (lstat (real, &st) < 0 && lstat (path, &st) == 0 && S_ISDIR (st.st_mode) &&
      move (path, real, NULL) < 0)
    return make_plain (service, line, path);
  if (make_plain (service, line, real) < 0)
    return -1;
  return link_to (path, target);
}

static int
make_folder (const struct di_service *service, const struct di_line *line,
             const char *path, struct di_error *err)
{
  const char *target, *base = kinds[line->choice].base;
  const bool is_usual =
      strncmp (path, base, strlen (base)) == 0 && path[strlen (base)] == '/';
  char *real = is_usual ? private_path (path, line->choice, &target) : NULL;
  int status = -1;

  if (!is_usual)
    status = make_plain (service, line, path);
  else if (real != NULL && is_private (service, line->choice))
    status = make_private (service, line, path, real, target);
  else if (real != NULL) {
    /* Once the user was a dynamic one; a volume stays where it is. */
    if (move (real, path, target) < 0 && access (real, F_OK) == 0)
      open_private (line->choice);
    status = make_plain (service, line, path);
  }
  if (status < 0)
    di_fail (err, "cannot make folder '", path, "' for user ",
             DI_NUMBER (service->user), ": ", di_reach_problem (), NULL);
  free (real);
  return status;
}

static int
make_links (const struct di_service *service, struct di_error *err)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_FOLDER_LINK, &position)) != NULL)
    if (link_to (line->words[0], line->words[1]) < 0)
      return di_fail (err, "cannot make link '", line->words[0],
                      "': ", di_reach_problem (), NULL);
  return 0;
}

int
di_folders_make (const struct di_service *service, struct di_error *err)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_FOLDER, &position)) != NULL) {
    for (size_t i = 2; i < line->count; i++) {
      if (make_folder (service, line, line->words[i], err) < 0)
        return -1;
    }
  }
  return make_links (service, err);
}

/* Set the variable of KIND to the paths of all its lines, joined by ':'. */
static int
set_variable (const struct di_service *service, int kind, struct di_env *env,
              struct di_error *err)
{
  const char *name = kinds[kind].variable;
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_FOLDER, &position)) != NULL) {
    for (size_t i = 2; i < line->count && line->choice == kind; i++) {
      const char *path = line->words[i];
      const char *old = di_env_get (env, name, strlen (name));
      const size_t old_size = old == NULL ? 0 : strlen (old);
      char *value = calloc (1, old_size + 1 + strlen (path) + 1);
      if (value == NULL)
        return di_fail_errno (err, "cannot keep the environment", NULL);
      if (old != NULL) {
        memcpy (value, old, old_size);
        value[old_size] = ':';
      }
      memcpy (value + old_size + (old != NULL), path, strlen (path));
      const int status = di_env_set (env, name, strlen (name), value, err);
      free (value);
      if (status < 0)
        return -1;
    }
  }
  return 0;
}

int
di_folders_env (const struct di_service *service, struct di_env *env,
                struct di_error *err)
{
  for (int kind = 0; kind < (int) DI_COUNT (kinds); kind++) {
    if (set_variable (service, kind, env, err) < 0)
      return -1;
  }
  return 0;
}

void
di_folders_remove (const struct di_service *service)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_FOLDER, &position)) != NULL) {
    for (size_t i = 2; i < line->count && line->choice == DI_RUNTIME; i++)
      di_walk_remove (line->words[i]);
  }
  position = 0;
  while ((line = di_next (service, DI_FOLDER_LINK, &position)) != NULL)
    if (strncmp (line->words[0], "/run/", 5) == 0)
      (void) unlink (line->words[0]);
}
