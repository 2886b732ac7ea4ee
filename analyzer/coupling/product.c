/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/coupling/product.h"
#include "lib/cleanup.h"

/* A word stands between bytes that are no letters; longer ones first where
 * one holds the other.  Ports: the products' manuals.
 */
static const struct {
  const char *word;
  uint16_t port;
} products[] = {
  { "MYSQL", 3306 },
  { "MARIADB", 3306 },
  { "POSTGRESQL", 5432 },
  { "POSTGRES", 5432 },
  { "PGSQL", 5432 },
  { "PG", 5432 },
  { "REDIS", 6379 },
  { "MEMCACHED", 11211 },
  { "MEMCACHE", 11211 },
  { "MONGODB", 27017 },
  { "MONGO", 27017 },
  { "RABBITMQ", 5672 },
  { "AMQP", 5672 },
  { "SMTP", 25 },
  { "MAIL", 25 },
  { "LDAP", 389 },
  { "ELASTICSEARCH", 9200 },
  { "ELASTIC", 9200 },
  { "OPENSEARCH", 9200 },
  { "KAFKA", 9092 },
  { "NATS", 4222 },
  { "INFLUXDB", 8086 },
  { "INFLUX", 8086 },
  { "STATSD", 8125 },
  { "DATABASE", 0 },
  { "DB", 0 },
  { "PGHOST", 5432 },
};

static bool
is_letter (char byte)
{
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool
holds (struct dc_span name, const char *word)
{
  const size_t size = strlen (word);

  for (size_t i = 0; i + size <= name.size; i++)
    if (strncasecmp (name.text + i, word, size) == 0 &&
        (i == 0 || !is_letter (name.text[i - 1])) &&
        (i + size == name.size || !is_letter (name.text[i + size])))
      return true;
  return false;
}

bool
dc_product_port (struct dc_span name, uint16_t *port)
{
  for (size_t i = 0; i < DC_COUNT (products); i++)
    if (holds (name, products[i].word)) {
      *port = products[i].port;
      return true;
    }
  return false;
}
