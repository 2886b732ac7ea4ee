/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/endpoint/appfiles.h"
#include "analyzer/endpoint/appsource.h"
#include "analyzer/unit/unitenv.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "lib/tree/glob.h"

struct reading {
  const struct dc_daemon *daemon;
  const struct dc_app_file *file;
  struct dc_settings *settings;
  unsigned depth; /* of files that include each other */
  bool is_incomplete, is_too_deep;
  bool is_late; /* what is named is read, but for the late ones */
};

static int
read_file (struct reading *reading, const char *path, struct dc_proof proof,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);
  struct dc_error why = { .code = DC_OK };

  const int status = dc_daemon_read (reading->daemon, path, proof, &b, err);
  if (status <= 0) {
    reading->is_incomplete = true;
    return status;
  }
  if (dc_settings_parse (reading->settings,
                         (enum dc_app_dialect) reading->file->dialect,
                         dc_buffer_text (&b), b.size, path, &why) == 0)
    return 0;
  if (why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  reading->is_incomplete = true;
  return dc_daemon_note (reading->daemon, (struct dc_proof){ path, 0 }, err,
                         "cannot use '%s': %s", dc_quote (path).text, why.text);
}

static int
read_pattern (struct reading *reading, const char *pattern,
              struct dc_proof proof, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  const int status =
      dc_daemon_include (reading->daemon, pattern, proof, &paths, err);

  reading->is_incomplete = reading->is_incomplete || status == 0;
  if (status < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++) {
    const uint32_t index =
        dc_tree_resolve (reading->daemon->tree, paths.items[i]);
    const bool is_folder = index != DC_TREE_NONE &&
                           S_ISDIR (reading->daemon->tree->entries[index].mode);
    if (!is_folder && read_file (reading, paths.items[i], proof, err) < 0)
      return -1;
  }
  return 0;
}

/* The pattern of what VALUE, from the file of PROOF, includes. */
static int
include_pattern (const struct reading *reading,
                 const struct dc_app_include *include, struct dc_span value,
                 struct dc_proof proof, char **out, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  const char *slash = strrchr (proof.file, '/');
  const int folder =
      value.text[0] == '/' || slash == NULL ? 0 : (int) (slash - proof.file);

  const char *comma = memchr (value.text, ',', value.size);
  if (comma != NULL) /* dnsmasq: what not to read of the folder */
    value.size = (size_t) (comma - value.text);
  if (value.size > DC_TREE_PATH_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a path that is too long");
  if (dc_text_print (&path, err, "%.*s%s%.*s", folder, proof.file,
                     folder > 0 ? "/" : "", (int) value.size, value.text) < 0)
    return -1;
  const uint32_t index = dc_tree_resolve (reading->daemon->tree, path);
  const bool is_folder = index != DC_TREE_NONE &&
                         S_ISDIR (reading->daemon->tree->entries[index].mode);
  const bool has_slash = path[strlen (path) - 1] == '/';
  return dc_text_print (out, err, "%s%s%s", path,
                        is_folder && !has_slash ? "/" : "",
                        !is_folder               ? ""
                        : include->files != NULL ? include->files
                                                 : "*");
}

static int
read_include (struct reading *reading, const struct dc_app_include *include,
              const struct dc_settings_item *item, struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;
  struct dc_span rest;
  const struct dc_span value =
      dc_settings_word (dc_span_of (item->value), &rest);

  if (value.size == 0)
    return 0;
  if (reading->depth >= DC_CONF_DEPTH_MAX) {
    const bool is_told = reading->is_too_deep;
    reading->is_too_deep = reading->is_incomplete = true;
    return is_told ? 0
                   : dc_daemon_note (reading->daemon, item->proof, err,
                                     "files include each other too deeply");
  }
  if (include_pattern (reading, include, value, item->proof, &pattern, err) < 0)
    return -1;
  if (include->files != NULL && !dc_glob_is_pattern (pattern) &&
      dc_tree_resolve (reading->daemon->tree, pattern) == DC_TREE_NONE)
    return 0; /* a folder that is not there has no files */
  reading->depth++;
  const int status = read_pattern (reading, pattern, item->proof, err);
  reading->depth--;
  return status;
}

static int
follow (void *self, const struct dc_settings_item *item, struct dc_error *err)
{
  struct reading *reading = self;
  const struct dc_app_include *includes = reading->file->include.items;

  for (size_t i = 0; i < reading->file->include.count; i++)
    for (size_t k = 0; k < includes[i].keys.count; k++)
      if (dc_glob_match (includes[i].keys.items[k], item->path))
        return includes[i].late != reading->is_late
                   ? 0
                   : read_include (reading, &includes[i], item, err);
  return 0;
}

/* What the settings from FIRST on name that is read late. */
static int
read_late (struct reading *reading, size_t first, struct dc_error *err)
{
  const size_t end = reading->settings->count;
  int status = 0;

  reading->is_late = true;
  for (size_t i = first; i < end && status == 0; i++) {
    const struct dc_settings_item item = reading->settings->items[i];
    status = follow (reading, &item, err);
  }
  reading->is_late = false;
  return status;
}

/* The file that the command line or a variable names in place of ours; NULL:
 * none does.  Borrowed.
 */
static const char *
named_file (const struct dc_daemon *daemon, const struct dc_app_file *file)
{
  const char *named = NULL;

  for (size_t i = 1; i < daemon->argv->count; i++)
    for (size_t k = 0; k < file->options.count; k++) {
      const char *value =
          dc_option_value (daemon->argv, &i, file->options.items[k]);
      if (value == NULL)
        continue;
      named = value;
      break;
    }
  for (size_t i = 0; named == NULL && i < file->env.count; i++)
    named = dc_environment_get (daemon->environment, file->env.items[i],
                                strlen (file->env.items[i]));
  return named != NULL && named[0] != '\0' ? named : NULL;
}

/* Without its usual file an application has its defaults, or does not start;
 * one that is named must be there.
 */
static int
read_app_file (struct reading *reading, struct dc_error *err)
{
  const struct dc_daemon *daemon = reading->daemon;
  const struct dc_app_file *file = reading->file;
  const struct dc_proof command = dc_daemon_command (daemon);
  const char *named = named_file (daemon, file);
  AUTO_FREE char *usual = NULL;
  AUTO_FREE char *path = NULL;

  if (dc_unit_expand (daemon->unit, file->path, daemon->profile->hostname,
                      &usual, err) < 0 ||
      dc_daemon_path (daemon, named != NULL ? named : usual, &path, err) < 0)
    return -1;
  if (named == NULL && !file->required && !dc_glob_is_pattern (path) &&
      dc_tree_resolve (daemon->tree, path) == DC_TREE_NONE)
    return 0;
  const size_t first = reading->settings->count;
  return read_pattern (reading, path, command, err) < 0
             ? -1
             : read_late (reading, first, err);
}

int
dc_app_files_read (const struct dc_daemon *daemon, struct dc_settings *settings,
                   struct dc_error *err)
{
  const struct dc_app_file *files = daemon->app->files.items;
  bool is_incomplete = false;

  for (size_t i = 0; i < daemon->app->files.count; i++) {
    struct reading reading = { .daemon = daemon,
                               .file = &files[i],
                               .settings = settings };
    settings->layer = i;
    settings->added = follow;
    settings->self = &reading;
    const int status = read_app_file (&reading, err);
    settings->added = NULL;
    settings->self = NULL;
    if (status < 0)
      return -1;
    is_incomplete = is_incomplete || reading.is_incomplete;
  }
  return is_incomplete ? 0 : 1;
}
