/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_BINDTOKEN_H
#define DC_ANALYZER_ENDPOINT_BINDTOKEN_H

/* bindtoken: the tokens of named.conf.
 *
 *   words, "quoted words", {, }, ;, and the comments of C, C++ and the shell
 *
 * Source: named.conf(5) of BIND 9.18; measured with its named-checkconf.
 */

#include "lib/buffer.h"
#include "lib/span.h"

enum dc_bind_kind {
  DC_BIND_WORD,
  DC_BIND_OPEN,  /* { */
  DC_BIND_CLOSE, /* } */
  DC_BIND_END,   /* ; */
  DC_BIND_EOF,
};

struct dc_bind_reader {
  struct dc_span rest;
  unsigned line; /* of the next byte; from 1 */
};

/* The next token; the text of a word into WORD, cleared first.  A '!' is a
 * word of its own.  0, or -1: DC_ERR_INVALID (a quote or a comment that stays
 * open), DC_ERR_SYSTEM.
 */
int dc_bind_token (struct dc_bind_reader *reader, enum dc_bind_kind *kind,
                   struct dc_buffer *word, struct dc_error *err);

#endif
