/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_SSHD_H
#define DC_ANALYZER_ENDPOINT_CONF_SSHD_H

/* conf_sshd: where OpenSSH's server listens.
 *
 * Source: sshd_config(5) Port, ListenAddress, AddressFamily, Include, Match;
 * sshd(8) -4 -6 -f -i -o -p; OpenSSH 9.
 */

#include "analyzer/endpoint/daemon.h"

int dc_sshd_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
