/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/connectionsection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"
#include "lib/quote.h"

int
dc_connections_read (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err)
{
  (void) tree;
  (void) err;
  dc_connections_sort (&profile->connections);
  return 0;
}

static json_t *
connection_json (const struct dc_connection *connection)
{
  const bool has_port = connection->protocol != DC_UNIX && connection->port > 0;
  json_t *json = json_object ();

  dc_json_put_text (&json, "service", connection->service);
  dc_json_put_text (&json, "protocol", dc_protocol_name (connection->protocol));
  dc_json_put_text (&json, "host", connection->host);
  dc_json_put (&json, "port",
               has_port ? json_integer (connection->port) : json_null ());
  dc_json_put_text (&json, "path", connection->path);
  dc_json_put_text (&json, "confidence",
                    dc_confidence_name (connection->confidence));
  dc_json_put (
      &json, "evidence",
      dc_evidence_json (connection->evidence.file, connection->evidence.line));
  return json;
}

json_t *
dc_connections_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->connections.count; i++)
    dc_json_push (&json, connection_json (&profile->connections.items[i]));
  return json;
}

/* "tcp db.example.org:5432", "unix /run/php/php8.2-fpm.sock" */
static int
print_target (const json_t *item, struct dc_buffer *b, struct dc_error *err)
{
  const char *protocol = dc_page_text (item, "protocol");
  const char *host = dc_page_text (item, "host");
  const char *path = dc_page_text (item, "path");
  const json_t *port = json_object_get (item, "port");
  const bool is_v6 = host != NULL && strchr (host, ':') != NULL;

  if (dc_buffer_print (b, err, "%s ", protocol != NULL ? protocol : "?") < 0)
    return -1;
  if (host == NULL)
    return dc_buffer_print (b, err, "%s", path != NULL ? path : "?");
  if (dc_buffer_print (b, err, "%s%s%s", is_v6 ? "[" : "", host,
                       is_v6 ? "]" : "") < 0)
    return -1;
  return !json_is_integer (port)
             ? 0
             : dc_buffer_print (b, err, ":%" JSON_INTEGER_FORMAT,
                                json_integer_value (port));
}

int
dc_connections_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "connections");
  AUTO_COLUMNS struct dc_columns columns = { .count = 2 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
    if (print_target (item, &b, err) < 0)
      return -1;
    const char *const cells[] = { dc_page_text (item, "service"),
                                  dc_buffer_text (&b) };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Services connect to", &columns,
                        json_array_size (items), err);
}

void
dc_connections_forget (struct dc_profile *profile)
{
  dc_connections_release (&profile->connections);
}
