/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_WORDS_H
#define DC_LIB_WORDS_H

/* words: a list of strings that grows, always ready to be an argv.
 *
 * ITEMS is NULL while nothing was ever added; from then on it has COUNT
 * strings and a NULL behind them.  The list owns its strings.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_WORDS_MAX ((size_t) 64 * 1024) /* strings of one list */

struct dc_words {
  char **items;
  size_t count;
};

/* Append a copy of TEXT, or the SIZE bytes at TEXT, which hold no NUL.  0, or
 * -1 with nothing changed: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_words_add (struct dc_words *words, const char *text,
                  struct dc_error *err);
int dc_words_add_bytes (struct dc_words *words, const char *text, size_t size,
                        struct dc_error *err);
/* Append TEXT itself, which belongs to the list from then on; on failure it
 * is freed.
 */
int dc_words_take (struct dc_words *words, char *text, struct dc_error *err);
bool dc_words_has (const struct dc_words *words, const char *text);
/* Sort by bytes and drop what is there twice. */
void dc_words_sort (struct dc_words *words);
void dc_words_release (struct dc_words *words);

/* AUTO_WORDS struct dc_words words = { NULL, 0 }; */
#define AUTO_WORDS __attribute__ ((__cleanup__ (dc_words_release)))

#endif
