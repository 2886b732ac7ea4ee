/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_LISTENERS_H
#define DC_RUNTIME_VERIFY_LISTENERS_H

/* listeners: the sockets of a network namespace on which somebody listens.
 *
 * Source: proc(5), /proc/PID/net/tcp, udp and unix; measured on Linux 6.1:
 * addresses are hexadecimal words of 32 bits in the host's byte order, the
 * port is in the usual one.  Paths of Unix sockets are the servers' words.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "runtime/verify/promise.h"

#define DC_LISTENER_MAX ((size_t) 4096)
#define DC_LISTENER_TABLE_MAX ((size_t) 4 * 1024 * 1024) /* bytes of a table */

struct dc_listener {
  int transport;    /* enum dc_transport */
  char address[46]; /* "0.0.0.0", "::1"; "" of a Unix socket */
  uint16_t port;
  char *path; /* "@name" when abstract; NULL */
};

struct dc_listeners {
  struct dc_listener *items;
  size_t count;
};

/* Add those of one table; a line that is not as proc(5) says is skipped.  0,
 * or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_listeners_parse (struct dc_listeners *listeners, int transport,
                        const char *table, size_t size, struct dc_error *err);
/* All tables of process 1 of the proc file system PROC_FD.  -1:
 * DC_ERR_NOTFOUND when it has ended, and as above.
 */
int dc_listeners_read (struct dc_listeners *listeners, int proc_fd,
                       struct dc_error *err);
/* Is it what ENDPOINT means?  Where there is nothing but a loopback, "any
 * address" may be that: BIND and others listen on each interface by itself.
 */
bool dc_listener_fits (const struct dc_listener *listener,
                       const struct dc_promise_endpoint *endpoint);
void dc_listeners_release (struct dc_listeners *listeners);

#define AUTO_LISTENERS __attribute__ ((__cleanup__ (dc_listeners_release)))

#endif
