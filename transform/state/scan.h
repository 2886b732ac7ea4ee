/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_SCAN_H
#define DC_TRANSFORM_STATE_SCAN_H

/* scan: no secret that leaves an image may be in one of its layers, whatever
 * file it hides in.
 *
 * Contents are looked through as they are written.  Looked for are
 * - a distinctive part of each file that is a secret, and the values of
 *   settings, from DC_MATCH_SIZE_MIN bytes on and not just a word: in all
 *   files,
 * - the begin of a private key that nobody knows of: in files of no package.
 * What a package brought and nobody changed is public, and so is the package
 * manager's own database; so are keys in what tests, examples and package
 * managers of languages bring.
 */

#include "analyzer/profile.h"
#include "lib/tree/tarwriter.h"
#include "transform/plan.h"

struct dc_scan;

/* What is looked for in image INDEX of PLAN; all borrowed.  OWNERS as
 * dc_packages_owners() gives them.
 */
int dc_scan_new (struct dc_tree *tree, const struct dc_profile *profile,
                 const uint32_t *owners, const struct dc_plan *plan,
                 size_t index, struct dc_scan **out, struct dc_error *err);
/* Hears of what is written to a layer: of the entries of TREE, that of
 * dc_scan_new() or one of our own.  Borrowed.
 */
const struct dc_tar_tap *dc_scan_tap (struct dc_scan *scan,
                                      struct dc_tree *tree);
/* The layer is written.  -1: DC_ERR_INVALID, a secret is in it: the text names
 * the file, the secret and what can be done; what the tree says.
 */
int dc_scan_check (struct dc_scan *scan, const struct dc_report *report,
                   struct dc_error *err);
void dc_scan_free (struct dc_scan *scan);
DC_DEFINE_AUTO (dc_scan)

#endif
