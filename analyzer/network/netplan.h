/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NETPLAN_H
#define DC_ANALYZER_NETWORK_NETPLAN_H

/* netplan: interfaces as netplan and cloud-init describe them.
 *
 * Source: netplan-yaml(5) of netplan 1.1; cloud-init's "Networking config
 * version 1" and "version 2", the latter netplan's own format.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* Files of netplan; later ones override settings of the same interface.  Parse
 * functions of struct dc_configreader, ARG is a struct dc_network.
 */
int dc_netplan_parse (void *arg, const struct dc_configfile *file,
                      struct dc_error *err);
/* Files of cloud-init: with or without "network:" on top, either version. */
int dc_netplan_parse_cloud (void *arg, const struct dc_configfile *file,
                            struct dc_error *err);

#endif
