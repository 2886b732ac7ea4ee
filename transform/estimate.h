/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_ESTIMATE_H
#define DC_TRANSFORM_ESTIMATE_H

/* estimate: how large images become and how long that takes, from what is
 * known before the first byte is compressed: sizes, and what names and modes
 * tell of the kinds of files.
 *
 * The ratios are measured on 254 MB of a Debian 12 server: zstd 3 and gzip 6.
 * On the guests of the tests the forecast is within 15 % of what then is
 * written (doc/decant-plan.pod says what to expect).
 */

#include <jansson.h>

#include "lib/compress.h"
#include "transform/plan.h"
#include "transform/split.h"

/* Bytes of an archive that a second makes, where no run told: 2 cores of 2020,
 * a local disk.
 */
#define DC_ESTIMATE_RATE ((uint64_t) 200 * 1000 * 1000)
/* A target is refused when it has less than so many per cent of the forecast:
 * the forecast may be too high.
 */
#define DC_ESTIMATE_ROOM_PERCENT 85

struct dc_estimate {
  uint64_t entries, files_bytes; /* kept */
  uint64_t archive_bytes;        /* of the layers before they are compressed */
  uint64_t image_bytes;          /* compressed */
  uint64_t volume_bytes;         /* as the plan has them, without empty ones */
};

/* Of IMAGE, whose entries go to LAYERS (transform/split.h). */
void dc_estimate_image (const struct dc_tree *tree, const uint8_t *layers,
                        const struct dc_plan_image *image,
                        enum dc_compression compression,
                        struct dc_estimate *out);
/* {"name", "entries", "files_bytes", "archive_bytes", "image_bytes",
 * "volume_bytes", "seconds"} at RATE bytes of archive a second; NULL without
 * memory.
 */
json_t *dc_estimate_json (const struct dc_estimate *estimate, const char *name,
                          uint64_t rate);
/* Is there room for so many bytes where ROOM are left?  0, or -1:
 * DC_ERR_LIMIT, one sentence with both.
 */
int dc_estimate_check (uint64_t image_bytes, uint64_t room,
                       struct dc_error *err);

#endif
