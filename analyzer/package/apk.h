/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_APK_H
#define DC_ANALYZER_PACKAGE_APK_H

/* apk: the database of Alpine's package manager.
 *
 *   P:busybox               a line a field; an empty line ends the record
 *   V:1.36.1-r29
 *   D:so:libc.musl-x86_64.so.1
 *   F:bin                   a folder, what follows lies in it
 *   R:busybox               a file
 *   a:0:0:755               its owner and mode
 *   Z:Q1yCrnw...=           SHA-1 ("Q1") or SHA-256 ("Q2") of its content, or
 *                           of a link's target, in base64
 *
 * Source: apk(5), apk-world(5), apk-protected_paths(5); apk-tools 2.14 and 3.0
 * src/database.c; measured on Alpine 3.10 to 3.20.
 */

#include "lib/span.h"

/* Begin with the whole text, all else 0. */
struct dc_apk_reader {
  struct dc_span rest;
  unsigned line; /* of the field given last */
};

/* The next field: its letter and value; the letter is 0 at the end of a
 * record.  False at the end of the text, before which a record always ends.
 */
bool dc_apk_next (struct dc_apk_reader *reader, char *letter,
                  struct dc_span *value);

#endif
