/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANNOTES_H
#define DC_TRANSFORM_PLANNOTES_H

/* plannotes: the comments of a written plan: what a key means, and the evidence
 * for what stands there.
 */

#include "transform/plan.h"

/* Where the writer is. */
struct dc_plan_place {
  const struct dc_plan *plan;
  const struct dc_profile *profile; /* NULL: there is no evidence */
  const void *element;              /* of the list, or the struct */
};

/* How the value of a key is written. */
struct dc_plan_style {
  const char *key;
  const char *head; /* lines above the key, without "# "; NULL */
  const char *help; /* behind the value; NULL */
  bool is_flow;     /* elements are written as {key: value, ...} */
  bool is_size;     /* the number is bytes: said for people, too */
  /* What stands behind the first line of an element, appended to NOTE; NULL:
   * nothing.
   */
  int (*note) (const struct dc_plan_place *place, struct dc_buffer *note,
               struct dc_error *err);
};

/* The style of KEY, or NULL. */
const struct dc_plan_style *dc_plan_style (const char *key);
/* The comment above all, lines without "# ". */
int dc_plan_title (const struct dc_plan_place *place, struct dc_buffer *text,
                   struct dc_error *err);
/* "1.2 MB" */
int dc_plan_size_text (uint64_t bytes, struct dc_buffer *text,
                       struct dc_error *err);

#endif
