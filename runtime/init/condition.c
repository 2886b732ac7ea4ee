/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/folders.h"
#include "runtime/init/pattern.h"

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

static bool (*const tests[]) (const char *path) = {
  [DI_EXISTS] = exists,
  [DI_GLOB] = matches,
  [DI_IS_DIRECTORY] = is_directory,
  [DI_IS_LINK] = is_link,
  [DI_FILLED_DIRECTORY] = is_filled_directory,
  [DI_FILLED_FILE] = is_filled_file,
  [DI_EXECUTABLE] = is_executable,
};

bool
di_conditions_hold (const struct di_service *service,
                    const struct di_line **failed)
{
  const struct di_line *alternative = NULL;
  bool has_alternative = false;
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_CONDITION, &position)) != NULL) {
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
