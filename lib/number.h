/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_NUMBER_H
#define DC_LIB_NUMBER_H

/* number: a number from text, in a stated range.
 *
 * Digits only: no sign, no space, nothing behind them.  Leading zeros are
 * accepted and mean nothing.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* The decimal number TEXT.  0 and *OUT, or -1 with ERR: DC_ERR_INVALID (the
 * text quotes TEXT; also for NULL), DC_ERR_LIMIT below MIN or above MAX.
 */
int dc_number_parse (const char *text, uint64_t min, uint64_t max,
                     uint64_t *out, struct dc_error *err);
/* The same of SIZE bytes at TEXT; no NUL is needed. */
int dc_number_parse_bytes (const char *text, size_t size, uint64_t min,
                           uint64_t max, uint64_t *out, struct dc_error *err);

#endif
