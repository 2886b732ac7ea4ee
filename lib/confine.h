/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_CONFINE_H
#define DC_LIB_CONFINE_H

/* confine: forks of ourselves that give up their rights and only then read
 * what a guest wrote.
 *
 *   parent                               worker
 *   open descriptors, start helpers
 *   dc_worker_start() ------- fork ----> close what is not listed
 *                                        no_new_privs, drop capabilities,
 *                                        rlimits, Landlock, seccomp
 *   dc_worker_wait() <-- message frames -- work ()
 *        report            progress frames
 *                    <-- result (JSON) or error -- exit
 *
 * A confined worker may read and write the descriptors it was given, make
 * threads and memory, and open files for reading below the folders listed;
 * opening for writing, sockets, exec, ptrace, kill, mount are refused (EPERM
 * or EACCES).  It has neither locale files nor character sets to load.  It
 * dies with its parent.  What it sends is foreign to the parent: sizes and
 * numbers are bounded, texts are cleaned.
 *
 * Of root's power it keeps what reads (read_dirs) or makes (write_dirs)
 * other users' files, and absolute paths then lead nowhere: use the
 * descriptors of the folders.  An ordinary user's worker with write_dirs may
 * change modes and times of any file of his, which Landlock does not see.
 *
 * Source: landlock(7), seccomp(2), prctl(2), capabilities(7).
 */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/landlock.h"
#include "lib/report.h"

/* Bytes of the JSON that a worker may return. */
#define DC_WORKER_RESULT_MAX ((size_t) 256 * 1024 * 1024)
/* Messages that a worker may send; one more says that the rest is left out. */
#define DC_WORKER_MESSAGE_MAX 10000u
/* Reports of progress: days, at ten a second. */
#define DC_WORKER_PROGRESS_MAX 10000000u

struct dc_confine {
  const char *name;    /* what it does, for messages: "reading the guest" */
  const int *keep_fds; /* descriptors that stay open; 0 and 1 are /dev/null,
                          what is said on 2 is told if it dies */
  size_t keep_fd_count;
  const int *read_dirs; /* folders below which it may open for reading */
  size_t read_dir_count;
  const int *write_dirs; /* folders below which it may create and write */
  size_t write_dir_count;
  uint64_t file_size_max; /* RLIMIT_FSIZE in bytes, 0: no limit */
  /* Called with the work's ARG in the fork, while it still has all its
   * rights, so that it can enter namespaces, which then are its borders in
   * place of an empty root.  NULL: nothing.
   */
  int (*enter) (void *arg, struct dc_error *err);
  int connects;   /* 1: it may make sockets and connect them, also to
                             those of other users; ENTER has led to a network
                             that leads nowhere */
  int unconfined; /* 1: only forked, for a library that must start
                             programs of its own (libguestfs) */
};

/* Runs in the worker.  Return 0 and give *RESULT (an object or an array;
 * NULL: none), or -1.
 */
typedef int dc_work (void *arg, const struct dc_report *report, json_t **result,
                     struct dc_error *err);

struct dc_worker;

/* Fork.  The process must have one thread.  ARG is read in the fork. */
int dc_worker_start (const struct dc_confine *confine, dc_work *work, void *arg,
                     struct dc_worker **out, struct dc_error *err);
/* Forward messages until it ends.  0 and *RESULT (NULL if it gave none) for
 * the caller to release, or -1: the worker's own error; DC_ERR_SYSTEM when it
 * died; DC_ERR_INVALID or DC_ERR_LIMIT when it broke the rules above;
 * DC_ERR_CANCELLED.  After -1 it is dead.
 */
int dc_worker_wait (struct dc_worker *worker, const struct dc_report *report,
                    json_t **result, struct dc_error *err);
/* For two workers of which one feeds the other: while the one is waited for,
 * the messages of the other are forwarded too, so that it does not stand
 * still.  Each still needs its own wait.
 */
void dc_worker_pair (struct dc_worker *worker, struct dc_worker *partner);
/* Kill it and all it started, if it runs, reap, release. */
void dc_worker_free (struct dc_worker *worker);
DC_DEFINE_AUTO (dc_worker)

/* Start and wait in one. */
int dc_confined (const struct dc_confine *confine, dc_work *work, void *arg,
                 const struct dc_report *report, json_t **result,
                 struct dc_error *err);

#endif
