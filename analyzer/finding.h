/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_FINDING_H
#define DC_ANALYZER_FINDING_H

/* finding: something a reader of a profile should know: what is missing, what
 * was not understood, what will matter later.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/evidence.h"
#include "lib/error.h"

#define DC_FINDING_MAX ((size_t) 10000) /* further ones are counted */

struct dc_profile;

struct dc_finding {
  char *id;   /* "tree.damaged", "endpoint.unknown" */
  char *text; /* one sentence */
  struct dc_evidence evidence;
};

/* Add a finding; FILE NULL and LINE 0 where there is no such.  FMT makes one
 * sentence, guest bytes in it through dc_quote().  0, or -1: DC_ERR_SYSTEM.
 */
int dc_profile_note (struct dc_profile *profile, const char *id,
                     const char *file, unsigned line, struct dc_error *err,
                     const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 6, 7)));
/* Drop the findings ID whose text begins "START: ": they are answered. */
void dc_profile_forget_notes (struct dc_profile *profile, const char *id,
                              const char *start);
/* Is CODE what something broken in the guest fails with, so that the rest can
 * be read, and not a failure of ours?
 */
bool dc_is_fault_of_guest (enum dc_code code);
/* Release the findings alone. */
void dc_findings_release (struct dc_profile *profile);

#endif
