/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/apachestate.h"
#include "analyzer/endpoint/conf_apache.h"
#include "analyzer/unit/unitenv.h"
#include "lib/number.h"
#include "lib/span.h"
#include "lib/text.h"

#define VERSION_PARTS 3

/* What "apache2 -l" says: the first three everywhere, the others with Debian;
 * measured with 2.4.66 of Debian 12, httpd 2.4 of Fedora and of Alpine.
 */
static const struct {
  const char *identifier, *file;
  bool is_of_debian;
} compiled[] = {
  { "core_module", "core.c", false },
  { "http_module", "http_core.c", false },
  { "so_module", "mod_so.c", false },
  { "log_config_module", "mod_log_config.c", true },
  { "logio_module", "mod_logio.c", true },
  { "unixd_module", "mod_unixd.c", true },
  { "version_module", "mod_version.c", true },
  { "watchdog_module", "mod_watchdog.c", true },
};

static int
add_module (struct dc_apache *apache, const char *name, struct dc_error *err)
{
  return apache->modules.count >= 2 * DC_APACHE_NAME_MAX ||
                 dc_words_has (&apache->modules, name)
             ? 0
             : dc_words_add (&apache->modules, name, err);
}

int
dc_apache_load (struct dc_apache *apache, const char *identifier,
                const char *file, struct dc_error *err)
{
  AUTO_FREE char *source = NULL;
  const char *slash = strrchr (file, '/');
  const char *name = slash != NULL ? slash + 1 : file;
  size_t size = strcspn (name, ".");

  if (strncmp (name, "mod_mpm_", 8) == 0) { /* whose sources are event.c ... */
    name += 8;
    size -= 8;
  }
  if (dc_text_print (&source, err, "%.*s.c", (int) size, name) < 0)
    return -1;
  return add_module (apache, identifier, err) < 0 ||
                 add_module (apache, source, err) < 0
             ? -1
             : 0;
}

int
dc_apache_load_compiled (struct dc_apache *apache, struct dc_error *err)
{
  const bool is_debian =
      dc_tree_resolve (apache->daemon->tree, "/etc/apache2/apache2.conf") !=
      DC_TREE_NONE;

  for (size_t i = 0; i < DC_COUNT (compiled); i++)
    if ((is_debian || !compiled[i].is_of_debian) &&
        (add_module (apache, compiled[i].identifier, err) < 0 ||
         add_module (apache, compiled[i].file, err) < 0))
      return -1;
  return 0;
}

int
dc_apache_define (struct dc_apache *apache, const char *name, const char *value,
                  struct dc_error *err)
{
  AUTO_FREE char *assignment = NULL;

  if (apache->defines.count >= DC_APACHE_NAME_MAX)
    return 0;
  if (!dc_words_has (&apache->defines, name) &&
      dc_words_add (&apache->defines, name, err) < 0)
    return -1;
  if (value == NULL)
    return 0;
  if (dc_text_print (&assignment, err, "%s=%s", name, value) < 0)
    return -1;
  return dc_environment_set (&apache->variables, assignment, err);
}

static void
remove_word (struct dc_words *words, size_t index)
{
  free (words->items[index]);
  words->count--;
  memmove (&words->items[index], &words->items[index + 1],
           (words->count - index) * sizeof *words->items);
  words->items[words->count] = NULL;
}

void
dc_apache_undefine (struct dc_apache *apache, const char *name)
{
  const size_t size = strlen (name);

  for (size_t i = 0; i < apache->defines.count; i++)
    if (strcmp (apache->defines.items[i], name) == 0)
      remove_word (&apache->defines, i--);
  for (size_t i = 0; i < apache->variables.count; i++)
    if (strncmp (apache->variables.items[i], name, size) == 0 &&
        apache->variables.items[i][size] == '=')
      remove_word (&apache->variables, i--);
}

int
dc_apache_path (const struct dc_apache *apache, const char *path, char **out,
                struct dc_error *err)
{
  return path[0] == '/' ? dc_text_print (out, err, "%s", path)
                        : dc_text_print (out, err, "%s/%s", apache->root, path);
}

/* "2.4.57-1" into its numbers; how many there are. */
static size_t
read_version (const char *text, uint64_t parts[VERSION_PARTS])
{
  struct dc_span rest = { text, strspn (text, "0123456789.") }, field;
  struct dc_error ignored;
  size_t count = 0;

  while (count < VERSION_PARTS && dc_span_field (&rest, '.', &field) &&
         dc_number_parse_bytes (field.text, field.size, 0, UINT32_MAX,
                                &parts[count], &ignored) == 0)
    count++;
  return count;
}

/* <IfVersion [[!]OPERATOR] VERSION> */
static enum dc_apache_verdict
judge_version (const struct dc_apache *apache, const struct dc_words *words)
{
  static const struct {
    const char *name;
    bool below, equal, above;
  } operators[] = {
    { "=", false, true, false }, { "==", false, true, false },
    { ">", false, false, true }, { ">=", false, true, true },
    { "<", true, false, false }, { "<=", true, true, false },
  };
  const char *name = words->count > 2 ? words->items[1] : "=";
  const bool is_not = name[0] == '!';
  uint64_t wanted[VERSION_PARTS] = { 0 }, installed[VERSION_PARTS] = { 0 };
  const char *version = dc_daemon_version (apache->daemon);
  int order = 0;

  if (version == NULL ||
      read_version (words->items[words->count - 1], wanted) == 0 ||
      read_version (version, installed) == 0)
    return DC_APACHE_MAYBE;
  for (size_t i = 0; order == 0 && i < VERSION_PARTS; i++)
    order = (installed[i] > wanted[i]) - (installed[i] < wanted[i]);
  for (size_t i = 0; i < DC_COUNT (operators); i++) {
    if (strcmp (name + is_not, operators[i].name) != 0)
      continue;
    const bool fits = (order < 0 && operators[i].below) ||
                      (order == 0 && operators[i].equal) ||
                      (order > 0 && operators[i].above);
    return fits != is_not ? DC_APACHE_YES : DC_APACHE_NO;
  }
  return DC_APACHE_MAYBE; /* a regular expression */
}

static bool
has_file (const struct dc_apache *apache, const char *name)
{
  struct dc_error ignored;
  AUTO_FREE char *path = NULL;

  return dc_apache_path (apache, name, &path, &ignored) == 0 &&
         dc_tree_resolve (apache->daemon->tree, path) != DC_TREE_NONE;
}

enum dc_apache_verdict
dc_apache_judge (const struct dc_apache *apache, const struct dc_words *words)
{
  const char *section = words->items[0] + 1;
  const char *name = words->count > 1 ? words->items[1] : "";
  const bool is_not = name[0] == '!';
  bool is_true = true;

  if (words->count < 2)
    return DC_APACHE_YES;
  if (strcasecmp (section, "IfVersion") == 0)
    return judge_version (apache, words);
  if (strcasecmp (section, "IfDirective") == 0 ||
      strcasecmp (section, "IfSection") == 0)
    return DC_APACHE_MAYBE;
  if (strcasecmp (section, "IfModule") == 0)
    is_true = dc_words_has (&apache->modules, name + is_not) != is_not;
  else if (strcasecmp (section, "IfDefine") == 0)
    is_true = dc_words_has (&apache->defines, name + is_not) != is_not;
  else if (strcasecmp (section, "IfFile") == 0)
    is_true = has_file (apache, name + is_not) != is_not;
  return is_true ? DC_APACHE_YES : DC_APACHE_NO;
}

void
dc_apache_release (struct dc_apache *apache)
{
  dc_words_release (&apache->lines.files);
  dc_words_release (&apache->defines);
  dc_words_release (&apache->variables);
  dc_words_release (&apache->environment);
  dc_words_release (&apache->modules);
  dc_words_release (&apache->macros);
  free (apache->root);
  free (apache->macro);
  free (apache->skipped);
  free (apache->doubtful);
}
