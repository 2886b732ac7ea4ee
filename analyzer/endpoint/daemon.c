/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/endpoint/applisten.h"
#include "analyzer/endpoint/conf_apache.h"
#include "analyzer/endpoint/conf_bind.h"
#include "analyzer/endpoint/conf_caddy.h"
#include "analyzer/endpoint/conf_dovecot.h"
#include "analyzer/endpoint/conf_haproxy.h"
#include "analyzer/endpoint/conf_mysql.h"
#include "analyzer/endpoint/conf_nginx.h"
#include "analyzer/endpoint/conf_phpfpm.h"
#include "analyzer/endpoint/conf_postfix.h"
#include "analyzer/endpoint/conf_postgresql.h"
#include "analyzer/endpoint/conf_redis.h"
#include "analyzer/endpoint/conf_sshd.h"
#include "analyzer/endpoint/conf_tomcat.h"
#include "analyzer/endpoint/daemon.h"
#include "analyzer/endpoint/endpointsocket.h"
#include "analyzer/endpoint/shellexec.h"
#include "analyzer/unit/unitenv.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define NOTE_SIZE_MAX ((size_t) 4096) /* bytes */

/* The readers that files of templates/apps/ name. */
/* clang-format off */
static const struct reader {
  const char *name;
  dc_daemon_reader *read;
} readers[] = {
  { "apache", dc_apache_endpoints },
  { "bind", dc_bind_endpoints },
  { "caddy", dc_caddy_endpoints },
  { "dovecot", dc_dovecot_endpoints },
  { "haproxy", dc_haproxy_endpoints },
  { "mysql", dc_mysql_endpoints },
  { "nginx", dc_nginx_endpoints },
  { "phpfpm", dc_phpfpm_endpoints },
  { "postfix", dc_postfix_endpoints },
  { "postgresql", dc_postgresql_endpoints },
  { "redis", dc_redis_endpoints },
  { "sshd", dc_sshd_endpoints },
  { "tomcat", dc_tomcat_endpoints },
};
/* clang-format on */

struct dc_proof
dc_daemon_command (const struct dc_daemon *daemon)
{
  return (struct dc_proof){ daemon->command->setting->file,
                            daemon->command->setting->line };
}

int
dc_daemon_listens (const struct dc_daemon *daemon,
                   const struct dc_listen *listen, struct dc_error *err)
{
  return dc_endpoint_add (&daemon->profile->endpoints, daemon->unit->name,
                          listen, err);
}

int
dc_daemon_connects (const struct dc_daemon *daemon,
                    const struct dc_target *target, struct dc_error *err)
{
  return dc_connection_add (&daemon->profile->connections, daemon->unit->name,
                            target, err);
}

int
dc_daemon_note (const struct dc_daemon *daemon, struct dc_proof proof,
                struct dc_error *err, const char *fmt, ...)
{
  char text[NOTE_SIZE_MAX];
  va_list args;

  va_start (args, fmt);
  (void) vsnprintf (text, sizeof text, fmt, args); /* cut if it is longer */
  va_end (args);
  return dc_profile_note (daemon->profile, "endpoint.unknown", proof.file,
                          proof.line, err, "%s: %s", daemon->unit->name, text);
}

int
dc_daemon_options (const struct dc_daemon *daemon, const char *with_value,
                   int (*read) (void *self, char letter, const char *value,
                                struct dc_error *err),
                   void *self, struct dc_error *err)
{
  const struct dc_words *argv = daemon->argv;

  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    if (word[0] != '-' || word[1] == '\0' || strcmp (word, "--") == 0)
      return 0;
    for (const char *p = word + 1; *p != '\0'; p++) {
      const bool has_value = strchr (with_value, *p) != NULL;
      const char *value = has_value && p[1] != '\0' ? p + 1 : NULL;
      if (has_value && value == NULL && i + 1 < argv->count)
        value = argv->items[++i];
      if (has_value && value == NULL)
        return 0; /* the program would complain and end */
      if (read (self, *p, value, err) < 0)
        return -1;
      if (has_value)
        break;
    }
  }
  return 0;
}

const char *
dc_daemon_version (const struct dc_daemon *daemon)
{
  const struct dc_packages *packages = daemon->profile->packages;
  const struct dc_yaml_texts *names = &daemon->app->packages;
  const size_t db_count = packages != NULL ? packages->db_count : 0;

  for (size_t db = 0; db < db_count; db++)
    for (size_t i = 0; i < names->count; i++) {
      const size_t index =
          dc_packages_find (packages, db, dc_span_of (names->items[i]));
      if (index == packages->count)
        continue;
      const char *version = packages->items[index].version;
      const char *epoch = strchr (version, ':');
      return epoch != NULL ? epoch + 1 : version;
    }
  return NULL;
}

int
dc_daemon_path (const struct dc_daemon *daemon, const char *path, char **out,
                struct dc_error *err)
{
  const char *folder =
      dc_unit_value (daemon->unit, "Service", "WorkingDirectory", NULL);

  if (path[0] == '/' || folder == NULL)
    folder = "";
  else if (folder[0] == '-')
    folder++; /* it may be missing */
  return dc_text_print (out, err, "%s%s%s", folder, path[0] != '/' ? "/" : "",
                        path);
}

dc_daemon_reader *
dc_daemon_reader_find (const char *name)
{
  for (size_t i = 0; i < DC_COUNT (readers); i++)
    if (strcmp (readers[i].name, name) == 0)
      return readers[i].read;
  return NULL;
}

/* What runs the program that the next word names. */
static bool
is_interpreter (const char *name)
{
  static const char *const patterns[] = {
    "python*", "perl*", "ruby*", "node", "nodejs",
    "sh",      "bash",  "dash",  "php*", "lua*",
  };

  for (size_t i = 0; i < DC_COUNT (patterns); i++)
    if (dc_glob_match (patterns[i], name))
      return true;
  return false;
}

/* Is COMMAND the call of an init script, not the program that this starts? */
static bool
runs_script (const struct dc_unit *unit, const struct dc_exec *command)
{
  return dc_unit_is_script (unit) &&
         strcmp (command->setting->section, "Service") == 0;
}

/* The application of a command: 1 and *APP, 0, -1.  Where several have the
 * program the unit's name decides.  A script that its
 * interpreter runs is known by its own name, and what Java runs by the class
 * or the jar, wherever it stands.
 */
static int
find_application (struct dc_apps *apps, const struct dc_unit *unit,
                  const struct dc_exec *command, const struct dc_app **app,
                  struct dc_error *err)
{
  const char *name = dc_text_last_component (command->program);
  const struct dc_words *argv = &command->argv;

  if (runs_script (unit, command))
    return dc_apps_find (apps, DC_APP_SCRIPTS, name, app, err);
  const size_t by_unit = dc_apps_position (DC_APP_UNITS, unit->name);
  if (by_unit != SIZE_MAX && dc_apps_has (by_unit, DC_APP_PROGRAMS, name))
    return dc_apps_get (apps, by_unit, app, err) < 0 ? -1 : 1;
  const bool is_java = strcmp (name, "java") == 0;
  if (!is_java && !is_interpreter (name))
    return dc_apps_find (apps, DC_APP_PROGRAMS, name, app, err);
  for (size_t i = 1; i < argv->count; i++) {
    if (argv->items[i][0] == '-')
      continue;
    const int found =
        dc_apps_find (apps, DC_APP_PROGRAMS,
                      dc_text_last_component (argv->items[i]), app, err);
    if (found != 0)
      return found;
    if (!is_java)
      break;
  }
  return dc_apps_find (apps, DC_APP_PROGRAMS, name, app, err);
}

static int
ask_reader (const struct dc_daemon *daemon, struct dc_error *err)
{
  const struct dc_app *app = daemon->app;

  if (app->listen.count > 0)
    return dc_app_endpoints (daemon, err);
  if (app->connects.count > 0 && dc_app_endpoints (daemon, err) < 0)
    return -1;
  if (app->reader != NULL) {
    dc_daemon_reader *read = dc_daemon_reader_find (app->reader);
    assert (read != NULL); /* a test looks for each */
    return read (daemon, err);
  }
  if (app->cannot_tell == NULL)
    return 1;
  return dc_daemon_note (daemon, dc_daemon_command (daemon), err,
                         "where it listens cannot be told: %s",
                         app->cannot_tell);
}

/* The findings that a reader made are enough; else the general one. */
static int
ask (const struct dc_daemon *daemon, struct dc_error *err)
{
  const size_t before =
      daemon->profile->finding_count + daemon->profile->findings_lost;

  const int status = ask_reader (daemon, err);
  if (status != 0)
    return status < 0 ? -1 : 0;
  if (daemon->profile->finding_count + daemon->profile->findings_lost > before)
    return 0;
  return dc_daemon_note (daemon, dc_daemon_command (daemon), err,
                         "where it listens cannot be told");
}

/* The variables of the files that an init script reads. */
static int
read_script_environment (const struct dc_daemon *daemon,
                         struct dc_words *environment, struct dc_error *err)
{
  const struct dc_app *app = daemon->app;

  for (size_t i = 0; i < app->environment.count; i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_ENVIRONMENT_SIZE_MAX);
    struct dc_error why = { .code = DC_OK };
    if (dc_tree_read_file (daemon->tree, app->environment.items[i], &b, &why) >
        0)
      (void) dc_environment_parse (dc_buffer_text (&b), b.size, environment,
                                   &why); /* what it holds so far counts */
    if (why.code == DC_ERR_SYSTEM) {
      *err = why;
      return -1;
    }
  }
  return 0;
}

/* What an init script runs. */
static int
make_script_argv (const struct dc_daemon *daemon, struct dc_words *environment,
                  struct dc_words *argv, struct dc_error *err)
{
  const struct dc_app *app = daemon->app;
  struct dc_exec command = { .argv = { NULL, 0 } };

  if (read_script_environment (daemon, environment, err) < 0)
    return -1;
  if (app->command == NULL)
    return dc_words_add (argv, app->programs.items[0], err);
  int status = dc_unit_words (app->command, &command.argv, err);
  if (status == 0)
    status = dc_exec_argv (&command, environment, argv, err);
  dc_words_release (&command.argv);
  return status;
}

/* Fill ARGV with the command line as it will be, and ENVIRONMENT.  A file of variables that
 * is missing keeps the service from starting, which is worth a finding.
 */
static int
make_argv (const struct dc_daemon *daemon, struct dc_words *environment,
           struct dc_words *argv, struct dc_error *err)
{
  AUTO_FREE char *missing = NULL;

  if (runs_script (daemon->unit, daemon->command))
    return make_script_argv (daemon, environment, argv, err);
  if (dc_unit_environment (daemon->tree, daemon->unit, "Service",
                           daemon->profile->hostname, environment, &missing,
                           err) < 0 ||
      dc_exec_argv (daemon->command, environment, argv, err) < 0 ||
      (dc_unit_is_script (daemon->unit) &&
       read_script_environment (daemon, environment, err) < 0))
    return -1;
  return missing == NULL
             ? 0
             : dc_daemon_note (daemon, dc_daemon_command (daemon), err,
                               "it needs the file '%s', which cannot be read",
                               dc_quote (missing).text);
}

/* Does the service get its sockets from systemd?  1, 0, -1. */
static int
gets_sockets (const struct dc_app *app, const struct dc_profile *profile,
              const struct dc_unit *unit, struct dc_error *err)
{
  if (!app->takes_sockets)
    return 0;
  return dc_socket_starts_for (profile->units, unit, profile->hostname, err);
}

int
dc_daemon_position (struct dc_profile *profile, const struct dc_unit *unit,
                    size_t *position, struct dc_error *err)
{
  DC_AUTO (dc_execs) *execs = NULL;
  struct dc_error why = { .code = DC_OK };
  const struct dc_app *app = NULL;

  *position = dc_apps_position (DC_APP_UNITS, unit->name);
  if (dc_execs_read (unit, "Service", "ExecStart", profile->hostname, &execs,
                     &why) < 0) {
    if (why.code != DC_ERR_SYSTEM)
      return 0; /* what it runs cannot be told */
    *err = why;
    return -1;
  }
  for (size_t i = 0; i < execs->count; i++) {
    const int found =
        find_application (&profile->apps, unit, &execs->items[i], &app, err);
    if (found < 0)
      return -1;
    if (found == 0)
      continue;
    *position = app->position;
    return 0;
  }
  return 0;
}

/* What all commands of all services share. */
struct search {
  struct dc_tree *tree;
  struct dc_profile *profile;
  struct dc_conf_budget *budget;
  struct dc_app *stranger; /* templates/stranger.yaml */
};

/* Where nobody can tell, options and variables may give it away: 1 when they
 * did, 0, -1.
 */
static int
guess (const struct search *search, const struct dc_daemon *daemon,
       struct dc_error *err)
{
  struct dc_daemon stranger = *daemon;
  const size_t before = search->profile->endpoints.count;

  stranger.app = search->stranger;
  if (daemon->app != search->stranger && daemon->app->cannot_tell == NULL)
    return 0;
  if (dc_app_endpoints (&stranger, err) < 0)
    return -1;
  return search->profile->endpoints.count > before;
}

static int
read_application (const struct search *search, const struct dc_unit *unit,
                  const struct dc_exec *command, const struct dc_app *app,
                  struct dc_error *err)
{
  AUTO_WORDS struct dc_words argv = { NULL, 0 };
  AUTO_WORDS struct dc_words environment = { NULL, 0 };
  const struct dc_daemon daemon = {
    .tree = search->tree,
    .profile = search->profile,
    .budget = search->budget,
    .unit = unit,
    .app = app,
    .command = command,
    .argv = &argv,
    .environment = &environment,
  };

  const int status = gets_sockets (app, search->profile, unit, err);
  if (status != 0)
    return status;
  if (make_argv (&daemon, &environment, &argv, err) < 0)
    return err->code == DC_ERR_SYSTEM
               ? -1
               : dc_daemon_note (&daemon, dc_daemon_command (&daemon), err,
                                 "its command line is too long");
  const int guessed = guess (search, &daemon, err);
  if (guessed != 0 || app == search->stranger)
    return guessed;
  return ask (&daemon, err) < 0 ? -1 : 1;
}

static int
read_command (const struct search *search, const struct dc_unit *unit,
              const struct dc_exec *command, struct dc_error *err)
{
  const struct dc_app *app = NULL;
  const int known =
      find_application (&search->profile->apps, unit, command, &app, err);

  return known <= 0 ? known
                    : read_application (search, unit, command, app, err);
}

/* Of a shell that ends up as another program, that one counts. */
static int
read_shell (const struct search *search, const struct dc_unit *unit,
            const struct dc_exec *command, struct dc_error *err)
{
  struct dc_exec inner;

  const int status = dc_shellexec (command, &inner, err);
  if (status <= 0)
    return status < 0 ? -1 : read_command (search, unit, command, err);
  const int read = read_command (search, unit, &inner, err);
  dc_shellexec_release (&inner);
  return read;
}

/* A command that systemd could not run listens nowhere.  1 when one of them
 * is known, 0, -1.
 */
static int
read_commands (const struct search *search, const struct dc_unit *unit,
               const char *section, struct dc_error *err)
{
  DC_AUTO (dc_execs) *execs = NULL;
  int known = 0;

  if (dc_execs_read (unit, section, "ExecStart", search->profile->hostname,
                     &execs, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < execs->count; i++) {
    const int status = read_shell (search, unit, &execs->items[i], err);
    if (status < 0)
      return -1;
    known = known || status > 0;
  }
  return known;
}

/* What a script starts says more than the script's name. */
static int
read_service (const struct search *search, const struct dc_unit *unit,
              struct dc_error *err)
{
  const int known = read_commands (search, unit, "X-Daemon", err);

  return known != 0 ? known : read_commands (search, unit, "Service", err);
}

/* What the options and variables of its first command say: 1, 0, -1. */
static int
ask_stranger (const struct search *search, const struct dc_unit *unit,
              const char *section, struct dc_error *err)
{
  DC_AUTO (dc_execs) *execs = NULL;

  if (dc_execs_read (unit, section, "ExecStart", search->profile->hostname,
                     &execs, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  return execs->count == 0 ? 0
                           : read_application (search, unit, &execs->items[0],
                                               search->stranger, err);
}

/* A service of a program that nobody told us of may listen anywhere; one that
 * does its work and ends (Type=oneshot) does not.
 */
static int
read_stranger (const struct search *search, const struct dc_unit *unit,
               struct dc_error *err)
{
  struct dc_profile *profile = search->profile;
  DC_AUTO (dc_execs) *execs = NULL;
  const char *type = dc_unit_value (unit, "Service", "Type", NULL);

  if (type != NULL && strcmp (type, "oneshot") == 0)
    return 0;
  if (dc_execs_read (unit, "Service", "ExecStart", profile->hostname, &execs,
                     err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0; /* it does not start */
  if (execs->count == 0)
    return 0;
  const int told = ask_stranger (
      search, unit, dc_unit_is_script (unit) ? "X-Daemon" : "Service", err);
  if (told != 0)
    return told < 0 ? -1 : 0;
  const struct dc_setting *start = execs->items[0].setting;
  return dc_profile_note (profile, "endpoint.unknown", start->file, start->line,
                          err,
                          "%s: what it runs is no application that we know, "
                          "so whether it listens cannot be told",
                          dc_quote (unit->name).text);
}

static int
read_or_note (const struct search *search, const struct dc_unit *unit,
              struct dc_error *err)
{
  const int known = read_service (search, unit, err);

  return known != 0 ? known : read_stranger (search, unit, err);
}

static int
read_unit (const struct search *search, const struct dc_unit *unit,
           struct dc_error *err)
{
  if (!unit->is_started)
    return 0;
  if (dc_unit_has_type (unit->name, "service"))
    return read_or_note (search, unit, err);
  if (dc_unit_has_type (unit->name, "socket"))
    return dc_socket_endpoints (search->profile, unit, err);
  return 0;
}

int
dc_endpoints_find (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  DC_AUTO (dc_app) *stranger = NULL;
  struct dc_conf_budget budget = {
    .bytes = DC_CONF_TOTAL_MAX,
    .files = DC_CONF_FILE_MAX,
    .includes = DC_CONF_INCLUDE_MAX,
  };

  if (dc_app_stranger (&stranger, err) < 0)
    return -1;
  const struct search search = { tree, profile, &budget, stranger };
  for (size_t i = 0; i < profile->units->count; i++)
    if (read_unit (&search, &profile->units->items[i], err) < 0)
      return -1;
  dc_endpoints_sort (&profile->endpoints);
  return 0;
}
