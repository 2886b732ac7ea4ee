/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_PROMISE_H
#define DC_RUNTIME_VERIFY_PROMISE_H

/* promise: what a converted system is to do, as its image says itself.
 *
 *   profile --- dc_promise_make() ---> struct dc_promise --- write --->
 *     (transform/promise.h)                   ^        /.decant/promise.json
 *                                             +--- read ---+
 *
 * `decant verify` starts the image and holds it to that.  An image may come
 * from anywhere, so what is read is hostile: bounded, and every text only
 * compared, connected to, or quoted.
 *
 * The format is doc/promise.schema.json.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/yaml.h"

#define DC_PROMISE_VERSION 1
#define DC_PROMISE_PATH "/.decant/promise.json"
#define DC_PROMISE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_PROMISE_SERVICE_MAX 512
#define DC_PROMISE_ENDPOINT_MAX 2048

/* What becomes of a service. */
enum dc_promise_state {
  DC_PROMISE_UP,        /* "up": it runs */
  DC_PROMISE_DONE,      /* "done": it has run and succeeded */
  DC_PROMISE_ON_DEMAND, /* "on-demand": a socket or a timer starts it */
};

/* As enum dc_transport: "tcp", "udp", "unix". */
struct dc_promise_service {
  char *unit;        /* "nginx.service" */
  int state;         /* enum dc_promise_state */
  char *application; /* "nginx"; NULL: unknown */
  char *program;     /* "/usr/sbin/nginx"; NULL: a script, or unknown */
  char *user;        /* "root"; NULL: it cannot be told */
  int64_t uid;       /* of the user, if that is told */
};

struct dc_promise_endpoint {
  char *service; /* "nginx.service"; a socket's own unit */
  int transport; /* enum dc_transport */
  char *address; /* as of an endpoint of the profile; NULL for Unix */
  int64_t port;
  char *path;      /* of a Unix socket; NULL */
  char *protocol;  /* of runtime/probe/protocol.h; NULL: only connect */
  bool is_guess;   /* from the port alone */
  bool is_certain; /* of the profile: declared or observed, not inferred */
  char *http_path; /* NULL: "/" */
};

struct dc_promise {
  int64_t version;
  char *init;                    /* "decant-init", "service", "systemd" */
  struct dc_yaml_list services;  /* of struct dc_promise_service */
  struct dc_yaml_list endpoints; /* of struct dc_promise_endpoint */
  struct dc_yaml_texts volumes;  /* paths */
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (the text names the place),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_promise_read (const char *text, size_t size, struct dc_promise **out,
                     struct dc_error *err);
int dc_promise_json (const struct dc_promise *promise, json_t **out,
                     struct dc_error *err);
void dc_promise_free (struct dc_promise *promise);
DC_DEFINE_AUTO (dc_promise)

const char *dc_promise_state_name (enum dc_promise_state state);
/* "tcp", "udp", "unix". */
const char *dc_transport_name (int transport);

#endif
