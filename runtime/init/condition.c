/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/init/condition.h"
#include "runtime/init/folders.h"
#include "runtime/init/pattern.h"

/* Source: systemd.unit(5), "Conditions and Asserts"; what it leaves open is
 * measured by tests/contract/cases/facts.
 */

static bool
exists (const char *path)
{
  return access (path, F_OK) == 0;
}

static bool
matches (const char *pattern)
{
  struct di_found found;

  if (di_pattern_find (pattern, &found) < 0)
    return false;
  const bool has_any = found.count > 0;
  di_found_release (&found);
  return has_any;
}

static bool
is_directory (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISDIR (st.st_mode);
}

static bool
is_link (const char *path)
{
  struct stat st;

  return lstat (path, &st) == 0 && S_ISLNK (st.st_mode);
}

static bool
is_filled_directory (const char *path)
{
  DIR *dir = opendir (path);
  int count = 0;

  if (dir == NULL)
    return false;
  while (count <= 2 && readdir (dir) != NULL)
    count++;
  closedir (dir);
  return count > 2; /* more than . and .. */
}

static bool
is_filled_file (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > 0;
}

static bool
is_executable (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISREG (st.st_mode) &&
         (st.st_mode & 0111) != 0;
}

/* The fields of a line of /proc/self/mountinfo: the fifth is the place. */
static bool
is_mount_line (const char *line, size_t size, const char *path)
{
  const size_t path_size = strlen (path);
  const char *const end = line + size;

  for (int field = 1; field < 5 && line != NULL; field++) {
    line = memchr (line, ' ', (size_t) (end - line));
    line = line == NULL ? NULL : line + 1;
  }
  return line != NULL && (size_t) (end - line) > path_size &&
         memcmp (line, path, path_size) == 0 && line[path_size] == ' ';
}

static bool
is_mount (const char *path)
{
  static char table[256 * 1024];
  char real[PATH_MAX];
  size_t size;

  if (realpath (path, real) == NULL)
    return false;
  size = di_file_read ("/proc/self/mountinfo", table, sizeof table);
  for (const char *line = table; size > 0;) {
    const char *end = memchr (line, '\n', size);
    const size_t length = end == NULL ? size : (size_t) (end - line);
    if (is_mount_line (line, length, real))
      return true;
    size -= length + (end != NULL);
    line += length + (end != NULL);
  }
  return false;
}

static bool
is_writable (const char *path)
{
  struct statvfs fs;

  return statvfs (path, &fs) == 0 && (fs.f_flag & ST_RDONLY) == 0;
}

/* What an update of /usr asks of PATH has not been done. */
static bool
is_outdated (const char *path)
{
  static const char name[] = "/.updated";
  const size_t size = strlen (path);
  char stamp[PATH_MAX];
  struct stat usr, updated;

  if (size + sizeof name > sizeof stamp || !is_writable (path))
    return false;
  memcpy (stamp, path, size);
  memcpy (stamp + size, name, sizeof name);
  if (stat ("/usr", &usr) < 0 || stat (stamp, &updated) < 0)
    return true;
  return usr.st_mtim.tv_sec > updated.st_mtim.tv_sec ||
         (usr.st_mtim.tv_sec == updated.st_mtim.tv_sec &&
          usr.st_mtim.tv_nsec > updated.st_mtim.tv_nsec);
}

static bool (*const tests[]) (const char *word) = {
  [DI_EXISTS] = exists,
  [DI_GLOB] = matches,
  [DI_IS_DIRECTORY] = is_directory,
  [DI_IS_LINK] = is_link,
  [DI_FILLED_DIRECTORY] = is_filled_directory,
  [DI_FILLED_FILE] = is_filled_file,
  [DI_EXECUTABLE] = is_executable,
  [DI_TEST_MOUNT] = is_mount,
  [DI_TEST_WRITABLE] = is_writable,
  [DI_TEST_OUTDATED] = is_outdated,
  [DI_TEST_MACHINE] = di_is_machine,
  [DI_TEST_KERNEL] = di_is_kernel,
  [DI_TEST_MEMORY] = di_is_memory,
  [DI_TEST_CPUS] = di_is_cpus,
  [DI_TEST_CPU] = di_has_cpu_flag,
  [DI_TEST_CAPABILITY] = di_has_capability,
  [DI_TEST_CONTROLLER] = di_has_controllers,
  [DI_TEST_USER_NAMESPACE] = di_is_user_namespace,
};

bool
di_conditions_hold (const struct di_service *service, enum di_keyword keyword,
                    const struct di_line **failed)
{
  const struct di_line *alternative = NULL;
  bool has_alternative = false;
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, keyword, &position)) != NULL) {
    const bool is_true = tests[line->choice](line->words[2]) !=
                         ((line->flags & DI_NEGATED) != 0);
    if ((line->flags & DI_ALTERNATIVE) != 0) {
      alternative = line;
      has_alternative |= is_true;
    } else if (!is_true) {
      *failed = line;
      return false;
    }
  }
  *failed = alternative;
  return alternative == NULL || has_alternative;
}
