/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_TERMINAL_H
#define DC_CLI_TERMINAL_H

/* terminal: messages and progress on stderr, and the wish to stop.
 *
 * Results go to stdout and are checked when it is closed.  Bars and colours
 * only where stderr is a terminal; NO_COLOR is honoured (no-color.org).
 * SIGINT, SIGTERM and SIGHUP are blocked and come as a readable descriptor,
 * so that every wait can end and clean up.
 */

#include <stdbool.h>

#include "lib/error.h"
#include "lib/report.h"

struct dc_terminal {
  struct dc_report report; /* give this to the library */
  bool is_tty;             /* stderr is a terminal */
  bool has_colour;
  bool is_verbose; /* debug messages are shown */
  bool is_quiet;   /* information and progress are not */
  bool has_bar;    /* a progress line stands unfinished */
  unsigned width;  /* columns of the terminal, else 80 */
};

/* -1 with DC_ERR_SYSTEM. */
int dc_terminal_open (struct dc_terminal *terminal, struct dc_error *err);
/* Progress of things: "12 of 100 guests, 1 failed". */
void dc_terminal_count (struct dc_terminal *terminal, const char *things,
                        size_t done, size_t total, size_t failed);
/* Remove an unfinished progress line. */
void dc_terminal_clear (struct dc_terminal *terminal);
/* "decant: TEXT" on stderr. */
void dc_terminal_error (struct dc_terminal *terminal, const char *text);
/* Columns for results on stdout: the terminal's, else 80. */
unsigned dc_terminal_columns (void);

#endif
