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
 * opening for writing, sockets, exec, ptrace, kill, mount are refused.  It
 * dies with its parent.  What it sends is foreign to the parent: sizes are
 * bounded, texts are cleaned.
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

struct dc_confine {
  const char *name;    /* what it does, for messages: "reading the guest" */
  const int *keep_fds; /* descriptors that stay open besides 0, 1, 2 */
  size_t keep_fd_count;
  const int *read_dirs; /* folders below which it may open for reading */
  size_t read_dir_count;
  const int *write_dirs; /* folders below which it may create and write */
  size_t write_dir_count;
  uint64_t file_size_max; /* RLIMIT_FSIZE in bytes, 0: no limit */
  int unconfined;         /* 1: only forked, for a library that must start
                             programs of its own (libguestfs) */
};

/* Runs in the worker.  Return 0 and give *RESULT (NULL: none), or -1. */
typedef int dc_work (void *arg, const struct dc_report *report, json_t **result,
                     struct dc_error *err);

struct dc_worker;

/* Fork.  The process must have one thread.  ARG is read in the fork. */
int dc_worker_start (const struct dc_confine *confine, dc_work *work, void *arg,
                     struct dc_worker **out, struct dc_error *err);
/* Forward messages until it ends.  0 and *RESULT (NULL if it gave none) for
 * the caller to release, or -1: the worker's own error; DC_ERR_SYSTEM when it
 * died; DC_ERR_CANCELLED.
 */
int dc_worker_wait (struct dc_worker *worker, const struct dc_report *report,
                    json_t **result, struct dc_error *err);
/* Kill it if it runs, reap, release. */
void dc_worker_free (struct dc_worker *worker);
DC_DEFINE_AUTO (dc_worker)

/* Start and wait in one. */
int dc_confined (const struct dc_confine *confine, dc_work *work, void *arg,
                 const struct dc_report *report, json_t **result,
                 struct dc_error *err);

#endif
