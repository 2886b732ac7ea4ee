/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_IPTABLES_H
#define DC_ANALYZER_NETWORK_IPTABLES_H

/* iptables: what the files of iptables-save(8) let in.
 *
 * Read are the rules of INPUT, and of the chains that it jumps to, which name
 * destination ports and accept.
 *
 * Source: iptables(8), iptables-extensions(8), the saved files themselves.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* A parse function of struct dc_configreader; ARG is a struct dc_network.  By
 * its name the file is of IPv4 or IPv6, Debian's or Red Hat's.
 */
int dc_iptables_parse (void *arg, const struct dc_configfile *file,
                       struct dc_error *err);

#endif
