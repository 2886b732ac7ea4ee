/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_STORAGE_MOUNTS_H
#define DC_ANALYZER_STORAGE_MOUNTS_H

/* mounts: what fstab mounts, as fstab(5) has it. */

#include <stddef.h>

#include "lib/error.h"

#define DC_FSTAB_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_MOUNT_COUNT_MAX ((size_t) 10000)

/* A line of fstab, its octal escapes resolved. */
struct dc_mount {
  char *device, *mountpoint, *type;
  char *options; /* "defaults" where the line has none */
  unsigned line;
};

struct dc_mounts {
  struct dc_mount *items; /* in file order */
  size_t count;
};

/* A line without the first three fields is skipped.  0 and *OUT for the
 * caller (release it), or -1: DC_ERR_LIMIT (too large, too many lines),
 * DC_ERR_SYSTEM.
 */
int dc_mounts_parse (const char *text, size_t size, struct dc_mounts *out,
                     struct dc_error *err);
void dc_mounts_release (struct dc_mounts *mounts);

#endif
