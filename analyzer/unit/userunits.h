/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_USERUNITS_H
#define DC_ANALYZER_UNIT_USERUNITS_H

/* userunits: what the managers of users start at boot.
 *
 * A user's manager starts at his first login, or at boot when he lingers: a
 * file of his name in /var/lib/systemd/linger says so.
 *
 * Source: systemd.unit(5), "Unit File Load Path"; loginctl(1),
 * "enable-linger".
 */

#include "analyzer/section.h"

struct dc_user_units {
  const char *user; /* the users own it */
  struct dc_units *units;
};

/* The section's functions (analyzer/section.h). */
int dc_user_units_read (struct dc_tree *tree, struct dc_profile *profile,
                        struct dc_error *err);
json_t *dc_user_units_json (const struct dc_profile *profile);
int dc_user_units_text (struct dc_page *page, struct dc_error *err);
void dc_user_units_forget (struct dc_profile *profile);

#endif
