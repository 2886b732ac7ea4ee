/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_TEXT_H
#define DC_LIB_TEXT_H

/* text: a string made by a format, for its owner. */

#include "lib/error.h"

/* 0 and *OUT for the caller to free, or -1 with ERR: DC_ERR_SYSTEM, and *OUT
 * untouched (unlike asprintf(3)'s).
 */
int dc_text_print (char **out, struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));

#endif
