/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/unit/unit.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/utf8.h"

/* Where the reading of one file is. */
struct reader {
  struct dc_unit *unit;
  const char *file;
  const char *section;     /* NULL before the first */
  char *owned_section;     /* where SECTION is, unless the caller has it */
  struct dc_buffer joined; /* a continued line so far */
  unsigned line;           /* the one being read, from 1 */
  unsigned first_line;     /* where what is in JOINED began */
};

/* TEXT as the unit keeps it, or NULL. */
static const char *
keep (struct dc_unit *unit, struct dc_span text, struct dc_error *err)
{
  struct dc_words *texts = &unit->texts;
  char *copy = NULL;

  if (dc_span_copy (text, &copy, err) < 0 ||
      dc_words_take (texts, copy, err) < 0)
    return NULL;
  return texts->items[texts->count - 1];
}

/* The same for what the setting before may have too: many in a row are of one
 * section and one file, and both may be long.
 */
static const char *
share (struct dc_unit *unit, const char *last, const char *text,
       struct dc_error *err)
{
  if (last != NULL && strcmp (last, text) == 0)
    return last;
  return keep (unit, dc_span_of (text), err);
}

static int
append (const struct reader *reader, struct dc_span key, struct dc_span value,
        struct dc_error *err)
{
  struct dc_unit *unit = reader->unit;
  const size_t count = unit->setting_count;
  if (DC_ARRAY_GROW (unit->settings, count, DC_UNIT_SETTING_MAX,
                     "settings of one unit", err) < 0)
    return -1;

  const struct dc_setting last =
      count > 0 ? unit->settings[count - 1] : (struct dc_setting){ .line = 0 };
  struct dc_setting *setting = &unit->settings[count];
  setting->line = reader->first_line;
  setting->section = share (unit, last.section, reader->section, err);
  if (setting->section == NULL)
    return -1;
  setting->file = share (unit, last.file, reader->file, err);
  if (setting->file == NULL)
    return -1;
  setting->key = keep (unit, key, err);
  if (setting->key == NULL)
    return -1;
  setting->value = keep (unit, value, err);
  if (setting->value == NULL)
    return -1;
  unit->setting_count++;
  return 0;
}

int
dc_unit_set (struct dc_unit *unit, const struct dc_setting *setting,
             struct dc_error *err)
{
  const struct reader reader = {
    .unit = unit,
    .file = setting->file,
    .section = setting->section,
    .first_line = setting->line,
  };
  return append (&reader, dc_span_of (setting->key),
                 dc_span_of (setting->value), err);
}

/* The next line of *REST without its end, which is \n, \r or both. */
static bool
next_line (struct dc_span *rest, struct dc_span *line)
{
  if (rest->size == 0)
    return false;
  size_t size = 0;
  while (size < rest->size && rest->text[size] != '\n' &&
         rest->text[size] != '\r')
    size++;
  *line = (struct dc_span){ rest->text, size };

  size_t end = size < rest->size;
  if (size + 1 < rest->size && rest->text[size] == '\r' &&
      rest->text[size + 1] == '\n')
    end = 2;
  *rest = dc_span_skip (*rest, size + end);
  return true;
}

/* A backslash at the end that is not itself escaped. */
static bool
is_continued (struct dc_span line)
{
  bool is_escaped = false;
  for (size_t i = 0; i < line.size; i++)
    is_escaped = !is_escaped && line.text[i] == '\\';
  return is_escaped;
}

static int
read_section (struct reader *reader, struct dc_span line, struct dc_error *err)
{
  if (line.text[line.size - 1] != ']')
    return dc_fail (err, DC_ERR_INVALID, "%s:%u: section '%s' has no ']'",
                    dc_quote (reader->file).text, reader->line,
                    dc_quote_bytes (line.text, line.size).text);
  char *section = NULL;
  const struct dc_span name = { line.text + 1, line.size - 2 };
  if (dc_span_copy (name, &section, err) < 0)
    return -1;
  free (reader->owned_section);
  reader->section = reader->owned_section = section;
  return 0;
}

/* LINE is a whole one, its continuations joined. */
static int
read_whole_line (struct reader *reader, struct dc_span line,
                 struct dc_error *err)
{
  line = dc_span_trim (line);
  if (line.size == 0)
    return 0;
  if (!dc_utf8_is_valid (line.text, line.size))
    return dc_fail (err, DC_ERR_INVALID, "%s:%u: '%s' is not UTF-8",
                    dc_quote (reader->file).text, reader->first_line,
                    dc_quote_bytes (line.text, line.size).text);
  if (line.text[0] == '[')
    return read_section (reader, line, err);

  struct dc_span value = line, key;
  if (reader->section == NULL || !dc_span_has (line, '='))
    return 0;
  (void) dc_span_field (&value, '=', &key); /* there is one */
  return append (reader, dc_span_trim (key), dc_span_trim (value), err);
}

/* A comment inside a continued line is left out, as if it were not there. */
static int
read_line (struct reader *reader, struct dc_span line, struct dc_error *err)
{
  const struct dc_span trimmed = dc_span_trim (line);
  if (dc_span_starts (trimmed, "#") || dc_span_starts (trimmed, ";"))
    return 0;
  if (dc_span_has (line, '\0'))
    return dc_fail (err, DC_ERR_INVALID, "%s:%u: a NUL byte",
                    dc_quote (reader->file).text, reader->line);

  struct dc_buffer *joined = &reader->joined;
  if (joined->size == 0)
    reader->first_line = reader->line;
  if (is_continued (line)) {
    line.size--;
    return dc_buffer_append (joined, line.text, line.size, err) < 0 ||
                   dc_buffer_append (joined, " ", 1, err) < 0
               ? -1
               : 0;
  }
  if (joined->size == 0)
    return read_whole_line (reader, line, err);
  if (dc_buffer_append (joined, line.text, line.size, err) < 0)
    return -1;
  const int status = read_whole_line (
      reader, (struct dc_span){ joined->data, joined->size }, err);
  dc_buffer_clear (joined);
  return status;
}

static int
read_all (struct reader *reader, struct dc_span text, struct dc_error *err)
{
  struct dc_span line;

  if (dc_span_starts (text, "\xef\xbb\xbf")) /* a byte order mark */
    text = dc_span_skip (text, 3);
  for (reader->line = 1; next_line (&text, &line); reader->line++)
    if (read_line (reader, line, err) < 0)
      return -1;
  return read_whole_line (reader, dc_span_of (dc_buffer_text (&reader->joined)),
                          err);
}

int
dc_unit_parse (struct dc_unit *unit, const char *text, size_t size,
               const char *file, struct dc_error *err)
{
  assert (file != NULL);

  if (size > DC_UNIT_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%s is %zu bytes, limit %zu",
                    dc_quote (file).text, size, DC_UNIT_SIZE_MAX);
  struct reader reader = {
    .unit = unit,
    .file = file,
    .joined = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX),
  };
  const int status = read_all (&reader, (struct dc_span){ text, size }, err);
  free (reader.owned_section);
  dc_buffer_release (&reader.joined);
  return status;
}

static bool
is_setting (const struct dc_setting *setting, const char *section,
            const char *key)
{
  return strcmp (setting->key, key) == 0 &&
         strcmp (setting->section, section) == 0;
}

const char *
dc_unit_value (const struct dc_unit *unit, const char *section, const char *key,
               const struct dc_setting **where)
{
  for (size_t i = unit->setting_count; i-- > 0;) {
    const struct dc_setting *setting = &unit->settings[i];
    if (!is_setting (setting, section, key))
      continue;
    if (where != NULL)
      *where = setting;
    return setting->value[0] != '\0' ? setting->value : NULL;
  }
  return NULL;
}

int
dc_unit_next (const struct dc_unit *unit, const char *section, const char *key,
              size_t *position, const struct dc_setting **setting)
{
  size_t i = *position;

  if (i == 0) /* begin behind the last reset */
    for (size_t k = unit->setting_count; k-- > 0 && i == 0;)
      if (is_setting (&unit->settings[k], section, key) &&
          unit->settings[k].value[0] == '\0')
        i = k + 1;
  for (; i < unit->setting_count; i++)
    if (is_setting (&unit->settings[i], section, key)) {
      *setting = &unit->settings[i];
      *position = i + 1;
      return 1;
    }
  *position = i;
  return 0;
}

/* What is no boolean was never assigned, as far as systemd is concerned. */
bool
dc_unit_is (const struct dc_unit *unit, const char *section, const char *key,
            bool otherwise)
{
  static const struct {
    const char *word;
    bool value;
  } words[] = {
    { "1", true },  { "yes", true },    { "y", true },  { "true", true },
    { "t", true },  { "on", true },     { "0", false }, { "no", false },
    { "n", false }, { "false", false }, { "f", false }, { "off", false },
  };

  for (size_t i = unit->setting_count; i-- > 0;)
    if (is_setting (&unit->settings[i], section, key))
      for (size_t k = 0; k < DC_COUNT (words); k++)
        if (strcasecmp (unit->settings[i].value, words[k].word) == 0)
          return words[k].value;
  return otherwise;
}

bool
dc_unit_is_script (const struct dc_unit *unit)
{
  const char *path = dc_unit_value (unit, "Unit", "SourcePath", NULL);
  const char *exec = dc_unit_value (unit, "Service", "ExecStart", NULL);

  return path != NULL && exec != NULL &&
         strncmp (exec, path, strlen (path)) == 0;
}

void
dc_unit_release (struct dc_unit *unit)
{
  dc_words_release (&unit->aliases);
  dc_words_release (&unit->texts);
  free (unit->settings);
  free (unit->name);
  free (unit->file);
  free (unit->instance);
  free (unit->started_by);
  free (unit->problem);
  *unit = (struct dc_unit){ .name = NULL };
}

const char *
dc_unit_state_name (enum dc_unit_state state)
{
  static const char *const names[] = {
    [DC_UNIT_ENABLED] = "enabled", [DC_UNIT_DISABLED] = "disabled",
    [DC_UNIT_STATIC] = "static",   [DC_UNIT_INDIRECT] = "indirect",
    [DC_UNIT_MASKED] = "masked",   [DC_UNIT_GENERATED] = "generated",
    [DC_UNIT_LINKED] = "linked",   [DC_UNIT_BAD] = "bad",
  };
  return names[state];
}

const char *
dc_manager_name (enum dc_manager manager)
{
  static const char *const names[] = {
    [DC_MANAGER_SYSTEMD] = "systemd",       [DC_MANAGER_SYSVINIT] = "sysvinit",
    [DC_MANAGER_OPENRC] = "openrc",         [DC_MANAGER_RUNIT] = "runit",
    [DC_MANAGER_UPSTART] = "upstart",       [DC_MANAGER_BUSYBOX] = "busybox",
    [DC_MANAGER_SUPERVISOR] = "supervisor", [DC_MANAGER_CRON] = "cron",
    [DC_MANAGER_RC_LOCAL] = "rc.local",
  };
  return names[manager];
}
