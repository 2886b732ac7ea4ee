/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "analyzer/language/language.h"
#include "analyzer/language/languagesection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"

static json_t *
package_json (const struct dc_language_package *package)
{
  json_t *item = json_object ();

  dc_json_put_text (&item, "ecosystem", package->ecosystem);
  dc_json_put_text (&item, "name", package->name);
  dc_json_put_text (&item, "version", package->version);
  dc_json_put_text (&item, "revision", package->revision);
  dc_json_put_text (&item, "channel", package->channel);
  dc_json_put_text (&item, "path", package->path);
  dc_json_put (&item, "system",
               package->system == DC_ANSWER_UNKNOWN
                   ? json_null ()
                   : json_boolean (package->system == DC_ANSWER_YES));
  dc_json_put_text (&item, "confidence",
                    dc_confidence_name (package->confidence));
  dc_json_put (
      &item, "evidence",
      dc_evidence_json (package->evidence.file, package->evidence.line));
  return item;
}

json_t *
dc_languages_json (const struct dc_profile *profile)
{
  const struct dc_language_packages *all = &profile->language;
  json_t *json = json_object (), *items = json_array ();

  for (size_t i = 0; i < all->count; i++)
    dc_json_push (&items, package_json (&all->items[i]));
  dc_json_put (&json, "items", items);
  dc_json_put_number (&json, "items_left_out", all->lost);
  dc_json_put_number (&json, "distribution", all->system);
  return json;
}

/* "12 pip, 40 npm": items are sorted by ecosystem. */
int
dc_languages_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (
      json_object_get (page->json, "language_packages"), "items");
  const size_t count = json_array_size (items);
  const char *separator = "\nLanguage packages: ";

  for (size_t i = 0; i < count;) {
    const char *ecosystem =
        dc_page_text (json_array_get (items, i), "ecosystem");
    const size_t first = i++;
    for (; i < count; i++) {
      const char *next = dc_page_text (json_array_get (items, i), "ecosystem");
      if (ecosystem == NULL || next == NULL || strcmp (next, ecosystem) != 0)
        break;
    }
    if (ecosystem == NULL)
      continue;
    if (dc_buffer_print (page->out, err, "%s%zu %s", separator, i - first,
                         ecosystem) < 0)
      return -1;
    separator = ", ";
  }
  return *separator == ',' ? dc_buffer_append (page->out, "\n", 1, err) : 0;
}
