/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* What a service needs, file by file, as JSON and as text. */

#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/program/keptlist.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/text.h"

static int
file_json (const struct dc_keeper *keeper, const struct dc_tree *tree,
           const struct dc_kept_file *file, json_t **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  AUTO_BUFFER struct dc_buffer because = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  AUTO_FREE char *absolute = NULL;
  json_t *json = json_object ();

  if (dc_tree_path (tree, file->index, &path, err) < 0 ||
      dc_text_print (&absolute, err, "/%s", dc_buffer_text (&path)) < 0 ||
      dc_kept_because (keeper, file, &because, err) < 0) {
    json_decref (json);
    return -1;
  }
  dc_json_put_text (&json, "path", absolute);
  dc_json_put_text (&json, "reason", dc_kept_reason_name (file->reason));
  dc_json_put_text (&json, "because", dc_buffer_text (&because));
  dc_json_put_number (&json, "size", tree->entries[file->index].size);
  *out = json;
  return json != NULL ? 0 : dc_json_no_memory (err);
}

static int
kept_json (const struct dc_keeper *keeper, const struct dc_tree *tree,
           const char *service, const struct dc_kept *kept, json_t **out,
           struct dc_error *err)
{
  json_t *json = json_object (), *files = json_array ();
  json_t *missing = json_array ();

  for (size_t i = 0; i < kept->missing.count; i++)
    dc_json_push (&missing, dc_json_bytes (kept->missing.items[i]));
  for (size_t i = 0; i < kept->count; i++) {
    json_t *file = NULL;
    if (file_json (keeper, tree, &kept->items[i], &file, err) < 0) {
      json_decref (json);
      json_decref (files);
      json_decref (missing);
      return -1;
    }
    dc_json_push (&files, file);
  }
  dc_json_put_text (&json, "service", service);
  dc_json_put (&json, "missing", missing);
  dc_json_put (&json, "files", files);
  *out = json;
  return json != NULL ? 0 : dc_json_no_memory (err);
}

int
dc_kept_list (struct dc_tree *tree, const struct dc_profile *profile,
              const char *name, json_t **out, struct dc_error *err)
{
  DC_AUTO (dc_keeper) *keeper = NULL;
  AUTO_FREE char *full = NULL;
  struct dc_kept kept = { .count = 0 };

  const struct dc_unit *unit = dc_units_find (profile->units, name);
  if (unit == NULL) {
    if (dc_text_print (&full, err, "%s.service", name) < 0)
      return -1;
    unit = dc_units_find (profile->units, full);
  }
  if (unit == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, "the guest has no service '%s'",
                    dc_quote (name).text);
  if (dc_keeper_make (tree, profile, &keeper, err) < 0 ||
      dc_keeper_service (keeper, unit, &kept, err) < 0)
    return -1;
  const int status = kept_json (keeper, tree, unit->name, &kept, out, err);
  dc_kept_release (&kept);
  return status;
}

int
dc_kept_list_text (const json_t *json, struct dc_buffer *out,
                   struct dc_error *err)
{
  const json_t *files = json_object_get (json, "files");

  for (size_t i = 0; i < json_array_size (files); i++) {
    const json_t *file = json_array_get (files, i);
    const char *path = json_string_value (json_object_get (file, "path"));
    const char *because = json_string_value (json_object_get (file, "because"));
    if (path == NULL || because == NULL)
      continue;
    if (dc_quote_append (out, path, err) < 0 ||
        dc_buffer_append (out, "\t", 1, err) < 0 ||
        dc_quote_append (out, because, err) < 0 ||
        dc_buffer_append (out, "\n", 1, err) < 0)
      return -1;
  }
  return 0;
}
