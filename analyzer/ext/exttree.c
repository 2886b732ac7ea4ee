/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>

#include "analyzer/ext/extdata.h"
#include "analyzer/ext/extwalk.h"

#define MOUNT_MAX 4096

static void
free_tree (struct dc_tree *tree)
{
  struct dc_exttree *self = (struct dc_exttree *) tree;

  dc_tree_release (tree);
  for (size_t i = 0; i < self->count; i++)
    dc_ext_free (self->exts[i]);
  free (self->exts);
  free (self->batch);
  free (self);
}

static const struct dc_tree_ops ext_ops = {
  .name = "ext",
  .read = dc_extdata_read,
  .stream = dc_extdata_stream,
  .allocated = dc_extdata_allocated,
  .data = dc_extdata_data,
  .free = free_tree,
};

/* Each mount in turn: those above it have been walked, so that its place is
 * known, unless something stood in the way or another covers it.
 */
static int
walk_mounts (struct dc_ext *const *exts, const size_t *places, size_t count,
             struct dc_extpoints *points, struct dc_builder *builder,
             struct dc_error *err)
{
  points->items[0].is_met = true;
  if (dc_extwalk_root (exts[points->items[0].mount], builder, err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    const struct dc_extpoint *point = &points->items[places[i]];
    const struct dc_extwalk walk = { .exts = exts,
                                     .mount = i,
                                     .builder = builder,
                                     .points = points,
                                     .point = places[i] };
    if (point->mount != i || !point->is_met || point->id == DC_TREE_NONE)
      continue;
    if (dc_extwalk (&walk, err) < 0)
      return -1;
    dc_extio_forget (exts[i]->io); /* contents need little of it */
  }
  return 0;
}

static int
build (const struct dc_ext_mount *mounts, size_t count,
       struct dc_ext *const *exts, struct dc_builder *builder,
       struct dc_error *err)
{
  struct dc_extpoints points = { .items = NULL };
  AUTO_FREE size_t *places = calloc (count, sizeof *places);
  int status = 0;

  if (places == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  for (size_t i = 0; i < count && status == 0; i++)
    status =
        dc_extpoints_add (&points, mounts[i].mountpoint, i, &places[i], err);
  if (status == 0)
    status = walk_mounts (exts, places, count, &points, builder, err);
  dc_extpoints_release (&points);
  return status;
}

int
dc_ext_tree (const struct dc_ext_mount *mounts, size_t count,
             struct dc_tree **out, struct dc_error *err)
{
  DC_AUTO (dc_builder) *builder = NULL;

  assert (count > 0 && strcmp (mounts[0].mountpoint, "/") == 0);

  if (count > MOUNT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu file systems, limit %d", count,
                    MOUNT_MAX);
  AUTO_FREE struct dc_exttree *tree = calloc (1, sizeof *tree);
  AUTO_FREE struct dc_ext **exts = calloc (count, sizeof (struct dc_ext *));
  if (tree == NULL || exts == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  for (size_t i = 0; i < count; i++)
    exts[i] = mounts[i].ext;
  if (dc_builder_new (&builder, err) < 0 ||
      build (mounts, count, exts, builder, err) < 0 ||
      dc_builder_finish (builder, &tree->head, err) < 0)
    return -1;
  tree->head.ops = &ext_ops;
  tree->exts = DC_TAKE (exts);
  tree->count = count;
  *out = &DC_TAKE (tree)->head;
  return 0;
}
