/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "analyzer/program/keeper.h"

static int
no_memory (struct dc_error *err)
{
  return dc_fail_errno (err, "cannot follow what services need");
}

/* The entries of each package, in a row. */
static int
sort_files (struct dc_keeper *keeper, struct dc_error *err)
{
  const uint32_t count = keeper->tree->count;
  const size_t packages = keeper->profile->packages->count;

  keeper->first_file = calloc (packages + 2, sizeof *keeper->first_file);
  keeper->files = calloc ((size_t) count + 1, sizeof *keeper->files);
  if (keeper->first_file == NULL || keeper->files == NULL)
    return no_memory (err);
  /* One place ahead, so that filling moves each to where it belongs. */
  for (uint32_t i = 0; i < count; i++)
    if (keeper->owners[i] != DC_TREE_NONE)
      keeper->first_file[keeper->owners[i] + 2]++;
  for (size_t p = 2; p < packages + 2; p++)
    keeper->first_file[p] += keeper->first_file[p - 1];
  for (uint32_t i = 0; i < count; i++)
    if (keeper->owners[i] != DC_TREE_NONE)
      keeper->files[keeper->first_file[keeper->owners[i] + 1]++] = i;
  return 0;
}

/* Where every symbolic link leads, as far as it leads somewhere. */
static int
follow_links (struct dc_keeper *keeper, struct dc_error *err)
{
  const struct dc_tree *tree = keeper->tree;
  uint32_t count = 0;

  for (uint32_t i = 0; i < tree->count; i++)
    count += S_ISLNK (tree->entries[i].mode);
  keeper->links = calloc ((size_t) count + 1, sizeof *keeper->links);
  keeper->targets = calloc ((size_t) count + 1, sizeof *keeper->targets);
  if (keeper->links == NULL || keeper->targets == NULL)
    return no_memory (err);
  for (uint32_t i = 0; i < tree->count; i++) {
    if (!S_ISLNK (tree->entries[i].mode))
      continue;
    const uint32_t target = dc_tree_resolve_at (tree, tree->entries[i].parent,
                                                tree->entries[i].target);
    if (target == DC_TREE_NONE)
      continue;
    keeper->links[keeper->link_count] = i;
    keeper->targets[keeper->link_count++] = target;
  }
  return 0;
}

/* A folder comes before what is in it. */
static void
mark_never (struct dc_keeper *keeper)
{
  const struct dc_tree *tree = keeper->tree;
  const struct dc_keep_rule *rules = keeper->template->never.items;

  for (size_t r = 0; r < keeper->template->never.count; r++)
    for (size_t i = 0; i < rules[r].paths.count; i++) {
      const uint32_t index = dc_tree_resolve (tree, rules[r].paths.items[i]);
      if (index != DC_TREE_NONE)
        keeper->is_never[index] = true;
    }
  for (uint32_t i = 1; i < tree->count; i++)
    keeper->is_never[i] |= keeper->is_never[tree->entries[i].parent];
}

static int
find_owners (struct dc_keeper *keeper, struct dc_error *err)
{
  const struct dc_packages *packages = keeper->profile->packages;

  if (dc_packages_owners (packages, keeper->tree, &keeper->owners, err) == 0)
    return 0;
  if (err->code == DC_ERR_SYSTEM)
    return -1;
  /* Lists that are too large or damaged: then no file has an owner. */
  keeper->owners =
      malloc (((size_t) keeper->tree->count + 1) * sizeof *keeper->owners);
  if (keeper->owners == NULL)
    return no_memory (err);
  for (uint32_t i = 0; i < keeper->tree->count; i++)
    keeper->owners[i] = DC_TREE_NONE;
  return 0;
}

int
dc_keeper_make (struct dc_tree *tree, const struct dc_profile *profile,
                struct dc_keeper **out, struct dc_error *err)
{
  DC_AUTO (dc_keeper) *keeper = calloc (1, sizeof *keeper);

  if (keeper == NULL)
    return no_memory (err);
  keeper->tree = tree;
  keeper->profile = profile;
  keeper->is_never = calloc ((size_t) tree->count + 1, sizeof (bool));
  keeper->is_kept = calloc ((size_t) tree->count + 1, 1);
  if (keeper->is_never == NULL || keeper->is_kept == NULL)
    return no_memory (err);
  if (dc_programs_make (tree, &keeper->programs, err) < 0 ||
      dc_keep_template_load (&keeper->template, err) < 0 ||
      dc_package_graph_make (profile->packages, &keeper->graph, err) < 0 ||
      find_owners (keeper, err) < 0 || sort_files (keeper, err) < 0 ||
      follow_links (keeper, err) < 0)
    return -1;
  mark_never (keeper);
  *out = DC_TAKE (keeper);
  return 0;
}

void
dc_keeper_free (struct dc_keeper *keeper)
{
  if (keeper == NULL)
    return;
  dc_programs_free (keeper->programs);
  dc_package_graph_free (keeper->graph);
  dc_keep_template_free (keeper->template);
  dc_apps_release (&keeper->apps);
  free (keeper->owners);
  free (keeper->files);
  free (keeper->first_file);
  free (keeper->is_never);
  free (keeper->links);
  free (keeper->targets);
  free (keeper->is_kept);
  free (keeper);
}
