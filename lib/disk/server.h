/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_SERVER_H
#define DC_LIB_DISK_SERVER_H

/* server: qemu-nbd in a jail, which reads an image for us.
 *
 *   dc_server_start()     listens on a socket, hands it over, starts qemu-nbd
 *   dc_server_connect()   returns when qemu-nbd has opened the image
 *   dc_server_free()      stops qemu-nbd
 *
 * The socket has a name for a moment only, in a private folder, so nothing is
 * left behind if we are killed.  Later it is reached through our descriptor
 * of it, which programs of the same user can do as well.
 *
 * Source: qemu-nbd(8); sd_listen_fds(3); unix(7); measured: connect() reaches
 * a socket without a name through /proc/PID/fd/N of an O_PATH descriptor.
 */

#include "lib/cleanup.h"
#include "lib/disk/qemu.h"
#include "lib/error.h"
#include "lib/report.h"

struct dc_server;
/* DC_ERR_TOOL (no qemu-nbd), DC_ERR_SYSTEM. */
int dc_server_start (const struct dc_qemu *qemu, struct dc_server **out,
                     struct dc_error *err);
/* 0 and a connection at *FD for the caller, or -1: DC_ERR_TOOL (qemu-nbd says
 * why), DC_ERR_CANCELLED, DC_ERR_SYSTEM.
 */
int dc_server_connect (struct dc_server *server, const struct dc_report *report,
                       int *fd, struct dc_error *err);
/* Where it listens: "/proc/PID/fd/N" with our process id; borrowed. */
const char *dc_server_socket (const struct dc_server *server);
void dc_server_free (struct dc_server *server);
DC_DEFINE_AUTO (dc_server)

#endif
