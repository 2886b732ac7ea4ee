/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "tests/unit/oom.h"

static int countdown = -1;
static bool has_failed;

void
oom_fail_at (int n)
{
  countdown = n;
}

int
oom_has_failed (void)
{
  return has_failed;
}

int
oom_next (int n)
{
  if (n > 0 && !has_failed)
    return 0;
  has_failed = false;
  countdown = n;
  return 1;
}

static bool
is_this_one (void)
{
  if (countdown < 0 || countdown-- > 0)
    return false;
  has_failed = true;
  errno = ENOMEM;
  return true;
}

/* WRAP (what fails returns, type, name, parameters, arguments) */
#define WRAP(failed, type, name, parameters, arguments)                        \
  type __real_##name parameters;                                               \
  type __wrap_##name parameters;                                               \
  type __wrap_##name parameters                                                \
  {                                                                            \
    return is_this_one () ? (failed) : __real_##name arguments;                \
  }

WRAP (NULL, void *, malloc, (size_t size), (size))
WRAP (NULL, void *, calloc, (size_t n, size_t size), (n, size))
WRAP (NULL, void *, realloc, (void *p, size_t size), (p, size))
WRAP (NULL, void *, reallocarray, (void *p, size_t n, size_t size),
      (p, n, size))
WRAP (NULL, char *, strdup, (const char *s), (s))
WRAP (NULL, char *, strndup, (const char *s, size_t n), (s, n))
WRAP (-1, int, vasprintf, (char **out, const char *fmt, va_list args),
      (out, fmt, args))

/* What _FORTIFY_SOURCE makes of the two. */
WRAP (-1, int, __vasprintf_chk,
      (char **out, int flag, const char *fmt, va_list args),
      (out, flag, fmt, args))

int __wrap___asprintf_chk (char **out, int flag, const char *fmt, ...);
int
__wrap___asprintf_chk (char **out, int flag, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  const int size = __wrap___vasprintf_chk (out, flag, fmt, args);
  va_end (args);
  return size;
}

int __wrap_asprintf (char **out, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));
int
__wrap_asprintf (char **out, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  const int size = __wrap_vasprintf (out, fmt, args);
  va_end (args);
  return size;
}
