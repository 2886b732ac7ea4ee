/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NETSOFTWARE_H
#define DC_ANALYZER_NETWORK_NETSOFTWARE_H

/* netsoftware: private networks and fail-over that are configured, by the
 * files that only a configured one has.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* 0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_netsoftware_find (const struct dc_tree *tree, struct dc_network *network,
                         struct dc_error *err);
/* A parse function of struct dc_configreader for ipsec.conf, which is there
 * also where no connection is in it; ARG is a struct dc_network.
 */
int dc_netsoftware_parse_ipsec (void *arg, const struct dc_configfile *file,
                                struct dc_error *err);

#endif
