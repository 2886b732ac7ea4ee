/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_SOURCEAPPLIANCE_H
#define DC_ANALYZER_SOURCE_SOURCEAPPLIANCE_H

/* sourceappliance: work done on trees that come through the appliance. */

#include "analyzer/source/source.h"
#include "lib/disk/open.h"

/* What source.c knows of one source; all borrowed. */
struct dc_sourceappliance {
  struct dc_disk_source *const *disks;
  size_t disk_count;
  const char *root;
  const char *key_file;
  json_t *machine; /* NULL: the source has none */
};

/* As dc_source_run(). */
int dc_sourceappliance_run (const struct dc_sourceappliance *guest,
                            const struct dc_source_work *work,
                            const struct dc_report *report, json_t **result,
                            struct dc_error *err);
/* As dc_source_run_together(). */
int dc_sourceappliance_run_all (const struct dc_sourceappliance *guests,
                                size_t count, const struct dc_source_work *work,
                                const struct dc_source_sink *sink,
                                const struct dc_report *report,
                                struct dc_error *err);

#endif
