/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_FORMAT_H
#define DC_LIB_DISK_FORMAT_H

/* format: how a file holds a disk, and who is believed about it.
 *
 * The guest of a raw disk writes every byte of the file, so it can make it
 * begin like a qcow2 file that names any file of the host.  A header is
 * therefore never believed alone: the user states the format, or the file's
 * suffix does, and the header must agree.
 *
 * Source: the magic numbers are those of QEMU 7.2's block drivers and of
 * magic(5); the suffixes those of qemu-img(1) and the makers' tools.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/disk/window.h"
#include "lib/error.h"

enum dc_format {
  DC_FORMAT_RAW,
  DC_FORMAT_QCOW, /* version 1 */
  DC_FORMAT_QCOW2,
  DC_FORMAT_VMDK,
  DC_FORMAT_VDI,
  DC_FORMAT_VHDX,
  DC_FORMAT_VPC, /* the file is called .vhd, QEMU's driver vpc */
};

/* QEMU's name of the driver. */
const char *dc_format_name (enum dc_format format);

/* The format called NAME ("vhd" is another name of vpc).  0, or -1:
 * DC_ERR_UNSUPPORTED (no such format; the text lists those that are).
 */
int dc_format_parse (const char *name, enum dc_format *out,
                     struct dc_error *err);

/* What a file begins (or ends) with. */
enum dc_format_seen {
  DC_FORMAT_SEEN_NOTHING, /* nothing known: the contents of a disk */
  DC_FORMAT_SEEN_DISK,    /* a header of ours: FORMAT says which */
  DC_FORMAT_SEEN_FOREIGN, /* something else, such as an archive */
};
struct dc_format_header {
  enum dc_format_seen seen;
  enum dc_format format; /* of DC_FORMAT_SEEN_DISK; else raw */
  const char *name;      /* "a qcow2 header", "a gzip file"; static */
};
/* 0 and *OUT, or -1: DC_ERR_SYSTEM. */
int dc_format_look (const struct dc_window *file, struct dc_format_header *out,
                    struct dc_error *err);

/* The format to read FILE, called NAME, with.
 *   STATED "raw"        raw, whatever the file holds
 *   STATED or suffix    that, if the header agrees
 *   neither             raw if the file begins like no format we know,
 *                       else refused
 * 0, or -1: DC_ERR_INVALID (the header does not agree), DC_ERR_UNSUPPORTED
 * (refused, or an unknown format), DC_ERR_SYSTEM.  The text names the file.
 */
int dc_format_decide (const char *name, const char *stated,
                      const struct dc_window *file, enum dc_format *out,
                      struct dc_error *err);

#endif
