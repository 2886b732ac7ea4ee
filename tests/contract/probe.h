/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_CONTRACT_PROBE_H
#define DC_TESTS_CONTRACT_PROBE_H

/* probe: the program that the units of tests/contract start.
 *
 *   probe UNIT LABEL [ACTION...] [-- WORD...]
 *
 * It writes what it sees of itself as a line of JSON (probestate.c), then does
 * the actions in order (probeaction.c) and exits with 0.  A record is a file
 * of its own in PROBE_FOLDER, or, where that cannot be written, a line
 * "PROBE {...}" on stdout.  Static, so that it runs in any root.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_FOLDER "/observed"

struct record {
  size_t size;
  bool needs_comma;
  char text[60000];
};

struct probe {
  const char *unit, *label;
  char **argv;
};

/* probejson.c: the pieces of a record.  NAME is NULL in a list.  What does not
 * fit makes the record too long, which is said instead of it.
 */
void record_begin (struct record *record, const struct probe *probe,
                   const char *event);
void record_open (struct record *record, const char *name, char bracket);
void record_close (struct record *record, char bracket);
void record_text (struct record *record, const char *name, const char *text);
void record_bytes (struct record *record, const char *name, const char *bytes,
                   size_t size);
void record_number (struct record *record, const char *name, int64_t number);
/* Write it out. */
void record_end (struct record *record);

/* probestate.c: all that the process sees of itself. */
void probe_state (const struct probe *probe);

/* probeaction.c: do ACTION of PROBE, whose label may change. */
void probe_act (struct probe *probe, const char *action);

#endif
