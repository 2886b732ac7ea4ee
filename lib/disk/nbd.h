/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_NBD_H
#define DC_LIB_DISK_NBD_H

/* nbd: a disk that an NBD server reads for us, from a confined worker.
 *
 * The connections are made before the confinement (lib/disk/server.h), which
 * forbids new sockets; shaking hands and reading work on what is open.  A
 * batch is cut into requests of up to 64 KiB, of which each connection has
 * up to 16 in flight, as many as qemu-nbd works on at a time.
 *
 * Source: the NBD protocol; libnbd(3); QEMU nbd/server.c.
 */

#include <stddef.h>

#include "lib/disk/disk.h"
#include "lib/error.h"

#define DC_NBD_CONNECTION_MAX 4

/* Shake hands on COUNT connected sockets to one server, for what it exports
 * under EXPORT_NAME ("": its only one).  Those that it takes
 * become -1 in TAKE_FDS, on failure perhaps not all.  0 and *OUT, or -1: DC_ERR_SYSTEM (the server
 * is gone, is none, or does not answer).  A failing read is DC_ERR_SYSTEM;
 * when the server is gone every later one, too.
 */
int dc_nbd_disk (int *take_fds, size_t count, const char *export_name,
                 struct dc_disk **out, struct dc_error *err);

#endif
