/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_CLEANUP_H
#define DC_LIB_CLEANUP_H

/* cleanup: release on leaving the scope, and the words to hand over.
 *
 * Source: the "cleanup" variable attribute of GCC and Clang.  "unused",
 * because clang misses that the release is a use.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* P points to a pointer of any type, which C does not let us read as a
 * void *; memcpy() may.
 */
static inline void
dc_free_auto (void *p)
{
  void *memory;

  memcpy (&memory, p, sizeof memory);
  free (memory);
}

/* For readers and failure paths only: a written file is closed with a check.
 */
static inline void
dc_close_auto (const int *fd)
{
  if (*fd >= 0)
    (void) close (*fd); /* nothing was written through it */
}

/* AUTO_CLOSE int fd = -1; */
#define AUTO_CLOSE __attribute__ ((__cleanup__ (dc_close_auto), __unused__))

/* AUTO_FREE char *text = NULL; */
#define AUTO_FREE __attribute__ ((__cleanup__ (dc_free_auto), __unused__))

/* After DC_DEFINE_AUTO (dc_x), which needs dc_x_free():
 *   DC_AUTO (dc_x) *x = NULL;
 */
#define DC_DEFINE_AUTO(name)                                                   \
  static inline void name##_auto (struct name **p)                             \
  {                                                                            \
    name##_free (*p);                                                          \
  }
#define DC_AUTO(name)                                                          \
  __attribute__ ((__cleanup__ (name##_auto), __unused__)) struct name

/* The value of pointer P, which becomes NULL: ownership moves on. */
#define DC_TAKE(p)                                                             \
  __extension__({                                                              \
    __typeof__ (p) dc_taken = (p);                                             \
    (p) = NULL;                                                                \
    dc_taken;                                                                  \
  })

/* The descriptor in FD, which becomes -1: ownership moves on. */
#define DC_TAKE_FD(fd)                                                         \
  __extension__({                                                              \
    const int dc_taken = (fd);                                                 \
    (fd) = -1;                                                                 \
    dc_taken;                                                                  \
  })

#define DC_COUNT(array) (sizeof (array) / sizeof ((array)[0]))

#endif
