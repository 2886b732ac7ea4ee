/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_SOCKET_H
#define DC_INIT_SOCKET_H

/* socket: the descriptors of the plan's sockets, open from before the first
 * service until after the last.
 *
 * Source: systemd.socket(5), sd_listen_fds(3); socket(7), tcp(7), unix(7),
 * fifo(7), mq_overview(7).
 */

#include "runtime/init/address.h"
#include "runtime/init/plan.h"

#define DI_LISTEN_MAX 512 /* descriptors of all sockets */
#define DI_PASS_MAX 64    /* of one service */

/* What started a service: TRIGGER_UNIT and what it says of itself. */
struct di_fire {
  const struct di_trigger *trigger; /* NULL: none */
  const char *path;                 /* of a path */
  int64_t real_us, monotonic_us;    /* of a timer */
};

/* What one service gets, from descriptor 3 on. */
struct di_passing {
  int fds[DI_PASS_MAX];
  const char *names[DI_PASS_MAX];
  size_t count;
  const struct di_peer *remote; /* of a connection; NULL */
  struct di_fire fire;
};

struct di_sockets {
  const struct di_plan *plan;
  int fds[DI_LISTEN_MAX];
  size_t count;
  /* Of each trigger that is a socket, where its own begin, and how many. */
  size_t firsts[DI_TRIGGER_MAX], counts[DI_TRIGGER_MAX];
};

/* Open all of them; one that cannot be is said, and its trigger has none. */
void di_sockets_open (struct di_sockets *sockets, const struct di_plan *plan);
/* Close those of TRIGGER, an index, and remove what is to be removed. */
void di_sockets_close (struct di_sockets *sockets, size_t trigger);
/* Throw away what waits at them. */
void di_sockets_flush (const struct di_sockets *sockets, size_t trigger);
/* What SERVICE is to get. */
void di_sockets_pass (const struct di_sockets *sockets,
                      const struct di_service *service,
                      struct di_passing *passing);

/* Check the sockets' options in the plan.  0, or -1 with ERR. */
int di_option_check (const struct di_line *line, struct di_error *err);
/* sockopt.c: set those of TRIGGER that are for FD, of TYPE and FAMILY. */
void di_options_set (const struct di_trigger *trigger, int fd,
                     enum di_listen type, int family);

#endif
