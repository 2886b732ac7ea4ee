/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_redis.h"
#include "analyzer/endpoint/conflines.h"
#include "lib/number.h"
#include "lib/quote.h"

#define REDIS_PORT 6379
#define SENTINEL_PORT 26379
#define BUS_DISTANCE 10000 /* from the port to that of the cluster's bus */

/* A port that a directive may set. */
struct port {
  uint64_t port; /* 0: none */
  struct dc_proof proof;
  enum dc_confidence confidence;
};

struct redis {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  struct dc_words bind; /* addresses, a '-' before those that may fail */
  struct port port, tls_port, bus_port;
  char *socket; /* of unixsocket; NULL: none */
  struct dc_proof socket_proof;
  struct dc_proof cluster_proof;
  bool has_bind, is_protected, has_password, is_cluster;
};

/* The words behind a directive. */
typedef int read_directive (struct redis *redis, const struct dc_words *words,
                            struct dc_proof proof, struct dc_error *err);

static int
read_number (struct redis *redis, const char *text, struct port *port,
             struct dc_proof proof, struct dc_error *err)
{
  uint64_t number;

  if (dc_number_parse (text, 0, UINT16_MAX, &number, err) < 0) {
    redis->lines.is_incomplete = true;
    return dc_daemon_note (redis->daemon, proof, err, "'%s' is no port",
                           dc_quote (text).text);
  }
  *port = (struct port){ number, proof, DC_DECLARED };
  return 0;
}

static int
read_port (struct redis *redis, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  return read_number (redis, words->items[0], &redis->port, proof, err);
}

static int
read_tls_port (struct redis *redis, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  return read_number (redis, words->items[0], &redis->tls_port, proof, err);
}

static int
read_bus_port (struct redis *redis, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  return read_number (redis, words->items[0], &redis->bus_port, proof, err);
}

/* Takes the place of what an earlier line said; "" is no address at all. */
static int
read_bind (struct redis *redis, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  (void) proof; /* that of the port is better */
  dc_words_release (&redis->bind);
  redis->has_bind = true;
  for (size_t i = 0; i < words->count; i++)
    if (words->items[i][0] != '\0' &&
        dc_words_add (&redis->bind, words->items[i], err) < 0)
      return -1;
  return 0;
}

static int
read_socket (struct redis *redis, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (words->items[0][0] != '\0' &&
      dc_daemon_path (redis->daemon, words->items[0], &path, err) < 0)
    return -1;
  free (redis->socket);
  redis->socket = DC_TAKE (path);
  redis->socket_proof = proof;
  return 0;
}

static bool
is_yes (const struct dc_words *words)
{
  return strcasecmp (words->items[0], "yes") == 0;
}

static int
read_protected (struct redis *redis, const struct dc_words *words,
                struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  (void) err;
  redis->is_protected = is_yes (words);
  return 0;
}

/* Also of "user" and "aclfile", which may set one. */
static int
read_password (struct redis *redis, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  (void) err;
  redis->has_password = redis->has_password || words->items[0][0] != '\0';
  return 0;
}

static int
read_cluster (struct redis *redis, const struct dc_words *words,
              struct dc_proof proof, struct dc_error *err)
{
  (void) err;
  redis->is_cluster = is_yes (words);
  redis->cluster_proof = proof;
  return 0;
}

/* replicaof HOST PORT; "no one" is nobody. */
static int
read_master (struct redis *redis, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  struct dc_target target = {
    .protocol = DC_TCP,
    .host = words->items[0],
    .proof = proof,
    .confidence = DC_DECLARED,
  };
  struct dc_error ignored;

  if (words->count < 2 ||
      dc_port_parse (words->items[1], &target.port, &ignored) < 0)
    return 0;
  return dc_daemon_connects (redis->daemon, &target, err);
}

/* sentinel monitor NAME HOST PORT QUORUM */
static int
read_sentinel (struct redis *redis, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  if (words->count < 4 || strcasecmp (words->items[0], "monitor") != 0)
    return 0;
  const struct dc_words master = { words->items + 2, words->count - 2 };
  return read_master (redis, &master, proof, err);
}

static int
read_include (struct redis *redis, const struct dc_words *words,
              struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;

  if (dc_daemon_path (redis->daemon, words->items[0], &pattern, err) < 0)
    return -1;
  return dc_conflines_include (&redis->lines, pattern, proof, err);
}

static const struct {
  const char *name;
  read_directive *read;
} directives[] = {
  { "aclfile", read_password },         { "bind", read_bind },
  { "cluster-enabled", read_cluster },  { "cluster-port", read_bus_port },
  { "include", read_include },          { "port", read_port },
  { "protected-mode", read_protected }, { "replicaof", read_master },
  { "requirepass", read_password },     { "sentinel", read_sentinel },
  { "slaveof", read_master },           { "tls-port", read_tls_port },
  { "unixsocket", read_socket },        { "user", read_password },
};

/* WORDS are a directive and what it is given. */
static int
apply (struct redis *redis, const struct dc_words *words, struct dc_proof proof,
       struct dc_error *err)
{
  if (words->count < 2)
    return 0;
  const struct dc_words rest = { words->items + 1, words->count - 1 };
  for (size_t i = 0; i < DC_COUNT (directives); i++)
    if (strcasecmp (words->items[0], directives[i].name) == 0)
      return directives[i].read (redis, &rest, proof, err);
  return 0;
}

/* Redis quotes as systemd does, for what matters here.  A line that it could
 * not unquote would keep it from starting; it is left out.
 */
static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  line += strspn (line, " \t\r");
  if (*line == '#')
    return 1;
  if (dc_unit_words (line, &words, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 1;
  return apply (self, &words, proof, err) < 0 ? -1 : 1;
}

/* "--port 7000 --bind a b" is as if these lines stood at the end. */
static int
read_options (struct redis *redis, size_t first, struct dc_error *err)
{
  const struct dc_words *argv = redis->daemon->argv;
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  for (size_t i = first; i <= argv->count; i++) {
    const bool is_option =
        i < argv->count && strncmp (argv->items[i], "--", 2) == 0;
    if (is_option || i == argv->count) {
      if (apply (redis, &words, dc_daemon_command (redis->daemon), err) < 0)
        return -1;
      dc_words_release (&words);
    }
    if (i < argv->count &&
        dc_words_add (&words, argv->items[i] + (is_option ? 2 : 0), err) < 0)
      return -1;
  }
  return 0;
}

static bool
is_local (const char *address)
{
  return strncmp (address, "127.", 4) == 0 || strcmp (address, "::1") == 0 ||
         strcmp (address, "localhost") == 0;
}

/* PORT on each address that it binds to; without any, on all. */
static int
tell_port (const struct redis *redis, const struct port *port,
           struct dc_error *err)
{
  struct dc_listen listen = {
    .protocol = DC_TCP,
    .port = (uint16_t) port->port,
    .proof = port->proof,
    .confidence = port->confidence,
  };

  if (port->port == 0)
    return 0;
  if (!redis->has_bind) {
    listen.address = "";
    return dc_daemon_listens (redis->daemon, &listen, err);
  }
  for (size_t i = 0; i < redis->bind.count; i++) {
    const char *word = redis->bind.items[i];
    word += word[0] == '-';
    listen.address = word;
    if (strcmp (word, "*") == 0)
      listen.address = "0.0.0.0";
    else if (strcmp (word, "::*") == 0)
      listen.address = "::";
    if (dc_daemon_listens (redis->daemon, &listen, err) < 0)
      return -1;
  }
  return 0;
}

/* The bus of a cluster has a port of its own. */
static int
tell_bus (const struct redis *redis, struct dc_error *err)
{
  const uint64_t base =
      redis->port.port > 0 ? redis->port.port : redis->tls_port.port;
  struct port bus = redis->bus_port;

  if (!redis->is_cluster || base == 0)
    return 0;
  if (bus.port == 0)
    bus =
        (struct port){ base + BUS_DISTANCE, redis->cluster_proof, DC_INFERRED };
  if (bus.port > UINT16_MAX)
    return 0; /* it would not start */
  return tell_port (redis, &bus, err);
}

static int
tell_socket (const struct redis *redis, struct dc_error *err)
{
  const struct dc_listen listen = {
    .protocol = DC_UNIX,
    .path = redis->socket,
    .proof = redis->socket_proof,
    .confidence = DC_DECLARED,
  };

  return redis->socket == NULL
             ? 0
             : dc_daemon_listens (redis->daemon, &listen, err);
}

/* It listens, but answers nobody who asks from outside: then a published port
 * is of no use.
 */
static int
note_protected (const struct redis *redis, struct dc_error *err)
{
  bool is_open = !redis->has_bind;

  for (size_t i = 0; i < redis->bind.count; i++) {
    const char *word = redis->bind.items[i];
    is_open = is_open || !is_local (word + (word[0] == '-'));
  }
  if (!redis->is_protected || redis->has_password || !is_open ||
      (redis->port.port == 0 && redis->tls_port.port == 0))
    return 0;
  return dc_profile_note (
      redis->daemon->profile, "endpoint.protected", redis->port.proof.file,
      redis->port.proof.line, err,
      "%s: protected-mode without a password answers only local clients",
      redis->daemon->unit->name);
}

static int
tell (const struct redis *redis, struct dc_error *err)
{
  if (tell_port (redis, &redis->port, err) < 0 ||
      tell_port (redis, &redis->tls_port, err) < 0 ||
      tell_bus (redis, err) < 0 || tell_socket (redis, err) < 0 ||
      note_protected (redis, err) < 0)
    return -1;
  return redis->lines.is_incomplete ? 0 : 1;
}

/* A sentinel is the same program by another name or with --sentinel. */
static bool
is_sentinel (const struct dc_daemon *daemon)
{
  return strstr (daemon->command->program, "-sentinel") != NULL ||
         dc_words_has (daemon->argv, "--sentinel");
}

static int
read_and_tell (struct redis *redis, struct dc_error *err)
{
  const struct dc_daemon *daemon = redis->daemon;
  const struct dc_proof command = dc_daemon_command (daemon);
  const bool is_file =
      daemon->argv->count > 1 && daemon->argv->items[1][0] != '-';
  AUTO_FREE char *path = NULL;

  redis->is_protected = !is_sentinel (daemon);
  redis->port =
      (struct port){ is_sentinel (daemon) ? SENTINEL_PORT : REDIS_PORT, command,
                     DC_INFERRED };
  if (is_file) {
    if (dc_daemon_path (daemon, daemon->argv->items[1], &path, err) < 0 ||
        dc_conflines_read (&redis->lines, path, command, err) < 0)
      return -1;
    if (redis->lines.files.count == 0)
      return 0; /* without its file it does not start */
  }
  return read_options (redis, is_file ? 2 : 1, err) < 0 ? -1
                                                        : tell (redis, err);
}

int
dc_redis_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct redis redis = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line, .self = &redis },
  };

  const int status = read_and_tell (&redis, err);
  dc_words_release (&redis.lines.files);
  dc_words_release (&redis.bind);
  free (redis.socket);
  return status;
}
