/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_RESOURCE_SYSSTAT_H
#define DC_ANALYZER_RESOURCE_SYSSTAT_H

/* sysstat: the files in which sadc(8) keeps what a guest used, saDD.
 *
 * Source: sadf(1), sa.h of sysstat 12.6; measured with the sadc of 12.6.1.
 * Read are files of sysstat 11.7.1 and newer (format 0x2175) from 64-bit
 * little-endian machines.
 *
 *   file_magic    76 bytes: u16 0xd596, u16 format, 4 bytes of version,
 *                 u32 size of the header
 *   file_header   u64 time, u64 ticks per second, u32 processors + 1,
 *                 u32 activities, ..., at 52: u32 size of an activity, u32
 *                 size of a record's header, u32 extra; at 66: u8 size of long
 *   file_activity u32 id, u32 magic, i32 nr, i32 nr2, i32 has_nr, i32 size
 *   record header u64 uptime, u64 time, u32 extra, u8 type, ...
 *                 type 1 and 3: each activity in the order above: i32 nr
 *                 where has_nr, then nr * nr2 items; 2 (restart): an i32;
 *                 4 (comment): 64 bytes
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define DC_SYSSTAT_SIZE_MAX ((size_t) 32 * 1024 * 1024) /* bytes of a file */
#define DC_SYSSTAT_ACTIVITY_MAX 256
#define DC_SAMPLE_MAX ((size_t) 100 * 1000) /* of all files of a guest */

/* At one time; what is unknown is UINT64_MAX. */
struct dc_sample {
  uint64_t time;        /* seconds since 1970 */
  uint64_t cpu;         /* busy since the sample before: hundredths of % */
  uint64_t memory_used; /* kB: all less available */
  uint64_t memory_all;  /* kB */
  uint64_t load;        /* of one minute, in hundredths */
};

struct dc_samples {
  struct dc_sample *items; /* in the order of the files */
  size_t count;
};

/* Append the samples in SIZE bytes at BYTES.  0, or -1, with those before the
 * fault appended: DC_ERR_INVALID, DC_ERR_UNSUPPORTED, DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_sysstat_parse (const char *bytes, size_t size,
                      struct dc_samples *samples, struct dc_error *err);
void dc_samples_release (struct dc_samples *samples);

#endif
