/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/myoption.h"
#include "analyzer/endpoint/mysettings.h"
#include "lib/text.h"

static const char *const names[DC_MYSETTING_COUNT] = {
  [DC_MY_ADMIN_ADDRESS] = "admin-address",
  [DC_MY_ADMIN_PORT] = "admin-port",
  [DC_MY_BIND] = "bind-address",
  [DC_MY_CLUSTER] = "wsrep-cluster-address",
  [DC_MY_DATADIR] = "datadir",
  [DC_MY_EXTRA_PORT] = "extra-port",
  [DC_MY_MYSQLX] = "mysqlx",
  [DC_MY_MYSQLX_BIND] = "mysqlx-bind-address",
  [DC_MY_MYSQLX_PORT] = "mysqlx-port",
  [DC_MY_MYSQLX_SOCKET] = "mysqlx-socket",
  [DC_MY_PORT] = "port",
  [DC_MY_PROVIDER] = "wsrep-provider",
  [DC_MY_PROVIDER_OPTIONS] = "wsrep-provider-options",
  [DC_MY_SKIP_NETWORKING] = "skip-networking",
  [DC_MY_SOCKET] = "socket",
  [DC_MY_WSREP] = "wsrep-on",
};

/* Groups of each server, and whether there is one for each version. */
static const struct {
  const char *name;
  bool is_versioned, is_mariadb;
} groups[] = {
  { "mysqld", true, false },       { "server", false, false },
  { "mariadb", true, true },       { "mariadbd", true, true },
  { "galera", false, true },       { "client-server", false, true },
  { "mysqld_safe", false, false },
};

/* Packages of the servers; those of Debian may end in a version. */
static const char *const mariadb_packages[] = {
  "mariadb-server",
  "mariadb-server-core",
  "MariaDB-server",
  "mariadb",
};
static const char *const mysql_packages[] = {
  "mysql-server",           "mysql-server-8.0",      "mysql-server-8.4",
  "mysql-community-server", "percona-server-server", "mysql",
};

/* Is the version of PACKAGE, less its epoch, VERSION or below it? */
static bool
has_version (const struct dc_package *package, const char *version)
{
  const char *colon = strchr (package->version, ':');
  const char *own = colon != NULL ? colon + 1 : package->version;
  const size_t size = strlen (version);

  return strncmp (own, version, size) == 0 &&
         (own[size] == '.' || own[size] == '-' || own[size] == '\0');
}

/* Is one of the packages installed, in this version or, if NULL, in any? */
static bool
has_package (const struct dc_packages *packages, const char *const *wanted,
             size_t count, const char *version)
{
  if (packages == NULL)
    return false;
  for (size_t db = 0; db < packages->db_count; db++)
    for (size_t i = 0; i < count; i++) {
      const size_t index =
          dc_packages_find (packages, db, dc_span_of (wanted[i]));
      if (index < packages->count &&
          (version == NULL || has_version (&packages->items[index], version)))
        return true;
    }
  return false;
}

/* Debian up to 11 has the version in the name: mariadb-server-10.5. */
static bool
is_of_version (const struct dc_mysettings *settings, const char *version)
{
  const struct dc_packages *packages = settings->daemon->profile->packages;

  return settings->is_mariadb
             ? has_package (packages, mariadb_packages,
                            DC_COUNT (mariadb_packages), version)
             : has_package (packages, mysql_packages, DC_COUNT (mysql_packages),
                            version);
}

/* Is this a group that our server reads? */
static bool
is_our_group (const struct dc_mysettings *settings, const char *name)
{
  const size_t suffix = strlen (settings->suffix), size = strlen (name);
  struct dc_span group = { name, size };

  if (suffix > 0 && size > suffix &&
      strcmp (name + size - suffix, settings->suffix) == 0)
    group.size -= suffix;
  for (size_t i = 0; i < DC_COUNT (groups); i++) {
    const struct dc_span known = dc_span_of (groups[i].name);
    char version[16];
    if ((groups[i].is_mariadb && !settings->is_mariadb) ||
        !dc_span_starts (group, groups[i].name))
      continue;
    if (group.size == known.size)
      return true;
    const struct dc_span rest = dc_span_skip (group, known.size + 1);
    if (!groups[i].is_versioned || group.text[known.size] != '-' ||
        rest.size >= sizeof version)
      continue;
    memcpy (version, rest.text, rest.size);
    version[rest.size] = '\0';
    return is_of_version (settings, version);
  }
  return false;
}

static const char *
keep (struct dc_mysettings *settings, const char *text, struct dc_error *err)
{
  if (dc_words_add (&settings->texts, text, err) < 0)
    return NULL;
  return settings->texts.items[settings->texts.count - 1];
}

/* The setting of this name, or the count of them. */
static size_t
find (const char *name)
{
  size_t i = 0;

  while (i < DC_MYSETTING_COUNT && !dc_myoption_is (name, names[i]))
    i++;
  return i;
}

/* "skip-mysqlx" is "mysqlx=0", and "loose-" only says that the server may not
 * know the option.
 */
static int
set (struct dc_mysettings *settings, const char *name, const char *value,
     struct dc_proof proof, struct dc_error *err)
{
  static const struct {
    const char *prefix, *value;
  } prefixes[] = { { "skip-", "0" }, { "disable-", "0" }, { "enable-", "1" } };
  size_t found = 0;

  if (strncmp (name, "loose-", 6) == 0 || strncmp (name, "loose_", 6) == 0)
    name += 6;
  found = find (name);
  for (size_t i = 0; i < DC_COUNT (prefixes) && found == DC_MYSETTING_COUNT;
       i++) {
    const size_t size = strlen (prefixes[i].prefix);
    if (strncmp (name, prefixes[i].prefix, size - 1) != 0 ||
        (name[size - 1] != '-' && name[size - 1] != '_'))
      continue;
    found = find (name + size);
    value = prefixes[i].value;
  }
  if (found == DC_MYSETTING_COUNT)
    return 0;
  const char *kept = keep (settings, value != NULL ? value : "", err);
  if (kept == NULL)
    return -1;
  settings->values[found] = (struct dc_myvalue){ kept, proof, DC_DECLARED };
  return 0;
}

/* A file begins outside all groups, and leaves the group of the one that
 * includes it as it was.
 */
static int
include (struct dc_mysettings *settings, const struct dc_myoption *option,
         struct dc_proof proof, struct dc_error *err)
{
  const bool is_ours = settings->is_ours;
  const bool is_folder = option->kind == DC_MYOPTION_INCLUDEDIR;
  AUTO_FREE char *path = NULL, *pattern = NULL;

  if (dc_daemon_path (settings->daemon, option->value, &path, err) < 0 ||
      dc_text_print (&pattern, err, "%s/*.cnf", path) < 0)
    return -1;
  const int status =
      is_folder ? dc_conflines_include (&settings->lines, pattern, proof, err)
                : dc_conflines_read (&settings->lines, path, proof, err);
  settings->is_ours = is_ours;
  return status;
}

static int
apply (struct dc_mysettings *settings, const struct dc_myoption *option,
       struct dc_proof proof, struct dc_error *err)
{
  switch (option->kind) {
  case DC_MYOPTION_BLANK:
    return 0;
  case DC_MYOPTION_GROUP:
    settings->is_ours = is_our_group (settings, option->name);
    return 0;
  case DC_MYOPTION_SETTING:
    return settings->is_ours
               ? set (settings, option->name, option->value, proof, err)
               : 0;
  case DC_MYOPTION_INCLUDE:
  case DC_MYOPTION_INCLUDEDIR:
    return include (settings, option, proof, err);
  }
  return 0;
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct dc_mysettings *settings = self;
  struct dc_myoption option;

  if (proof.line == 1)
    settings->is_ours = false;
  if (dc_myoption_line (dc_span_of (line), &option, err) < 0) {
    if (err->code == DC_ERR_SYSTEM)
      return -1;
    return dc_conflines_note (&settings->lines, proof, err->text, err) < 0 ? -1
                                                                           : 1;
  }
  const int status = apply (settings, &option, proof, err);
  dc_myoption_release (&option);
  return status < 0 ? -1 : 1;
}

/* The value of "--NAME=VALUE" when WORD is that option, or NULL. */
static const char *
option_value (const char *word, const char *name)
{
  const size_t size = strlen (name);

  return strncmp (word, name, size) == 0 && word[size] == '=' ? word + size + 1
                                                              : NULL;
}

static int
read_optional (struct dc_mysettings *settings, const char *path,
               struct dc_error *err)
{
  if (dc_tree_resolve (settings->daemon->tree, path) == DC_TREE_NONE)
    return 0;
  return dc_conflines_read (&settings->lines, path,
                            dc_daemon_command (settings->daemon), err);
}

/* What the command line says about files, which must stand first in it. */
static int
read_files (struct dc_mysettings *settings, struct dc_error *err)
{
  static const char *const usual[] = { "/etc/my.cnf", "/etc/mysql/my.cnf",
                                       "/usr/etc/my.cnf" };
  const struct dc_words *argv = settings->daemon->argv;
  const char *only = NULL, *extra = NULL;
  AUTO_FREE char *path = NULL;

  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    const char *suffix = option_value (word, "--defaults-group-suffix");
    only = option_value (word, "--defaults-file") != NULL
               ? option_value (word, "--defaults-file")
               : only;
    extra = option_value (word, "--defaults-extra-file") != NULL
                ? option_value (word, "--defaults-extra-file")
                : extra;
    settings->suffix = suffix != NULL ? suffix : settings->suffix;
    if (strcmp (word, "--no-defaults") == 0)
      return 0;
  }
  if (only == NULL)
    for (size_t i = 0; i < DC_COUNT (usual); i++)
      if (read_optional (settings, usual[i], err) < 0)
        return -1;
  if (only == NULL && extra == NULL)
    return 0;
  if (dc_daemon_path (settings->daemon, only != NULL ? only : extra, &path,
                      err) < 0)
    return -1;
  return dc_conflines_read (&settings->lines, path,
                            dc_daemon_command (settings->daemon), err);
}

/* "--port=3307", "--port 3307", "-P 3307", "-P3307", "--skip-networking" */
static int
read_command (struct dc_mysettings *settings, struct dc_error *err)
{
  const struct dc_words *argv = settings->daemon->argv;
  const struct dc_proof proof = dc_daemon_command (settings->daemon);

  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    const bool is_port = strncmp (word, "-P", 2) == 0;
    const char *sign = strchr (word, '=');
    const char *value = sign != NULL ? sign + 1 : NULL;
    AUTO_FREE char *name = NULL;
    if (!is_port && strncmp (word, "--", 2) != 0)
      continue;
    if (is_port)
      value = word[2] != '\0' ? word + 2 : NULL;
    if (dc_text_print (&name, err, "%.*s",
                       is_port ? 4 : (int) strcspn (word + 2, "="),
                       is_port ? "port" : word + 2) < 0)
      return -1;
    if (value == NULL && i + 1 < argv->count && argv->items[i + 1][0] != '-')
      value = argv->items[i + 1];
    if (set (settings, name, value, proof, err) < 0)
      return -1;
  }
  return 0;
}

/* What SET PERSIST wrote into the data directory counts, too; only whether
 * there is something about sockets is looked for.
 */
static int
note_persisted (struct dc_mysettings *settings, struct dc_error *err)
{
  const struct dc_myvalue *data = &settings->values[DC_MY_DATADIR];
  const struct dc_proof proof = dc_daemon_command (settings->daemon);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%s/mysqld-auto.cnf",
                     data->text != NULL ? data->text : "/var/lib/mysql") < 0)
    return -1;
  if (settings->is_mariadb ||
      dc_tree_resolve (settings->daemon->tree, path) == DC_TREE_NONE)
    return 0;
  if (dc_daemon_read (settings->daemon, path, proof, &b, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_MYSETTING_COUNT; i++) {
    char key[64] = "\"";
    for (size_t k = 0; names[i][k] != '\0' && k + 3 < sizeof key; k++)
      key[k + 1] = names[i][k] == '-' ? '_' : names[i][k];
    key[strlen (names[i]) + 1] = '"';
    if (strstr (dc_buffer_text (&b), key) != NULL)
      return dc_conflines_note (
          &settings->lines, proof,
          "mysqld-auto.cnf says something about sockets, which is not read",
          err);
  }
  return 0;
}

static void
find_kind (struct dc_mysettings *settings)
{
  static const char *const programs[] = { "/usr/sbin/mariadbd",
                                          "/usr/libexec/mariadbd" };
  const struct dc_daemon *daemon = settings->daemon;
  const struct dc_packages *packages = daemon->profile->packages;

  settings->is_mariadb = strstr (daemon->command->program, "mariadb") != NULL ||
                         has_package (packages, mariadb_packages,
                                      DC_COUNT (mariadb_packages), NULL);
  for (size_t i = 0; i < DC_COUNT (programs); i++)
    if (dc_tree_resolve (daemon->tree, programs[i]) != DC_TREE_NONE)
      settings->is_mariadb = true;
  settings->is_mysql8 =
      !settings->is_mariadb &&
      (is_of_version (settings, "8") || is_of_version (settings, "9"));
}

int
dc_mysettings_read (struct dc_mysettings *settings, struct dc_error *err)
{
  settings->lines = (struct dc_conflines){ .daemon = settings->daemon,
                                           .read = read_line,
                                           .self = settings };
  settings->suffix = "";
  find_kind (settings);
  if (read_files (settings, err) < 0)
    return -1;
  if (read_command (settings, err) < 0)
    return -1;
  return note_persisted (settings, err);
}

void
dc_mysettings_release (struct dc_mysettings *settings)
{
  dc_words_release (&settings->lines.files);
  dc_words_release (&settings->texts);
}

bool
dc_mysettings_is (const struct dc_mysettings *settings,
                  enum dc_mysetting setting, bool otherwise)
{
  static const char *const off[] = { "0", "off", "false", "no" };
  const char *text = settings->values[setting].text;

  if (text == NULL)
    return otherwise;
  for (size_t i = 0; i < DC_COUNT (off); i++)
    if (strcasecmp (text, off[i]) == 0)
      return false;
  return true;
}
