/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_FILTER_H
#define DC_LIB_FILTER_H

/* filter: the system calls that a worker may use, all others are EPERM.
 *
 * They are refused rather than deadly, so that a library that asks for too
 * much fails with a sentence, which names what it could not do.
 *
 * Source: seccomp(2), libseccomp's manual pages; the list: measured with
 * libext2fs, libarchive, libnbd, libblkid, zstd and glibc's threads.
 */

#include "lib/error.h"

enum dc_filter_files {
  DC_FILTER_NO_FILES,    /* only what is open already */
  DC_FILTER_READ_FILES,  /* and open for reading, links, attributes */
  DC_FILTER_WRITE_FILES, /* and make, change, remove */
};

enum dc_filter_network {
  DC_FILTER_NO_SOCKETS, /* but those that are open already */
  DC_FILTER_CONNECT,    /* and make IP and Unix sockets, and connect them */
};

/* Filter the calling thread and all it will start, for good. */
int dc_filter_enter (enum dc_filter_files files, enum dc_filter_network network,
                     struct dc_error *err);

#endif
