/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_OUTPUT_H
#define DC_LIB_OUTPUT_H

/* output: a file or folder that appears by rename when it is complete.
 *
 * Until dc_output_publish() nothing is visible under the final name; a
 * failed run leaves what was there before.  The unfinished output stands
 * beside the final name as ".decant-<random>.partial", locked with flock(2)
 * as long as its owner lives.  The next dc_output_begin() in the same folder
 * removes those that nobody holds: the remains of a run killed with SIGKILL.
 *
 * A file system without RENAME_NOREPLACE, RENAME_EXCHANGE or flock(2) does
 * without: then another process may see a moment of the change.
 *
 * Source: rename(2) (RENAME_NOREPLACE, RENAME_EXCHANGE), flock(2).
 */

#include "lib/cleanup.h"
#include "lib/error.h"

struct dc_output;

enum dc_output_kind {
  DC_OUTPUT_FILE,
  DC_OUTPUT_FOLDER,
};

enum dc_output_policy {
  DC_OUTPUT_NEW,     /* an existing PATH is DC_ERR_EXISTS, at begin already */
  DC_OUTPUT_REPLACE, /* an existing PATH is replaced at publish */
};

/* Begin an output that will be PATH.  Return 0 and give the caller *OUT, or
 * -1: DC_ERR_EXISTS, DC_ERR_INVALID (PATH is no name, or a device, pipe or
 * socket), DC_ERR_NOTFOUND (no such folder), DC_ERR_SYSTEM.
 */
int dc_output_begin (const char *path, enum dc_output_kind kind,
                     enum dc_output_policy policy, struct dc_output **out,
                     struct dc_error *err);
/* The open file (read and write) or folder; belongs to OUTPUT. */
int dc_output_fd (const struct dc_output *output);
/* Sync and rename into place.  What lies in a folder is the caller's to sync
 * before, only the folder itself is synced here.  0, or -1 with the
 * unfinished output still there for dc_output_free() to remove.
 */
int dc_output_publish (struct dc_output *output, struct dc_error *err);
/* Release; what was not published is removed.  NULL is allowed. */
void dc_output_free (struct dc_output *output);
DC_DEFINE_AUTO (dc_output)

/* Remove what killed runs left in the folder DIR_FD; dc_output_begin() does
 * it by itself.  What cannot be removed stays.
 */
void dc_output_sweep (int dir_fd);

/* Replace the file NAME in folder DIR_FD by these bytes, atomically, synced
 * (mode 0644): for small documents such as an index.json.
 */
int dc_output_replace (int dir_fd, const char *name, const void *bytes,
                       size_t size, struct dc_error *err);

#endif
