/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_PATTERN_H
#define DC_INIT_PATTERN_H

/* pattern: names that a shell's pattern fits, and the files of such a path.
 *
 * libc's glob() and fnmatch() would bring the tables of all characters and the
 * reading of /etc/passwd: 16 kB.  Bytes are characters here, and "~" is one.
 *
 * Source: glob(7): *, ?, [a-z], [!a-z], [[:digit:]] and a backslash; a dot that
 * begins a name is only fitted by a dot.
 */

#include <stdbool.h>
#include <stddef.h>

bool di_pattern_fits (const char *pattern, const char *name);

/* Files, sorted by name. */
struct di_found {
  char **paths;
  size_t count;
};

/* The files that PATTERN, an absolute path, names.  0, also when there is none,
 * or -1 with errno.
 */
int di_pattern_find (const char *pattern, struct di_found *found);
void di_found_release (struct di_found *found);

#endif
