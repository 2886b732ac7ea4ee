/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/folders.h"
#include "runtime/init/walk.h"

static const char *const variables[] = {
  [DI_RUNTIME] = "RUNTIME_DIRECTORY",
  [DI_STATE] = "STATE_DIRECTORY",
  [DI_CACHE] = "CACHE_DIRECTORY",
  [DI_LOGS] = "LOGS_DIRECTORY",
  [DI_CONFIGURATION] = "CONFIGURATION_DIRECTORY",
};

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

static int
make_folder (const struct di_service *service, const struct di_line *line,
             const char *path, struct di_error *err)
{
  int status = 0;

  if (di_make_parents (path) < 0 || (mkdir (path, 0755) < 0 && errno != EEXIST))
    return di_fail_errno (err, "cannot make folder '", path, "'", NULL);
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return di_fail_errno (err, "cannot open folder '", path, "'", NULL);
  if (line->choice != DI_CONFIGURATION)
    status = give (fd, path, service);
  if (status < 0)
    di_fail_errno (err, "cannot give folder '", path, "' to user ",
                   DI_NUMBER (service->user), NULL);
  else if (fchmod (fd, (mode_t) line->numbers[0]) < 0)
    status =
        di_fail_errno (err, "cannot set the mode of folder '", path, "'", NULL);
  close (fd);
  return status;
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
  return 0;
}

/* Set the variable of KIND to the paths of all its lines, joined by ':'. */
static int
set_variable (const struct di_service *service, int kind, struct di_env *env,
              struct di_error *err)
{
  const char *name = variables[kind];
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
  for (int kind = 0; kind < (int) DI_COUNT (variables); kind++) {
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
}
