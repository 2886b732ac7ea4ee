/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_SERVER_H
#define DC_LIB_DISK_SERVER_H

/* server: qemu-nbd in a jail, which reads an image for us.
 *
 *   dc_server_start()     listens on a socket in a private folder, hands it
 *                         over, starts qemu-nbd
 *   dc_server_hide()      removes the socket's name, so that nothing is left
 *                         behind if we are killed; we still find it
 *   dc_server_connect()   returns when qemu-nbd has opened the image
 *   dc_server_free()      stops qemu-nbd
 *
 * Source: qemu-nbd(8); sd_listen_fds(3); unix(7); measured: connect() reaches
 * a socket without a name through /proc/self/fd/N of an O_PATH descriptor.
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
/* Where it listens as long as it is not hidden; borrowed. */
const char *dc_server_socket (const struct dc_server *server);
void dc_server_hide (struct dc_server *server);
void dc_server_free (struct dc_server *server);
DC_DEFINE_AUTO (dc_server)

#endif
