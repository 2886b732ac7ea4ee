/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLICATION_APPLICATIONS_H
#define DC_ANALYZER_APPLICATION_APPLICATIONS_H

/* applications: which of those that templates/apps/ knows a guest has, by its
 * packages and services, and which of their files are there.
 */

#include <jansson.h>

#include "analyzer/evidence.h"
#include "lib/tree/tree.h"
#include "lib/words.h"
#include "templates/apps.h"

struct dc_page;
struct dc_profile;

/* A place of secrets; borrowed from the knowledge but for PATH. */
struct dc_application_secret {
  char *path;          /* that is there; NULL: in the configuration */
  const char *setting; /* the key there; NULL */
  const char *kind;
};

struct dc_application {
  const struct dc_app *app;           /* of the profile's apps */
  char *package, *version;            /* NULL: by its service alone */
  struct dc_words services;           /* of it, sorted */
  bool is_started;                    /* one of them */
  struct dc_words config, data, logs; /* paths that are there, sorted */
  struct dc_application_secret *secrets;
  size_t secret_count;
  struct dc_evidence evidence; /* the package's record, or the unit */
};

struct dc_applications {
  struct dc_application *items; /* in the order of their names */
  size_t count;
};

/* The section's functions (analyzer/section.h). */
int dc_applications_read (struct dc_tree *tree, struct dc_profile *profile,
                          struct dc_error *err);
json_t *dc_applications_json (const struct dc_profile *profile);
int dc_applications_text (struct dc_page *page, struct dc_error *err);
void dc_applications_forget (struct dc_profile *profile);

#endif
