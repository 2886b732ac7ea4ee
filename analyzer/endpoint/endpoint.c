/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "lib/array.h"
#include "lib/text.h"

static void
release (struct dc_endpoint *endpoint)
{
  free (endpoint->service);
  free (endpoint->address);
  free (endpoint->path);
  free (endpoint->evidence.file);
}

void
dc_endpoints_release (struct dc_endpoints *endpoints)
{
  for (size_t i = 0; i < endpoints->count; i++)
    release (&endpoints->items[i]);
  free (endpoints->items);
  *endpoints = (struct dc_endpoints){ NULL, 0 };
}

static int
compare (const void *a, const void *b)
{
  const struct dc_endpoint *left = a, *right = b;
  const int by_service = strcmp (left->service, right->service);
  if (by_service != 0)
    return by_service;
  if (left->protocol != right->protocol)
    return left->protocol < right->protocol ? -1 : 1;
  if (left->port != right->port)
    return left->port < right->port ? -1 : 1;
  const int by_address = dc_text_compare (left->address, right->address);
  return by_address != 0 ? by_address
                         : dc_text_compare (left->path, right->path);
}

void
dc_endpoints_sort (struct dc_endpoints *endpoints)
{
  if (endpoints->count > 1)
    qsort (endpoints->items, endpoints->count, sizeof *endpoints->items,
           compare);
}

static int
make (const char *service, const struct dc_listen *listen,
      struct dc_endpoint *endpoint, struct dc_error *err)
{
  *endpoint = (struct dc_endpoint){
    .protocol = listen->protocol,
    .port = listen->port,
    .evidence.line = listen->proof.line,
    .confidence = listen->confidence,
  };
  if (dc_text_copy (service, &endpoint->service, err) < 0 ||
      dc_text_copy (listen->address, &endpoint->address, err) < 0 ||
      dc_text_copy (listen->path, &endpoint->path, err) < 0 ||
      dc_text_copy (listen->proof.file, &endpoint->evidence.file, err) < 0) {
    release (endpoint);
    return -1;
  }
  return 0;
}

int
dc_endpoint_add (struct dc_endpoints *endpoints, const char *service,
                 const struct dc_listen *listen, struct dc_error *err)
{
  struct dc_endpoint endpoint;

  assert ((listen->protocol == DC_UNIX) == (listen->path != NULL));
  assert ((listen->protocol == DC_UNIX) == (listen->address == NULL));
  if (make (service, listen, &endpoint, err) < 0)
    return -1;
  for (size_t i = 0; i < endpoints->count; i++) {
    struct dc_endpoint *known = &endpoints->items[i];
    if (compare (known, &endpoint) != 0)
      continue;
    if (endpoint.confidence < known->confidence) {
      release (known);
      *known = endpoint;
    } else {
      release (&endpoint);
    }
    return 0;
  }
  if (DC_ARRAY_GROW (endpoints->items, endpoints->count, DC_ENDPOINT_COUNT_MAX,
                     "endpoints", err) < 0) {
    release (&endpoint);
    return -1;
  }
  endpoints->items[endpoints->count++] = endpoint;
  return 0;
}
