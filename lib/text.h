/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TEXT_H
#define DC_LIB_TEXT_H

/* text: strings for their owners, and questions about them. */

#include <stdbool.h>

#include "lib/error.h"

/* 0 and *OUT for the caller to free, or -1 with ERR: DC_ERR_SYSTEM, and *OUT
 * untouched (unlike asprintf(3)'s).
 */
int dc_text_print (char **out, struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));
/* A copy of TEXT, or NULL of NULL.  0 and *OUT, or -1: DC_ERR_SYSTEM, and then
 * *OUT is NULL.
 */
int dc_text_copy (const char *text, char **out, struct dc_error *err);
/* As strcmp(3); NULL goes before any text. */
int dc_text_compare (const char *a, const char *b);
/* The last component of PATH, in it. */
const char *dc_text_last_component (const char *path);
/* Does TEXT end in SUFFIX, with something before it? */
bool dc_text_ends_in (const char *text, const char *suffix);

#endif
