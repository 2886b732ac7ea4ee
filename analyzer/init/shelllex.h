/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_SHELLLEX_H
#define DC_ANALYZER_INIT_SHELLLEX_H

/* shelllex: what the parts of shell share. */

#include "analyzer/init/shell.h"

#define DC_SHELL_HERE_MAX 4 /* here-documents of one line */

/* A text while it is read. */
struct dc_shell_lex {
  struct dc_shell *shell;
  const char *p, *end;
  const char *counted; /* up to here LINE has been counted */
  unsigned line;
  bool is_in_function;                    /* and $1 is an argument of that */
  struct dc_span here[DC_SHELL_HERE_MAX]; /* delimiters that are awaited */
  size_t here_count;
};

/* A word that grows. */
struct dc_shell_word {
  struct dc_buffer text;
  struct dc_words *words; /* where its parts go when it is split; NULL: it is
                             not split */
  bool is_quoted;         /* and so exists although it may be empty */
  unsigned nest;
};

/* shelllex.c: spend SIZE bytes of the budget; false, and is_cut, when there
 * are none left.
 */
bool dc_shell_spend (struct dc_shell *shell, size_t size);
bool dc_shell_is_name_byte (char c, bool is_first);
/* The line at LEX->p. */
unsigned dc_shell_line (struct dc_shell_lex *lex);
/* Behind the bracket that closes the one before P, quotes minded; END without
 * one.
 */
const char *dc_shell_close (const char *p, const char *end, char open,
                            char close);

/* shellword.c: expand what stands at LEX->p, up to a byte that ends a word
 * (or to the end, when WHOLE), into WORD.
 */
int dc_shell_expand (struct dc_shell_lex *lex, struct dc_shell_word *word,
                     bool whole, struct dc_error *err);

#endif
