/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_LAYER_H
#define DC_TRANSFORM_LAYER_H

/* layer: one layer of an image on its way to a file.
 *
 *   dc_tar_write() --> pipeline --> digest of the tar (diff_id)
 *                              \--> compress --> digest of the blob, file
 *
 * Each stage is a thread.  A layer can be closed and the next begun before
 * the first has finished, so that no core waits for the end of a layer.
 */

#include "lib/compress.h"
#include "lib/oci/document.h"
#include "lib/pipeline.h"
#include "lib/report.h"

struct dc_layer_writer;

/* Begin a layer into FD (borrowed; an empty file).  PROGRESS hears of the
 * bytes of the tar and must outlive the writer.
 */
int dc_layer_begin (int fd, const struct dc_compress_options *options,
                    struct dc_progress *progress, struct dc_layer_writer **out,
                    struct dc_error *err);
/* Where the tar goes; borrowed. */
struct dc_pipeline *dc_layer_pipeline (struct dc_layer_writer *writer);
/* The tar is complete; returns at once. */
int dc_layer_close (struct dc_layer_writer *writer, struct dc_error *err);
/* Wait for the rest and say what it became (all but the title). */
int dc_layer_finish (struct dc_layer_writer *writer, struct dc_oci_layer *out,
                     struct dc_error *err);
void dc_layer_writer_free (struct dc_layer_writer *writer);
DC_DEFINE_AUTO (dc_layer_writer)

#endif
