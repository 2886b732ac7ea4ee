/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONNECTION_H
#define DC_ANALYZER_ENDPOINT_CONNECTION_H

/* connection: where the services of a guest connect to, as far as their
 * configuration says: the servers behind a proxy, a mail relay, the master of
 * a replica.
 */

#include "analyzer/endpoint/endpoint.h"

#define DC_CONNECTION_COUNT_MAX ((size_t) 5000)

struct dc_connection {
  char *service; /* unit name: "nginx.service" */
  enum dc_protocol protocol;
  char *host;    /* name or address, no brackets; NULL for a Unix socket */
  uint16_t port; /* 0: not told, or found by DNS; 0 for a Unix socket */
  char *path;    /* of a Unix socket, "@name" when abstract; else NULL */
  struct dc_evidence evidence;
  enum dc_confidence confidence;
};

struct dc_connections {
  struct dc_connection *items; /* sorted: service, protocol, host, port, path */
  size_t count;
};

/* What becomes a connection; all texts are borrowed. */
struct dc_target {
  enum dc_protocol protocol;
  const char *host; /* as of a connection */
  uint16_t port;
  const char *path;
  struct dc_proof proof;
  enum dc_confidence confidence;
};

/* SERVICE connects to TARGET.  A connection that is there already stays, with
 * the better proof of the two.  0 or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_connection_add (struct dc_connections *connections, const char *service,
                       const struct dc_target *target, struct dc_error *err);
void dc_connections_sort (struct dc_connections *connections);
void dc_connections_release (struct dc_connections *connections);

#endif
