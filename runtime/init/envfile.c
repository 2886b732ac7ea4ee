/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/init/env.h"
#include "runtime/init/pattern.h"

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* S stands behind the opening single quote; returns what follows the closing
 * one.  The text goes to *OUT.
 */
static const char *
read_single (const char *s, char **out)
{
  while (*s != '\0' && *s != '\'')
    *(*out)++ = *s++;
  return *s == '\0' ? s : s + 1;
}

/* The same between double quotes, where a backslash means itself except
 * before what a shell lets it escape, and before a newline, which goes.
 */
static const char *
read_double (const char *s, char **out)
{
  for (; *s != '\0' && *s != '"'; s++) {
    if (*s == '\\' && s[1] != '\0') {
      s++;
      if (*s == '\n')
        continue;
      if (strchr ("\"\\`$", *s) == NULL)
        *(*out)++ = '\\';
    }
    *(*out)++ = *s;
  }
  return *s == '\0' ? s : s + 1;
}

/* Read the value at S, up to a newline that is neither quoted nor escaped,
 * into OUT, which may be the same memory.  Quotes count at its beginning and
 * behind another quoted piece; once a bare character came, they are
 * characters too.  Bare blanks at its ends go.
 */
static const char *
read_value (const char *s, char *out)
{
  char *keep = out; /* blanks behind here go */
  bool is_bare = false;

  while (*s != '\0' && *s != '\n') {
    const char c = *s++;
    if (c == '\\' && *s == '\n') {
      s++;
      continue;
    }
    if (is_space (c)) {
      if (is_bare)
        *out++ = c;
      continue;
    }
    if (!is_bare && c == '\'') {
      s = read_single (s, &out);
    } else if (!is_bare && c == '"') {
      s = read_double (s, &out);
    } else {
      is_bare = true;
      *out++ = c == '\\' && *s != '\0' ? *s++ : c;
    }
    keep = out;
  }
  const char *end = *s == '\0' ? s : s + 1;
  *keep = '\0'; /* may lie on the newline, hence after reading it */
  return end;
}

int
di_envfile_parse (char *text, size_t size, struct di_env *env,
                  struct di_error *err)
{
  const char *s = text;

  if (memchr (text, '\0', size) != NULL)
    return di_fail (err, "holds a NUL byte", NULL);
  for (;;) {
    while (is_space (*s))
      s++;
    if (*s == '\0')
      return 0;
    if (*s == '#' || *s == ';') {
      s += strcspn (s, "\n");
      continue;
    }
    const char *name = s;
    s += strcspn (s, "=\n");
    if (*s != '=')
      continue;
    size_t name_size = (size_t) (s - name);
    while (name_size > 0 && is_space (name[name_size - 1]))
      name_size--;
    char *value = text + (s + 1 - text);
    s = read_value (value, value);
    if (di_env_is_name (name, name_size) &&
        di_env_set (env, name, name_size, value, err) < 0)
      return -1;
  }
}

/* All of FD into *TEXT, which the caller frees, and a NUL. */
static int
read_all (int fd, char **text, size_t *size, struct di_error *err)
{
  char *bytes = malloc (DI_ENVFILE_SIZE_MAX + 1);
  size_t used = 0;

  if (bytes == NULL)
    return di_fail_errno (err, "cannot be kept", NULL);
  while (used <= DI_ENVFILE_SIZE_MAX) {
    const ssize_t n = read (fd, bytes + used, DI_ENVFILE_SIZE_MAX + 1 - used);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      free (bytes);
      return di_fail_errno (err, "cannot be read", NULL);
    }
    if (n == 0)
      break;
    used += (size_t) n;
  }
  if (used > DI_ENVFILE_SIZE_MAX) {
    free (bytes);
    return di_fail (err, "is larger than ",
                    DI_NUMBER ((int64_t) DI_ENVFILE_SIZE_MAX), " bytes", NULL);
  }
  bytes[used] = '\0';
  *text = bytes;
  *size = used;
  return 0;
}

static int
read_file (const char *path, struct di_env *env, struct di_error *err)
{
  char *text = NULL;
  size_t size = 0;
  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return di_fail_errno (err, "cannot be opened", NULL);
  int status = read_all (fd, &text, &size, err);
  close (fd);
  if (status == 0)
    status = di_envfile_parse (text, size, env, err);
  free (text);
  return status;
}

int
di_envfile_read (const char *pattern, bool is_optional, struct di_env *env,
                 struct di_error *err)
{
  struct di_found found;
  int status = 0;

  if (di_pattern_find (pattern, &found) < 0)
    return di_fail_errno (err, "cannot look for environment file '", pattern,
                          "'", NULL);
  if (found.count == 0 && !is_optional)
    return di_fail (err, "environment file '", pattern, "' does not exist",
                    NULL);
  for (size_t i = 0; i < found.count && status == 0; i++) {
    status = read_file (found.paths[i], env, err);
    if (status < 0)
      di_context (err, "environment file '", found.paths[i], "'", NULL);
    if (status < 0 && is_optional) {
      di_say (NULL, err->text, NULL);
      status = 0;
    }
  }
  di_found_release (&found);
  return status;
}
