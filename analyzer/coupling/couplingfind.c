/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/coupling/coupling.h"
#include "analyzer/coupling/textscan.h"
#include "analyzer/profile.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "templates/templates.h"
#include "analyzer/unit/unitconverted.h"

struct finder {
  struct dc_tree *tree;
  struct dc_profile *profile;
  size_t files; /* looked through */
};

static int
add_targets (struct finder *finder, const char *from, struct dc_span line,
             struct dc_proof proof, bool with_web, struct dc_error *err)
{
  struct dc_text_target found;

  while (dc_textscan_next (&line, with_web, &found) > 0) {
    const bool is_path = found.path[0] != '\0';
    const struct dc_target target = {
      .protocol = is_path ? DC_UNIX : DC_TCP,
      .host = is_path ? NULL : found.host,
      .path = is_path ? found.path : NULL,
      .port = is_path ? 0 : found.port,
      .proof = proof,
      .confidence = DC_INFERRED,
    };
    if (dc_connection_add (&finder->profile->connections, from, &target, err) <
        0)
      return -1;
  }
  return 0;
}

static bool
is_comment (struct dc_span line)
{
  line = dc_span_trim (line);
  return line.size == 0 || *line.text == '#' || *line.text == ';' ||
         dc_span_starts (line, "//") || dc_span_starts (line, "*") ||
         dc_span_starts (line, "/*") || dc_span_starts (line, "<!--");
}

static int
read_file (struct finder *finder, const char *path, const char *from,
           bool with_web, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_COUPLING_FILE_SIZE_MAX);
  struct dc_span line;
  unsigned number = 0;

  if (finder->files++ >= DC_COUPLING_FILE_MAX)
    return 0;
  const int found = dc_tree_read_file (finder->tree, path, &b, err);
  if (found <= 0)
    return found < 0 && err->code == DC_ERR_SYSTEM ? -1 : 0;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line)) {
    number++;
    if (!is_comment (line) &&
        add_targets (finder, from, line, (struct dc_proof){ path, number },
                     with_web, err) < 0)
      return -1;
  }
  return 0;
}

/* Variables, files of them, and arguments of a service. */
static int
read_service (struct finder *finder, const struct dc_unit *unit,
              struct dc_error *err)
{
  static const char *const keys[] = { "Environment", "ExecStart" };
  const struct dc_setting *setting;
  size_t position = 0;

  for (size_t k = 0; k < DC_COUNT (keys); k++) {
    position = 0;
    while (dc_unit_next (unit, "Service", keys[k], &position, &setting) > 0)
      if (add_targets (finder, unit->name, dc_span_of (setting->value),
                       (struct dc_proof){ setting->file, setting->line }, true,
                       err) < 0)
        return -1;
  }
  position = 0;
  while (dc_unit_next (unit, "Service", "EnvironmentFile", &position,
                       &setting) > 0)
    if (read_file (finder, setting->value + (*setting->value == '-'),
                   unit->name, true, err) < 0)
      return -1;
  return 0;
}

/* Configuration that applications bring along in their own folders. */
static bool
is_configuration (const char *name)
{
  static const char *const names[] = {
    ".env",
    ".env.local",
    ".env.production",
    "LocalSettings.php",
    "application-prod.properties",
    "application-prod.yml",
    "application-production.yml",
    "application.properties",
    "application.yaml",
    "application.yml",
    "appsettings.Production.json",
    "appsettings.json",
    "config.inc.php",
    "config.php",
    "configuration.php",
    "context.xml",
    "database.php",
    "database.yml",
    "local.settings.py",
    "local_settings.py",
    "parameters.yml",
    "persistence.xml",
    "settings.local.php",
    "settings.php",
    "settings.py",
    "wp-config.php",
  };

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (strcmp (name, names[i]) == 0)
      return true;
  return false;
}

/* Does the entry lie where people put what no package brought? */
static bool
is_own (const struct dc_tree *tree, const uint8_t *is_below, uint32_t index)
{
  return is_below[tree->entries[index].parent] != 0;
}

/* Mark all entries below the folders. */
static void
mark_below (const struct dc_tree *tree, uint8_t *is_below)
{
  static const char *const folders[] = {
    "/var/www",
    "/srv",
    "/opt",
    "/home",
    "/usr/local",
    "/usr/share/webapps",
    "/var/lib/tomcat9",
    "/var/lib/tomcat10",
    "/app",
  };

  dc_tree_mark_below (tree, folders, DC_COUNT (folders), is_below);
}

static int
read_applications (struct finder *finder, struct dc_error *err)
{
  const struct dc_tree *tree = finder->tree;
  AUTO_FREE uint8_t *is_below = calloc ((size_t) tree->count + 1, 1);

  if (is_below == NULL)
    return dc_fail_errno (err, "cannot look for couplings");
  mark_below (tree, is_below);
  for (uint32_t i = 0; i < tree->count; i++) {
    AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
    AUTO_FREE char *absolute = NULL;
    if (!S_ISREG (tree->entries[i].mode) ||
        !is_configuration (tree->entries[i].name) ||
        !is_own (tree, is_below, i))
      continue;
    if (finder->files >= DC_COUPLING_FILE_MAX)
      return dc_profile_note (finder->profile, "couplings.many", NULL, 0, err,
                              "more than %d configuration files of "
                              "applications, the others are not looked "
                              "through",
                              DC_COUPLING_FILE_MAX);
    if (dc_tree_path (tree, i, &path, err) < 0 ||
        dc_text_print (&absolute, err, "/%s", dc_buffer_text (&path)) < 0 ||
        read_file (finder, absolute, absolute, false, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_couplings_find (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  DC_AUTO (dc_services_template) *template = NULL;
  struct finder finder = { tree, profile, 0 };

  if (dc_services_template_load (&template, err) < 0)
    return -1;
  for (size_t i = 0; i < profile->units->count; i++) {
    const struct dc_unit *unit = &profile->units->items[i];
    if (dc_unit_is_converted (unit, template) &&
        read_service (&finder, unit, err) < 0)
      return -1;
  }
  return read_applications (&finder, err);
}
