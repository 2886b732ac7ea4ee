/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/endpoint/connectionsection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"

int
dc_connections_read (struct dc_tree *tree, struct dc_profile *profile,
                     struct dc_error *err)
{
  if (dc_couplings_find (tree, profile, err) < 0)
    return -1;
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

void
dc_connections_forget (struct dc_profile *profile)
{
  dc_connections_release (&profile->connections);
}
