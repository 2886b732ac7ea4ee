/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "lib/glob.h"
#include "templates/apps.h"

struct file {
  const char *name; /* "nginx.yaml" */
  const char *text;
  size_t size;
  const char *const *names[DC_APP_INDEX_COUNT]; /* patterns; a NULL ends them */
};
/* Made by templates/apps.awk: `files`, sorted by name. */
#include "templates/apps-index.inc"

static const char *const kinds[] = {
  "application", "cache",          "chat",        "cluster",
  "container",   "database",       "development", "directory",
  "dns",         "file",           "log",         "login",
  "mail",        "media",          "monitoring",  "network",
  "print",       "proxy",          "queue",       "scheduler",
  "search",      "security",       "storage",     "system",
  "time",        "virtualization", "vpn",         "web",
  NULL,
};
static const char *const dialects[] = { "words", "ini", "blocks", "yaml",
                                        "json",  "xml", "tags",   "phrases",
                                        "value", NULL };
static const char *const protocols[] = { "tcp", "udp", "both", NULL };
static const char *const picks[] = { "last", "first", "all", "file", NULL };

/* The keys of a source, with which a condition has more. */
#define SOURCE_ROWS(type, prefix)                                              \
  DC_YAML_ROW ("options", DC_YAML_TEXTS, DC_YAML_OPTIONAL, type,               \
               prefix options),                                                \
      DC_YAML_ROW ("flags", DC_YAML_TEXTS, DC_YAML_OPTIONAL, type,             \
                   prefix flags),                                              \
      DC_YAML_ROW ("env", DC_YAML_TEXTS, DC_YAML_OPTIONAL, type, prefix env),  \
      DC_YAML_ROW ("keys", DC_YAML_TEXTS, DC_YAML_OPTIONAL, type,              \
                   prefix keys),                                               \
      DC_YAML_ROW ("default", DC_YAML_TEXT, DC_YAML_OPTIONAL, type,            \
                   prefix otherwise),                                          \
      DC_YAML_ROW ("off", DC_YAML_TEXTS, DC_YAML_OPTIONAL, type, prefix off),  \
      DC_YAML_ROW ("split", DC_YAML_TEXT, DC_YAML_OPTIONAL, type,              \
                   prefix split),                                              \
      DC_YAML_PICK ("pick", DC_YAML_OPTIONAL, type, prefix pick, picks)

static const struct dc_yaml_row source_rows[] = {
  SOURCE_ROWS (struct dc_app_source, ),
  DC_YAML_END,
};
static const struct dc_yaml_row when_rows[] = {
  SOURCE_ROWS (struct dc_app_when, source.),
  DC_YAML_ROW ("is", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct dc_app_when, is),
  DC_YAML_ROW ("is_not", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct dc_app_when,
               is_not),
  DC_YAML_END,
};

#define LISTEN_ROW(key, kind, need, member)                                    \
  DC_YAML_ROW (key, kind, need, struct dc_app_listen, member)
static const struct dc_yaml_row listen_rows[] = {
  DC_YAML_NEST ("at", DC_YAML_STRUCT, DC_YAML_REQUIRED, struct dc_app_listen,
                at, source_rows, struct dc_app_source),
  DC_YAML_NEST ("address", DC_YAML_STRUCT, DC_YAML_OPTIONAL,
                struct dc_app_listen, address, source_rows,
                struct dc_app_source),
  { .key = "port",
    .kind = DC_YAML_NUMBER,
    .target = offsetof (struct dc_app_listen, port),
    .min = 1,
    .max = UINT16_MAX },
  DC_YAML_PICK ("protocol", DC_YAML_OPTIONAL, struct dc_app_listen, protocol,
                protocols),
  LISTEN_ROW ("by_family", DC_YAML_BOOL, DC_YAML_OPTIONAL, by_family),
  LISTEN_ROW ("socket", DC_YAML_TEXT, DC_YAML_OPTIONAL, socket),
  LISTEN_ROW ("each", DC_YAML_TEXT, DC_YAML_OPTIONAL, each),
  DC_YAML_NEST ("when", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_app_listen,
                when, when_rows, struct dc_app_when),
  DC_YAML_END,
};

static const struct dc_yaml_row include_rows[] = {
  DC_YAML_ROW ("keys", DC_YAML_TEXTS, DC_YAML_REQUIRED, struct dc_app_include,
               keys),
  DC_YAML_ROW ("files", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct dc_app_include,
               files),
  DC_YAML_ROW ("late", DC_YAML_BOOL, DC_YAML_OPTIONAL, struct dc_app_include,
               late),
  DC_YAML_END,
};
static const struct dc_yaml_row file_rows[] = {
  DC_YAML_ROW ("path", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_app_file,
               path),
  DC_YAML_ROW ("options", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct dc_app_file,
               options),
  DC_YAML_ROW ("env", DC_YAML_TEXTS, DC_YAML_OPTIONAL, struct dc_app_file, env),
  DC_YAML_PICK ("dialect", DC_YAML_REQUIRED, struct dc_app_file, dialect,
                dialects),
  DC_YAML_NEST ("include", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_app_file,
                include, include_rows, struct dc_app_include),
  DC_YAML_ROW ("required", DC_YAML_BOOL, DC_YAML_OPTIONAL, struct dc_app_file,
               required),
  DC_YAML_END,
};

static const struct dc_yaml_row secret_rows[] = {
  DC_YAML_ROW ("path", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct dc_app_secret,
               path),
  DC_YAML_ROW ("setting", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct dc_app_secret,
               setting),
  DC_YAML_ROW ("kind", DC_YAML_TEXT, DC_YAML_REQUIRED, struct dc_app_secret,
               kind),
  DC_YAML_END,
};
static const struct dc_yaml_row health_rows[] = {
  { .key = "tcp",
    .kind = DC_YAML_NUMBER,
    .target = offsetof (struct dc_app_health, tcp),
    .min = 1,
    .max = UINT16_MAX },
  DC_YAML_ROW ("http", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct dc_app_health,
               http),
  DC_YAML_ROW ("command", DC_YAML_TEXT, DC_YAML_OPTIONAL, struct dc_app_health,
               command),
  DC_YAML_END,
};

#define APP_ROW(key, kind, need, member)                                       \
  DC_YAML_ROW (key, kind, need, struct dc_app, member)
#define APP_TEXT(key, need) APP_ROW (#key, DC_YAML_TEXT, need, key)
#define APP_TEXTS(key) APP_ROW (#key, DC_YAML_TEXTS, DC_YAML_OPTIONAL, key)
static const struct dc_yaml_row app_rows[] = {
  APP_TEXT (name, DC_YAML_REQUIRED),
  APP_TEXT (title, DC_YAML_REQUIRED),
  DC_YAML_PICK ("kind", DC_YAML_REQUIRED, struct dc_app, kind, kinds),
  APP_ROW ("programs", DC_YAML_TEXTS, DC_YAML_REQUIRED, programs),
  APP_TEXTS (scripts),
  APP_TEXTS (units),
  APP_ROW ("packages", DC_YAML_TEXTS, DC_YAML_REQUIRED, packages),
  APP_TEXT (command, DC_YAML_OPTIONAL),
  APP_TEXTS (environment),
  APP_TEXT (reader, DC_YAML_OPTIONAL),
  DC_YAML_NEST ("listen", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_app, listen,
                listen_rows, struct dc_app_listen),
  DC_YAML_NEST ("connects", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_app,
                connects, listen_rows, struct dc_app_listen),
  APP_TEXT (listens_nowhere, DC_YAML_OPTIONAL),
  APP_TEXT (cannot_tell, DC_YAML_OPTIONAL),
  DC_YAML_NEST ("files", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_app, files,
                file_rows, struct dc_app_file),
  APP_ROW ("takes_sockets", DC_YAML_BOOL, DC_YAML_OPTIONAL, takes_sockets),
  APP_ROW ("single_wildcard", DC_YAML_BOOL, DC_YAML_OPTIONAL, single_wildcard),
  APP_ROW ("ipv4_star", DC_YAML_BOOL, DC_YAML_OPTIONAL, ipv4_star),
  APP_ROW ("guess", DC_YAML_BOOL, DC_YAML_OPTIONAL, is_guess),
  APP_ROW ("dual_stack", DC_YAML_BOOL, DC_YAML_OPTIONAL, dual_stack),
  APP_TEXTS (config),
  APP_TEXTS (data),
  APP_TEXTS (logs),
  APP_TEXTS (sockets),
  DC_YAML_NEST ("secrets", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_app,
                secrets, secret_rows, struct dc_app_secret),
  APP_TEXT (foreground, DC_YAML_OPTIONAL),
  APP_TEXT (stop_signal, DC_YAML_OPTIONAL),
  DC_YAML_NEST ("health", DC_YAML_STRUCT, DC_YAML_OPTIONAL, struct dc_app,
                health, health_rows, struct dc_app_health),
  APP_TEXT (notes, DC_YAML_OPTIONAL),
  DC_YAML_END,
};

const char *
dc_app_kind_name (enum dc_app_kind kind)
{
  assert ((size_t) kind < DC_COUNT (kinds) - 1);
  return kinds[kind];
}

static void
mark_addresses (struct dc_yaml_list *list)
{
  struct dc_app_listen *rules = list->items;

  for (size_t i = 0; i < list->count; i++) {
    const struct dc_app_source *address = &rules[i].address;
    rules[i].has_address = address->otherwise != NULL ||
                           address->keys.count + address->options.count +
                                   address->env.count + address->flags.count >
                               0;
  }
}

/* What the walker cannot see: a file says exactly once where its application
 * listens.
 */
static int
check (struct dc_app *app, const char *name, struct dc_error *err)
{
  const int ways = (app->reader != NULL) + (app->listen.count > 0) +
                   (app->listens_nowhere != NULL) + (app->cannot_tell != NULL);

  if (ways != 1)
    return dc_fail (err, DC_ERR_INVALID,
                    "%s: one of reader, listen, listens_nowhere and "
                    "cannot_tell is needed, found %d",
                    name, ways);
  mark_addresses (&app->listen);
  mark_addresses (&app->connects);
  return 0;
}

int
dc_app_parse (const char *text, size_t size, const char *name,
              struct dc_app **out, struct dc_error *err)
{
  DC_AUTO (dc_app) *app = calloc (1, sizeof *app);

  if (app == NULL)
    return dc_fail_errno (err, "cannot keep an application");
  if (dc_yaml_read (text, size, name, app_rows, app, err) < 0 ||
      check (app, name, err) < 0)
    return -1;
  *out = DC_TAKE (app);
  return 0;
}

int
dc_app_stranger (struct dc_app **out, struct dc_error *err)
{
  static const char yaml[] = {
#include "templates/stranger.inc"
  };

  return dc_app_parse (yaml, sizeof yaml, "stranger.yaml", out, err);
}

void
dc_app_free (struct dc_app *app)
{
  if (app == NULL)
    return;
  dc_yaml_release (app_rows, app);
  free (app);
}

size_t
dc_apps_count (void)
{
  return DC_COUNT (files);
}

/* The first byte decides nearly always. */
static bool
fits (const char *pattern, const char *name)
{
  return pattern[0] == name[0] ? dc_glob_match (pattern, name)
                               : strchr ("*?[", pattern[0]) != NULL &&
                                     dc_glob_match (pattern, name);
}

bool
dc_apps_has (size_t position, enum dc_app_index index, const char *name)
{
  assert (position < DC_COUNT (files));
  for (const char *const *p = files[position].names[index]; *p != NULL; p++)
    if (fits (*p, name))
      return true;
  return false;
}

size_t
dc_apps_position (enum dc_app_index index, const char *name)
{
  size_t found = SIZE_MAX;

  assert ((size_t) index < DC_APP_INDEX_COUNT);
  for (size_t i = 0; i < DC_COUNT (files); i++)
    for (const char *const *p = files[i].names[index]; *p != NULL; p++) {
      if (!fits (*p, name))
        continue;
      if (!dc_glob_is_pattern (*p))
        return i;
      found = found == SIZE_MAX ? i : found;
    }
  return found;
}

int
dc_apps_get (struct dc_apps *apps, size_t position, const struct dc_app **app,
             struct dc_error *err)
{
  assert (position < DC_COUNT (files));
  if (apps->loaded == NULL) {
    apps->loaded = calloc (DC_COUNT (files), sizeof *apps->loaded);
    if (apps->loaded == NULL)
      return dc_fail_errno (err, "cannot keep applications");
  }
  if (apps->loaded[position] == NULL &&
      dc_app_parse (files[position].text, files[position].size,
                    files[position].name, &apps->loaded[position], err) < 0)
    return -1;
  apps->loaded[position]->position = position;
  *app = apps->loaded[position];
  return 0;
}

int
dc_apps_find (struct dc_apps *apps, enum dc_app_index index, const char *name,
              const struct dc_app **app, struct dc_error *err)
{
  const size_t position = dc_apps_position (index, name);

  if (position == SIZE_MAX)
    return 0;
  return dc_apps_get (apps, position, app, err) < 0 ? -1 : 1;
}

void
dc_apps_release (struct dc_apps *apps)
{
  for (size_t i = 0; apps->loaded != NULL && i < DC_COUNT (files); i++)
    dc_app_free (apps->loaded[i]);
  free (apps->loaded);
  *apps = (struct dc_apps){ NULL };
}
