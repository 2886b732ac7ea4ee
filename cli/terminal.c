/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/terminal.h"

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN 40
#define BAR_SIZE 24

static unsigned
columns_of (int fd)
{
  struct winsize size;

  if (ioctl (fd, TIOCGWINSZ, &size) < 0 || size.ws_col < COLUMNS_MIN)
    return COLUMNS_DEFAULT;
  return size.ws_col;
}

unsigned
dc_terminal_columns (void)
{
  return columns_of (STDOUT_FILENO);
}

void
dc_terminal_clear (struct dc_terminal *terminal)
{
  if (terminal->has_bar)
    (void) fputs ("\r\033[K", stderr); /* nothing can be said if it fails */
  terminal->has_bar = false;
}

static void
message (void *self, enum dc_level level, const char *text)
{
  static const struct {
    const char *word, *colour;
  } levels[] = {
    [DC_WARNING] = { "warning: ", "\033[33m" },
    [DC_INFO] = { "", "" },
    [DC_DEBUG] = { "debug: ", "\033[2m" },
  };
  struct dc_terminal *terminal = self;

  if ((level == DC_DEBUG && !terminal->is_verbose) ||
      (level == DC_INFO && terminal->is_quiet))
    return;
  dc_terminal_clear (terminal);
  const bool is_coloured = terminal->has_colour && levels[level].colour[0];
  (void) fprintf (stderr, "decant: %s%s%s%s\n",
                  is_coloured ? levels[level].colour : "", levels[level].word,
                  text, is_coloured ? "\033[0m" : "");
}

void
dc_terminal_error (struct dc_terminal *terminal, const char *text)
{
  dc_terminal_clear (terminal);
  (void) fprintf (stderr, "decant: %s%s%s\n",
                  terminal->has_colour ? "\033[31m" : "", text,
                  terminal->has_colour ? "\033[0m" : "");
}

static void
progress (void *self, const char *what, uint64_t done, uint64_t total)
{
  struct dc_terminal *terminal = self;
  const double mib = 1024.0 * 1024.0;

  if (!terminal->is_tty || terminal->is_quiet)
    return;
  dc_terminal_clear (terminal);
  if (total == 0) {
    (void) fprintf (stderr, "%s: %.0f MiB", what, (double) done / mib);
  } else {
    char bar[BAR_SIZE + 1];
    const double part = done < total ? (double) done / (double) total : 1;
    const size_t full = (size_t) (part * BAR_SIZE);
    memset (bar, '.', BAR_SIZE);
    memset (bar, '#', full);
    bar[BAR_SIZE] = '\0';
    (void) fprintf (stderr, "%s [%s] %3.0f%% of %.0f MiB", what, bar,
                    100 * part, (double) total / mib);
  }
  (void) fflush (stderr);
  terminal->has_bar = done < total || total == 0;
  if (!terminal->has_bar)
    (void) fputs ("\r\033[K", stderr);
}

void
dc_terminal_count (struct dc_terminal *terminal, const char *things,
                   size_t done, size_t total, size_t failed)
{
  if (!terminal->is_tty || terminal->is_quiet)
    return;
  dc_terminal_clear (terminal);
  (void) fprintf (stderr, "%zu of %zu %s", done, total, things);
  if (failed > 0)
    (void) fprintf (stderr, ", %zu failed", failed);
  (void) fflush (stderr);
  terminal->has_bar = true;
}

/* A descriptor that becomes readable with one of the signals that ask us to
 * stop.  SIGPIPE is ignored: a write fails instead.
 */
static int
open_signals (struct dc_error *err)
{
  sigset_t set;

  (void) sigemptyset (&set); /* cannot fail on valid arguments */
  (void) sigaddset (&set, SIGINT);
  (void) sigaddset (&set, SIGTERM);
  (void) sigaddset (&set, SIGHUP);
  if (signal (SIGPIPE, SIG_IGN) == SIG_ERR ||
      sigprocmask (SIG_BLOCK, &set, NULL) < 0)
    return dc_fail_errno (err, "cannot block signals");
  const int fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd >= 0 ? fd : dc_fail_errno (err, "cannot wait for signals");
}

int
dc_terminal_open (struct dc_terminal *terminal, struct dc_error *err)
{
  const char *no_colour = getenv ("NO_COLOR");

  *terminal = (struct dc_terminal){
    .is_tty = isatty (STDERR_FILENO) == 1,
    .width = columns_of (STDERR_FILENO),
  };
  terminal->has_colour =
      terminal->is_tty && (no_colour == NULL || no_colour[0] == '\0');
  terminal->report = (struct dc_report){ .message = message,
                                         .progress = progress,
                                         .self = terminal };
  terminal->report.cancel_fd = open_signals (err);
  return terminal->report.cancel_fd < 0 ? -1 : 0;
}
