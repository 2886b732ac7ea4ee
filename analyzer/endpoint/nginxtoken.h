/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_NGINXTOKEN_H
#define DC_ANALYZER_ENDPOINT_NGINXTOKEN_H

/* nginxtoken: the statements of an nginx configuration file.
 *
 *   NAME WORD... ;        a directive
 *   NAME WORD... {        a block begins; its } is a statement of its own
 *
 * Words may be in '' or "", with a backslash before bytes that mean
 * themselves; # begins a comment where a word could begin.  A block of Lua
 * (content_by_lua_block { ... }) is skipped whole and is a directive.
 *
 * Source: measured with nginx 1.22; github.com/openresty/lua-nginx-module.
 */

#include "lib/span.h"
#include "lib/words.h"

enum dc_nginx_end {
  DC_NGINX_DIRECTIVE, /* ; */
  DC_NGINX_OPEN,      /* { */
  DC_NGINX_CLOSE,     /* }, without words */
  DC_NGINX_EOF,       /* without words */
};

struct dc_nginx_reader {
  struct dc_span rest;
  unsigned line; /* of the next byte; from 1 */
};

/* The next statement: its words into WORDS (cleared first), the line of the
 * first into *LINE, and what ended it.  0, or -1: DC_ERR_INVALID "line 7: ..."
 * where nginx would refuse the file, DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_nginx_statement (struct dc_nginx_reader *reader, struct dc_words *words,
                        unsigned *line, enum dc_nginx_end *end,
                        struct dc_error *err);

#endif
