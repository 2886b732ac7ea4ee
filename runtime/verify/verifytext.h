/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_VERIFYTEXT_H
#define DC_RUNTIME_VERIFY_VERIFYTEXT_H

/* verifytext: the report of a verification for people. */

#include <jansson.h>

#include "lib/buffer.h"
#include "lib/error.h"

/* Append JSON, of doc/verify.schema.json, as text of at most WIDTH columns. */
int dc_verify_text (json_t *json, unsigned width, struct dc_buffer *out,
                    struct dc_error *err);

#endif
