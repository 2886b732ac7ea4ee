/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "lib/columns.h"
#include "runtime/verify/verifytext.h"

static const char *
text_of (json_t *json, const char *key)
{
  const char *text = json_string_value (json_object_get (json, key));

  return text != NULL ? text : "";
}

static const char *
mark_of (json_t *json)
{
  return json_is_true (json_object_get (json, "kept")) ? "ok" : "SHORT";
}

static double
seconds_of (json_t *json, const char *key)
{
  return (double) json_integer_value (json_object_get (json, key)) / 1000.0;
}

static int
add_services (json_t *json, struct dc_columns *columns, struct dc_error *err)
{
  json_t *services = json_object_get (json, "services"), *service = NULL;
  size_t i = 0;

  json_array_foreach (services, i, service)
  {
    const char *cells[] = { mark_of (service), text_of (service, "unit"),
                            text_of (service, "user"),
                            text_of (service, "text") };
    if (dc_columns_add (columns, cells, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_endpoints (json_t *json, struct dc_columns *columns, struct dc_error *err)
{
  json_t *endpoints = json_object_get (json, "endpoints"), *endpoint = NULL;
  size_t i = 0;

  json_array_foreach (endpoints, i, endpoint)
  {
    const char *cells[] = { mark_of (endpoint), text_of (endpoint, "service"),
                            text_of (endpoint, "endpoint"),
                            text_of (endpoint, "text") };
    if (dc_columns_add (columns, cells, err) < 0)
      return -1;
  }
  return 0;
}

static int
print_table (json_t *json,
             int (*add) (json_t *json, struct dc_columns *columns,
                         struct dc_error *err),
             const char *title, unsigned width, struct dc_buffer *out,
             struct dc_error *err)
{
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };

  if (add (json, &columns, err) < 0)
    return -1;
  if (columns.cells.count == 0)
    return 0;
  return dc_buffer_print (out, err, "%s\n", title) < 0 ||
                 dc_columns_print (&columns, 2, width, out, err) < 0
             ? -1
             : 0;
}

static int
print_lines (json_t *list, const char *title, struct dc_buffer *out,
             struct dc_error *err)
{
  json_t *line = NULL;
  size_t i = 0;

  if (json_array_size (list) > 0 &&
      dc_buffer_print (out, err, "%s\n", title) < 0)
    return -1;
  json_array_foreach (list, i, line)
  {
    if (dc_buffer_print (out, err, "  %s\n", json_string_value (line)) < 0)
      return -1;
  }
  return 0;
}

/* "ready after 1.2 s, stopped in 0.3 s" */
static int
print_times (json_t *json, struct dc_buffer *out, struct dc_error *err)
{
  json_t *stop = json_object_get (json, "stop");

  if (dc_buffer_print (out, err, "started in %.1f s",
                       seconds_of (json, "start_ms")) < 0 ||
      (json_object_get (json, "ready_ms") != NULL &&
       dc_buffer_print (out, err, ", ready after %.1f s",
                        seconds_of (json, "ready_ms")) < 0) ||
      (stop != NULL && dc_buffer_print (out, err, ", stopped in %.1f s",
                                        seconds_of (stop, "ms")) < 0))
    return -1;
  return dc_buffer_print (
      out, err, "%s; %.1f s together\n",
      json_object_get (json, "restart") != NULL ? ",\nall of it twice" : "",
      seconds_of (json, "total_ms"));
}

/* "compared with server.qcow2 (booted by tcg, uefi, in 58.1 s): 4 of 4 ..." */
static int
print_equivalence (json_t *json, struct dc_buffer *out, struct dc_error *err)
{
  json_t *endpoints = json_object_get (json, "endpoints"), *endpoint = NULL;
  json_t *boot = json_object_get (json, "boot");
  size_t i = 0, equal = 0;

  if (json == NULL)
    return 0;
  json_array_foreach (endpoints, i, endpoint)
  {
    equal += json_is_true (json_object_get (endpoint, "equal"));
  }
  if (dc_buffer_print (out, err, "compared with a copy of %s\n",
                       text_of (json, "source")) < 0 ||
      dc_buffer_print (out, err,
                       "  %zu of %zu endpoints answer alike; it was up after "
                       "%.1f s (%s, %s)\n",
                       equal, json_array_size (endpoints),
                       seconds_of (boot, "ms"), text_of (boot, "firmware"),
                       text_of (boot, "accelerator")) < 0)
    return -1;
  return print_lines (json_object_get (json, "not_compared"),
                      "not compared, as nobody outside can reach them", out,
                      err);
}

int
dc_verify_text (json_t *json, unsigned width, struct dc_buffer *out,
                struct dc_error *err)
{
  json_t *reasons = json_object_get (json, "reasons");

  if (dc_buffer_print (out, err, "oci:%s:%s %s\n", text_of (json, "image"),
                       text_of (json, "tag"),
                       json_array_size (reasons) == 0 ? "does what it promises"
                                                      : "falls short") < 0 ||
      print_table (json, add_services, "services", width, out, err) < 0 ||
      print_table (json, add_endpoints, "endpoints", width, out, err) < 0 ||
      print_lines (json_object_get (json, "unexpected"),
                   "also listened on, without a promise", out, err) < 0 ||
      print_lines (reasons, "reasons", out, err) < 0 ||
      print_lines (json_object_get (json, "log"), "its last words", out, err) <
          0)
    return -1;
  return print_equivalence (json_object_get (json, "equivalence"), out, err) < 0
             ? -1
             : print_times (json, out, err);
}
