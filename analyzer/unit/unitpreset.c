/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/dropdir.h"
#include "analyzer/unit/unitloader.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/glob.h"
#include "lib/span.h"

/* Source: systemd.preset(5).  Lines "enable PATTERN [INSTANCE...]", "disable
 * PATTERN", "ignore PATTERN" in files named *.preset; files are sorted by
 * name over all folders, of one name the first folder's counts, the first
 * line that fits decides, and what none fits is enabled.
 */

#define PRESET_SIZE_MAX ((size_t) 256 * 1024) /* bytes of a file */
#define PRESET_RULE_MAX 1000 /* further ones do not count; Fedora has 150 */
#define PRESET_PATTERN_MAX ((size_t) 1024) /* bytes */

struct rule {
  enum dc_unit_preset preset;
  char *pattern;
  struct dc_words instances; /* of a template that is enabled */
};

struct rules {
  struct rule *items;
  size_t count;
};

static const char *const folders[] = {
  "/etc/systemd/system-preset",
  "/usr/local/lib/systemd/system-preset",
  "/lib/systemd/system-preset",
  "/usr/lib/systemd/system-preset",
};

static const struct {
  const char *word;
  enum dc_unit_preset preset;
} actions[] = {
  { "enable", DC_PRESET_ENABLE },
  { "disable", DC_PRESET_DISABLE },
  { "ignore", DC_PRESET_NONE },
};

/* Here a backslash is a byte like any other, as in names of units. */
static int
copy_pattern (struct dc_span pattern, char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * PRESET_PATTERN_MAX);

  for (size_t i = 0; i < pattern.size; i++) {
    const size_t twice = pattern.text[i] == '\\';
    const char bytes[] = { '\\', pattern.text[i] };
    if (dc_buffer_append (&b, bytes + 1 - twice, 1 + twice, err) < 0)
      return -1;
  }
  *out = dc_buffer_take (&b);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a preset rule");
}

static int
read_line (struct rules *rules, struct dc_span line, struct dc_error *err)
{
  struct dc_span word, pattern;
  size_t action = 0;

  if (!dc_span_word (&line, &word) || word.text[0] == '#' ||
      word.text[0] == ';' || !dc_span_word (&line, &pattern) ||
      pattern.size > PRESET_PATTERN_MAX || rules->count == PRESET_RULE_MAX)
    return 0;
  while (action < DC_COUNT (actions) &&
         !dc_span_is (word, actions[action].word))
    action++;
  if (action == DC_COUNT (actions))
    return 0;
  if (DC_ARRAY_GROW (rules->items, rules->count, PRESET_RULE_MAX,
                     "preset rules", err) < 0)
    return -1;
  struct rule *rule = &rules->items[rules->count];
  if (copy_pattern (pattern, &rule->pattern, err) < 0)
    return -1;
  rule->preset = actions[action].preset;
  rules->count++;
  while (dc_span_word (&line, &word))
    if (dc_words_add_bytes (&rule->instances, word.text, word.size, err) < 0)
      return -1;
  return 0;
}

/* A file that cannot be read says nothing. */
static int
read_file (struct dc_tree *tree, const char *path, struct rules *rules,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (PRESET_SIZE_MAX);

  if (dc_tree_read_file (tree, path, &b, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  if (b.size == 0 || memchr (b.data, '\0', b.size) != NULL)
    return 0;
  struct dc_span rest = { b.data, b.size }, line;
  while (dc_span_line (&rest, &line))
    if (read_line (rules, line, err) < 0)
      return -1;
  return 0;
}

static int
read_all (struct dc_tree *tree, struct rules *rules, struct dc_error *err)
{
  struct dc_dropdir files = { NULL, 0 };
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  int status = 0;

  for (size_t i = 0; i < DC_COUNT (folders) && status == 0; i++)
    status = dc_dropdir_add (&files, tree, folders[i], ".preset", err);
  if (status == 0)
    status = dc_dropdir_paths (&files, &paths, err);
  for (size_t i = 0; i < paths.count && status == 0; i++)
    status = read_file (tree, paths.items[i], rules, err);
  dc_dropdir_release (&files);
  return status;
}

/* Does RULE speak of UNIT?  With instances it does of these, of the template
 * itself, and of what its pattern fits.
 */
static bool
fits (const struct rule *rule, const struct dc_unit *unit)
{
  const size_t stem = strcspn (unit->name, "@");

  if (unit->instance != NULL && rule->instances.count > 0 &&
      strncmp (rule->pattern, unit->name, stem + 1) == 0 &&
      strcmp (rule->pattern + stem + 1, strrchr (unit->name, '.')) == 0 &&
      dc_words_has (&rule->instances, unit->instance))
    return true;
  return dc_glob_match (rule->pattern, unit->name);
}

static enum dc_unit_preset
find_preset (const struct rules *rules, const struct dc_unit *unit)
{
  for (size_t i = 0; i < rules->count; i++)
    if (fits (&rules->items[i], unit))
      return rules->items[i].preset;
  return DC_PRESET_ENABLE;
}

int
dc_units_find_presets (struct dc_loader *loader, struct dc_error *err)
{
  struct dc_units *units = loader->units;
  struct rules rules = { NULL, 0 };

  const int status = read_all (loader->tree, &rules, err);
  for (size_t i = 0; i < units->count && status == 0; i++)
    if (units->items[i].state != DC_UNIT_STATIC &&
        units->items[i].state != DC_UNIT_GENERATED)
      units->items[i].preset = find_preset (&rules, &units->items[i]);
  for (size_t i = 0; i < rules.count; i++) {
    free (rules.items[i].pattern);
    dc_words_release (&rules.items[i].instances);
  }
  free (rules.items);
  return status;
}
