/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_INITTAB_H
#define DC_ANALYZER_INIT_INITTAB_H

/* inittab: what the first process runs, by itself, in which run level.
 *
 *   id:runlevels:action:process
 *
 * Source: inittab(5) of sysvinit 3.06; BusyBox 1.36, examples/inittab, where
 * the first field is the terminal and the second is ignored.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_INITTAB_FILE "/etc/inittab"
#define DC_INITTAB_SIZE_MAX ((size_t) 256 * 1024) /* bytes */
#define DC_INITTAB_COUNT_MAX 1000                 /* entries; init has fewer */

/* Owned texts, none NULL. */
struct dc_inittab_entry {
  char *id;
  char *levels;  /* "2345"; "": all */
  char *action;  /* "respawn" */
  char *process; /* "/sbin/getty 38400 tty1", less what hides it from utmp */
  unsigned line;
};

struct dc_inittab {
  struct dc_inittab_entry *items; /* in the order of the file */
  size_t count;
  size_t skipped; /* lines that are no entry */
};

/* 0 and *OUT, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_inittab_parse (const char *text, size_t size, struct dc_inittab **out,
                      struct dc_error *err);
/* The run level of "initdefault": a digit, or 0 when there is none; its line
 * in *LINE.
 */
char dc_inittab_level (const struct dc_inittab *inittab, unsigned *line);
/* Does the entry's process run in LEVEL, or at boot? */
bool dc_inittab_runs_in (const struct dc_inittab_entry *entry, char level);
void dc_inittab_free (struct dc_inittab *inittab);
DC_DEFINE_AUTO (dc_inittab)

#endif
