/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_JOURNAL_H
#define DC_INIT_JOURNAL_H

/* journal: where programs send their logs when a system has syslog and
 * journald, in place of both.
 *
 *   /run/systemd/journal/dev-log   datagrams of syslog(3); /dev/log leads to it
 *   /run/systemd/journal/socket    datagrams of the journal's own protocol
 *   /run/systemd/journal/stdout    streams, as systemd-cat(1) opens them
 *
 * What comes is written to our stdout.  A sender never waits: PID 1 always
 * reads, and what it cannot write, or what is more than RATE lines a second,
 * is dropped and counted.  Datagrams of syslog are also passed on to
 * /run/systemd/journal/syslog, where the guest's rsyslog listens if it runs,
 * as journald does with ForwardToSyslog=.
 *
 * Source: systemd-journald.service(8), journald.conf(5).
 */

#include "runtime/init/plan.h"
#include "runtime/init/watch.h"

#define DI_STREAM_MAX 64      /* streams at a time */
#define DI_STREAM_SIZE 2048   /* bytes of a line, longer ones are split */
#define DI_JOURNAL_RATE 10000 /* lines a second */
#define DI_DATAGRAM_MAX ((size_t) 256 * 1024) /* bytes, also of a memfd */

struct di_logstream {
  int fd;          /* -1: none */
  unsigned header; /* lines of it that came */
  int priority;
  bool has_levels; /* "<3>" in front of lines */
  size_t size;
  char tag[64];
  char text[DI_STREAM_SIZE];
};

struct di_journal {
  int syslog_fd, native_fd, listen_fd, forward_fd; /* -1: none */
  int64_t window_ms;                               /* of the rate */
  int64_t count, lost;
  struct di_logstream streams[DI_STREAM_MAX];
};

/* Listen, if PLAN has the line for it.  What cannot be opened is said. */
void di_journal_open (struct di_journal *journal, const struct di_plan *plan);
void di_journal_watch (const struct di_journal *journal,
                       struct di_watch *watch);
void di_journal_listen (struct di_journal *journal,
                        const struct di_watch *watch);

#endif
