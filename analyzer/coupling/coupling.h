/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_COUPLING_COUPLING_H
#define DC_ANALYZER_COUPLING_COUPLING_H

/* coupling: which service of a guest needs which, and what it needs outside:
 * the edges of the graph that decides what may be split.
 *
 * A connection (analyzer/endpoint/connection.h) to an address of the guest
 * itself, or to a Unix socket, is joined with the endpoint that listens there;
 * any other leads outside.  Units that require each other are coupled too.
 * Connections come from the readers of applications, and here from variables
 * and arguments of services and from configuration files of programs that we
 * do not know (analyzer/coupling/textscan.h).
 */

#include <jansson.h>

#include "analyzer/endpoint/connection.h"

#define DC_COUPLING_COUNT_MAX ((size_t) 10000)
#define DC_COUPLING_FILE_MAX 500 /* files looked through */
#define DC_COUPLING_FILE_SIZE_MAX ((size_t) 256 * 1024) /* bytes of each */
#define DC_COUPLING_OWN_MAX 1000 /* names and addresses of the guest */

enum dc_coupling_kind {
  DC_COUPLING_PORT,     /* a port of the guest itself */
  DC_COUPLING_SOCKET,   /* a Unix socket */
  DC_COUPLING_REQUIRES, /* one unit requires the other */
  DC_COUPLING_OUTBOUND, /* another host */
};

struct dc_coupling {
  enum dc_coupling_kind kind;
  char *from; /* unit name, or the file of an unknown application */
  char *to;   /* unit name; NULL: outside, or nobody known listens there */
  enum dc_protocol protocol;
  char *host;    /* as written; NULL for a Unix socket and for REQUIRES */
  uint16_t port; /* 0: not told */
  char *path;    /* of a Unix socket; NULL */
  enum dc_confidence confidence; /* the weaker one of both ends */
  struct dc_evidence from_evidence;
  struct dc_evidence to_evidence; /* why `to` listens there; file NULL */
};

struct dc_couplings {
  struct dc_coupling *items; /* in the order of connections, then of units */
  size_t count;
};

struct dc_profile;
struct dc_page;
/* couplingfind.c: add connections that no application's reader found. */
int dc_couplings_find (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
/* As struct dc_section has it. */
int dc_couplings_read (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
json_t *dc_couplings_json (const struct dc_profile *profile);
int dc_couplings_text (struct dc_page *page, struct dc_error *err);
void dc_couplings_forget (struct dc_profile *profile);

#endif
