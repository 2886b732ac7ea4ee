/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_JSON_H
#define DC_LIB_JSON_H

/* json: jansson with our errors.
 *
 * Source: RFC 8259; jansson's API reference.  Texts from guests are bytes:
 * what is not UTF-8 is written as U+FFFD.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/words.h"

/* Parse SIZE bytes; duplicate keys are refused.  WHAT names the document in
 * the message.  The caller releases *OUT.  DC_ERR_INVALID.
 */
int dc_json_parse (const char *text, size_t size, const char *what,
                   json_t **out, struct dc_error *err);

/* json_unpack_ex() with our error; WHAT as above.  Put "!" last in FMT for
 * our own files (an unknown key is an error), nothing for OCI documents.
 */
int dc_json_unpack (json_t *json, const char *what, struct dc_error *err,
                    const char *fmt, ...);

/* A new string of any bytes (see above); NULL: json null. */
json_t *dc_json_bytes (const char *s);

/* A new array of them; NULL without memory. */
json_t *dc_json_words (const struct dc_words *words);

/* Build a value in straight lines: each adds to *OBJECT (or *ARRAY), takes
 * VALUE, and if VALUE is NULL or there is no memory releases *OBJECT, which
 * becomes NULL and stays so.  The end asks once whether there is a value.
 */
void dc_json_put (json_t **object, const char *key, json_t *value);
/* TEXT as dc_json_bytes(). */
void dc_json_put_text (json_t **object, const char *key, const char *text);
/* What JSON integers of jansson cannot hold is written as INT64_MAX. */
void dc_json_put_number (json_t **object, const char *key, uint64_t number);
void dc_json_put_bool (json_t **object, const char *key, bool value);
void dc_json_push (json_t **array, json_t *value);

/* Compact with sorted keys: what gets hashed.  The caller frees *TEXT. */
int dc_json_canonical (const json_t *json, char **text, size_t *size,
                       struct dc_error *err);
/* Indented, keys in the order they were set, a newline at the end. */
int dc_json_pretty (const json_t *json, char **text, size_t *size,
                    struct dc_error *err);

/* Report that building a JSON value failed (jansson says only NULL or -1). */
int dc_json_no_memory (struct dc_error *err);

#endif
