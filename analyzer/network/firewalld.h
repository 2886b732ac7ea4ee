/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_FIREWALLD_H
#define DC_ANALYZER_NETWORK_FIREWALLD_H

/* firewalld: zones, and the services that they open.
 *
 * Read are the default zone and those that name interfaces or sources; the
 * ports of a service stand in a file of the guest, too.
 *
 * Source: firewalld.conf(5), firewalld.zone(5), firewalld.service(5).
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* All of the guest.  0, or -1: DC_ERR_SYSTEM, the tree's medium. */
int dc_firewalld_load (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_network *network, struct dc_error *err);

#endif
