/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_HOSTS_H
#define DC_ANALYZER_NETWORK_HOSTS_H

/* hosts: how names are looked up: /etc/hosts, resolv.conf, nsswitch.conf.
 *
 * Source: hosts(5), resolv.conf(5), nsswitch.conf(5).
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* Parse functions of struct dc_configreader; ARG is a struct dc_network.  Of
 * hosts what every machine has (loopback, multicast, the machine itself as
 * 127.0.1.1) is left out.
 */
int dc_hosts_parse (void *arg, const struct dc_configfile *file,
                    struct dc_error *err);
int dc_hosts_parse_resolv (void *arg, const struct dc_configfile *file,
                           struct dc_error *err);
int dc_hosts_parse_nsswitch (void *arg, const struct dc_configfile *file,
                             struct dc_error *err);

#endif
