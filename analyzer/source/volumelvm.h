/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_VOLUMELVM_H
#define DC_ANALYZER_SOURCE_VOLUMELVM_H

/* volumelvm: the logical volumes among a guest's volumes. */

#include "analyzer/source/volume.h"

/* Put together what the physical volumes in VOLUMES hold, add the logical
 * volumes behind them and open those with an ext file system.  0, or -1 as
 * dc_volumes_open().
 */
int dc_volumes_add_logical (struct dc_volumes *volumes, struct dc_error *err);
/* Open what lies in VOLUME, whose part is described, if it is an ext file
 * system: its ext, or its problem and code.  0, or -1: of the disk, or of
 * ourselves.
 */
int dc_volume_open_ext (struct dc_volume *volume, struct dc_disk *disk,
                        struct dc_error *err);
/* One more volume, all zeros, at the end; counted already. */
int dc_volumes_grow (struct dc_volumes *volumes, struct dc_volume **out,
                     struct dc_error *err);

#endif
