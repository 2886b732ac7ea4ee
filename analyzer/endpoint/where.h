/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_WHERE_H
#define DC_ANALYZER_ENDPOINT_WHERE_H

/* where: one place to listen, in the many ways that people write it.
 *
 *   80  *:80  :80  127.0.0.1  host:80  [::1]:80  ::1  host@80  host@smtp
 *   http://host:80/path  tcp:host:80  udp:161  inet:8891@localhost
 *   /run/x.sock  unix:/run/x.sock  unix:///run/x  ldapi://%2frun%2fx
 *   127.0.0.1.25 ::1.25
 *   PLAINTEXT://host:9092  "1883 127.0.0.1"  127.0.0.1,21
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/endpoint.h"
#include "lib/error.h"

#define DC_WHERE_PATH_MAX ((size_t) 4096) /* bytes, of a socket's path */

struct dc_where {
  char host[DC_ADDRESS_HOST_MAX + 1]; /* "" none said, or any */
  char service[64]; /* a port by name, which /etc/services knows; "" */
  uint16_t port;    /* 0: none */
  bool has_host, has_port, has_protocol;
  enum dc_protocol protocol;    /* if has_protocol */
  char path[DC_WHERE_PATH_MAX]; /* DC_UNIX; "" when it is not said which */
};

/* 0 and *OUT, or -1: DC_ERR_INVALID "'x' is no address or port". */
int dc_where_parse (const char *text, struct dc_where *out,
                    struct dc_error *err);

#endif
