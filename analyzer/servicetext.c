/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profiletext.h"
#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/quote.h"

#define ENDPOINT_MAX 12 /* of one service that are shown */
#define LEFT_OUT_MAX 6  /* services that are named for one reason */

static bool
has_suffix (const char *name, const char *suffix)
{
  const size_t size = strlen (name), suffix_size = strlen (suffix);

  return size >= suffix_size && strcmp (name + size - suffix_size, suffix) == 0;
}

/* "tcp 127.0.0.1:6379", "tcp [::]:80", "unix /run/redis.sock"; what is not
 * declared says so.
 */
static int
print_endpoint (const json_t *endpoint, struct dc_buffer *b,
                struct dc_error *err)
{
  const char *protocol = dc_page_text (endpoint, "protocol");
  const char *address = dc_page_text (endpoint, "address");
  const char *path = dc_page_text (endpoint, "path");
  const char *confidence = dc_page_text (endpoint, "confidence");
  const bool is_v6 = address != NULL && strchr (address, ':') != NULL;
  const int64_t port = json_integer_value (json_object_get (endpoint, "port"));

  if (dc_buffer_print (b, err, "%s ", protocol != NULL ? protocol : "?") < 0)
    return -1;
  if (address == NULL &&
      dc_buffer_print (b, err, "%s", path != NULL ? path : "?") < 0)
    return -1;
  if (address != NULL &&
      dc_buffer_print (b, err, "%s%s%s:%" PRId64, is_v6 ? "[" : "", address,
                       is_v6 ? "]" : "", port) < 0)
    return -1;
  if (confidence != NULL && (strcmp (confidence, "inferred") == 0 ||
                             strcmp (confidence, "unknown") == 0))
    return dc_buffer_print (b, err, " (%s)", confidence);
  return 0;
}

/* What the profile's lists say, by the names that we look for. */
struct groups {
  json_t *endpoints; /* by service: an array of endpoints */
  json_t *left_out;  /* by reason: an array of names of services that start */
  json_t *timers;    /* names of timers that start */
  size_t idle;       /* services that do not start */
};

/* Append ITEM to the array NAME of GROUP. */
static int
add_to_group (json_t *group, const char *name, json_t *item,
              struct dc_error *err)
{
  json_t *array = json_object_get (group, name);

  if (array == NULL) {
    array = json_array ();
    if (json_object_set_new (group, name, array) < 0)
      array = NULL;
  }
  return json_array_append (array, item) < 0 ? dc_json_no_memory (err) : 0;
}

static int
group_endpoints (struct dc_page *page, struct groups *groups,
                 struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "endpoints");

  for (size_t i = 0; i < json_array_size (items); i++) {
    json_t *item = json_array_get (items, i);
    const char *service = dc_page_text (item, "service");
    if (service != NULL &&
        add_to_group (groups->endpoints, service, item, err) < 0)
      return -1;
  }
  return 0;
}

static int
group_services (struct dc_page *page, struct groups *groups,
                struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "services");

  for (size_t i = 0; i < json_array_size (items); i++) {
    json_t *item = json_array_get (items, i);
    json_t *name = json_object_get (item, "name");
    const char *reason = dc_page_text (item, "left_out");
    if (!dc_page_is (item, "started"))
      groups->idle++;
    else if (reason != NULL && json_is_string (name) &&
             add_to_group (groups->left_out, reason, name, err) < 0)
      return -1;
  }
  return 0;
}

static int
group_timers (struct dc_page *page, struct groups *groups, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "units");

  for (size_t i = 0; i < json_array_size (items); i++) {
    json_t *item = json_array_get (items, i);
    json_t *name = json_object_get (item, "name");
    if (json_is_string (name) && dc_page_is (item, "started") &&
        has_suffix (json_string_value (name), ".timer") &&
        json_array_append (groups->timers, name) < 0)
      return dc_json_no_memory (err);
  }
  return 0;
}

/* The text of endpoint I, or how many more there are. */
static int
endpoint_cell (const json_t *endpoints, size_t i, struct dc_buffer *b,
               struct dc_error *err)
{
  const size_t count = json_array_size (endpoints);

  if (i >= count)
    return 0;
  if (i < ENDPOINT_MAX)
    return print_endpoint (json_array_get (endpoints, i), b, err);
  return dc_buffer_print (b, err, "and %zu more", count - i);
}

/* NAME without its suffix ".service"; a copy. */
static char *
short_name (const char *name)
{
  const char *dot = strrchr (name, '.');

  return strndup (name, dot != NULL ? (size_t) (dot - name) : strlen (name));
}

/* A row with the first endpoint, and one for each of the others. */
static int
add_service (const struct groups *groups, const json_t *service,
             struct dc_columns *columns, struct dc_error *err)
{
  const char *name = dc_page_text (service, "name");
  const char *description = dc_page_text (service, "description");
  const json_t *endpoints = json_object_get (groups->endpoints, name);
  AUTO_FREE char *label = short_name (name);
  size_t i = 0;

  if (label == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  do {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (endpoint_cell (endpoints, i, &b, err) < 0)
      return -1;
    const char *const cells[] = { i == 0 ? label : NULL, dc_buffer_text (&b),
                                  i == 0 ? description : NULL };
    if (dc_columns_add (columns, cells, err) < 0)
      return -1;
  } while (++i < json_array_size (endpoints) && i <= ENDPOINT_MAX);
  return 0;
}

static bool
is_on_network (const json_t *endpoints)
{
  for (size_t i = 0; i < json_array_size (endpoints); i++) {
    const char *protocol =
        dc_page_text (json_array_get (endpoints, i), "protocol");
    if (protocol != NULL && strcmp (protocol, "unix") != 0)
      return true;
  }
  return false;
}

enum rank { SERVES_NETWORK, SERVES_HOST, SHOWN_ELSEWHERE };

/* What others can reach comes first; what a container does not start, and
 * what does not start at all, is not among the services.
 */
static enum rank
rank_of (const struct groups *groups, const json_t *service)
{
  const char *name = dc_page_text (service, "name");

  if (name == NULL || dc_page_text (service, "left_out") != NULL)
    return SHOWN_ELSEWHERE;
  const json_t *endpoints = json_object_get (groups->endpoints, name);
  if (is_on_network (endpoints))
    return SERVES_NETWORK;
  return endpoints != NULL || dc_page_is (service, "started") ? SERVES_HOST
                                                              : SHOWN_ELSEWHERE;
}

static int
print_services (struct dc_page *page, const struct groups *groups,
                struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "services");
  AUTO_COLUMNS struct dc_columns columns = { .count = 3 };
  size_t count = 0;

  for (enum rank rank = SERVES_NETWORK; rank < SHOWN_ELSEWHERE; rank++)
    for (size_t i = 0; i < json_array_size (items); i++) {
      const json_t *item = json_array_get (items, i);
      if (rank_of (groups, item) == rank && count++ < DC_PAGE_LIST_MAX &&
          add_service (groups, item, &columns, err) < 0)
        return -1;
    }
  return dc_page_table (page, "Services that start", &columns, count, err);
}

/* LABEL and the first MAX of NAMES. */
static int
print_names (struct dc_page *page, const char *label, const json_t *names,
             size_t max, struct dc_error *err)
{
  struct dc_page_list list = { DC_BUFFER_INIT (DC_PAGE_SIZE_MAX), 0, max };
  int status = 0;

  for (size_t i = 0; i < json_array_size (names) && status == 0; i++) {
    AUTO_FREE char *name =
        short_name (json_string_value (json_array_get (names, i)));
    status = name != NULL ? dc_page_add (&list, name, err)
                          : dc_fail_errno (err, "cannot keep a name");
  }
  if (status == 0)
    status = dc_page_print (page, label, &list, err);
  dc_buffer_release (&list.text);
  return status;
}

static int
print_left_out (struct dc_page *page, const struct groups *groups,
                struct dc_error *err)
{
  const char *reason;
  json_t *names;
  size_t count = 0;

  if (json_object_size (groups->left_out) > 0 &&
      dc_buffer_print (page->out, err,
                       "\nServices that start, but not in a container\n") < 0)
    return -1;
  json_object_foreach (groups->left_out, reason, names)
  {
    if (count++ < DC_PAGE_LIST_MAX &&
        print_names (page, dc_quote (reason).text, names, LEFT_OUT_MAX, err) <
            0)
      return -1;
  }
  return 0;
}

static int
print_others (struct dc_page *page, const struct groups *groups,
              struct dc_error *err)
{
  if (json_array_size (groups->timers) == 0 && groups->idle == 0)
    return 0;
  if (dc_buffer_print (page->out, err, "\nOther units\n") < 0 ||
      print_names (page, "timers that start", groups->timers, DC_PAGE_LIST_MAX,
                   err) < 0)
    return -1;
  return groups->idle == 0
             ? 0
             : dc_buffer_print (page->out, err,
                                "  services that do not start by themselves: "
                                "%zu\n",
                                groups->idle);
}

int
dc_services_text (struct dc_page *page, struct dc_error *err)
{
  json_auto_t *endpoints = json_object (), *left_out = json_object ();
  json_auto_t *timers = json_array ();
  struct groups groups = { endpoints, left_out, timers, 0 };

  if (endpoints == NULL || left_out == NULL || timers == NULL)
    return dc_json_no_memory (err);
  if (group_endpoints (page, &groups, err) < 0 ||
      group_services (page, &groups, err) < 0 ||
      group_timers (page, &groups, err) < 0 ||
      print_services (page, &groups, err) < 0 ||
      print_left_out (page, &groups, err) < 0)
    return -1;
  return print_others (page, &groups, err);
}
