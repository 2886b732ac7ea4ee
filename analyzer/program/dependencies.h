/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_DEPENDENCIES_H
#define DC_ANALYZER_PROGRAM_DEPENDENCIES_H

/* dependencies: what each service that starts needs, in numbers; a section of
 * the profile.  The files one by one: analyzer/program/kept.h.
 */

#include <jansson.h>
#include <stdint.h>

#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_DEPENDENCY_SERVICE_MAX 1000 /* services looked at */
/* Files kept of all services together; 20 services of a Debian: 200,000. */
#define DC_DEPENDENCY_FILE_MAX ((size_t) 20 * 1000 * 1000)
#define DC_DEPENDENCY_REASON_COUNT 13

struct dc_dependency {
  char *service;
  struct dc_words programs, packages, missing, plugins;
  size_t needed_packages;
  size_t files;  /* regular ones */
  uint64_t size; /* bytes of them */
  size_t files_by_reason[DC_DEPENDENCY_REASON_COUNT];
  uint64_t size_by_reason[DC_DEPENDENCY_REASON_COUNT];
};

struct dc_dependencies {
  struct dc_dependency *items; /* in the order of the units */
  size_t count;
};

struct dc_profile;

int dc_dependencies_read (struct dc_tree *tree, struct dc_profile *profile,
                          struct dc_error *err);
json_t *dc_dependencies_json (const struct dc_profile *profile);
void dc_dependencies_forget (struct dc_profile *profile);

#endif
