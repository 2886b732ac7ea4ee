/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* npm: package.json of each folder in node_modules/, whoever put it there
 * (npm, yarn, pnpm).
 *
 * Source: npm documentation, "folders" and "package.json".
 */

#include "analyzer/language/ecosystem.h"
#include "lib/cleanup.h"

#define PACKAGE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */

/* node_modules/NAME/package.json, node_modules/@SCOPE/NAME/package.json */
static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  if (!dc_language_is_file (tree, index))
    return false;
  if (dc_language_is_in (tree, index, 1, "node_modules"))
    return true;
  const uint32_t folder = tree->entries[index].parent;
  return tree->entries[tree->entries[folder].parent].name[0] == '@' &&
         dc_language_is_in (tree, index, 2, "node_modules");
}

static int
npm_read (struct dc_language_reader *reader, struct dc_error *err)
{
  json_auto_t *json = NULL;

  const int status =
      dc_language_json (reader, reader->index, PACKAGE_SIZE_MAX, &json, err);
  if (status <= 0)
    return status;
  const struct dc_language_facts facts = {
    .ecosystem = "npm",
    .name = dc_language_text (json, "name"),
    .version = dc_language_text (json, "version"),
    .path = dc_language_folder (reader),
    .confidence = DC_DECLARED,
  };
  return dc_language_add (reader, &facts, err);
}

static const char *const endings[] = { "/package.json", NULL };
const struct dc_ecosystem dc_ecosystem_npm = { endings, is_one, false,
                                               npm_read };
