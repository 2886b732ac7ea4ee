/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_DEFINITIONWORK_H
#define DC_ANALYZER_SOURCE_DEFINITIONWORK_H

/* definitionwork: what confined workers do for definition.c.
 *
 * The answer about a definition:
 *   machine  as in analyzer/machine/machine.h
 *   places   of an archive: {offset, size} of each disk that has a file
 *   digests  {file, algorithm (a number), hex}, and of an archive {offset,
 *            size}
 */

#include <stdbool.h>

#include "analyzer/machine/manifest.h"
#include "analyzer/source/definition.h"
#include "lib/confine.h"
#include "lib/disk/window.h"

struct dc_definition_task {
  enum dc_definition_kind kind;
  bool is_archive;
  const char *path; /* for evidence */
  struct dc_window file;
  struct dc_window manifest; /* its fd is -1: there is none beside the file */
};

/* A dc_work whose ARG is such a task. */
int dc_definition_work (void *arg, const struct dc_report *report,
                        json_t **result, struct dc_error *err);

struct dc_definition_check {
  const char *file, *hex;
  enum dc_manifest_algorithm algorithm;
  struct dc_window window;
};
struct dc_definition_checks {
  const char *path; /* for messages */
  const struct dc_definition_check *items;
  size_t count;
};

/* A dc_work whose ARG is struct dc_definition_checks. */
int dc_definition_digests (void *arg, const struct dc_report *report,
                           json_t **result, struct dc_error *err);

#endif
