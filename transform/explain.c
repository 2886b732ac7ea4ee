/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/stat.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "transform/explain.h"

#define FLUSH_SIZE ((size_t) 64 * 1024)

static int
add_reason (struct dc_buffer *text, const struct dc_packages *packages,
            uint32_t owner, const char *left_out, struct dc_error *err)
{
  if (left_out != NULL)
    return dc_buffer_print (text, err, "%s\n", left_out);
  if (owner == DC_TREE_NONE)
    return dc_buffer_print (text, err,
                            "no package's: configuration, own "
                            "software or data\n");
  return dc_buffer_print (text, err, "package %s %s\n",
                          dc_quote (packages->items[owner].name).text,
                          dc_quote (packages->items[owner].version).text);
}

static bool
is_below_left_out (const struct dc_tree *tree,
                   const struct dc_selection *selection, uint32_t index)
{
  const uint32_t parent = tree->entries[index].parent;

  return index != 0 && selection->rules[parent] != 0;
}

static int
flush (struct dc_buffer *text, int fd, struct dc_error *err)
{
  const int status = dc_file_write (fd, text->data, text->size, err);

  dc_buffer_clear (text);
  return status;
}

int
dc_explain (const struct dc_tree *tree, const struct dc_packages *packages,
            const uint32_t *owners, const struct dc_selection *selection,
            const uint8_t *layers, int fd, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (2 * FLUSH_SIZE);
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  for (uint32_t i = 1; i < tree->count; i++) {
    if (is_below_left_out (tree, selection, i))
      continue;
    if (dc_tree_path (tree, i, &path, err) < 0 ||
        dc_buffer_print (&text, err, "%s\t%s\t",
                         dc_layer_name ((enum dc_layer) layers[i]),
                         dc_quote_bytes (path.data, path.size).text) < 0 ||
        add_reason (&text, packages, owners[i],
                    dc_selection_reason (selection, i), err) < 0)
      return -1;
    if (text.size >= FLUSH_SIZE && flush (&text, fd, err) < 0)
      return -1;
  }
  return flush (&text, fd, err);
}

struct tally {
  uint64_t entries, bytes;
};

int
dc_explain_summary (const struct dc_tree *tree,
                    const struct dc_selection *selection, json_t **out,
                    struct dc_error *err)
{
  const size_t count = selection->reason_count;
  AUTO_FREE struct tally *tallies = calloc (count + 1, sizeof *tallies);
  json_auto_t *json = json_array ();

  if (tallies == NULL)
    return dc_fail_errno (err, "cannot keep the sums");
  for (uint32_t i = 0; i < tree->count; i++) {
    tallies[selection->rules[i]].entries++;
    tallies[selection->rules[i]].bytes += tree->entries[i].size;
  }
  for (size_t i = 0; i < count; i++)
    if (tallies[i + 1].entries > 0 &&
        json_array_append_new (
            json, json_pack ("{s:s, s:I, s:I}", "reason", selection->reasons[i],
                             "entries", (json_int_t) tallies[i + 1].entries,
                             "bytes", (json_int_t) tallies[i + 1].bytes)) < 0)
      return dc_json_no_memory (err);
  *out = json_incref (json);
  return 0;
}
