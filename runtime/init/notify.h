/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_NOTIFY_H
#define DC_INIT_NOTIFY_H

/* notify: the socket on which a service says how it is.
 *
 * A datagram is lines of NAME=VALUE; its sender is known by the kernel's
 * word.  The socket is the service's own, /run/decant/NAME.notify; where that
 * cannot be made, one without a file whose name the kernel chooses.
 *
 * Source: sd_notify(3), unix(7).
 */

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "runtime/init/record.h"
#include "runtime/init/text.h"

#define DI_RUN_FOLDER "/run/decant"

struct di_notify {
  int fd;                                                     /* -1: none */
  char path[sizeof ((struct sockaddr_un *) 0)->sun_path + 1]; /* "@x": none */
};

struct di_message {
  pid_t sender;
  pid_t main_pid; /* MAINPID=, else 0 */
  bool is_ready;
  bool is_stopping;
  bool is_reloading;
  bool is_alive;               /* WATCHDOG=1 */
  bool is_sick;                /* WATCHDOG=trigger */
  int64_t watchdog_ms;         /* WATCHDOG_USEC=, else -1 */
  int64_t extend_ms;           /* EXTEND_TIMEOUT_USEC=, else -1 */
  char status[DI_STATUS_SIZE]; /* STATUS=, cut, else "" */
};

/* The socket of service NAME.  0, or -1 with ERR. */
int di_notify_open (struct di_notify *notify, const char *name,
                    struct di_error *err);
/* One message: 1; 0 when there is none. */
int di_notify_read (struct di_notify *notify, struct di_message *message);
void di_notify_close (struct di_notify *notify);

/* The same from SIZE bytes at TEXT, which are changed. */
void di_message_parse (char *text, size_t size, struct di_message *message);

#endif
