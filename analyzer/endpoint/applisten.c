/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/appfiles.h"
#include "analyzer/endpoint/applisten.h"
#include "analyzer/endpoint/appsource.h"
#include "analyzer/endpoint/where.h"
#include "lib/glob.h"
#include "lib/number.h"
#include "lib/quote.h"

#define SERVICES_FILE "/etc/services"

struct rule {
  const struct dc_app_scope *scope;
  const struct dc_app_listen *listen;
  bool is_target;     /* it says whom to connect to */
  bool is_incomplete; /* something could not be understood, and was noted */
};

/* One place, and what said so. */
struct place {
  struct dc_where where;
  struct dc_proof proof;
  bool is_default;
};

static int
not_understood (struct rule *rule, const struct dc_app_value *value,
                const char *why, struct dc_error *err)
{
  rule->is_incomplete = true;
  if (rule->scope->daemon->app->is_guess)
    return 0;
  return dc_daemon_note (rule->scope->daemon, value->proof, err, "'%s' %s",
                         dc_quote (value->text).text, why);
}

/* What a program or a template language replaces before anybody listens. */
static bool
has_variable (const char *text)
{
  return strchr (text, '$') != NULL || strstr (text, "{{") != NULL ||
         strstr (text, "%(") != NULL;
}

/* "smtp 25/tcp mail": true for the port of the service WHERE names. */
static bool
read_service_line (struct dc_span line, struct dc_where *where, bool is_udp)
{
  struct dc_span name, port, protocol, rest = line;
  struct dc_error ignored = { .code = DC_OK };
  uint64_t number;

  if (!dc_span_word (&rest, &name) || !dc_span_word (&rest, &port))
    return false;
  bool is_it = dc_span_is (name, where->service);
  while (!is_it && dc_span_word (&rest, &name) && *name.text != '#')
    is_it = dc_span_is (name, where->service);
  protocol = port;
  if (!is_it || !dc_span_field (&protocol, '/', &port) ||
      protocol.text == NULL || dc_span_is (protocol, "udp") != is_udp ||
      dc_number_parse_bytes (port.text, port.size, 1, UINT16_MAX, &number,
                             &ignored) < 0)
    return false;
  where->port = (uint16_t) number;
  return true;
}

/* The port of the service that PLACE names: 1, 0 when the guest does not know
 * it, -1.
 */
static int
find_service (struct rule *rule, struct place *place, bool is_udp,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);
  struct dc_span line;

  if (dc_tree_resolve (rule->scope->daemon->tree, SERVICES_FILE) ==
      DC_TREE_NONE)
    return 0;
  const int status = dc_daemon_read (rule->scope->daemon, SERVICES_FILE,
                                     place->proof, &b, err);
  if (status <= 0)
    return status;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line))
    if (read_service_line (line, &place->where, is_udp))
      return 1;
  return 0;
}

static int
tell_target (const struct rule *rule, const struct dc_listen *place,
             struct dc_error *err)
{
  const struct dc_target target = {
    .protocol = place->protocol,
    .host = place->address,
    .port = place->port,
    .path = place->path,
    .proof = place->proof,
    .confidence = place->confidence,
  };
  return dc_daemon_connects (rule->scope->daemon, &target, err);
}

static enum dc_confidence
confidence_of (const struct rule *rule, const struct place *place)
{
  return place->is_default || rule->scope->daemon->app->is_guess ? DC_INFERRED
                                                                 : DC_DECLARED;
}

/* A socket that is not named is the application's usual one. */
static int
tell_unix (const struct rule *rule, const struct place *place,
           struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  const struct dc_yaml_texts *usual = &rule->scope->daemon->app->sockets;
  const char *text = place->where.path;

  if (text[0] == '\0' && usual->count > 0)
    text = usual->items[0];
  if (text[0] == '\0')
    return 0;
  if (text[0] != '@' &&
      dc_daemon_path (rule->scope->daemon, text, &path, err) < 0)
    return -1;
  const struct dc_listen listen = {
    .protocol = DC_UNIX,
    .path = path != NULL ? path : text,
    .proof = place->proof,
    .confidence = confidence_of (rule, place),
  };
  if (rule->is_target)
    return tell_target (rule, &listen, err);
  return dc_daemon_listens (rule->scope->daemon, &listen, err);
}

static int
tell_port (const struct rule *rule, const struct place *place,
           struct dc_error *err)
{
  const struct dc_where *where = &place->where;
  const struct dc_app *app = rule->scope->daemon->app;
  const bool is_any =
      ((app->dual_stack || app->single_wildcard) &&
       strcmp (where->host, "::") == 0) ||
      (app->single_wildcard && strcmp (where->host, "0.0.0.0") == 0);
  struct dc_listen listen = {
    .protocol = where->has_protocol                    ? where->protocol
                : rule->listen->protocol == DC_APP_UDP ? DC_UDP
                                                       : DC_TCP,
    .address = is_any ? ""
               : app->ipv4_star && where->has_host && where->host[0] == '\0'
                   ? "0.0.0.0"
                   : where->host,
    .port = where->port,
    .proof = place->proof,
    .confidence = confidence_of (rule, place),
  };

  if (rule->is_target)
    return where->host[0] == '\0' ? 0 : tell_target (rule, &listen, err);
  if (dc_daemon_listens (rule->scope->daemon, &listen, err) < 0)
    return -1;
  if (where->has_protocol || rule->listen->protocol != DC_APP_BOTH)
    return 0;
  listen.protocol = DC_UDP;
  return dc_daemon_listens (rule->scope->daemon, &listen, err);
}

/* A word alone where a port is needed is the name of a service. */
static void
name_service (const struct rule *rule, struct dc_where *where)
{
  const size_t size = strlen (where->host);

  if (rule->is_target || where->has_port || rule->listen->port > 0 ||
      size == 0 || size >= sizeof where->service ||
      strpbrk (where->host, ".:%") != NULL)
    return;
  memcpy (where->service, where->host, size + 1);
  where->host[0] = '\0';
  where->has_port = true;
}

static int
tell (struct rule *rule, const struct dc_app_value *value, struct place *place,
      struct dc_error *err)
{
  struct dc_where *where = &place->where;

  if (where->has_protocol && where->protocol == DC_UNIX)
    return tell_unix (rule, place, err);
  name_service (rule, where);
  if (where->service[0] != '\0') {
    const bool is_udp = where->has_protocol
                            ? where->protocol == DC_UDP
                            : rule->listen->protocol == DC_APP_UDP;
    const int found = find_service (rule, place, is_udp, err);
    if (found <= 0)
      return found < 0 ? -1
                       : not_understood (rule, value,
                                         "names a port that " SERVICES_FILE
                                         " does not have",
                                         err);
  }
  if (!where->has_port || (where->port == 0 && where->service[0] == '\0'))
    where->port = (uint16_t) rule->listen->port;
  if (where->port == 0 && !rule->is_target)
    return not_understood (rule, value, "says no port", err);
  return tell_port (rule, place, err);
}

/* An interface's addresses are known to the running system only. */
static bool
is_interface (const char *host)
{
  static const char *const patterns[] = {
    "lo",     "eth[0-9]*",    "en[opsx][0-9]*", "wl[ops][0-9]*", "br[0-9]*",
    "br-*",   "bond[0-9]*",   "tun[0-9]*",      "tap[0-9]*",     "wg[0-9]*",
    "virbr*", "docker[0-9]*", "ens[0-9]*",
  };

  for (size_t i = 0; i < DC_COUNT (patterns); i++)
    if (dc_glob_match (patterns[i], host))
      return true;
  return false;
}

/* Read VALUE: 1 and *WHERE; 0 after a note; -1. */
static int
understand (struct rule *rule, const struct dc_app_value *value,
            struct dc_where *where, struct dc_error *err)
{
  struct dc_error ignored = { .code = DC_OK };
  const char *why = NULL;

  if (value->is_default && strcmp (value->text, "random") == 0) {
    rule->is_incomplete = true;
    return dc_daemon_note (rule->scope->daemon, value->proof, err,
                           "it listens where it chooses at each start");
  }
  if (!value->is_default && has_variable (value->text))
    why = "has a variable in it";
  else if (dc_where_parse (value->text, where, &ignored) < 0)
    why = "is no address or port";
  else if (!rule->is_target && is_interface (where->host))
    why = "names a network interface";
  if (why == NULL)
    return 1;
  return not_understood (rule, value, why, err) < 0 ? -1 : 0;
}

/* The default addresses of a family that ADDRESSES has none of. */
static int
complete_families (const struct rule *rule, struct dc_app_values *addresses,
                   struct dc_error *err)
{
  const struct dc_app_source *source = &rule->listen->address;
  const struct dc_app_source usual = { .otherwise = source->otherwise,
                                       .split = source->split };
  bool has[2] = { false, false };

  for (size_t i = 0; i < addresses->count; i++)
    has[strchr (addresses->items[i].text, ':') != NULL] = true;
  const size_t before = addresses->count;
  if (dc_app_source_read (rule->scope, &usual, addresses, err) < 0)
    return -1;
  size_t kept = before;
  for (size_t i = before; i < addresses->count; i++) {
    struct dc_app_value *value = &addresses->items[i];
    if (has[strchr (value->text, ':') != NULL])
      free (value->text);
    else
      addresses->items[kept++] = *value;
  }
  addresses->count = kept;
  return 0;
}

/* "/run/postgresql" and 5432: "/run/postgresql/.s.PGSQL.5432". */
static int
tell_named_socket (struct rule *rule, const struct dc_app_value *folder,
                   struct place *place, uint16_t port, struct dc_error *err)
{
  char *path = place->where.path;
  const size_t size = strlen (path), left = DC_WHERE_PATH_MAX - size;
  const int added =
      snprintf (path + size, left, "/%s%u", rule->listen->socket, port);

  if (added < 0 || (size_t) added >= left || path[0] != '/')
    return not_understood (rule, folder, "is no folder for a socket", err);
  return tell_unix (rule, place, err);
}

/* PLACE, which has no host, on each address that is said elsewhere. */
static int
tell_addresses (struct rule *rule, const struct dc_app_value *value,
                const struct place *place, struct dc_error *err)
{
  AUTO_VALUES struct dc_app_values addresses = { .count = 0 };

  if (dc_app_source_read (rule->scope, &rule->listen->address, &addresses,
                          err) < 0 ||
      (rule->listen->by_family &&
       complete_families (rule, &addresses, err) < 0))
    return -1;
  if (addresses.count == 0) {
    struct place any = *place;
    return tell (rule, value, &any, err);
  }
  for (size_t i = 0; i < addresses.count; i++) {
    const struct dc_app_value *address = &addresses.items[i];
    struct place one = { .proof = place->proof,
                         .is_default = place->is_default };
    const int status = understand (rule, address, &one.where, err);
    if (status < 0)
      return -1;
    if (status == 0)
      continue;
    const bool is_unix =
        one.where.has_protocol && one.where.protocol == DC_UNIX;
    if (is_unix || (place->is_default && !address->is_default))
      one.proof = address->proof;
    if (is_unix && rule->listen->socket != NULL) {
      one.proof = place->is_default ? address->proof : place->proof;
      one.is_default = place->is_default && address->is_default;
      if (tell_named_socket (rule, address, &one, place->where.port, err) < 0)
        return -1;
      continue;
    }
    if (rule->listen->socket != NULL)
      continue; /* told by the rule for addresses */
    if (!one.where.has_port && !is_unix) {
      one.where.port = place->where.port;
      one.where.has_port = place->where.has_port;
      memcpy (one.where.service, place->where.service,
              sizeof one.where.service);
    } else {
      one.is_default = address->is_default;
    }
    if (tell (rule, value, &one, err) < 0)
      return -1;
  }
  return 0;
}

static int
tell_value (struct rule *rule, const struct dc_app_value *value,
            struct dc_error *err)
{
  struct place place = { .proof = value->proof,
                         .is_default = value->is_default };

  const int status = understand (rule, value, &place.where, err);
  if (status <= 0)
    return status;
  const struct dc_where *where = &place.where;
  const bool is_unix = where->has_protocol && where->protocol == DC_UNIX;
  if (!is_unix && !where->has_host && rule->listen->has_address)
    return tell_addresses (rule, value, &place, err);
  return tell (rule, value, &place, err);
}

/* What the rule says in its scope. */
static int
apply (struct rule *rule, struct dc_error *err)
{
  const struct dc_app_when *conditions = rule->listen->when.items;
  AUTO_VALUES struct dc_app_values values = { .count = 0 };

  for (size_t i = 0; i < rule->listen->when.count; i++) {
    const int holds = dc_app_when_holds (rule->scope, &conditions[i], err);
    if (holds <= 0)
      return holds;
  }
  if (dc_app_source_read (rule->scope, &rule->listen->at, &values, err) < 0)
    return -1;
  for (size_t i = 0; i < values.count; i++)
    if (tell_value (rule, &values.items[i], err) < 0)
      return -1;
  return 0;
}

static int
apply_each (struct rule *rule, struct dc_app_scope *scope, struct dc_error *err)
{
  const struct dc_settings *settings = scope->settings;

  if (rule->listen->each == NULL) {
    scope->block = settings->block_count > 0 ? &settings->blocks[0] : NULL;
    return apply (rule, err);
  }
  for (size_t i = 1; i < settings->block_count; i++) {
    scope->block = &settings->blocks[i];
    if (dc_glob_match (rule->listen->each, scope->block->path) &&
        apply (rule, err) < 0)
      return -1;
  }
  return 0;
}

/* All rules of LIST: 1, 0 when one could not be understood, -1. */
static int
apply_all (struct dc_app_scope *scope, const struct dc_yaml_list *list,
           bool is_target, struct dc_error *err)
{
  const struct dc_app_listen *rules = list->items;
  bool is_incomplete = false;

  for (size_t i = 0; i < list->count; i++) {
    struct rule rule = { .scope = scope,
                         .listen = &rules[i],
                         .is_target = is_target };
    if (apply_each (&rule, scope, err) < 0)
      return -1;
    is_incomplete = is_incomplete || rule.is_incomplete;
  }
  return is_incomplete ? 0 : 1;
}

int
dc_app_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  const struct dc_app *app = daemon->app;
  AUTO_SETTINGS struct dc_settings settings = { .count = 0 };
  struct dc_app_scope scope = { .daemon = daemon, .settings = &settings };

  const int readable = dc_app_files_read (daemon, &settings, err);
  if (readable <= 0)
    return readable;
  if (apply_all (&scope, &app->connects, true, err) < 0)
    return -1;
  return apply_all (&scope, &app->listen, false, err);
}
