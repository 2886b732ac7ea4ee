/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_PROXY_H
#define DC_ANALYZER_NETWORK_PROXY_H

/* proxy: proxies that the whole system, or its package manager, goes through.
 * User and password of a URL are left out.
 *
 * Source: pam_env(8) for /etc/environment, apt.conf(5), dnf.conf(5),
 * yum.conf(5), SUSE's sysconfig/proxy.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* Parse functions of struct dc_configreader; ARG is a struct dc_network. */
int dc_proxy_parse_environment (void *arg, const struct dc_configfile *file,
                                struct dc_error *err);
int dc_proxy_parse_apt (void *arg, const struct dc_configfile *file,
                        struct dc_error *err);
int dc_proxy_parse_dnf (void *arg, const struct dc_configfile *file,
                        struct dc_error *err);

#endif
