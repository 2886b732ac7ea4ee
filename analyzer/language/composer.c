/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* composer: VENDOR/composer/installed.json of PHP's composer.
 *
 * Composer 2 writes { "packages": [...] }, composer 1 the list alone; a package
 * lies in VENDOR/NAME (an installer plugin may have moved it).
 *
 * Source: what composer 1.10 and 2.5 write.
 */

#include <string.h>

#include "analyzer/language/ecosystem.h"
#include "lib/cleanup.h"

#define INSTALLED_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes */

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  return dc_language_is_file (tree, index) &&
         dc_language_is_in (tree, index, 0, "composer");
}

static int
add_package (struct dc_language_reader *reader, const json_t *package,
             struct dc_error *err)
{
  const struct dc_span vendor = dc_language_folder (reader);
  struct dc_language_facts facts = {
    .ecosystem = "composer",
    .name = dc_language_text (package, "name"),
    .version = dc_language_text (package, "version"),
    .confidence = DC_DECLARED,
  };
  AUTO_FREE char *path = NULL;

  if (facts.name.text == NULL)
    return 0;
  const int size = (int) (vendor.size - strlen ("/composer"));
  if (asprintf (&path, "%.*s/%s", size, vendor.text, facts.name.text) < 0) {
    path = NULL; /* undefined otherwise */
    return dc_fail_errno (err, "cannot keep a path");
  }
  facts.path = dc_span_of (path);
  return dc_language_add (reader, &facts, err);
}

static int
composer_read (struct dc_language_reader *reader, struct dc_error *err)
{
  json_auto_t *json = NULL;

  const int status =
      dc_language_json (reader, reader->index, INSTALLED_SIZE_MAX, &json, err);
  if (status <= 0)
    return status;
  const json_t *list =
      json_is_array (json) ? json : json_object_get (json, "packages");
  for (size_t i = 0; i < json_array_size (list); i++)
    if (add_package (reader, json_array_get (list, i), err) < 0)
      return -1;
  return 0;
}

static const char *const endings[] = { "/installed.json", NULL };
const struct dc_ecosystem dc_ecosystem_composer = { endings, is_one, false,
                                                    composer_read };
