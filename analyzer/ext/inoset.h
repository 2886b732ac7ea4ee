/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_INOSET_H
#define DC_ANALYZER_EXT_INOSET_H

/* inoset: numbers of inodes that have been met.
 *
 * One bit each, in pages that come when they are needed: a hash would cost
 * less, but its time would be in the hands of who chose the numbers.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

struct dc_inoset;

/* For the numbers 1 to MAX. */
int dc_inoset_new (uint32_t max, struct dc_inoset **out, struct dc_error *err);
/* 1: INO is new, and in the set from now on; 0: it was in it; -1:
 * DC_ERR_SYSTEM.
 */
int dc_inoset_add (struct dc_inoset *set, uint32_t ino, struct dc_error *err);
void dc_inoset_free (struct dc_inoset *set);
DC_DEFINE_AUTO (dc_inoset)

#endif
