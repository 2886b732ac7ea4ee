/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_ENDPOINT_H
#define DC_ANALYZER_ENDPOINT_ENDPOINT_H

/* endpoint: where the services of a guest listen. */

#include <stdint.h>

#include "analyzer/evidence.h"
#include "lib/tree/tree.h"

#define DC_ENDPOINT_COUNT_MAX ((size_t) 5000)

struct dc_profile;

enum dc_protocol { DC_TCP, DC_UDP, DC_UNIX };

struct dc_endpoint {
  char *service; /* unit name: "nginx.service" */
  enum dc_protocol protocol;
  char *address; /* "0.0.0.0", "::", "127.0.0.1", "" (any, both families) */
  uint16_t port; /* 0 for a Unix socket */
  char *path;    /* of a Unix socket, "@name" when abstract; else NULL */
  struct dc_evidence evidence;
  enum dc_confidence confidence;
};

struct dc_endpoints {
  struct dc_endpoint
      *items; /* sorted: service, protocol, port, address, path */
  size_t count;
};

/* What becomes an endpoint; all texts are borrowed. */
struct dc_listen {
  enum dc_protocol protocol;
  const char *address; /* as of an endpoint; NULL for a Unix socket */
  uint16_t port;
  const char *path;
  struct dc_proof proof;
  enum dc_confidence confidence;
};

/* The listening endpoints of the services that start and whose programs we
 * know (analyzer/endpoint/daemon.h), and of the sockets that start.  What
 * cannot be told becomes a finding "endpoint.unknown".  0 or -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_endpoints_find (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
/* SERVICE listens.  An endpoint that is there already stays, with the better
 * proof of the two.  0 or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_endpoint_add (struct dc_endpoints *endpoints, const char *service,
                     const struct dc_listen *listen, struct dc_error *err);
void dc_endpoints_sort (struct dc_endpoints *endpoints);
void dc_endpoints_release (struct dc_endpoints *endpoints);

#endif
