/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NFTABLES_H
#define DC_ANALYZER_NETWORK_NFTABLES_H

/* nftables: what a ruleset of nft lets in.
 *
 * Read are the chains at the hook "input" and those they jump to: rules that
 * name destination ports and accept.  Includes and maps are not followed; a
 * port that is a variable or a named set stays one ("@web", "$ports").
 *
 * Source: nft(8), nftables 1.0.
 */

#include "analyzer/configfile.h"
#include "analyzer/network/network.h"

/* A parse function of struct dc_configreader; ARG is a struct dc_network. */
int dc_nftables_parse (void *arg, const struct dc_configfile *file,
                       struct dc_error *err);

#endif
