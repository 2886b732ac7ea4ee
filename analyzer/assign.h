/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ASSIGN_H
#define DC_ANALYZER_ASSIGN_H

/* assign: files of KEY=value lines in shell quoting, nothing expanded.
 *
 * Quotes and backslashes as in sh(1).  A line that is no assignment, whose
 * quote is open or that holds a NUL is skipped.  Where the shell would see a
 * second word (KEY=two words) the value is both, as systemd reads it; a
 * blank and "#" begin a comment, as the shell reads it.
 *
 * Source: os-release(5); POSIX.1-2024, XCU 2.2 "Quoting"; systemd 257,
 * src/basic/env-file.c, for what it accepts beyond the manual.
 */

#include <stddef.h>

#include "lib/error.h"

struct dc_assign {
  const char *key;
  char **value; /* replaced and freed when KEY is assigned; last one wins */
};

/* Fill the COUNT rows from SIZE bytes at TEXT; a row whose key is absent is
 * left alone.  0, or -1: DC_ERR_SYSTEM, with some rows filled.
 */
int dc_assign_read (const char *text, size_t size, const struct dc_assign *rows,
                    size_t count, struct dc_error *err);

#endif
