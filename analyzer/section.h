/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SECTION_H
#define DC_ANALYZER_SECTION_H

/* section: a part of the profile that stands on its own.
 *
 * It lives in its own room, keeps what it found in a member of its own in
 * struct dc_profile, and is one row of the table in section.c, whose order is
 * the order in which sections are read and printed: a section may use what
 * those above it found.
 */

#include <jansson.h>

#include "analyzer/profile.h"
#include "analyzer/profiletext.h"

struct dc_section {
  const char *key;        /* in the JSON; NULL: it only adds to others */
  const char *unreadable; /* id of the finding when reading fails ... */
  const char *file;       /* ... and its evidence; NULL: no single file */
  /* 0 or more, or -1.  What the guest has broken (DC_ERR_INVALID, _LIMIT,
   * _NOTFOUND, _UNSUPPORTED) ends this section, not the profile; better is a
   * finding of its own for each thing that is broken.  NULL: it is read with
   * the operating system.
   */
  int (*read) (struct dc_tree *tree, struct dc_profile *profile,
               struct dc_error *err);
  /* A new value, or NULL without memory (lib/json.h). */
  json_t *(*json) (const struct dc_profile *profile);
  /* What people want to see of it, from the whole profile's JSON; may be
   * NULL.
   */
  int (*text) (struct dc_page *page, struct dc_error *err);
  void (*release) (struct dc_profile *profile); /* may be NULL */
};

extern const struct dc_section dc_sections[];
extern const size_t dc_section_count;

#endif
