/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/ext/extpoint.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/span.h"

static int
add_point (struct dc_extpoints *points, size_t parent, struct dc_span name,
           size_t *index, struct dc_error *err)
{
  if (DC_ARRAY_GROW (points->items, points->count, DC_EXTPOINT_MAX,
                     "folders on the way to mountpoints", err) < 0)
    return -1;
  struct dc_extpoint *point = &points->items[points->count];
  if (dc_span_copy (name, &point->name, err) < 0)
    return -1;
  point->mount = point->first_child = point->next = DC_EXTPOINT_NONE;
  *index = points->count++;
  if (parent != DC_EXTPOINT_NONE) {
    point->next = points->items[parent].first_child;
    points->items[parent].first_child = *index;
  }
  return 0;
}

int
dc_extpoints_add (struct dc_extpoints *points, const char *path, size_t mount,
                  size_t *index, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (path), name;
  size_t at = 0;

  if (points->count == 0 &&
      add_point (points, DC_EXTPOINT_NONE, dc_span_of (""), &at, err) < 0)
    return -1;
  while (dc_span_field (&rest, '/', &name)) {
    if (name.size == 0 || dc_span_is (name, "."))
      continue;
    if (dc_span_is (name, ".."))
      return dc_fail (err, DC_ERR_INVALID, "mountpoint '%s' holds '..'",
                      dc_quote (path).text);
    size_t child = dc_extpoints_child (points, at, name.text, name.size);
    if (child == DC_EXTPOINT_NONE &&
        add_point (points, at, name, &child, err) < 0)
      return -1;
    at = child;
  }
  points->items[at].mount = mount;
  *index = at;
  return 0;
}

size_t
dc_extpoints_child (const struct dc_extpoints *points, size_t point,
                    const char *name, size_t size)
{
  if (point == DC_EXTPOINT_NONE)
    return DC_EXTPOINT_NONE;
  size_t i = points->items[point].first_child;
  while (i != DC_EXTPOINT_NONE &&
         (strlen (points->items[i].name) != size ||
          memcmp (points->items[i].name, name, size) != 0))
    i = points->items[i].next;
  return i;
}

void
dc_extpoints_release (struct dc_extpoints *points)
{
  for (size_t i = 0; i < points->count; i++)
    free (points->items[i].name);
  free (points->items);
  *points = (struct dc_extpoints){ .items = NULL };
}
