/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTPOINT_H
#define DC_ANALYZER_EXT_EXTPOINT_H

/* extpoint: the folders that lead to mountpoints, apart from any disk.
 *
 * While a file system is walked, each of its folders either is one of these
 * or has none of them below it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_EXTPOINT_MAX 4096 /* folders on all the paths together */
#define DC_EXTPOINT_NONE SIZE_MAX

struct dc_extpoint {
  char *name;         /* last component; "" for the root */
  size_t mount;       /* which one is mounted here; DC_EXTPOINT_NONE */
  size_t first_child; /* index; DC_EXTPOINT_NONE */
  size_t next;        /* sibling */
  uint32_t id;        /* in the builder, when it is met */
  bool is_met;
  bool is_blocked; /* there is something, but it is no folder */
};

struct dc_extpoints {
  struct dc_extpoint *items; /* items[0] is the root */
  size_t count;
};

/* Add PATH, where MOUNT is mounted; a later one covers an earlier one at the
 * same place.  0 and its index, or -1: DC_ERR_INVALID (a ".." in it),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_extpoints_add (struct dc_extpoints *points, const char *path,
                      size_t mount, size_t *index, struct dc_error *err);
/* The child of POINT with this name of SIZE bytes, or DC_EXTPOINT_NONE. */
size_t dc_extpoints_child (const struct dc_extpoints *points, size_t point,
                           const char *name, size_t size);
void dc_extpoints_release (struct dc_extpoints *points);

#endif
