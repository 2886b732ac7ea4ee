/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTMANAGER_H
#define DC_ANALYZER_EXT_EXTMANAGER_H

/* extmanager: makes libext2fs read through an extio.
 *
 * libext2fs opens a file system by a name, which it gives to the manager;
 * ours is the extio's address.  Every write is refused.
 *
 * Source: ext2fs/ext2_io.h.
 */

#include <ext2fs/ext2fs.h>

#include "analyzer/ext/extio.h"

#define DC_EXTMANAGER_NAME_SIZE 32 /* bytes */
/* What libext2fs hands on after a failed read: see dc_extio_error(). */
#define DC_EXTMANAGER_FAILED ((errcode_t) EIO)

io_manager dc_extmanager (void);
/* The name of IO, which must outlive the file system opened by it. */
void dc_extmanager_name (struct dc_extio *io,
                         char name[DC_EXTMANAGER_NAME_SIZE]);

#endif
