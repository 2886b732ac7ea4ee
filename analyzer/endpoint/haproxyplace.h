/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_HAPROXYPLACE_H
#define DC_ANALYZER_ENDPOINT_HAPROXYPLACE_H

/* haproxyplace: an address as HAProxy's configuration has it.
 *
 *   :80  *:80-90  10.0.0.1:80  [::1]:80  :::80  ipv6@:::80  quic4@:443  host
 *   /run/x.sock  unix@run/x.sock  abns@name  fd@3
 *
 * Source: HAProxy's configuration manual 2.6, section 11.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/endpoint/endpoint.h"

struct dc_haproxy_place {
  enum dc_protocol protocol;
  bool is_inherited;    /* a socket of the parent: nothing else is known */
  bool is_abstract;     /* of a Unix socket; PATH begins with '@' */
  char *path;           /* of a Unix socket */
  char *host;           /* no brackets; "0.0.0.0" for "" and "*" */
  uint16_t first, last; /* ports; 0: none */
};

/* 0 and *OUT to release, or -1: DC_ERR_INVALID, DC_ERR_SYSTEM. */
int dc_haproxy_place (const char *text, struct dc_haproxy_place *out,
                      struct dc_error *err);
void dc_haproxy_place_release (struct dc_haproxy_place *place);

#endif
