/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/init/pattern.h"
#include "runtime/init/text.h"

#define PATH_SIZE 4096
#define FOUND_MAX 65536 /* files */
#define STEP 64         /* pointers more each time */

/* Is C in the class that *P begins with, "[:digit:]"?  *P moves to its last
 * byte.  A class that there is not holds nothing.
 */
static bool
is_in_class (const char **p, unsigned char c)
{
  static const struct {
    const char *name;
    int (*is_in) (int c);
  } classes[] = {
    { "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
    { "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
    { "lower", islower }, { "print", isprint }, { "punct", ispunct },
    { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
  };
  const char *name = *p + 2;
  const char *end = strstr (name, ":]");

  *p = end + 1;
  for (size_t i = 0; i < DI_COUNT (classes); i++) {
    if (strlen (classes[i].name) == (size_t) (end - name) &&
        strncmp (classes[i].name, name, (size_t) (end - name)) == 0)
      return classes[i].is_in (c) != 0;
  }
  return false;
}

/* Is C in the set that begins behind the bracket at P?  What follows the set,
 * or NULL when it is not closed.
 */
static const char *
read_set (const char *p, unsigned char c, bool *is_in)
{
  const bool is_negated = *p == '!' || *p == '^';
  bool has = false;

  p += is_negated;
  for (const char *first = p; *p != '\0' && (*p != ']' || p == first); p++) {
    if (*p == '[' && p[1] == ':' && strstr (p + 2, ":]") != NULL) {
      has = is_in_class (&p, c) || has;
      continue;
    }
    if (*p == '\\' && p[1] != '\0')
      p++;
    const unsigned char low = (unsigned char) *p;
    unsigned char high = low;
    if (p[1] == '-' && p[2] != ']' && p[2] != '\0') {
      p += 2;
      high = (unsigned char) *p;
    }
    has = has || (c >= low && c <= high);
  }
  *is_in = has != is_negated;
  return *p == ']' ? p + 1 : NULL;
}

/* One character of the pattern, but a star, against C: what follows it, or
 * NULL when it does not fit.
 */
static const char *
fit_one (const char *pattern, char c)
{
  bool is_in;

  if (*pattern == '?')
    return pattern + 1;
  if (*pattern == '[') {
    const char *end = read_set (pattern + 1, (unsigned char) c, &is_in);
    if (end != NULL)
      return is_in ? end : NULL;
  }
  if (*pattern == '\\' && pattern[1] != '\0')
    pattern++;
  return *pattern == c ? pattern + 1 : NULL;
}

bool
di_pattern_fits (const char *pattern, const char *name)
{
  const char *star = NULL, *kept = NULL; /* where to try again */

  while (*name != '\0') {
    if (*pattern == '*') {
      star = ++pattern;
      kept = name;
      continue;
    }
    const char *next = *pattern == '\0' ? NULL : fit_one (pattern, *name);
    if (next != NULL) {
      pattern = next;
      name++;
    } else if (star != NULL) {
      pattern = star;
      name = ++kept;
    } else {
      return false;
    }
  }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

static int
add (struct di_found *found, const char *path)
{
  if (found->count == FOUND_MAX) {
    errno = E2BIG;
    return -1;
  }
  if (found->count % STEP == 0) {
    char **paths =
        realloc (found->paths, (found->count + STEP) * sizeof *found->paths);
    if (paths == NULL)
      return -1;
    found->paths = paths;
  }
  found->paths[found->count] = strdup (path);
  if (found->paths[found->count] == NULL)
    return -1;
  found->count++;
  return 0;
}

static int
compare (const void *a, const void *b)
{
  const char *const *left = a, *const *right = b;

  return strcmp (*left, *right);
}

/* A path while it grows. */
struct walk {
  struct di_found *found;
  char path[PATH_SIZE];
};

static int find_in (struct walk *walk, size_t size, const char *rest);

/* Go on with NAME behind the SIZE bytes of the path. */
static int
enter (struct walk *walk, size_t size, const char *name, const char *rest)
{
  const size_t name_size = strlen (name);
  struct stat st;

  if (size + 1 + name_size >= PATH_SIZE)
    return 0;
  walk->path[size] = '/';
  memcpy (walk->path + size + 1, name, name_size + 1);
  if (*rest != '\0')
    return find_in (walk, size + 1 + name_size, rest);
  return lstat (walk->path, &st) < 0 ? 0 : add (walk->found, walk->path);
}

/* All names in the folder that fit PATTERN. */
static int
enter_fitting (struct walk *walk, size_t size, const char *pattern,
               const char *rest)
{
  const struct dirent *entry;
  int status = 0;

  walk->path[size] = '\0';
  DIR *dir = opendir (size == 0 ? "/" : walk->path);
  if (dir == NULL)
    return 0;
  while (status == 0 && (entry = readdir (dir)) != NULL) {
    if ((entry->d_name[0] != '.' || pattern[0] == '.') &&
        di_pattern_fits (pattern, entry->d_name))
      status = enter (walk, size, entry->d_name, rest);
  }
  closedir (dir);
  return status;
}

/* REST is a slash and the next name of the pattern, and so on; the recursion
 * ends with it, after PATH_SIZE / 2 names at most.
 */
static int
find_in (struct walk *walk, size_t size, const char *rest)
{
  rest += strspn (rest, "/");
  const size_t name_size = strcspn (rest, "/");
  char *name = strndup (rest, name_size);

  if (name == NULL)
    return -1;
  const int status = strpbrk (name, "*?[\\") == NULL
                         ? enter (walk, size, name, rest + name_size)
                         : enter_fitting (walk, size, name, rest + name_size);
  free (name);
  return status;
}

int
di_pattern_find (const char *pattern, struct di_found *found)
{
  struct walk walk = { .found = found };

  *found = (struct di_found){ NULL, 0 };
  if (strlen (pattern) < PATH_SIZE && find_in (&walk, 0, pattern) == 0) {
    if (found->count > 1)
      qsort (found->paths, found->count, sizeof found->paths[0], compare);
    return 0;
  }
  di_found_release (found);
  return -1;
}

void
di_found_release (struct di_found *found)
{
  for (size_t i = 0; i < found->count; i++)
    free (found->paths[i]);
  free (found->paths);
  *found = (struct di_found){ NULL, 0 };
}
