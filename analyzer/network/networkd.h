/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NETWORKD_H
#define DC_ANALYZER_NETWORK_NETWORKD_H

/* networkd: .network and .netdev files of systemd-networkd.
 *
 * Source: systemd.network(5), systemd.netdev(5), systemd 257.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* Parse functions of struct dc_configreader; ARG is a struct dc_network.  A
 * file of systemd's own folder that is for interfaces of containers and VMs
 * inside the guest ("80-...") says nothing.
 */
int dc_networkd_parse_network (void *arg, const struct dc_configfile *file,
                               struct dc_error *err);
int dc_networkd_parse_netdev (void *arg, const struct dc_configfile *file,
                              struct dc_error *err);

#endif
