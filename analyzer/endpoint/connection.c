/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/connection.h"
#include "lib/array.h"
#include "lib/text.h"

static void
release (struct dc_connection *connection)
{
  free (connection->service);
  free (connection->host);
  free (connection->path);
  free (connection->evidence.file);
}

void
dc_connections_release (struct dc_connections *connections)
{
  for (size_t i = 0; i < connections->count; i++)
    release (&connections->items[i]);
  free (connections->items);
  *connections = (struct dc_connections){ NULL, 0 };
}

static int
compare (const void *a, const void *b)
{
  const struct dc_connection *left = a, *right = b;
  const int by_service = strcmp (left->service, right->service);

  if (by_service != 0)
    return by_service;
  if (left->protocol != right->protocol)
    return left->protocol < right->protocol ? -1 : 1;
  const int by_host = dc_text_compare (left->host, right->host);
  if (by_host != 0)
    return by_host;
  if (left->port != right->port)
    return left->port < right->port ? -1 : 1;
  return dc_text_compare (left->path, right->path);
}

void
dc_connections_sort (struct dc_connections *connections)
{
  if (connections->count > 1)
    qsort (connections->items, connections->count, sizeof *connections->items,
           compare);
}

static int
make (const char *service, const struct dc_target *target,
      struct dc_connection *connection, struct dc_error *err)
{
  *connection = (struct dc_connection){
    .protocol = target->protocol,
    .port = target->port,
    .evidence.line = target->proof.line,
    .confidence = target->confidence,
  };
  if (dc_text_copy (service, &connection->service, err) < 0 ||
      dc_text_copy (target->host, &connection->host, err) < 0 ||
      dc_text_copy (target->path, &connection->path, err) < 0 ||
      dc_text_copy (target->proof.file, &connection->evidence.file, err) < 0) {
    release (connection);
    return -1;
  }
  return 0;
}

int
dc_connection_add (struct dc_connections *connections, const char *service,
                   const struct dc_target *target, struct dc_error *err)
{
  struct dc_connection connection;

  assert ((target->protocol == DC_UNIX) == (target->path != NULL));
  assert ((target->protocol == DC_UNIX) == (target->host == NULL));
  if (make (service, target, &connection, err) < 0)
    return -1;
  for (size_t i = 0; i < connections->count; i++) {
    struct dc_connection *known = &connections->items[i];
    if (compare (known, &connection) != 0)
      continue;
    if (connection.confidence < known->confidence) {
      release (known);
      *known = connection;
    } else {
      release (&connection);
    }
    return 0;
  }
  if (DC_ARRAY_GROW (connections->items, connections->count,
                     DC_CONNECTION_COUNT_MAX, "connections", err) < 0) {
    release (&connection);
    return -1;
  }
  connections->items[connections->count++] = connection;
  return 0;
}
