/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/package/dpkg.h"
#include "lib/array.h"

#define DIVERSIONS "/var/lib/dpkg/diversions"

/* PACKAGE's own FROM stays; everybody else's is TO. */
struct dc_diversion {
  struct dc_span from, to, package;
};

static int
by_from (const void *a, const void *b)
{
  const struct dc_diversion *p = a, *q = b;

  return dc_span_compare (p->from, q->from);
}

/* Three lines each: the path, where it goes instead, and whose diversion it
 * is, ":" being the administrator's.
 */
int
dc_diversions_load (struct dc_tree *tree, struct dc_diversions *diversions,
                    struct dc_error *err)
{
  if (dc_tree_read_file (tree, DIVERSIONS, &diversions->text, err) < 0)
    return -1;

  struct dc_span rest = { dc_buffer_text (&diversions->text),
                          diversions->text.size };
  struct dc_diversion diversion;
  while (dc_span_line (&rest, &diversion.from) &&
         dc_span_line (&rest, &diversion.to) &&
         dc_span_line (&rest, &diversion.package)) {
    if (DC_ARRAY_GROW (diversions->items, diversions->count, SIZE_MAX,
                       "diversions", err) < 0)
      return -1;
    diversions->items[diversions->count++] = diversion;
  }
  if (diversions->count > 0)
    qsort (diversions->items, diversions->count, sizeof *diversions->items,
           by_from);
  return 0;
}

struct dc_span
dc_diversions_find (const struct dc_diversions *diversions, struct dc_span path,
                    const char *package)
{
  if (diversions->count == 0)
    return path;
  const struct dc_diversion key = { .from = path };
  const struct dc_diversion *diversion =
      bsearch (&key, diversions->items, diversions->count,
               sizeof *diversions->items, by_from);
  return diversion == NULL || dc_span_is (diversion->package, package)
             ? path
             : diversion->to;
}

void
dc_diversions_release (struct dc_diversions *diversions)
{
  free (diversions->items);
  dc_buffer_release (&diversions->text);
}
