/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/unit/unitgenerate.h"
#include "lib/text.h"

/* Earlier ones go before; a link to /dev/null keeps a generator from running.
 */
static const char *const folders[] = {
  "/etc/systemd/system-generators",
  "/usr/local/lib/systemd/system-generators",
  "/lib/systemd/system-generators",
  "/usr/lib/systemd/system-generators",
};

/* Is there a unit NAME in a folder that is read before what generators make?
 */
static bool
is_of_administrator (const struct dc_loader *loader, const char *name)
{
  const struct dc_unit_id *id = dc_unit_map_find (&loader->map, name);

  return id != NULL &&
         strncmp (loader->map.folders[id->folder].path, "/etc/", 5) == 0;
}

int
dc_generated_add (struct dc_generated *generated, const char *name,
                  struct dc_error *err)
{
  struct dc_loader *loader = generated->loader;

  if (is_of_administrator (loader, name)) {
    generated->unit = DC_TREE_NONE;
    return 1;
  }
  if (dc_loader_find (loader, name) != DC_TREE_NONE)
    return 0;
  if (dc_loader_add (loader, name, &generated->unit, err) < 0)
    return -1;
  loader->units->items[generated->unit].state = DC_UNIT_GENERATED;
  return 1;
}

int
dc_generated_set (const struct dc_generated *generated, const char *section,
                  const char *key, const char *value, struct dc_error *err)
{
  const struct dc_setting setting = {
    .section = section,
    .key = key,
    .value = value,
    .file = generated->file,
    .line = generated->line,
  };
  return generated->unit == DC_TREE_NONE
             ? 0
             : dc_unit_set (&generated->loader->units->items[generated->unit],
                            &setting, err);
}

int
dc_generated_link (const struct dc_generated *generated, const char *owner,
                   const char *name, struct dc_error *err)
{
  AUTO_FREE char *where = NULL;
  const int status = generated->line > 0
                         ? dc_text_print (&where, err, "%s:%u", generated->file,
                                          generated->line)
                         : dc_text_print (&where, err, "%s", generated->file);

  if (status < 0 || dc_unit_kind (owner) == DC_NAME_BAD ||
      dc_unit_kind (name) == DC_NAME_BAD)
    return status;
  return dc_unit_map_add_link (&generated->loader->map, owner, name, where,
                               err);
}

bool
dc_generator_runs (const struct dc_tree *tree, const char *name,
                   bool if_missing)
{
  for (size_t i = 0; i < DC_COUNT (folders); i++) {
    const uint32_t folder = dc_tree_resolve (tree, folders[i]);
    if (folder == DC_TREE_NONE ||
        dc_tree_child (tree, folder, name) == DC_TREE_NONE)
      continue;
    const uint32_t index = dc_tree_resolve_at (tree, folder, name);
    return index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode) &&
           (tree->entries[index].mode & S_IXUSR) != 0;
  }
  return if_missing;
}

int
dc_generator_file (struct dc_tree *tree, const char *path, struct dc_buffer *b,
                   struct dc_error *err)
{
  const int found = dc_tree_read_file (tree, path, b, err);

  return found < 0 && err->code != DC_ERR_SYSTEM ? 0 : found;
}

/* Without systemd there are no generators. */
int
dc_units_generate (struct dc_loader *loader, struct dc_error *err)
{
  if (loader->map.folder_count == 0)
    return 0;
  if (dc_generator_runs (loader->tree, "systemd-fstab-generator", true) &&
      dc_fstab_load (loader, err) < 0)
    return -1;
  return dc_instances_load (loader, err);
}
