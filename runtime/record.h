/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_RECORD_H
#define DC_RUNTIME_RECORD_H

/* record: what decant remembers of a container it starts.
 *
 *   STATE/running/NAME.json   who started what, and how far that got
 *   STATE/running/NAME.lock   locked (flock(2)) by who starts or stops it:
 *                             the kernel unlocks it when that one is killed
 *
 *   {"name": "web", "id": "0123...", "runner": "podman", "state": "running",
 *    "layout": "web", "tag": "latest", "digest": "sha256:...",
 *    "image": "sha256:...", "pid": 17, "stop_s": 0}
 *
 * "digest" is the manifest's, "image" the config's.
 */

#include <stdbool.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "runtime/runner.h"

#define DC_RECORD_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

struct dc_record {
  struct dc_started started;
  char runner[16];
  bool is_running; /* else a start is under way, or was killed */
};

/* The right to start or stop one container. */
struct dc_recordlock;

/* DC_ERR_INVALID: NAME cannot name a container; DC_ERR_BUSY: somebody else
 * has the right.
 */
int dc_record_lock (const char *name, struct dc_recordlock **out,
                    struct dc_error *err);
void dc_recordlock_free (struct dc_recordlock *lock);
DC_DEFINE_AUTO (dc_recordlock)

/* 1 and *OUT, 0 when there is none, -1: DC_ERR_INVALID (damaged; the text
 * names the file), DC_ERR_SYSTEM.
 */
int dc_record_read (const struct dc_recordlock *lock, struct dc_record *out,
                    struct dc_error *err);
/* PID is 0 while RECORD is not running. */
int dc_record_write (const struct dc_recordlock *lock,
                     const struct dc_record *record,
                     const struct dc_start *start, int pid,
                     struct dc_error *err);
int dc_record_remove (const struct dc_recordlock *lock, struct dc_error *err);

/* A new random id. */
int dc_record_new_id (char id[DC_RUN_ID_SIZE], struct dc_error *err);

#endif
