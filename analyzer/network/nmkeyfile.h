/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NMKEYFILE_H
#define DC_ANALYZER_NETWORK_NMKEYFILE_H

/* nmkeyfile: connections of NetworkManager.
 *
 * Source: nm-settings-keyfile(5), NetworkManager 1.46.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* A parse function of struct dc_configreader; ARG is a struct dc_network. */
int dc_nmkeyfile_parse (void *arg, const struct dc_configfile *file,
                        struct dc_error *err);

#endif
