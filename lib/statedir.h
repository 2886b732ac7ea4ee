/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_STATEDIR_H
#define DC_LIB_STATEDIR_H

/* statedir: where decant keeps what it must remember: answers of probes,
 * running results, later jobs.
 *
 * $DECANT_STATE_DIR, else /var/lib/decant for root, else
 * $XDG_STATE_HOME/decant, else $HOME/.local/state/decant.
 *
 * Source: XDG Base Directory Specification 0.8.
 */

#include "lib/buffer.h"
#include "lib/error.h"

/* Open it, made with mode 0700 if it is missing.  The descriptor, or -1 with
 * DC_ERR_SYSTEM (the text names the path).
 */
int dc_statedir_open (struct dc_error *err);
/* Its folder NAME, made likewise. */
int dc_statedir_open_folder (const char *name, struct dc_error *err);
/* Its path, for programs that need one, appended to B. */
int dc_statedir_path (struct dc_buffer *b, struct dc_error *err);

/* A small answer kept in the file NAME: read into B (1; 0 when there is none;
 * -1), or written atomically.
 */
int dc_statedir_recall (const char *name, struct dc_buffer *b,
                        struct dc_error *err);
int dc_statedir_remember (const char *name, const char *text,
                          struct dc_error *err);

#endif
