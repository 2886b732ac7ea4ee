/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_postgresql.h"
#include "analyzer/endpoint/conflines.h"
#include "analyzer/endpoint/pgcommand.h"
#include "analyzer/endpoint/pgconninfo.h"
#include "analyzer/endpoint/pgsetting.h"
#include "analyzer/unit/unitenv.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Where Debian's clusters, and the packages of others, have their data. */
#define DEBIAN_DATA "/var/lib/postgresql"
#define RHEL_DATA "/var/lib/pgsql/data"
/* Compiled in: by Debian, by Fedora and postgresql.org's RPMs, by others. */
#define DEBIAN_SOCKETS "/var/run/postgresql"
#define RPM_SOCKETS "/var/run/postgresql, /tmp"
#define OWN_SOCKETS "/tmp"

enum setting {
  ADDRESSES,
  CONFIG_FILE,
  DATA,
  PORT,
  PRIMARY,
  SOCKETS,
  OLD_SOCKETS, /* of PostgreSQL 9.2 and before */
  SETTING_COUNT,
};

/* The letter of the command line, or 0. */
static const struct {
  const char *name;
  char letter;
} settings[SETTING_COUNT] = {
  [ADDRESSES] = { "listen_addresses", 'h' },
  [CONFIG_FILE] = { "config_file", 0 },
  [DATA] = { "data_directory", 0 },
  [PORT] = { "port", 'p' },
  [PRIMARY] = { "primary_conninfo", 0 },
  [SOCKETS] = { "unix_socket_directories", 'k' },
  [OLD_SOCKETS] = { "unix_socket_directory", 0 },
};

struct value {
  const char *text; /* NULL: not set */
  struct dc_proof proof;
  enum dc_confidence confidence;
};

struct postgresql {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  struct dc_words texts;               /* of the values below */
  struct value command[SETTING_COUNT]; /* goes before what files say */
  struct value file[SETTING_COUNT];
  const char *folder; /* of -D; NULL */
  bool is_listening;
};

/* A copy that lives as long as POSTGRESQL; NULL with ERR set. */
static const char *
keep (struct postgresql *postgresql, const char *text, struct dc_error *err)
{
  if (dc_words_add (&postgresql->texts, text, err) < 0)
    return NULL;
  return postgresql->texts.items[postgresql->texts.count - 1];
}

static int
set (struct postgresql *postgresql, struct value *values, const char *name,
     const char *text, struct dc_proof proof, struct dc_error *err)
{
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    if (strcasecmp (settings[i].name, name) != 0)
      continue;
    const char *kept = keep (postgresql, text, err);
    if (kept == NULL)
      return -1;
    values[i] = (struct value){ kept, proof, DC_DECLARED };
  }
  return 0;
}

/* PATH as a file sees it that is in the same folder as FILE. */
static int
beside (const char *file, const char *path, char **out, struct dc_error *err)
{
  const char *slash = strrchr (file, '/');
  const int size = slash != NULL ? (int) (slash + 1 - file) : 0;

  return dc_text_print (out, err, "%.*s%s", path[0] != '/' ? size : 0, file,
                        path);
}

static bool
is_there (const struct postgresql *postgresql, const char *path)
{
  return dc_tree_resolve (postgresql->daemon->tree, path) != DC_TREE_NONE;
}

/* 1 when NAME is one of the directives that include, 0, -1. */
static int
include (struct postgresql *postgresql, const char *name, const char *value,
         struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *path = NULL, *pattern = NULL;
  const bool is_folder = strcasecmp (name, "include_dir") == 0;
  const bool is_optional = strcasecmp (name, "include_if_exists") == 0;

  if (!is_folder && !is_optional && strcasecmp (name, "include") != 0)
    return 0;
  if (beside (proof.file, value, &path, err) < 0 ||
      dc_text_print (&pattern, err, "%s/*.conf", path) < 0)
    return -1;
  if (is_optional && !is_there (postgresql, path))
    return 1;
  const int status =
      is_folder ? dc_conflines_include (&postgresql->lines, pattern, proof, err)
                : dc_conflines_read (&postgresql->lines, path, proof, err);
  return status < 0 ? -1 : 1;
}

/* With a line that it does not understand it does not start. */
static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct postgresql *postgresql = self;
  AUTO_FREE char *name = NULL, *value = NULL;

  int status = dc_pgsetting_line (dc_span_of (line), &name, &value, err);
  if (status < 0 && err->code == DC_ERR_SYSTEM)
    return -1;
  if (status < 0)
    status = dc_conflines_note (&postgresql->lines, proof, err->text, err);
  else if (status > 0)
    status = include (postgresql, name, value, proof, err);
  if (status == 0 && name != NULL)
    status = set (postgresql, postgresql->file, name, value, proof, err);
  return status < 0 ? -1 : 1;
}

/* "port=5433" of -c, and what is behind "--". */
static int
read_assignment (struct postgresql *postgresql, const char *text,
                 struct dc_error *err)
{
  AUTO_FREE char *name = strdup (text);
  char *value = name != NULL ? strchr (name, '=') : NULL;

  if (name == NULL)
    return dc_fail_errno (err, "cannot keep a setting");
  if (value == NULL) {
    postgresql->is_listening = false; /* --single, --version, a mistake */
    return 0;
  }
  *value++ = '\0';
  for (char *p = name; *p != '\0'; p++)
    if (*p == '-')
      *p = '_';
  return set (postgresql, postgresql->command, name, value,
              dc_daemon_command (postgresql->daemon), err);
}

static int
read_folder (struct postgresql *postgresql, const char *value,
             struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (dc_daemon_path (postgresql->daemon, value, &path, err) < 0)
    return -1;
  postgresql->folder = keep (postgresql, path, err);
  return postgresql->folder == NULL ? -1 : 0;
}

static int
read_option (void *self, char letter, const char *value, struct dc_error *err)
{
  struct postgresql *postgresql = self;
  const struct dc_proof proof = dc_daemon_command (postgresql->daemon);

  if (letter == 'c' || letter == '-')
    return read_assignment (postgresql, value, err);
  if (letter == 'D')
    return read_folder (postgresql, value, err);
  if (letter == 'i')
    return set (postgresql, postgresql->command, settings[ADDRESSES].name, "*",
                proof, err);
  if (letter == 'C' || letter == 'V')
    postgresql->is_listening = false;
  for (size_t i = 0; i < SETTING_COUNT; i++)
    if (settings[i].letter == letter)
      return set (postgresql, postgresql->command, settings[i].name, value,
                  proof, err);
  return 0;
}

/* A variable of the service, or NULL. */
static const char *
variable (const struct postgresql *postgresql, const char *name)
{
  return dc_environment_get (postgresql->daemon->environment, name,
                             strlen (name));
}

static int
read_command (struct postgresql *postgresql, struct dc_error *err)
{
  AUTO_WORDS struct dc_words argv = { NULL, 0 };
  struct dc_daemon daemon = *postgresql->daemon;

  daemon.argv = &argv;
  if (dc_pgcommand (postgresql->daemon->argv, &argv, err) < 0 ||
      dc_daemon_options (&daemon, "-BCDNSWcdfhkprtv", read_option, postgresql,
                         err) < 0)
    return -1;
  const char *folder = variable (postgresql, "PGDATA");
  if (postgresql->folder == NULL && folder != NULL)
    return read_folder (postgresql, folder, err);
  if (postgresql->folder == NULL)
    postgresql->folder = RHEL_DATA;
  return 0;
}

/* What is set, on the command line first. */
static struct value
get (const struct postgresql *postgresql, enum setting setting,
     const char *otherwise)
{
  if (postgresql->command[setting].text != NULL)
    return postgresql->command[setting];
  if (postgresql->file[setting].text != NULL)
    return postgresql->file[setting];
  return (struct value){ otherwise, dc_daemon_command (postgresql->daemon),
                         DC_INFERRED };
}

/* Where the data is: that of a Debian cluster by the place of CONF. */
static int
find_data (struct postgresql *postgresql, const char *conf, char **out,
           struct dc_error *err)
{
  static const char clusters[] = DC_PG_CLUSTERS "/";
  const char *declared = get (postgresql, DATA, NULL).text;
  const size_t size = strlen (clusters);

  if (declared != NULL)
    return dc_daemon_path (postgresql->daemon, declared, out, err);
  if (strncmp (conf, clusters, size) != 0)
    return dc_text_print (out, err, "%s", postgresql->folder);
  const char *cluster = conf + size;
  return dc_text_print (out, err, DEBIAN_DATA "/%.*s",
                        (int) (strrchr (conf, '/') - cluster), cluster);
}

/* A file that need not be there; 1 when it is. */
static int
read_optional (struct postgresql *postgresql, const char *folder,
               const char *name, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%s/%s", folder, name) < 0)
    return -1;
  if (!is_there (postgresql, path))
    return 0;
  return dc_conflines_read (&postgresql->lines, path,
                            dc_daemon_command (postgresql->daemon), err) < 0
             ? -1
             : 1;
}

/* 1 when it is a standby, which connects to its primary; 0, -1. */
static int
read_files (struct postgresql *postgresql, struct dc_error *err)
{
  AUTO_FREE char *beside_data = NULL, *conf = NULL, *data = NULL, *mark = NULL;

  if (dc_text_print (&beside_data, err, "%s/postgresql.conf",
                     postgresql->folder) < 0 ||
      dc_daemon_path (postgresql->daemon,
                      get (postgresql, CONFIG_FILE, beside_data).text, &conf,
                      err) < 0 ||
      dc_conflines_read (&postgresql->lines, conf,
                         dc_daemon_command (postgresql->daemon), err) < 0)
    return -1;
  if (postgresql->lines.files.count == 0)
    return 0; /* without it PostgreSQL does not start */
  if (find_data (postgresql, conf, &data, err) < 0 ||
      read_optional (postgresql, data, "postgresql.auto.conf", err) < 0 ||
      dc_text_print (&mark, err, "%s/standby.signal", data) < 0)
    return -1;
  /* recovery.conf: up to PostgreSQL 11. */
  const int status = read_optional (postgresql, data, "recovery.conf", err);
  return status < 0 ? -1 : status > 0 || is_there (postgresql, mark);
}

static int
note (struct postgresql *postgresql, const struct value *value,
      struct dc_error *err)
{
  return dc_conflines_note (&postgresql->lines, value->proof, err->text, err);
}

/* The entries of a list; a wrong one is noted and leaves WORDS empty. */
static int
read_list (struct postgresql *postgresql, const struct value *value,
           struct dc_words *words, struct dc_error *err)
{
  if (dc_pgsetting_list (value->text, words, err) == 0)
    return 0;
  dc_words_release (words);
  return err->code == DC_ERR_SYSTEM ? -1 : note (postgresql, value, err);
}

static int
tell_addresses (struct postgresql *postgresql, struct dc_listen *listen,
                struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  const struct value value = get (postgresql, ADDRESSES, "localhost");

  listen->protocol = DC_TCP;
  if (read_list (postgresql, &value, &words, err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++) {
    listen->address = strcmp (words.items[i], "*") == 0 ? "" : words.items[i];
    if (dc_daemon_listens (postgresql->daemon, listen, err) < 0)
      return -1;
  }
  return 0;
}

/* The folders that are compiled in, by where its packages have the program;
 * pg_ctlcluster is Debian's.
 */
static const char *
compiled_sockets (const char *program)
{
  if (strncmp (program, "/usr/lib/postgresql/", 20) == 0 ||
      strstr (program, "pg_ctlcluster") != NULL)
    return DEBIAN_SOCKETS;
  return strncmp (program, "/usr/", 5) == 0 &&
                 strncmp (program, "/usr/local/", 11) != 0
             ? RPM_SOCKETS
             : OWN_SOCKETS;
}

/* A socket's name holds the port. */
static int
tell_sockets (struct postgresql *postgresql, uint16_t port,
              struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  const struct value old =
      get (postgresql, OLD_SOCKETS,
           compiled_sockets (postgresql->daemon->command->program));
  struct value value = get (postgresql, SOCKETS, NULL);

  if (value.text == NULL)
    value = old;
  if (read_list (postgresql, &value, &words, err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++) {
    AUTO_FREE char *path = NULL;
    if (dc_text_print (&path, err, "%s/.s.PGSQL.%u", words.items[i],
                       (unsigned) port) < 0)
      return -1;
    const struct dc_listen listen = { .protocol = DC_UNIX,
                                      .path = path,
                                      .proof = value.proof,
                                      .confidence = value.confidence };
    if (dc_daemon_listens (postgresql->daemon, &listen, err) < 0)
      return -1;
  }
  return 0;
}

static int
tell_host (const struct postgresql *postgresql, const char *host,
           const char *port, struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  struct dc_target target = { .protocol = DC_TCP,
                              .host = host,
                              .port = DC_PGCONNINFO_PORT,
                              .proof = proof,
                              .confidence = DC_DECLARED };
  struct dc_error ignored;

  (void) dc_port_parse (port, &target.port, &ignored); /* "": the default */
  if (host[0] == '/' || host[0] == '@') {
    if (dc_text_print (&path, err, "%s/.s.PGSQL.%u", host,
                       (unsigned) target.port) < 0)
      return -1;
    target = (struct dc_target){ .protocol = DC_UNIX,
                                 .path = path,
                                 .proof = proof,
                                 .confidence = DC_DECLARED };
  }
  return host[0] == '\0'
             ? 0
             : dc_daemon_connects (postgresql->daemon, &target, err);
}

static int
tell_primary (struct postgresql *postgresql, struct dc_error *err)
{
  AUTO_WORDS struct dc_words hosts = { NULL, 0 }, ports = { NULL, 0 };
  const struct value value = get (postgresql, PRIMARY, "");

  if (dc_pgconninfo_hosts (value.text, &hosts, &ports, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : note (postgresql, &value, err);
  for (size_t i = 0; i < hosts.count; i++)
    if (tell_host (postgresql, hosts.items[i], ports.items[i], value.proof,
                   err) < 0)
      return -1;
  return 0;
}

static int
tell (struct postgresql *postgresql, bool is_standby, struct dc_error *err)
{
  const char *from_variable = variable (postgresql, "PGPORT");
  struct value value =
      get (postgresql, PORT, from_variable != NULL ? from_variable : "5432");
  struct dc_listen listen = { .proof = value.proof,
                              .confidence = value.confidence };

  if (dc_port_parse (value.text, &listen.port, err) < 0)
    return note (postgresql, &value, err);
  if (tell_addresses (postgresql, &listen, err) < 0 ||
      tell_sockets (postgresql, listen.port, err) < 0)
    return -1;
  return is_standby ? tell_primary (postgresql, err) : 0;
}

static int
read_and_tell (struct postgresql *postgresql, struct dc_error *err)
{
  if (read_command (postgresql, err) < 0)
    return -1;
  if (!postgresql->is_listening)
    return 1;
  const int is_standby = read_files (postgresql, err);
  if (is_standby < 0)
    return -1;
  if (postgresql->lines.files.count == 0)
    return 0;
  if (tell (postgresql, is_standby > 0, err) < 0)
    return -1;
  return postgresql->lines.is_incomplete ? 0 : 1;
}

int
dc_postgresql_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct postgresql postgresql = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line, .self = &postgresql },
    .is_listening = true,
  };

  const int status = read_and_tell (&postgresql, err);
  dc_words_release (&postgresql.lines.files);
  dc_words_release (&postgresql.texts);
  return status;
}
