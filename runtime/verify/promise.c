/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"
#include "runtime/verify/promise.h"

static const char *const states[] = { "up", "done", "on-demand", NULL };
static const char *const transports[] = { "tcp", "udp", "unix", NULL };

#define SERVICE(key, kind, need, member)                                       \
  DC_YAML_ROW (key, DC_YAML_##kind, DC_YAML_##need, struct dc_promise_service, \
               member)
#define ENDPOINT(key, kind, need, member)                                      \
  DC_YAML_ROW (key, DC_YAML_##kind, DC_YAML_##need,                            \
               struct dc_promise_endpoint, member)

static const struct dc_yaml_row service_rows[] = {
  SERVICE ("unit", TEXT, REQUIRED, unit),
  DC_YAML_PICK ("state", DC_YAML_REQUIRED, struct dc_promise_service, state,
                states),
  SERVICE ("application", TEXT, OPTIONAL, application),
  SERVICE ("program", TEXT, OPTIONAL, program),
  SERVICE ("user", TEXT, OPTIONAL, user),
  { .key = "uid",
    .kind = DC_YAML_NUMBER,
    .target = offsetof (struct dc_promise_service, uid),
    .max = UINT32_MAX - 1L },
  DC_YAML_END,
};

static const struct dc_yaml_row endpoint_rows[] = {
  ENDPOINT ("service", TEXT, REQUIRED, service),
  DC_YAML_PICK ("transport", DC_YAML_REQUIRED, struct dc_promise_endpoint,
                transport, transports),
  ENDPOINT ("address", TEXT, OPTIONAL, address),
  { .key = "port",
    .kind = DC_YAML_NUMBER,
    .target = offsetof (struct dc_promise_endpoint, port),
    .min = 1,
    .max = UINT16_MAX },
  ENDPOINT ("path", TEXT, OPTIONAL, path),
  ENDPOINT ("protocol", TEXT, OPTIONAL, protocol),
  ENDPOINT ("guess", BOOL, OPTIONAL, is_guess),
  ENDPOINT ("certain", BOOL, OPTIONAL, is_certain),
  ENDPOINT ("http_path", TEXT, OPTIONAL, http_path),
  DC_YAML_END,
};

/* JSON is read by the walker for YAML, as runtime/artifacts.c says. */
static const struct dc_yaml_row rows[] = {
  { .key = "version",
    .kind = DC_YAML_NUMBER,
    .need = DC_YAML_REQUIRED,
    .target = offsetof (struct dc_promise, version),
    .min = DC_PROMISE_VERSION,
    .max = DC_PROMISE_VERSION },
  DC_YAML_ROW ("init", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_promise, init),
  DC_YAML_NEST ("services", DC_YAML_LIST, DC_YAML_REQUIRED, struct dc_promise,
                services, service_rows, struct dc_promise_service),
  DC_YAML_NEST ("endpoints", DC_YAML_LIST, DC_YAML_REQUIRED, struct dc_promise,
                endpoints, endpoint_rows, struct dc_promise_endpoint),
  DC_YAML_ROW ("volumes", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct dc_promise,
               volumes),
  DC_YAML_END,
};

const char *
dc_promise_state_name (enum dc_promise_state state)
{
  return states[state];
}

const char *
dc_transport_name (int transport)
{
  return transports[transport];
}

/* A path goes into a line of HTTP: blanks and control characters would make
 * it another request.
 */
static int
check_endpoint (const struct dc_promise_endpoint *endpoint,
                struct dc_error *err)
{
  const bool is_unix = endpoint->transport == DC_OVER_UNIX;
  const char *path = endpoint->http_path;

  if (is_unix ? endpoint->path == NULL : endpoint->port == 0)
    return dc_fail (err, DC_ERR_INVALID, "an endpoint of '%s' has no %s",
                    dc_quote (endpoint->service).text,
                    is_unix ? "path" : "port");
  if (endpoint->protocol != NULL &&
      dc_protocol_find (endpoint->protocol) == NULL)
    return dc_fail (err, DC_ERR_INVALID, "no probe for '%s'",
                    dc_quote (endpoint->protocol).text);
  for (; path != NULL && *path != '\0'; path++)
    if (endpoint->http_path[0] != '/' || (unsigned char) *path <= ' ' ||
        (unsigned char) *path >= 127)
      return dc_fail (err, DC_ERR_INVALID, "'%s' is no path of HTTP",
                      dc_quote (endpoint->http_path).text);
  return 0;
}

int
dc_promise_read (const char *text, size_t size, struct dc_promise **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_promise) *promise = calloc (1, sizeof *promise);

  if (promise == NULL)
    return dc_fail_errno (err, "cannot keep a promise");
  if (size > DC_PROMISE_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "the promise has %zu bytes, limit %zu",
                    size, DC_PROMISE_SIZE_MAX);
  if (dc_yaml_read (text, size, "promise.json", rows, promise, err) < 0)
    return -1;
  if (promise->services.count > DC_PROMISE_SERVICE_MAX ||
      promise->endpoints.count > DC_PROMISE_ENDPOINT_MAX ||
      promise->volumes.count > DC_PROMISE_SERVICE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "the promise has too many entries");
  const struct dc_promise_endpoint *endpoints = promise->endpoints.items;
  for (size_t i = 0; i < promise->endpoints.count; i++)
    if (check_endpoint (&endpoints[i], err) < 0)
      return dc_context (err, "promise.json");
  *out = DC_TAKE (promise);
  return 0;
}

static void
put_optional (json_t **json, const char *key, const char *text)
{
  if (text != NULL)
    dc_json_put_text (json, key, text);
}

static json_t *
service_json (const struct dc_promise_service *service)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "unit", service->unit);
  dc_json_put_text (&json, "state", states[service->state]);
  put_optional (&json, "application", service->application);
  put_optional (&json, "program", service->program);
  put_optional (&json, "user", service->user);
  if (service->user != NULL)
    dc_json_put_number (&json, "uid", (uint64_t) service->uid);
  return json;
}

static json_t *
endpoint_json (const struct dc_promise_endpoint *endpoint)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "service", endpoint->service);
  dc_json_put_text (&json, "transport", transports[endpoint->transport]);
  put_optional (&json, "address", endpoint->address);
  if (endpoint->port != 0)
    dc_json_put_number (&json, "port", (uint64_t) endpoint->port);
  put_optional (&json, "path", endpoint->path);
  put_optional (&json, "protocol", endpoint->protocol);
  if (endpoint->is_guess)
    dc_json_put_bool (&json, "guess", true);
  dc_json_put_bool (&json, "certain", endpoint->is_certain);
  put_optional (&json, "http_path", endpoint->http_path);
  return json;
}

int
dc_promise_json (const struct dc_promise *promise, json_t **out,
                 struct dc_error *err)
{
  const struct dc_promise_service *services = promise->services.items;
  const struct dc_promise_endpoint *endpoints = promise->endpoints.items;
  json_t *json = json_object (), *list = json_array ();

  dc_json_put_number (&json, "version", DC_PROMISE_VERSION);
  dc_json_put_text (&json, "init", promise->init);
  for (size_t i = 0; i < promise->services.count; i++)
    dc_json_push (&list, service_json (&services[i]));
  dc_json_put (&json, "services", list);
  list = json_array ();
  for (size_t i = 0; i < promise->endpoints.count; i++)
    dc_json_push (&list, endpoint_json (&endpoints[i]));
  dc_json_put (&json, "endpoints", list);
  list = json_array ();
  for (size_t i = 0; i < promise->volumes.count; i++)
    dc_json_push (&list, dc_json_bytes (promise->volumes.items[i]));
  dc_json_put (&json, "volumes", list);
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}

void
dc_promise_free (struct dc_promise *promise)
{
  if (promise == NULL)
    return;
  dc_yaml_release (rows, promise);
  free (promise);
}
