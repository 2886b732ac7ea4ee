/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_APPLISTEN_H
#define DC_ANALYZER_ENDPOINT_APPLISTEN_H

/* applisten: where an application listens, by the rules of its file in
 * templates/apps/.
 */

#include "analyzer/endpoint/daemon.h"

/* A reader, for applications that have no own one. */
int dc_app_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
