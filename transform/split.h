/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_SPLIT_H
#define DC_TRANSFORM_SPLIT_H

/* split: which layer a kept entry goes to.
 *
 *   distribution  packages that make up the distribution itself: equal for
 *                 many guests, so registries and hosts keep it once
 *   packages      all other packages
 *   system        everything else: configuration and own software
 *   data          the content of folders of data, where it stays in the image
 *                 (transform/state/export.h)
 *
 * A folder lies in the lowest layer that has something below it, so that no
 * layer needs a folder of a later one; the names of one file lie together, so
 * that hard links stay.
 */

#include "transform/select.h"

enum dc_layer {
  DC_LAYER_DISTRIBUTION,
  DC_LAYER_PACKAGES,
  DC_LAYER_SYSTEM,
  DC_LAYER_DATA,
  DC_LAYER_COUNT,
  DC_LAYER_NONE = 255, /* left out */
};

/* LAYERS[i] is entry i's enum dc_layer; the caller frees it. */
int dc_split (const struct dc_tree *tree, const struct dc_packages *packages,
              const uint32_t *owners, const struct dc_selection *selection,
              uint8_t **layers, struct dc_error *err);
const char *dc_layer_name (enum dc_layer layer); /* "distribution" */

#endif
