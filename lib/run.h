/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_RUN_H
#define DC_LIB_RUN_H

/* run: other programs, without a shell.
 *
 * argv, environment and path are ready before the fork; between fork and
 * exec only async-signal-safe calls.  A child starts in a process group of
 * its own (Ctrl-C reaches us, we stop it), with default signals, and dies
 * with us (PR_SET_PDEATHSIG) unless it is meant to outlive us.  Its
 * environment is PATH, LC_ALL=C, and what struct dc_run names.
 *
 * Source: execve(2), prctl(2), landlock(7).
 */

#include <stddef.h>
#include <sys/types.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/report.h"

#define DC_RUN_PATH                                                            \
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* What a program that reads foreign data may still do.  Landlock lets it
 * read below READ_PATHS besides the system's programs and libraries, write
 * below WRITE_PATHS, nothing else (no TCP either); no new privileges; of
 * root's power only what opens other users' files; no core file; rlimits.
 * A kernel without Landlock leaves the rest, and dc_run() says so (debug).
 * A path that does not exist is DC_ERR_NOTFOUND.
 */
struct dc_jail {
  const char *const *read_paths;  /* NULL-terminated, NULL: none */
  const char *const *write_paths; /* NULL-terminated, NULL: none */
  uint64_t memory_max;            /* bytes of address space, 0: no limit */
  unsigned cpu_max_s;             /* seconds of CPU time, 0: no limit */
};

/* Pointers are borrowed until the call that takes it returns; those marked
 * (*) until the child has ended.
 */
struct dc_run {
  const char *const *argv;     /* NULL-terminated; argv[0] is looked up */
  const char *const *env;      /* "K=V", NULL-terminated, NULL: none */
  const char *const *pass_env; /* names taken from our own environment */
  int stdin_fd;                /* 0: /dev/null; borrowed */
  int stdout_fd;               /* 0: /dev/null unless OUT; borrowed */
  int stderr_fd; /* 0: we hear it, its last line is the reason in an error
                    (/dev/null if it outlives us); borrowed */
  struct dc_buffer *out; /* (*) stdout is appended here, NULL: not wanted */
  const int *keep_fds;   /* these stay open under their own numbers */
  size_t keep_fd_count;
  int listen_fd;       /* not 0: a listening socket, handed over as systemd
                            does (sd_listen_fds(3)): it becomes 3, so 3 must
                            not be among KEEP_FDS; borrowed */
  unsigned timeout_ms; /* for the wait; 0: a day */
  const struct dc_jail *jail; /* NULL: none */
  int *exit_status;           /* (*) not NULL: a non-zero exit is no error, it
                                 is stored here (0..255) */
  int outlives_us;            /* 1: no PR_SET_PDEATHSIG, dc_child_free() lets
                                 it run, and its stderr is not heard: the pipe
                                 would break under it */
};

/* Run to the end.  0, or -1: DC_ERR_NOTFOUND (no such program),
 * DC_ERR_TOOL (the text has program, status or signal, last line of its
 * stderr; or it took longer than TIMEOUT_MS), DC_ERR_LIMIT (more output than
 * OUT takes), DC_ERR_CANCELLED, DC_ERR_SYSTEM.  After -1 it does not run.
 */
int dc_run (const struct dc_run *run, const struct dc_report *report,
            struct dc_error *err);

/* A program that works beside us, such as a server.  When the thread that
 * started it ends, it is killed.
 */
struct dc_child;
int dc_child_start (const struct dc_run *run, struct dc_child **out,
                    struct dc_error *err);
pid_t dc_child_pid (const struct dc_child *child);
/* Has it ended?  1 and ERR says how, 0 still running.  Does not wait. */
int dc_child_has_ended (struct dc_child *child, struct dc_error *err);
/* Wait for it as dc_run() does. */
int dc_child_wait (struct dc_child *child, const struct dc_report *report,
                   struct dc_error *err);
/* Stop it and its process group if it runs (SIGTERM, a second later SIGKILL)
 * and reap it.
 */
void dc_child_free (struct dc_child *child);
DC_DEFINE_AUTO (dc_child)

/* The path of PROGRAM on DC_RUN_PATH for the caller to free, or NULL. */
char *dc_run_find (const char *program);

#endif
