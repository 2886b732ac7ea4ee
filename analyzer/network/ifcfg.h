/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_IFCFG_H
#define DC_ANALYZER_NETWORK_IFCFG_H

/* ifcfg: Red Hat's and SUSE's files of shell variables, one an interface.
 *
 * Source: initscripts' sysconfig.txt and nm-settings-ifcfg-rh(5) for Red Hat;
 * ifcfg(5), ifcfg-bonding(5), ifcfg-bridge(5), ifcfg-vlan(5) of wicked for
 * SUSE.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* A parse function of struct dc_configreader; ARG is a struct dc_network.
 * Loopback, and copies that the network scripts pass over, say nothing.
 */
int dc_ifcfg_parse (void *arg, const struct dc_configfile *file,
                    struct dc_error *err);

#endif
