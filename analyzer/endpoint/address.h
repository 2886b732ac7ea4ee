/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_ADDRESS_H
#define DC_ANALYZER_ENDPOINT_ADDRESS_H

/* address: host and port as configuration files write them.
 *
 *   80  *:80  127.0.0.1  127.0.0.1:80  www:80  [::1]  [::1]:80  ::1
 *
 * Names are not looked up, and what is between brackets is not checked.
 */

#include <stdint.h>

#include "lib/error.h"

#define DC_ADDRESS_HOST_MAX 255 /* bytes, as of a name in the DNS */

struct dc_address {
  char host[DC_ADDRESS_HOST_MAX + 1]; /* "" none; "*"; without brackets */
  uint16_t port;                      /* 0: none */
};

/* Digits alone are a port.  0 and *OUT, or -1: DC_ERR_INVALID (a port that is
 * none, a bracket that stays open, a host that is too long).
 */
int dc_address_parse (const char *text, struct dc_address *out,
                      struct dc_error *err);
/* The port "1" to "65535"; else DC_ERR_INVALID. */
int dc_port_parse (const char *text, uint16_t *out, struct dc_error *err);

#endif
