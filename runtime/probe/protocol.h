/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_PROBE_PROTOCOL_H
#define DC_RUNTIME_PROBE_PROTOCOL_H

/* protocol: how a server is recognised by what it says.
 *
 * A protocol is a question, which is sent, and a judge, who is shown all that
 * came back so far and decides; both know nothing of sockets.  Many differ
 * only in the question and in how the first line begins: they share a judge.
 *
 *   --- question -->                           (none: the server begins)
 *   <-- bytes ---     judge: 0 not enough, 1 that is an answer, -1 somebody
 *                     else is there
 *
 * What comes back is foreign: judges read nothing beyond it, keep what is for
 * people quoted and cut, and need no memory but for the facts.
 *
 * Source: the protocols' own documents, named at each judge.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buffer.h"
#include "lib/error.h"
#include "lib/span.h"

#define DC_SAID_MAX ((size_t) 2 * 1024 * 1024) /* bytes of one answer */
#define DC_SAID_LINE_MAX ((size_t) 2048)       /* bytes of its first line */
#define DC_HTTP_HEAD_MAX ((size_t) 64 * 1024)  /* bytes before the body */
#define DC_HTTP_BODY_MAX ((size_t) 1024 * 1024)

enum dc_transport {
  DC_OVER_TCP,
  DC_OVER_UDP,
  DC_OVER_UNIX,
};

struct dc_probe_protocol;

/* What is asked.  All borrowed. */
struct dc_question {
  const struct dc_probe_protocol *protocol;
  enum dc_transport transport;
  const char *path; /* of HTTP; NULL: "/" */
  bool wants_body;  /* of HTTP, for its digest */
};

/* What came back so far. */
struct dc_said {
  struct dc_span bytes;
  bool is_over; /* no more will come */
};

/* What it means. */
struct dc_probe_answer {
  bool is_unwell; /* it says itself that something is wrong */
  char text[200]; /* for people, safe: "HTTP/1.1 200 OK" */
  json_t *facts;  /* for comparisons: {"status": 200}; NULL: no memory */
};

/* 1, 0, or -1: DC_ERR_INVALID "it does not speak HTTP: ...". */
typedef int dc_judge (const struct dc_question *question,
                      const struct dc_said *said,
                      struct dc_probe_answer *answer, struct dc_error *err);

struct dc_probe_protocol {
  const char *name;       /* "http" */
  const char *title;      /* "HTTP" */
  struct dc_span request; /* what is sent; or: */
  int (*ask) (const struct dc_question *question, struct dc_buffer *out,
              struct dc_error *err);
  dc_judge *judge;
  /* For dc_line_judge(): how the first line begins when all is well, and when
   * it is not.
   */
  const char *well[4], *unwell[4];
  bool has_no_lines;    /* the beginning is enough */
  const char *farewell; /* sent before the connection is closed; NULL */
};

/* NULL: there is none of that name. */
const struct dc_probe_protocol *dc_protocol_find (const char *name);
/* For the tests: the I-th, NULL behind the last. */
const struct dc_probe_protocol *dc_protocol_at (size_t i);

/* Who usually listens there: the name of a protocol, or NULL.  In *IS_TLS (may
 * be NULL) whether inside TLS.
 */
const char *dc_protocol_of_port (enum dc_transport transport, uint16_t port,
                                 bool *is_tls);
/* The same of the path of a Unix socket, by the names that servers give them.
 */
const char *dc_protocol_of_path (const char *path);

/* The judges; each at the head of its file says the source. */
dc_judge dc_line_judge;     /* greeting.c */
dc_judge dc_http_judge;     /* http.c */
dc_judge dc_postgres_judge; /* database.c */
dc_judge dc_mysql_judge;
dc_judge dc_redis_judge;
dc_judge dc_dns_judge;  /* dns.c */
dc_judge dc_ldap_judge; /* binary.c */
dc_judge dc_amqp_judge;
dc_judge dc_mqtt_judge;
dc_judge dc_fastcgi_judge;
dc_judge dc_ntp_judge;
dc_judge dc_anything_judge; /* probe.c */

int dc_http_ask (const struct dc_question *question, struct dc_buffer *out,
                 struct dc_error *err);
int dc_dns_ask (const struct dc_question *question, struct dc_buffer *out,
                struct dc_error *err);

/* ---- For the judges ---- */

/* The text for people; returns 1. */
int dc_answer_say (struct dc_probe_answer *answer, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));
/* Somebody else is there.  Always -1. */
int dc_answer_refuse (const struct dc_question *question,
                      const struct dc_said *said, struct dc_error *err);
/* The first line of SAID without its end: 1; 0 while it is not complete, -1
 * when it is too long to be one.
 */
int dc_said_line (const struct dc_said *said, struct dc_span *line);
/* The number of SIZE (1 to 4) bytes, the most significant first. */
uint32_t dc_said_number (struct dc_span bytes, size_t offset, size_t size);

#endif
