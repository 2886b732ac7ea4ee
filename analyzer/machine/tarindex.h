/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_TARINDEX_H
#define DC_ANALYZER_MACHINE_TARINDEX_H

/* tarindex: where the files in a tar archive lie, so that they can be read in
 * place.
 *
 *     0  name           156  type: '0' file, 'L' GNU long name, 'x' pax
 *   124  size, octal    257  "ustar"
 *   148  checksum       345  what comes before the name and a "/"
 *
 * A size whose first bit is set is binary.  pax records are "26 path=...\n"
 * with their own length in front.
 *
 * libarchive reads archives from front to end and does not promise to say
 * where a member's bytes are.
 *
 * Source: POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format".
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/window.h"
#include "lib/error.h"

#define DC_TARINDEX_MAX 1000                      /* members */
#define DC_TARINDEX_NAME_MAX ((size_t) 64 * 1024) /* bytes of long names */

struct dc_tarindex_member {
  char *name;              /* without "./" before it */
  struct dc_window window; /* its bytes */
};

struct dc_tarindex {
  struct dc_tarindex_member *items; /* plain files only, as they lie */
  size_t count;
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (no archive, damaged, cut
 * off, two members of one name), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_tarindex_read (const struct dc_window *archive, struct dc_tarindex **out,
                      struct dc_error *err);
/* NULL: there is none. */
const struct dc_tarindex_member *
dc_tarindex_find (const struct dc_tarindex *index, const char *name);
void dc_tarindex_free (struct dc_tarindex *index);
DC_DEFINE_AUTO (dc_tarindex)

#endif
