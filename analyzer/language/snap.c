/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* snap: what snapd has installed.
 *
 * A snap's version and name for people are inside its squashfs image, which is
 * not read; its revision is the store's number of that image.
 *
 *   /var/lib/snapd/state.json   { "data": { "snaps": { NAME: { "current":
 *                               "2105", "channel": "latest/stable", ... } } } }
 *   /var/lib/snapd/snaps/NAME_REVISION.snap   taken where there is no state;
 *                               former revisions lie there, too
 *
 * Source: snapd, overlord/snapstate (SnapState); "Revisions" of its manual.
 */

#include <string.h>

#include "analyzer/language/ecosystem.h"
#include "lib/cleanup.h"

#define STATE_SIZE_MAX ((size_t) 64 * 1024 * 1024) /* real ones: below 10 MB */

static bool
is_state (const struct dc_tree *tree, uint32_t index)
{
  return dc_language_is_in (tree, index, 0, "snapd") &&
         dc_language_is_in (tree, index, 1, "lib") &&
         strcmp (tree->entries[index].name, "state.json") == 0;
}

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  if (!dc_language_is_file (tree, index))
    return false;
  return is_state (tree, index) ||
         (dc_language_is_in (tree, index, 0, "snaps") &&
          dc_language_is_in (tree, index, 1, "snapd") &&
          dc_tree_find (tree, "var/lib/snapd/state.json") == DC_TREE_NONE);
}

static int
read_state (struct dc_language_reader *reader, struct dc_error *err)
{
  json_auto_t *json = NULL;
  const char *name;
  json_t *snap;

  const int status =
      dc_language_json (reader, reader->index, STATE_SIZE_MAX, &json, err);
  if (status <= 0)
    return status;
  json_t *snaps = json_object_get (json_object_get (json, "data"), "snaps");
  json_object_foreach (snaps, name, snap)
  {
    const struct dc_language_facts facts = {
      .ecosystem = "snap",
      .name = dc_span_of (name),
      .revision = dc_language_text (snap, "current"),
      .channel = dc_language_text (snap, "channel"),
      .confidence = DC_DECLARED,
    };
    if (dc_language_add (reader, &facts, err) < 0)
      return -1;
  }
  return 0;
}

static int
snap_read (struct dc_language_reader *reader, struct dc_error *err)
{
  const char *file = reader->tree->entries[reader->index].name;
  struct dc_language_facts facts = { .ecosystem = "snap",
                                     .confidence = DC_INFERRED };

  if (is_state (reader->tree, reader->index))
    return read_state (reader, err);
  const char *mark = strrchr (file, '_');
  if (mark == NULL)
    return 0;
  facts.name = (struct dc_span){ file, (size_t) (mark - file) };
  facts.revision =
      (struct dc_span){ mark + 1, strlen (mark + 1) - strlen (".snap") };
  return dc_language_add (reader, &facts, err);
}

static const char *const endings[] = { "/state.json", ".snap", NULL };
const struct dc_ecosystem dc_ecosystem_snap = { endings, is_one, false,
                                                snap_read };
