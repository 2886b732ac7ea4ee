/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_RESOURCE_RESOURCES_H
#define DC_ANALYZER_RESOURCE_RESOURCES_H

/* resources: how much processor and memory a guest was given, how much of it
 * it used, and the limits it sets itself.
 *
 * Source: the machine's definition, a record of the live host
 * (analyzer/observed/observed.h), files of sysstat, limits.conf(5).
 */

#include <jansson.h>

#include "analyzer/evidence.h"
#include "lib/tree/tree.h"

#define DC_LIMIT_MAX ((size_t) 1000)                  /* lines of a guest */
#define DC_LIMIT_FILE_MAX 200                         /* files of limits.d */
#define DC_LIMIT_FILE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of each */
#define DC_HISTORY_FILE_MAX 64                        /* of sysstat */
#define DC_HISTORY_BYTES_MAX ((uint64_t) 64 * 1024 * 1024) /* of all of them */

/* Of one quantity over all samples that have it; in its own unit. */
struct dc_usage {
  uint64_t average, p95; /* p95: 95 % of the samples are at or below it */
  size_t count;          /* samples; 0: nothing is known */
};

struct dc_history {
  size_t files; /* that were read */
  char *file;   /* the last of them; NULL: there are none */
  size_t samples;
  uint64_t first, last;   /* seconds since 1970 */
  struct dc_usage cpu;    /* busy, in hundredths of % */
  struct dc_usage memory; /* used, kB */
  struct dc_usage load;   /* hundredths */
  uint64_t memory_all;    /* kB, of the last sample; 0 unknown */
};

/* A line of limits.conf. */
struct dc_limit {
  char *domain, *type, *item, *value; /* "@db", "soft", "nofile", "65536" */
  struct dc_evidence evidence;
};

struct dc_resources {
  struct dc_history history;
  struct dc_limit *limits; /* in the order in which PAM reads them */
  size_t limit_count;
  const char *other_history; /* folder of atop, collectl: not read; NULL */
};

struct dc_profile;
struct dc_page;
/* Append the limits in SIZE bytes at TEXT.  Lines that are none are skipped,
 * as PAM does.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_limits_parse (const char *text, size_t size, const char *file,
                     struct dc_resources *resources, struct dc_error *err);
/* As struct dc_section has it. */
int dc_resources_read (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
json_t *dc_resources_json (const struct dc_profile *profile);
int dc_resources_text (struct dc_page *page, struct dc_error *err);
void dc_resources_release (struct dc_resources *resources);
void dc_resources_forget (struct dc_profile *profile);

#endif
