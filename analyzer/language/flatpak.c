/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* flatpak: applications and runtimes that are deployed, of the system and of
 * users.
 *
 *   .../flatpak/app/ID/ARCH/BRANCH/active -> COMMIT      or runtime/
 *
 * The version is in a binary record beside it that is flatpak's own, and is
 * not read.
 *
 * Source: flatpak documentation, "Under the hood"; measured with 1.14.
 */

#include <sys/stat.h>

#include "analyzer/language/ecosystem.h"
#include "lib/cleanup.h"

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  return S_ISLNK (tree->entries[index].mode) &&
         dc_language_is_in (tree, index, 4, "flatpak") &&
         (dc_language_is_in (tree, index, 3, "app") ||
          dc_language_is_in (tree, index, 3, "runtime"));
}

static int
flatpak_read (struct dc_language_reader *reader, struct dc_error *err)
{
  const struct dc_entry *entries = reader->tree->entries;
  const uint32_t branch = entries[reader->index].parent;
  const uint32_t id = entries[entries[branch].parent].parent;
  const struct dc_language_facts facts = {
    .ecosystem = "flatpak",
    .name = dc_span_of (entries[id].name),
    .revision = dc_span_of (entries[reader->index].target),
    .channel = dc_span_of (entries[branch].name),
    .path = dc_language_folder (reader),
    .confidence = DC_DECLARED,
  };

  return dc_language_add (reader, &facts, err);
}

static const char *const endings[] = { "/active", NULL };
const struct dc_ecosystem dc_ecosystem_flatpak = { endings, is_one, false,
                                                   flatpak_read };
