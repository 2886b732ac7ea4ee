/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/program/keeper.h"

#define PLUGIN_FOLDER_MAX 200 /* of one service */

/* Keep the files of package P. */
static int
keep_files (struct dc_keeping *keeping, size_t p, enum dc_kept_reason reason,
            uint32_t because, struct dc_error *err)
{
  const struct dc_keeper *keeper = keeping->keeper;

  for (size_t i = keeper->first_file[p]; i < keeper->first_file[p + 1]; i++)
    if (!keeper->is_never[keeper->files[i]] &&
        dc_keep_entry (keeping, keeper->files[i], reason, because, err) < 0)
      return -1;
  return 0;
}

/* Does the file bring its package along?  A library is complete without it. */
static bool
brings_package (const struct dc_kept_file *file)
{
  return file->reason == DC_KEPT_COMMAND ||
         file->reason == DC_KEPT_INTERPRETER || file->reason == DC_KEPT_NAMED ||
         file->reason == DC_KEPT_UNIT;
}

/* The packages of the programs, with all their files. */
static int
keep_own (struct dc_keeping *keeping, bool *members, struct dc_error *err)
{
  const struct dc_keeper *keeper = keeping->keeper;
  struct dc_kept *kept = keeping->kept;
  const size_t before = kept->count;

  for (size_t i = 0; i < before; i++) {
    const struct dc_kept_file file = kept->items[i];
    const uint32_t p = keeper->owners[file.index];
    if (p == DC_TREE_NONE || members[p] || !brings_package (&file))
      continue;
    members[p] = true;
    if (dc_words_add (&kept->packages, keeper->profile->packages->items[p].name,
                      err) < 0 ||
        keep_files (keeping, p, DC_KEPT_PACKAGE, file.index, err) < 0)
      return -1;
  }
  dc_words_sort (&kept->packages);
  return 0;
}

/* Is the library, a file of a package, one that only its name finds? */
static bool
is_plugin (const struct dc_tree *tree, const struct dc_kept_file *file)
{
  const struct dc_entry *entry = &tree->entries[file->index];
  const char *suffix = strstr (entry->name, ".so");

  return file->reason == DC_KEPT_PACKAGE && S_ISREG (entry->mode) &&
         suffix != NULL && (suffix[3] == '\0' || suffix[3] == '.');
}

static int
find_plugins (struct dc_keeping *keeping, struct dc_error *err)
{
  const struct dc_tree *tree = keeping->keeper->tree;
  struct dc_kept *kept = keeping->kept;
  uint32_t last = DC_TREE_NONE;

  for (size_t i = 0; i < kept->count; i++) {
    const uint32_t folder = tree->entries[kept->items[i].index].parent;
    AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
    if (folder == last || !is_plugin (tree, &kept->items[i]) ||
        kept->plugins.count >= PLUGIN_FOLDER_MAX)
      continue;
    last = folder;
    if (dc_buffer_append (&path, "/", 1, err) < 0)
      return -1;
    AUTO_BUFFER struct dc_buffer rest = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
    if (dc_tree_path (tree, folder, &rest, err) < 0 ||
        dc_buffer_append (&path, dc_buffer_text (&rest), rest.size, err) < 0 ||
        dc_words_add (&kept->plugins, dc_buffer_text (&path), err) < 0)
      return -1;
  }
  dc_words_sort (&kept->plugins);
  return 0;
}

static int
keep_needed (struct dc_keeping *keeping, bool *members, struct dc_error *err)
{
  const struct dc_keeper *keeper = keeping->keeper;
  const size_t count = keeper->profile->packages->count;
  AUTO_FREE bool *is_own = malloc (count * sizeof *is_own + 1);

  if (is_own == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  memcpy (is_own, members, count * sizeof *is_own);
  if (dc_package_graph_close (keeper->graph, members, NULL, err) < 0)
    return -1;
  for (size_t p = 0; p < count; p++) {
    if (!members[p] || is_own[p])
      continue;
    keeping->kept->needed_count++;
    if (keep_files (keeping, p, DC_KEPT_NEEDED, (uint32_t) p, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_keep_packages (struct dc_keeping *keeping, struct dc_error *err)
{
  const size_t count = keeping->keeper->profile->packages->count;
  AUTO_FREE bool *members = calloc (count + 1, sizeof *members);

  if (members == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  if (keep_own (keeping, members, err) < 0 || find_plugins (keeping, err) < 0 ||
      dc_keep_programs (keeping, err) < 0)
    return -1;
  return keep_needed (keeping, members, err);
}
