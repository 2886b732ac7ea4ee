/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_EQUIVALENCE_H
#define DC_RUNTIME_VERIFY_EQUIVALENCE_H

/* equivalence: does a converted system answer as its source does?
 *
 * A throw-away copy of the source is booted (runtime/verify/boot.h) and each
 * endpoint that can be reached from outside is asked what the converted system
 * was asked.  What each probe learnt is compared fact by fact; the body of a
 * page that differs between two answers of the source itself is left out.
 *
 * Source and result are foreign: answers are read by a confined worker.
 * The report is doc/equivalence.schema.json.
 */

#include <jansson.h>

#include "lib/error.h"
#include "lib/report.h"
#include "runtime/verify/boot.h"

#define DC_EQUIVALENCE_TIMEOUT_S 300 /* for the source to boot and answer */

struct dc_equivalence_options {
  struct dc_disk_source *const *disks;
  size_t disk_count;
  const char *source; /* its name, for the report */
  unsigned timeout_s;
};

/* VERIFIED is the report of dc_verify() with bodies.  0 and *OUT for the
 * caller: "endpoints", "differences", "equivalent"; -1 when it could not be
 * tried (dc_boot_start(); DC_ERR_UNSUPPORTED: nothing could be compared).
 */
int dc_equivalence (json_t *verified,
                    const struct dc_equivalence_options *options,
                    const struct dc_report *report, json_t **out,
                    struct dc_error *err);
/* Add to DIFFERENCES a sentence for each fact that is not equal in both; the
 * host's name in a greeting may differ.
 */
int dc_facts_compare (json_t *source, json_t *result, json_t *differences,
                      struct dc_error *err);

#endif
