/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_CHAIN_H
#define DC_LIB_DISK_CHAIN_H

/* chain: all files that one disk is made of, open and locked for reading.
 *
 *   link 0   the file the user named
 *   link 1   its backing file, with what link 0 does not hold
 *   ...
 *
 * Each link may have its data in further files.  The format of a backing
 * file is the one that the link before states; where that states none (old
 * qcow2, qcow) the rule of lib/disk/format.h applies to the file's name, so
 * a raw backing file that begins like something else is refused, not
 * guessed.
 *
 * Source: QEMU docs/interop/qcow2.txt on backing file formats.
 */

#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/disk/header.h"
#include "lib/disk/open.h"
#include "lib/disk/policy.h"
#include "lib/error.h"
#include "lib/report.h"

#define DC_CHAIN_MAX 32 /* links */

struct dc_chain_link {
  struct dc_policy_file file;
  struct dc_header *header;
  struct dc_policy_file *others; /* qcow2: the data file; VMDK: extents */
  size_t other_count;
};

struct dc_chain {
  struct dc_chain_link links[DC_CHAIN_MAX];
  size_t count;
};

/* 0 and *OUT, or -1 as dc_disk_source_open(). */
int dc_chain_open (const char *path, const struct dc_disk_options *options,
                   const struct dc_report *report, struct dc_chain **out,
                   struct dc_error *err);
void dc_chain_free (struct dc_chain *chain);
DC_DEFINE_AUTO (dc_chain)

#endif
