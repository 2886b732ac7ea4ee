/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PROBE_DIALOG_H
#define DC_RUNTIME_PROBE_DIALOG_H

/* dialog: a connection that ends at a stated time, plain or with TLS.
 *
 * TLS takes any version and checks no certificate: it is told, not judged.
 * The process ignores SIGPIPE, as workers do (OpenSSL has no MSG_NOSIGNAL).
 *
 * Source: connect(2), SSL_read(3), SSL_get_error(3).
 */

#include <jansson.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/error.h"

union dc_socket_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un local;
};

struct dc_place {
  union dc_socket_address at;
  socklen_t size;
  int type; /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
};

/* The Unix socket PATH, "@name" an abstract one; its type is the caller's.
 * -1: DC_ERR_INVALID (it is too long).
 */
int dc_place_local (const char *path, struct dc_place *place,
                    struct dc_error *err);

struct dc_dialog;

/* Connect within TIMEOUT_MS, which is the time for all that follows, too.  0
 * and *OUT, or -1: DC_ERR_NOTFOUND (nobody listens, no such address or path),
 * DC_ERR_BUSY (no time left), DC_ERR_SYSTEM.
 */
int dc_dialog_open (const struct dc_place *place, unsigned timeout_ms,
                    struct dc_dialog **out, struct dc_error *err);
/* Begin TLS.  -1: DC_ERR_INVALID (it does not speak TLS), DC_ERR_BUSY,
 * DC_ERR_SYSTEM.
 */
int dc_dialog_secure (struct dc_dialog *dialog, struct dc_error *err);
/* What the other side shows: {"version", "subject", "not_after", "digest"}. */
json_t *dc_dialog_tls (const struct dc_dialog *dialog);
/* -1: DC_ERR_BUSY, DC_ERR_SYSTEM (the connection is broken). */
int dc_dialog_say (struct dc_dialog *dialog, const void *bytes, size_t size,
                   struct dc_error *err);
/* Append what comes next to B.  1, 0 when the other side has ended, -1:
 * DC_ERR_BUSY (no time left), DC_ERR_LIMIT (B is full), DC_ERR_NOTFOUND (a
 * datagram was refused), DC_ERR_SYSTEM.
 */
int dc_dialog_hear (struct dc_dialog *dialog, struct dc_buffer *b,
                    struct dc_error *err);
void dc_dialog_free (struct dc_dialog *dialog);
DC_DEFINE_AUTO (dc_dialog)

#endif
