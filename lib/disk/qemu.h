/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_QEMU_H
#define DC_LIB_DISK_QEMU_H

/* qemu: how QEMU's tools are told about a chain, and the jail they work in.
 *
 * They get a description with format and place of every file, so that they
 * guess nothing and follow no name out of a header; places are descriptors,
 * /proc/self/fd/N, so that they read the files that we checked and locked.
 * Only the extents of a VMware disk cannot be described: QEMU finds them by
 * their names.  The jail (lib/run.h) lets them open these files for reading
 * and nothing else, whatever a header says that we did not understand.
 *
 * Source: QEMU's QMP reference, "BlockdevOptions"; qemu-img(1), qemu-nbd(8).
 */

#include <stddef.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/disk/chain.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/run.h"

struct dc_qemu {
  char *image;       /* "json:{...}" */
  char **read_paths; /* NULL-terminated */
  int *keep_fds;     /* borrowed from the chain; none is 3 */
  size_t file_count; /* of both */
};

/* 0 and *OUT, which must not outlive CHAIN, or -1: DC_ERR_UNSUPPORTED (a
 * VMware disk whose path is not UTF-8), DC_ERR_SYSTEM.
 */
int dc_qemu_describe (const struct dc_chain *chain, struct dc_qemu **out,
                      struct dc_error *err);
void dc_qemu_free (struct dc_qemu *qemu);
DC_DEFINE_AUTO (dc_qemu)

/* Fill RUN, whose ARGV is a tool of QEMU's, and JAIL, both borrowing from
 * QEMU.
 */
void dc_qemu_confine (const struct dc_qemu *qemu, struct dc_run *run,
                      struct dc_jail *jail);
/* Leave in the text of ERR, which such a tool's failure has set, the reason
 * only: without the description, which QEMU repeats.  Returns -1.
 */
int dc_qemu_fail (const char *program, struct dc_error *err);

/* The allocation map (lib/disk/map.h) appended to TEXT.  0, or -1:
 * DC_ERR_LIMIT (it is longer than TEXT may become), DC_ERR_TOOL,
 * DC_ERR_CANCELLED, DC_ERR_SYSTEM.
 */
int dc_qemu_map (const struct dc_qemu *qemu, const struct dc_report *report,
                 struct dc_buffer *text, struct dc_error *err);

#endif
