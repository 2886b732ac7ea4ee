/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_TMPFILES_H
#define DC_TRANSFORM_TMPFILES_H

/* tmpfiles: the files and folders that the guest makes at each boot, compiled
 * into `tmpfile` lines of the init plan (runtime/init/plan.h).
 *
 * What can be decided here is: which files count and in what order, who is
 * masked, names of users, specifiers, escapes, base64, duplicates, the order
 * in which systemd-tmpfiles would do the lines.  Patterns and what is already
 * there are left to each start.
 *
 * Not done: the age of files (a container lives shortly; said where a service
 * relies on it is not known), file attributes (h, H), credentials (f^, w^:
 * skipped, as systemd does without them), access lists (a, A: a finding).
 * Lines for paths of templates/select.yaml, `not_made`, are passed over.
 *
 * Source: tmpfiles.d(5) of systemd 252; where it is silent, what
 * `systemd-tmpfiles --create --remove --boot` of systemd 252 does.
 */

#include "analyzer/system/users.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_TMPFILES_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of one file */
#define DC_TMPFILES_LINE_MAX 4096                   /* of the plan */
#define DC_TMPFILES_TEXT_MAX ((size_t) 192 * 1024)  /* bytes of them */

/* Append the lines to LINES, and to FINDINGS sentences with FILE:LINE.
 * HOSTNAME is for specifiers, may be NULL.  0, or -1: DC_ERR_LIMIT (LINES),
 * DC_ERR_SYSTEM, what the tree says.
 */
int dc_tmpfiles_compile (struct dc_tree *tree, const struct dc_users *users,
                         const char *hostname, struct dc_buffer *lines,
                         struct dc_words *findings, struct dc_error *err);

#endif
