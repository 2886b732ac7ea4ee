/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SECURITY_SECRETSEARCH_H
#define DC_ANALYZER_SECURITY_SECRETSEARCH_H

/* secretsearch: what the ways to find secrets share. */

#include "analyzer/profile.h"
#include "lib/span.h"
#include "templates/apps.h"
#include "templates/templates.h"

struct dc_secret_search {
  struct dc_tree *tree;
  struct dc_profile *profile;
  struct dc_secrets_template *template;
  size_t files;     /* looked into */
  uint8_t *is_seen; /* of each entry: 1 a secret as a whole, 2 its settings
                       were read */
  bool is_full;     /* DC_SECRET_COUNT_MAX or _FILE_MAX, and that was noted */
};

/* A secret is found: VALUE is its content, for the fingerprint alone.  NAME
 * may be NULL.  0 or -1: DC_ERR_SYSTEM.
 */
int dc_secret_add (struct dc_secret_search *search, uint32_t index,
                   unsigned line, const char *kind, const char *name,
                   struct dc_span value, struct dc_error *err);
/* The content of the entry into B (cleared first): 1; 0 when it is no file,
 * too large or unreadable, or enough files were looked into; -1.
 */
int dc_secret_open (struct dc_secret_search *search, uint32_t index,
                    struct dc_buffer *b, struct dc_error *err);

/* secretfiles.c: files that are secrets. */
int dc_secret_files (struct dc_secret_search *search, struct dc_error *err);
/* secretsettings.c: settings that hold some, and hashes of passwords. */
int dc_secret_settings (struct dc_secret_search *search, struct dc_error *err);

/* The settings of one line of a file; for tests and fuzzing too. */
int dc_secret_line (struct dc_secret_search *search, uint32_t index,
                    struct dc_span line, unsigned number, struct dc_error *err);

#endif
