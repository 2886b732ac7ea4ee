/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_WORDS_H
#define DC_INIT_WORDS_H

/* words: what each keyword of a plan takes (runtime/init/plan.h has the
 * format).
 */

#include "runtime/init/plan.h"

/* The keyword of this name, or -1. */
int di_keyword_find (const char *name);
/* Does it stand above all services? */
bool di_keyword_is_global (enum di_keyword keyword);
/* May it stand in such a block? */
bool di_keyword_fits (enum di_keyword keyword, enum di_block block);

/* Check the words of LINE, fill its choice, flags and numbers, and where the
 * keyword is a plain setting also the field of BLOCK, the service or trigger
 * (NULL for a global keyword).  0, or -1 with ERR.
 */
int di_line_read (struct di_line *line, void *block, struct di_error *err);

/* "7" or "s15": 0 and a wait status in *STATUS, or -1. */
int di_status_parse (const char *word, int *status);

/* "nofile" of RLIMIT_NOFILE. */
/* "TERM" of 15, or NULL; 15 of "TERM", "SIGTERM" or "15", or -1. */
const char *di_signal_name (int signal);
int di_signal_find (const char *word);
const char *di_resource_name (int resource);

#endif
