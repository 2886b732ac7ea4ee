/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_APPSOURCE_H
#define DC_ANALYZER_ENDPOINT_APPSOURCE_H

/* appsource: the values of a source (templates/apps.h) in a guest.
 *
 * Options, variables and files are looked through in this order; the first
 * that says anything is believed, then the default.
 */

#include "analyzer/endpoint/daemon.h"
#include "analyzer/endpoint/settings.h"

#define DC_APP_VALUE_MAX ((size_t) 1000) /* values of one source */

struct dc_app_value {
  char *text;
  struct dc_proof proof;
  bool is_default;
};

struct dc_app_values {
  struct dc_app_value *items;
  size_t count;
  bool is_off; /* it says "not at all" */
};

/* Whom to ask, and in which block of the settings.  A key that begins with a
 * slash is looked for in all of them.
 */
struct dc_app_scope {
  const struct dc_daemon *daemon;
  const struct dc_settings *settings;
  const struct dc_settings_block *block; /* NULL: there are no settings */
};

/* Append the values of SOURCE to VALUES; none when nothing says any.  0 or
 * -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_app_source_read (const struct dc_app_scope *scope,
                        const struct dc_app_source *source,
                        struct dc_app_values *values, struct dc_error *err);
/* Does the condition hold?  1, 0, or -1 as above. */
int dc_app_when_holds (const struct dc_app_scope *scope,
                       const struct dc_app_when *when, struct dc_error *err);
void dc_app_values_release (struct dc_app_values *values);
/* AUTO_VALUES struct dc_app_values values = { .count = 0 }; */
#define AUTO_VALUES __attribute__ ((__cleanup__ (dc_app_values_release)))

/* The value of the option SPELLED at word *INDEX of ARGV, borrowed, and
 * *INDEX at its last word; NULL: the word is another one.  "LAST" is the last
 * word, if it is a path.
 */
const char *dc_option_value (const struct dc_words *argv, size_t *index,
                             const char *spelled);

#endif
