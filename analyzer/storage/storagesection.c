/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/section.h"
#include "lib/json.h"

static json_t *
item_json (const struct dc_storage_item *item)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "path", item->path);
  dc_json_put_number (&json, "size", item->size);
  dc_json_put_number (&json, "files", item->files);
  dc_json_put (&json, "newest", json_integer (item->newest));
  return json;
}

json_t *
dc_storage_json (const struct dc_profile *profile)
{
  const struct dc_storage *storage = &profile->storage;
  json_t *json = json_object (), *folders = json_array ();
  json_t *items = json_array ();

  for (size_t i = 0; i < storage->top_count; i++)
    dc_json_push (&folders, item_json (&storage->top[i]));
  for (size_t i = 0; i < storage->count; i++) {
    json_t *item = item_json (&storage->items[i]);
    dc_json_put_text (&item, "kind", storage->items[i].kind);
    dc_json_put_text (&item, "service", storage->items[i].service);
    dc_json_put_text (&item, "reason", storage->items[i].reason);
    dc_json_push (&items, item);
  }
  dc_json_put (&json, "folders", folders);
  dc_json_put (&json, "items", items);
  return json;
}

json_t *
dc_storage_sparse_json (const struct dc_storage *storage)
{
  if (!storage->knows_sparse)
    return json_null ();
  json_t *json = json_array ();
  for (size_t i = 0; i < storage->sparse_count; i++) {
    json_t *item = json_object ();
    dc_json_put_text (&item, "path", storage->sparse[i].path);
    dc_json_put_number (&item, "size", storage->sparse[i].size);
    dc_json_put_number (&item, "allocated", storage->sparse[i].allocated);
    dc_json_push (&json, item);
  }
  return json;
}

/* A folder that is also something else stands below itself, with the same
 * size; it is shown once.
 */
static bool
is_repeated (const json_t *items, size_t i)
{
  const char *path = dc_page_text (json_array_get (items, i), "path");
  const char *before =
      i > 0 ? dc_page_text (json_array_get (items, i - 1), "path") : NULL;

  return path != NULL && before != NULL && strcmp (path, before) == 0;
}

/* Data and what stays behind. */
int
dc_storage_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items =
      json_object_get (json_object_get (page->json, "storage"), "items");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };
  size_t shown = 0;

  for (size_t i = 0; i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    AUTO_BUFFER struct dc_buffer size = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (is_repeated (items, i) || shown++ >= DC_PAGE_LIST_MAX)
      continue;
    if (dc_page_size (&size,
                      json_integer_value (json_object_get (item, "size")),
                      err) < 0)
      return -1;
    const char *const cells[] = { dc_page_text (item, "path"),
                                  dc_page_text (item, "kind"),
                                  dc_buffer_text (&size),
                                  dc_page_text (item, "service") };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Data", &columns, shown, err);
}
