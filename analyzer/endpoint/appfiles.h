/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_APPFILES_H
#define DC_ANALYZER_ENDPOINT_APPFILES_H

/* appfiles: the configuration files of an application, as its file in
 * templates/apps/ names them, with those that they include.
 */

#include "analyzer/endpoint/daemon.h"
#include "analyzer/endpoint/settings.h"

/* Fill SETTINGS, which is empty.  1; 0 after a note, when a file could not be
 * used or understood; -1: DC_ERR_SYSTEM.
 */
int dc_app_files_read (const struct dc_daemon *daemon,
                       struct dc_settings *settings, struct dc_error *err);

#endif
