/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_BINDMATCH_H
#define DC_ANALYZER_ENDPOINT_BINDMATCH_H

/* bindmatch: which addresses of a machine an address_match_list chooses.
 *
 *   { any; }   { 127.0.0.1; ::1; }   { !10.0.0.1; 10/8; trusted; }
 *
 * The first element that fits an address decides.  Without the machine's
 * addresses single ones and "all" can be told, other networks cannot.
 *
 * Source: BIND 9.18 ARM, "address_match_element".
 */

#include "analyzer/endpoint/bindconf.h"

/* Elements and acls looked at, of all lists together. */
#define DC_BIND_MATCH_MAX 200000

struct dc_bind_match {
  struct dc_bindconf *conf;  /* whose acls it may name */
  bool is_v6;                /* of which addresses we ask */
  struct dc_words addresses; /* single ones */
  bool is_any;               /* and all, less those below */
  bool has_less;             /* some are taken away */
  const char *unknown;       /* the element that cannot be told; NULL */
  /* Private. */
  unsigned depth;
};

/* Add what LIST, the tokens of a block, chooses to MATCH, which has CONF and
 * IS_V6.  0, or -1: DC_ERR_SYSTEM.
 */
int dc_bind_match (struct dc_bind_match *match, const struct dc_words *list,
                   struct dc_error *err);

#endif
