/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_OPTION_H
#define DC_CLI_OPTION_H

/* option: the options of a command as one table, which also makes its help.
 *
 * Source: getopt_long(3).  Options and operands may be mixed; "--" ends the
 * options.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

enum dc_option_kind {
  DC_OPTION_FLAG,   /* bool target: becomes true */
  DC_OPTION_TEXT,   /* const char * target: borrowed from argv */
  DC_OPTION_TEXTS,  /* struct dc_option_texts target: given several times */
  DC_OPTION_NUMBER, /* unsigned target, in [min, max] */
  DC_OPTION_CHOICE, /* int target: index of the word in CHOICES */
};

#define DC_OPTION_TEXTS_MAX 64

struct dc_option_texts {
  const char *items[DC_OPTION_TEXTS_MAX + 1]; /* NULL-terminated */
  size_t count;
};

struct dc_option {
  const char *name; /* "output", without dashes; NULL ends the table */
  char letter;      /* 'o'; 0: none */
  enum dc_option_kind kind;
  size_t target;          /* offset in the struct being filled */
  const char *argument;   /* "FILE" for the help; NULL for a flag */
  const char *help;       /* one line, no full stop */
  unsigned min, max;      /* of a number */
  const char *choices[8]; /* of a choice, NULL-terminated */
};

#define DC_OPTION_END                                                          \
  {                                                                            \
    .name = NULL                                                               \
  }

/* Fill TARGET from ARGV[1] on by ROWS; the operands are moved to the end of
 * ARGV, *FIRST is the index of the first.  0, or -1 with DC_ERR_INVALID: the
 * mistake in one sentence.
 */
int dc_options_parse (const struct dc_option *rows, int argc, char **argv,
                      void *target, int *first, struct dc_error *err);
/* Print the table for people: "  -o, --output FILE   what it does". */
int dc_options_print (const struct dc_option *rows);

#endif
