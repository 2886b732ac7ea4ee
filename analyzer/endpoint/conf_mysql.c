/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_mysql.h"
#include "analyzer/endpoint/mysettings.h"
#include "lib/text.h"

#define MYSQL_PORT "3306"
#define ADMIN_PORT "33062"
#define MYSQLX_PORT "33060"
#define GALERA_PORT 4567
#define LISTEN_OPTION "gmcast.listen_addr"
/* Compiled in by Debian, and by the packages of others. */
#define DEBIAN_SOCKET "/run/mysqld/mysqld.sock"
#define RPM_SOCKET "/var/lib/mysql/mysql.sock"
#define MYSQLX_SOCKET "/var/run/mysqld/mysqlx.sock"

static struct dc_myvalue
get (const struct dc_mysettings *settings, enum dc_mysetting setting,
     const char *otherwise)
{
  if (settings->values[setting].text != NULL)
    return settings->values[setting];
  return (struct dc_myvalue){ otherwise, dc_daemon_command (settings->daemon),
                              DC_INFERRED };
}

/* The addresses of a list, with PORT, which has a proof of its own.  In any
 * way of writing it, "any" is for both families.
 */
static int
tell_addresses (struct dc_mysettings *settings, const char *list,
                struct dc_myvalue port, struct dc_error *err)
{
  struct dc_listen listen = { .protocol = DC_TCP,
                              .proof = port.proof,
                              .confidence = port.confidence };
  struct dc_span rest = dc_span_of (list), field;

  if (dc_port_parse (port.text, &listen.port, err) < 0)
    return dc_conflines_note (&settings->lines, port.proof, err->text, err);
  while (dc_span_field (&rest, ',', &field)) {
    AUTO_FREE char *address = NULL;
    field = dc_span_trim (field);
    const char *slash = memchr (field.text, '/', field.size);
    if (slash != NULL) /* a network namespace behind it */
      field.size = (size_t) (slash - field.text);
    if (dc_span_copy (field, &address, err) < 0)
      return -1;
    const bool is_any =
        strcmp (address, "*") == 0 || strcmp (address, "::") == 0;
    listen.address = is_any ? "" : address;
    if (dc_daemon_listens (settings->daemon, &listen, err) < 0)
      return -1;
  }
  return 0;
}

/* 0 is the default, as is no port at all. */
static struct dc_myvalue
get_port (const struct dc_mysettings *settings, enum dc_mysetting setting,
          const char *otherwise)
{
  struct dc_myvalue port = get (settings, setting, otherwise);

  if (strcmp (port.text, "0") == 0)
    port.text = otherwise;
  return port;
}

static int
tell_socket (struct dc_mysettings *settings, struct dc_myvalue socket,
             struct dc_error *err)
{
  const char *folder = get (settings, DC_MY_DATADIR, "/var/lib/mysql").text;
  AUTO_FREE char *path = NULL;
  const struct dc_listen listen = { .protocol = DC_UNIX,
                                    .path = socket.text,
                                    .proof = socket.proof,
                                    .confidence = socket.confidence };

  if (socket.text[0] == '\0')
    return 0;
  if (socket.text[0] == '/' || socket.text[0] == '@')
    return dc_daemon_listens (settings->daemon, &listen, err);
  if (dc_text_print (&path, err, "%s/%s", folder, socket.text) < 0)
    return -1;
  const struct dc_listen inside = { .protocol = DC_UNIX,
                                    .path = path,
                                    .proof = socket.proof,
                                    .confidence = socket.confidence };
  return dc_daemon_listens (settings->daemon, &inside, err);
}

static int
tell_server (struct dc_mysettings *settings, struct dc_error *err)
{
  const char *addresses = get (settings, DC_MY_BIND, "*").text;
  const char *admin = get (settings, DC_MY_ADMIN_ADDRESS, NULL).text;
  const struct dc_myvalue extra = get (settings, DC_MY_EXTRA_PORT, "0");
  const bool is_debian =
      dc_tree_resolve (settings->daemon->tree, "/etc/mysql") != DC_TREE_NONE;

  if (tell_socket (
          settings,
          get (settings, DC_MY_SOCKET, is_debian ? DEBIAN_SOCKET : RPM_SOCKET),
          err) < 0)
    return -1;
  if (dc_mysettings_is (settings, DC_MY_SKIP_NETWORKING, false))
    return 0;
  if (tell_addresses (settings, addresses,
                      get_port (settings, DC_MY_PORT, MYSQL_PORT), err) < 0)
    return -1;
  if (strcmp (extra.text, "0") != 0 &&
      tell_addresses (settings, addresses, extra, err) < 0)
    return -1;
  return admin == NULL || settings->is_mariadb
             ? 0
             : tell_addresses (
                   settings, admin,
                   get_port (settings, DC_MY_ADMIN_PORT, ADMIN_PORT), err);
}

/* The X plugin of MySQL 8 is there unless it is turned off; of a MySQL whose
 * version nobody told us, only if it is configured.
 */
static int
tell_mysqlx (struct dc_mysettings *settings, struct dc_error *err)
{
  const bool is_configured = settings->values[DC_MY_MYSQLX_PORT].text != NULL ||
                             settings->values[DC_MY_MYSQLX_BIND].text != NULL;

  if (settings->is_mariadb ||
      !dc_mysettings_is (settings, DC_MY_MYSQLX,
                         settings->is_mysql8 || is_configured))
    return 0;
  if (tell_socket (settings, get (settings, DC_MY_MYSQLX_SOCKET, MYSQLX_SOCKET),
                   err) < 0)
    return -1;
  if (dc_mysettings_is (settings, DC_MY_SKIP_NETWORKING, false))
    return 0;
  return tell_addresses (settings, get (settings, DC_MY_MYSQLX_BIND, "*").text,
                         get_port (settings, DC_MY_MYSQLX_PORT, MYSQLX_PORT),
                         err);
}

/* "a=1; gmcast.listen_addr = tcp://0.0.0.0:4567": the span behind "tcp://",
 * or an empty one.
 */
static struct dc_span
find_listen_option (const char *options)
{
  struct dc_span rest = dc_span_of (options), field;

  while (dc_span_field (&rest, ';', &field)) {
    const char *sign = memchr (field.text, '=', field.size);
    if (sign == NULL)
      continue;
    const struct dc_span name = { field.text, (size_t) (sign - field.text) };
    struct dc_span value = dc_span_trim (dc_span_skip (field, name.size + 1));
    if (!dc_span_is (dc_span_trim (name), LISTEN_OPTION))
      continue;
    return dc_span_starts (value, "tcp://") ? dc_span_skip (value, 6) : value;
  }
  return (struct dc_span){ "", 0 };
}

/* The nodes that it joins: "gcomm://a,b:4568?x=y" */
static int
tell_nodes (struct dc_mysettings *settings, struct dc_error *err)
{
  const struct dc_myvalue cluster = get (settings, DC_MY_CLUSTER, "");
  static const char scheme[] = "gcomm://";
  struct dc_span rest, field;

  if (strncmp (cluster.text, scheme, strlen (scheme)) != 0)
    return 0;
  rest.text = cluster.text + strlen (scheme);
  rest.size = strcspn (rest.text, "?/");
  while (dc_span_field (&rest, ',', &field)) {
    AUTO_FREE char *text = NULL;
    struct dc_address address;
    field = dc_span_trim (field);
    if (field.size == 0)
      continue;
    if (dc_span_copy (field, &text, err) < 0)
      return -1;
    if (dc_address_parse (text, &address, err) < 0) {
      if (dc_conflines_note (&settings->lines, cluster.proof, err->text, err) <
          0)
        return -1;
      continue;
    }
    const struct dc_target target = {
      .protocol = DC_TCP,
      .host = address.host,
      .port = address.port != 0 ? address.port : GALERA_PORT,
      .proof = cluster.proof,
      .confidence = DC_DECLARED,
    };
    if (dc_daemon_connects (settings->daemon, &target, err) < 0)
      return -1;
  }
  return 0;
}

/* A node of Galera has a port for the others.  MariaDB wants it turned on,
 * those that are built for it have it on.
 */
static int
tell_galera (struct dc_mysettings *settings, struct dc_error *err)
{
  const struct dc_myvalue provider = get (settings, DC_MY_PROVIDER, "none");
  const struct dc_myvalue options = get (settings, DC_MY_PROVIDER_OPTIONS, "");
  const struct dc_span where = find_listen_option (options.text);
  struct dc_address address = { "0.0.0.0", GALERA_PORT };
  AUTO_FREE char *text = NULL;

  if (strcmp (provider.text, "none") == 0 || provider.text[0] == '\0' ||
      !dc_mysettings_is (settings, DC_MY_WSREP, !settings->is_mariadb))
    return 0;
  if (dc_span_copy (where, &text, err) < 0)
    return -1;
  if (where.size > 0 && dc_address_parse (text, &address, err) < 0)
    return dc_conflines_note (&settings->lines, options.proof, err->text, err);
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = address.host[0] != '\0' ? address.host : "0.0.0.0",
    .port = address.port != 0 ? address.port : GALERA_PORT,
    .proof = where.size > 0 ? options.proof : provider.proof,
    .confidence = where.size > 0 ? DC_DECLARED : DC_INFERRED,
  };
  return dc_daemon_listens (settings->daemon, &listen, err) < 0
             ? -1
             : tell_nodes (settings, err);
}

/* Without the only file that it was given it does not start. */
static int
tell (struct dc_mysettings *settings, struct dc_error *err)
{
  if (settings->lines.is_incomplete && settings->lines.files.count == 0)
    return 0;
  if (tell_server (settings, err) < 0 || tell_mysqlx (settings, err) < 0 ||
      tell_galera (settings, err) < 0)
    return -1;
  return settings->lines.is_incomplete ? 0 : 1;
}

int
dc_mysql_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct dc_mysettings settings = { .daemon = daemon };

  int status = dc_mysettings_read (&settings, err);
  if (status == 0)
    status = tell (&settings, err);
  dc_mysettings_release (&settings);
  return status;
}
