/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_HAPROXYLINE_H
#define DC_ANALYZER_ENDPOINT_HAPROXYLINE_H

/* haproxyline: the words of one line of HAProxy's configuration, and the
 * conditions of its .if lines.
 *
 *   word  "a word with $VARIABLE and ${VARIABLE-default}"  'a $word'  a\ word
 *
 * Variables count between double quotes only; # begins a comment.
 *
 * Source: HAProxy's configuration manual 2.6, sections 2.2 to 2.4.
 */

#include "lib/words.h"

#define DC_HAPROXY_NESTED_MAX 16 /* parentheses in each other */
#define DC_HAPROXY_LEVEL_MAX 16  /* .if in each other */

/* ENVIRONMENT is "NAME=value".  0, or -1: DC_ERR_INVALID (an open quote),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_haproxy_words (const char *line, const struct dc_words *environment,
                      struct dc_words *words, struct dc_error *err);

enum dc_haproxy_verdict { DC_HAPROXY_NO, DC_HAPROXY_MAYBE, DC_HAPROXY_YES };

/* Does CONDITION hold?  What depends on how the program was built is MAYBE, so
 * is what we do not know or understand.  VERSION may be NULL.
 */
enum dc_haproxy_verdict dc_haproxy_judge (const char *condition,
                                          const struct dc_words *environment,
                                          const char *version);

/* The .if that a line lies in, the outermost first. */
struct dc_haproxy_levels {
  struct {
    enum dc_haproxy_verdict now, taken; /* this branch; any up to now */
  } items[DC_HAPROXY_LEVEL_MAX];
  unsigned count;
};

/* Follow .if, .elif, .else, .endif: 1 when WORDS are a line with a dot in
 * front; 0; -1: DC_ERR_LIMIT (too many in each other), DC_ERR_SYSTEM.
 */
int dc_haproxy_level (struct dc_haproxy_levels *levels,
                      const struct dc_words *words,
                      const struct dc_words *environment, const char *version,
                      struct dc_error *err);
/* Does the line being read count? */
enum dc_haproxy_verdict
dc_haproxy_verdict (const struct dc_haproxy_levels *levels);

#endif
