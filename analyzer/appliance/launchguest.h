/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHGUEST_H
#define DC_ANALYZER_APPLIANCE_LAUNCHGUEST_H

/* launchguest: the one operating system that is meant, in the appliance. */

#include "analyzer/appliance/launcher.h"

/* Open what is encrypted, find the system, mount its file systems read-only
 * below "/", and describe them in *OUT as dc_launchmounts_make() does.
 * Errors: see dc_appliance_end().
 */
int dc_launchguest_open (guestfs_h *g, const struct dc_appliance_guest *guest,
                         const struct dc_report *report, json_t **out,
                         struct dc_error *err);

#endif
