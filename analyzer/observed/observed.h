/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_OBSERVED_OBSERVED_H
#define DC_ANALYZER_OBSERVED_OBSERVED_H

/* observed: what the script of `decant collect` recorded on the live host,
 * and what it changes in the profile of that host's disk.
 *
 * Source: decant-collect(1), "The record".  The record may come from anybody:
 * it is parsed in the confined worker, and a line that is not as it should
 * be is counted and left out.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/tree/tree.h"

#define DC_OBSERVED_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes */
#define DC_OBSERVED_ROW_MAX ((size_t) 50 * 1000)         /* of one record */
#define DC_OBSERVED_UNIT_MAX ((size_t) 1000) /* whose use is added up */
#define DC_OBSERVED_FIELD_MAX 7
#define DC_OBSERVED_HEADER "decant-observed 1"

enum dc_observed_kind {
  DC_SEEN_ADDRESS,  /* interface, address/length */
  DC_SEEN_CONNECT,  /* in or out, protocol, peer, port, unit, count */
  DC_SEEN_CPU,      /* busy ticks, all ticks */
  DC_SEEN_CPUS,     /* count */
  DC_SEEN_HOSTNAME, /* name */
  DC_SEEN_KERNEL,   /* release, machine */
  DC_SEEN_LISTEN,   /* protocol, address, port or path, process, unit */
  DC_SEEN_LOAD,     /* of 1, 5, 15 minutes */
  DC_SEEN_MACHINE_ID,
  DC_SEEN_MEMORY, /* kB: all, available, swap, free swap */
  DC_SEEN_MISSING,
  DC_SEEN_MODULE,
  DC_SEEN_MOUNT,   /* device, folder, type, options, kB: size, used */
  DC_SEEN_OPEN,    /* unit, file */
  DC_SEEN_OS,      /* id, version */
  DC_SEEN_PROCESS, /* pid, uid, unit, kB, ticks, name, executable */
  DC_SEEN_SECURITY,
  DC_SEEN_SYSCTL,
  DC_SEEN_TIME, /* seconds since 1970 */
  DC_SEEN_UNIT, /* name, state */
  DC_SEEN_UPTIME,
  DC_SEEN_USER,
};

struct dc_observed_row {
  enum dc_observed_kind kind;
  unsigned line;
  const char *fields[DC_OBSERVED_FIELD_MAX]; /* into the text; valid ones */
};

struct dc_observed {
  char *file;                   /* its name, for evidence; NULL: no record */
  char *text;                   /* with NUL for tabs and newlines */
  struct dc_observed_row *rows; /* in the order of the file */
  size_t count;
  uint64_t damaged; /* lines left out */
  bool is_complete; /* it has its last line */
};

/* Does TEXT begin as a record?  0, or -1: DC_ERR_INVALID, DC_ERR_UNSUPPORTED
 * (of another version).
 */
int dc_observed_check (const char *text, size_t size, struct dc_error *err);
/* Parse SIZE bytes at TEXT, which FILE is said to hold, into OBSERVED, which
 * is empty.  0, or -1 as dc_observed_check(), or DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_observed_parse (const char *text, size_t size, const char *file,
                       struct dc_observed *observed, struct dc_error *err);
void dc_observed_release (struct dc_observed *observed);

/* The next row of KIND at or behind *POSITION, which moves behind it; NULL. */
const struct dc_observed_row *
dc_observed_next (const struct dc_observed *observed,
                  enum dc_observed_kind kind, size_t *position);
/* The first field of the first row of KIND; NULL. */
const char *dc_observed_text (const struct dc_observed *observed,
                              enum dc_observed_kind kind);
/* A field that is a number by its kind; 0 where it is empty. */
uint64_t dc_observed_number (const struct dc_observed_row *row, size_t field);

/* A field in kB as JSON: bytes, or null where it is empty. */
json_t *dc_observed_bytes (const struct dc_observed_row *row, size_t field);

struct dc_profile;
struct dc_page;
/* observedmerge.c: endpoints and connections that were seen become observed,
 * new ones are added; what was declared and not seen is noted.
 */
int dc_observed_merge (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
/* As struct dc_section has it. */
int dc_observed_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);
json_t *dc_observed_json (const struct dc_profile *profile);
int dc_observed_page (struct dc_page *page, struct dc_error *err);
void dc_observed_forget (struct dc_profile *profile);

#endif
