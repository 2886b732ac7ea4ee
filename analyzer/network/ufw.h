/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_UFW_H
#define DC_ANALYZER_NETWORK_UFW_H

/* ufw: Ubuntu's firewall.
 *
 * Source: ufw(8); the files of ufw 0.36, whose user.rules have each rule as a
 * comment "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in".
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* Parse functions of struct dc_configreader; ARG is a struct dc_network:
 * ufw.conf, default/ufw, and the two files of rules.
 */
int dc_ufw_parse_conf (void *arg, const struct dc_configfile *file,
                       struct dc_error *err);
int dc_ufw_parse_default (void *arg, const struct dc_configfile *file,
                          struct dc_error *err);
int dc_ufw_parse_rules (void *arg, const struct dc_configfile *file,
                        struct dc_error *err);

#endif
