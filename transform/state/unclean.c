/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "transform/state/unclean.h"

/* Offsets in pg_control, and the versions of it where they are so: those of
 * PostgreSQL 12 and 17.
 */
#define VERSION_AT 8
#define STATE_AT 16
#define HEAD_SIZE 20
#define VERSION_MIN 1201
#define VERSION_MAX 1700

/* enum DBState, as pg_controldata(1) says it; NULL: it was shut down. */
static const char *const states[] = {
  "starting up",
  NULL,
  NULL, /* a standby that was shut down */
  "shutting down",
  "in crash recovery",
  "in archive recovery",
  "in production",
};

static uint32_t
number_at (const unsigned char *bytes, bool is_big)
{
  uint32_t number;

  memcpy (&number, bytes, sizeof number);
  return is_big ? be32toh (number) : le32toh (number);
}

static bool
is_known (uint32_t version)
{
  return version >= VERSION_MIN && version <= VERSION_MAX;
}

/* The state that CONTROL tells; NULL: it was shut down, or it cannot be told.
 */
static int
read_state (struct dc_tree *tree, uint32_t control, const char **state,
            struct dc_error *err)
{
  unsigned char head[HEAD_SIZE];

  *state = NULL;
  if (!S_ISREG (tree->entries[control].mode) ||
      tree->entries[control].size < sizeof head)
    return 0;
  if (dc_tree_read (tree, control, 0, head, sizeof head, err) < 0)
    return -1;
  const bool is_big = !is_known (number_at (head + VERSION_AT, false));
  const uint32_t number = number_at (head + STATE_AT, is_big);
  if (is_known (number_at (head + VERSION_AT, is_big)) &&
      number < DC_COUNT (states))
    *state = states[number];
  return 0;
}

/* FOLDER is one of PostgreSQL's data, CONTROL its pg_control. */
static int
check (struct dc_tree *tree, uint32_t folder, uint32_t control,
       struct dc_words *findings, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  AUTO_BUFFER struct dc_buffer full = DC_BUFFER_INIT (DC_TREE_PATH_MAX + 2);
  AUTO_FREE char *text = NULL;
  const char *state = NULL;

  if (read_state (tree, control, &state, err) < 0)
    return -1;
  if (state == NULL &&
      dc_tree_child (tree, folder, "postmaster.pid") != DC_TREE_NONE)
    state = "postmaster.pid is there";
  if (state == NULL)
    return 0;
  if (dc_tree_path (tree, folder, &path, err) < 0 ||
      dc_buffer_print (&full, err, "/%s", dc_buffer_text (&path)) < 0 ||
      dc_text_print (&text, err,
                     "PostgreSQL's data in '%s' were not shut down (%s): "
                     "its first start recovers them",
                     dc_quote (dc_buffer_text (&full)).text, state) < 0)
    return -1;
  return dc_words_add (findings, text, err);
}

/* Those that have content: nothing is lost of others. */
static int
mark_volumes (const struct dc_tree *tree, const struct dc_plan_image *image,
              uint8_t *is_data, struct dc_error *err)
{
  const struct dc_plan_volume *volumes = image->volumes.items;
  AUTO_FREE const char **folders =
      calloc (image->volumes.count + 1, sizeof *folders);
  size_t count = 0;

  if (folders == NULL)
    return dc_fail_errno (err, "cannot look for databases");
  for (size_t i = 0; i < image->volumes.count; i++)
    if (volumes[i].data != DC_PLAN_DATA_EMPTY)
      folders[count++] = volumes[i].path;
  dc_tree_mark_below (tree, folders, count, is_data);
  return 0;
}

int
dc_unclean_find (struct dc_tree *tree, const struct dc_plan_image *image,
                 struct dc_words *findings, struct dc_error *err)
{
  const struct dc_entry *entries = tree->entries;
  AUTO_FREE uint8_t *is_data = calloc ((size_t) tree->count + 1, 1);
  const size_t before = findings->count;

  if (is_data == NULL)
    return dc_fail_errno (err, "cannot look for databases");
  if (mark_volumes (tree, image, is_data, err) < 0)
    return -1;
  for (uint32_t i = 1;
       i < tree->count && findings->count - before < DC_UNCLEAN_MAX; i++) {
    const uint32_t folder = entries[i].parent;
    if (is_data[i] && strcmp (entries[i].name, "pg_control") == 0 &&
        strcmp (entries[folder].name, "global") == 0 &&
        check (tree, entries[folder].parent, i, findings, err) < 0)
      return -1;
  }
  return 0;
}
