/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_ENDPOINTSOCKET_H
#define DC_ANALYZER_ENDPOINT_ENDPOINTSOCKET_H

/* endpointsocket: what systemd itself listens on, for services that it
 * starts on demand or hands the sockets to.
 *
 * Source: systemd.socket(5).
 */

#include "analyzer/profile.h"

/* The endpoints of UNIT, a socket unit that starts; their service is the one
 * that it triggers.  An address that cannot be read is a finding.
 */
int dc_socket_endpoints (struct dc_profile *profile, const struct dc_unit *unit,
                         struct dc_error *err);
/* Does a socket unit start that hands its sockets to SERVICE (Accept=no)?  1,
 * 0, or -1: DC_ERR_SYSTEM.
 */
int dc_socket_starts_for (const struct dc_units *units,
                          const struct dc_unit *service, const char *hostname,
                          struct dc_error *err);

#endif
