/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/assign.h"
#include "analyzer/network/network.h"
#include "analyzer/system/instance.h"

/* The last part of what localtime is a link to. */
static int
read_localtime (const struct dc_tree *tree, struct dc_identity *identity,
                struct dc_error *err)
{
  static const char folder[] = "zoneinfo/";
  const uint32_t at = dc_tree_find (tree, "etc/localtime");
  const char *target = at == DC_TREE_NONE ? NULL : tree->entries[at].target;
  const char *name = target != NULL ? strstr (target, folder) : NULL;

  if (name == NULL)
    return 0;
  return dc_network_set (&identity->time_zone,
                         dc_span_of (name + sizeof folder - 1), err) < 0
             ? -1
             : dc_network_set (&identity->time_zone_file,
                               dc_span_of ("/etc/localtime"), err);
}

/* A value and the file that says it, unless one is known. */
static int
keep (char **value, char **file, struct dc_span text, const char *path,
      struct dc_error *err)
{
  if (*value != NULL || text.size == 0)
    return 0;
  return dc_network_set (value, text, err) < 0
             ? -1
             : dc_network_set (file, dc_span_of (path), err);
}

static int
parse_timezone (void *arg, const struct dc_configfile *file,
                struct dc_error *err)
{
  struct dc_identity *identity = arg;
  struct dc_span rest = { file->text, file->size }, line;

  while (dc_span_line (&rest, &line)) {
    line = dc_span_trim (line);
    if (line.size > 0 && *line.text != '#')
      return keep (&identity->time_zone, &identity->time_zone_file, line,
                   file->path, err);
  }
  return 0;
}

static int
keep_key (char **value, char **path, const struct dc_configfile *file,
          const char *key, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  const struct dc_assign row = { key, &text };

  if (dc_assign_read (file->text, file->size, &row, 1, err) < 0)
    return -1;
  return text == NULL ? 0
                      : keep (value, path, dc_span_of (text), file->path, err);
}

static int
parse_clock (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct dc_identity *identity = arg;

  if (keep_key (&identity->time_zone, &identity->time_zone_file, file, "ZONE",
                err) < 0)
    return -1;
  return keep_key (&identity->time_zone, &identity->time_zone_file, file,
                   "TIMEZONE", err);
}

static int
parse_locale (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct dc_identity *identity = arg;

  if (keep_key (&identity->locale, &identity->locale_file, file, "LANG", err) <
      0)
    return -1;
  return keep_key (&identity->locale, &identity->locale_file, file, "RC_LANG",
                   err);
}

static int
parse_machine_id (void *arg, const struct dc_configfile *file,
                  struct dc_error *err)
{
  struct dc_identity *identity = arg;
  const struct dc_span text =
      dc_span_trim ((struct dc_span){ file->text, strcspn (file->text, "\n") });

  (void) err; /* cannot fail */
  identity->machine_id = text.size == 0                       ? "empty"
                         : dc_span_is (text, "uninitialized") ? "uninitialized"
                                                              : "set";
  return 0;
}

/* "DataSourceNoCloud: DataSourceNoCloud [seed=/dev/sr0]" */
static int
parse_datasource (void *arg, const struct dc_configfile *file,
                  struct dc_error *err)
{
  struct dc_identity *identity = arg;
  struct dc_span rest = { file->text, file->size }, name = { "", 0 };

  if (!dc_span_field (&rest, ':', &name) || dc_span_has (name, '\n'))
    return 0;
  return keep (&identity->cloud_source, &identity->cloud_source_file,
               dc_span_trim (name), file->path, err);
}

/* "datasource_list: [ NoCloud, ConfigDrive ]", the last file's */
static int
parse_cloud (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct dc_identity *identity = arg;
  struct dc_span rest = { file->text, file->size }, line, key;

  while (dc_span_line (&rest, &line)) {
    if (!dc_span_field (&line, ':', &key) || line.text == NULL ||
        !dc_span_is (key, "datasource_list"))
      continue;
    dc_words_release (&identity->cloud_sources);
    if (dc_network_words (&identity->cloud_sources, line, "[],'\"", err) < 0)
      return -1;
  }
  return 0;
}

static const struct {
  const char *path;
  int (*parse) (void *arg, const struct dc_configfile *file,
                struct dc_error *err);
} files[] = {
  { "/etc/timezone", parse_timezone },
  { "/etc/sysconfig/clock", parse_clock },
  { "/etc/conf.d/clock", parse_clock },
  { "/etc/locale.conf", parse_locale },
  { "/etc/default/locale", parse_locale },
  { "/etc/sysconfig/i18n", parse_locale },
  { "/etc/sysconfig/language", parse_locale },
  { "/etc/machine-id", parse_machine_id },
  { "/var/lib/cloud/instance/datasource", parse_datasource },
  { "/var/lib/cloud/data/previous-datasource", parse_datasource },
  { "/etc/cloud/cloud.cfg", parse_cloud },
};

static bool
is_there (const struct dc_tree *tree, const char *path)
{
  return dc_tree_resolve (tree, path) != DC_TREE_NONE;
}

int
dc_instance_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  static const char *const cloud[] = { "/etc/cloud/cloud.cfg.d" };
  struct dc_identity *identity = &profile->identity;
  struct dc_configreader reader = { .tree = tree,
                                    .profile = profile,
                                    .finding = "identity.unreadable",
                                    .arg = identity };

  identity->machine_id = "absent";
  identity->has_cloud_init = is_there (tree, "/etc/cloud/cloud.cfg");
  identity->is_cloud_init_off =
      is_there (tree, "/etc/cloud/cloud-init.disabled");
  if (read_localtime (tree, identity, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (files); i++) {
    reader.parse = files[i].parse;
    if (dc_configfile_read (&reader, files[i].path, err) < 0)
      return -1;
  }
  reader.parse = parse_cloud;
  return dc_configfile_read_folders (&reader, cloud, 1, ".cfg", err);
}
