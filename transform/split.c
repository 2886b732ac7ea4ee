/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>

#include "transform/split.h"

static uint8_t
own_layer (const struct dc_packages *packages, uint32_t owner)
{
  if (owner == DC_TREE_NONE)
    return DC_LAYER_SYSTEM;
  return packages->items[owner].is_distribution ? DC_LAYER_DISTRIBUTION
                                                : DC_LAYER_PACKAGES;
}

static void
lower_to (uint8_t *layer, uint8_t other)
{
  if (other < *layer && *layer != DC_LAYER_NONE)
    *layer = other;
}

/* All kept names of one file go where the lowest of them goes. */
static int
join_hard_links (const struct dc_tree *tree, uint8_t *layers,
                 struct dc_error *err)
{
  AUTO_FREE uint8_t *lowest = malloc (tree->count);

  if (lowest == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", tree->count);
  for (uint32_t i = 0; i < tree->count; i++)
    lowest[i] = DC_LAYER_NONE;
  for (uint32_t i = 0; i < tree->count; i++)
    if (layers[i] < lowest[tree->entries[i].hardlink])
      lowest[tree->entries[i].hardlink] = layers[i];
  for (uint32_t i = 0; i < tree->count; i++)
    lower_to (&layers[i], lowest[tree->entries[i].hardlink]);
  return 0;
}

int
dc_split (const struct dc_tree *tree, const struct dc_packages *packages,
          const uint32_t *owners, const struct dc_selection *selection,
          uint8_t **out, struct dc_error *err)
{
  AUTO_FREE uint8_t *layers = malloc (tree->count);

  assert (selection->count == tree->count);
  if (layers == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", tree->count);
  for (uint32_t i = 0; i < tree->count; i++)
    layers[i] = selection->rules[i] != 0 ? DC_LAYER_NONE
                                         : own_layer (packages, owners[i]);
  if (join_hard_links (tree, layers, err) < 0)
    return -1;
  /* From the last entry on, so that a folder has heard all that is below. */
  for (uint32_t i = tree->count; i-- > 1;)
    if (layers[i] != DC_LAYER_NONE)
      lower_to (&layers[tree->entries[i].parent], layers[i]);
  *out = DC_TAKE (layers);
  return 0;
}

const char *
dc_layer_name (enum dc_layer layer)
{
  static const char *const names[] = {
    [DC_LAYER_DISTRIBUTION] = "distribution",
    [DC_LAYER_PACKAGES] = "packages",
    [DC_LAYER_SYSTEM] = "system",
    [DC_LAYER_DATA] = "data",
  };

  return layer < DC_LAYER_COUNT ? names[layer] : "left out";
}
