/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CADDYTOKEN_H
#define DC_ANALYZER_ENDPOINT_CADDYTOKEN_H

/* caddytoken: the lines of a Caddyfile.
 *
 *   WORD...          a directive, or the addresses of a site
 *   WORD... {        a block begins; its } is a line of its own
 *
 * Words may be in "" or ``; # begins a comment where a word could begin; a
 * backslash or, among addresses, a comma at the end of a line joins the next.
 * What stands in a heredoc (<<MARK) is one word and left out.
 *
 * Source: caddyserver.com/docs/caddyfile/concepts.
 */

#include "lib/span.h"
#include "lib/words.h"

enum dc_caddy_end {
  DC_CADDY_LINE,
  DC_CADDY_OPEN,  /* { */
  DC_CADDY_CLOSE, /* }, without words */
  DC_CADDY_EOF,   /* without words */
};

struct dc_caddy_reader {
  struct dc_span rest;
  unsigned line; /* of the next byte; from 1 */
};

/* The next line that says anything: its words into WORDS (cleared first), the
 * number of the first into *LINE, and what ended it.  0 or -1:
 * DC_ERR_INVALID (a NUL byte), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_caddy_line (struct dc_caddy_reader *reader, struct dc_words *words,
                   unsigned *line, enum dc_caddy_end *end,
                   struct dc_error *err);

#endif
