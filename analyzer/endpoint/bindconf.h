/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_BINDCONF_H
#define DC_ANALYZER_ENDPOINT_BINDCONF_H

/* bindconf: what named.conf and the files that it includes say about
 * sockets.
 *
 * Source: BIND 9.18 Administrator Reference Manual, chapter 8.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_BIND_BLOCK_MAX 64                /* blocks in each other */
#define DC_BIND_CLAUSE_MAX ((size_t) 10000) /* of all kinds */
#define DC_BIND_WORD_MAX ((size_t) 65536)   /* of a statement, of a list */

enum dc_bind_clause_kind {
  DC_BIND_ACL,        /* WORDS: its name */
  DC_BIND_CONTROL,    /* WORDS: "inet", "*", "port", "953", ... */
  DC_BIND_FORWARDERS, /* and primaries; WORDS: "forwarders", "port", "53" */
  DC_BIND_LISTEN,     /* WORDS: "listen-on", "port", "53" */
  DC_BIND_STATISTICS, /* WORDS as of a control */
};

/* A statement that matters. */
struct dc_bind_clause {
  enum dc_bind_clause_kind kind;
  struct dc_words words; /* up to the block */
  struct dc_words list;  /* the tokens of the block, less its braces */
  struct dc_proof proof;
};

struct dc_bindconf {
  const struct dc_daemon *daemon;
  const char *root; /* of -t, or "" */
  struct dc_bind_clause *clauses;
  size_t count;
  char *port, *tls_port, *http_port, *https_port; /* of options; NULL */
  bool has_controls;
  bool is_incomplete;    /* something was noted */
  struct dc_words files; /* that were read; proofs point into it */
  size_t looked;         /* elements of lists and acls, by bindmatch.h */
  /* Private. */
  char *folder; /* of directory; NULL */
  unsigned file_depth, block_depth;
  bool is_too_deep; /* and that was noted; once is enough */
};

/* Read PATH and what it includes into CONF, which has DAEMON and ROOT.  0, or
 * -1: DC_ERR_SYSTEM.  Either way to be released.
 */
int dc_bindconf_read (struct dc_bindconf *conf, const char *path,
                      struct dc_error *err);
void dc_bindconf_release (struct dc_bindconf *conf);
/* The word behind KEY in the words of a clause, or NULL. */
const char *dc_bind_clause_get (const struct dc_bind_clause *clause,
                                const char *key);
/* Something is not as BIND wants it. */
int dc_bindconf_note (struct dc_bindconf *conf, struct dc_proof proof,
                      struct dc_error *err, const char *text);

#endif
