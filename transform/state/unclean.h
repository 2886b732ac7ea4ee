/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_UNCLEAN_H
#define DC_TRANSFORM_STATE_UNCLEAN_H

/* unclean: databases in the volumes of an image that were not shut down before
 * the disk was copied.  They recover at their first start, from a copy that
 * need not be of one moment.
 *
 * Read is the state in PostgreSQL's global/pg_control, and postmaster.pid,
 * which a server removes when it ends.
 * Source: src/include/catalog/pg_control.h of PostgreSQL 12 to 17: u64
 * system_identifier, u32 pg_control_version, u32 catalog_version_no, u32 state,
 * in the byte order of the machine; pg_controldata(1) prints it.
 */

#include "lib/tree/tree.h"
#include "lib/words.h"
#include "transform/plan.h"

#define DC_UNCLEAN_MAX ((size_t) 100) /* findings of one image */

/* Append a sentence for each to FINDINGS.  0, or -1: DC_ERR_SYSTEM, what the
 * tree says.
 */
int dc_unclean_find (struct dc_tree *tree, const struct dc_plan_image *image,
                     struct dc_words *findings, struct dc_error *err);

#endif
