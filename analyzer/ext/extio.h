/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTIO_H
#define DC_ANALYZER_EXT_EXTIO_H

/* extio: the bytes of one file system, for libext2fs and for ourselves.
 *
 * Metadata comes through a cache of pieces, because libext2fs asks for one
 * block at a time and a request over NBD costs 60 us whatever its size
 * (measured).  Contents go past the cache, many reads at a time.  With a
 * journal set, either way gives the newest committed copy of a block.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ext/extjournal.h"
#include "lib/disk/disk.h"

#define DC_EXTIO_PIECE ((size_t) 64 * 1024) /* bytes */
#define DC_EXTIO_PIECES 256                 /* in the cache */

struct dc_extio;

/* SIZE bytes at OFFSET of DISK, which is borrowed; what lies beyond the
 * disk's end is cut off.  0, or -1: DC_ERR_SYSTEM.
 */
int dc_extio_new (struct dc_disk *disk, uint64_t offset, uint64_t size,
                  struct dc_extio **out, struct dc_error *err);
uint64_t dc_extio_size (const struct dc_extio *io);

/* SIZE bytes at OFFSET, through the cache.  0, or -1: DC_ERR_INVALID (beyond
 * the end), or what the disk said.
 */
int dc_extio_read (struct dc_extio *io, uint64_t offset, void *bytes,
                   size_t size, struct dc_error *err);
/* COUNT reads past the cache, as many at a time as pays. */
int dc_extio_read_many (struct dc_extio *io, const struct dc_disk_read *reads,
                        size_t count, struct dc_error *err);
/* Is ERR about this place only (beyond the end, a sector that cannot be
 * read), so that going on elsewhere makes sense?
 */
bool dc_extio_is_local (const struct dc_error *err);

/* From now on blocks of BLOCK_SIZE bytes that JOURNAL has a copy of are read
 * from there.  It is taken; NULL: as the disk has them.
 */
void dc_extio_take_journal (struct dc_extio *io, struct dc_extjournal *journal,
                            uint32_t block_size);
/* Give the cache's memory back; it fills again when needed. */
void dc_extio_forget (struct dc_extio *io);

/* The last failure of a read that libext2fs asked for, which can only hand on
 * a number (analyzer/ext/extmanager.h); borrowed.
 */
void dc_extio_keep_error (struct dc_extio *io, const struct dc_error *err);
const struct dc_error *dc_extio_error (const struct dc_extio *io);

void dc_extio_free (struct dc_extio *io);
DC_DEFINE_AUTO (dc_extio)

#endif
