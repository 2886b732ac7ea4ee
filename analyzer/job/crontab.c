/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/job/cronfield.h"
#include "analyzer/job/crontab.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/number.h"
#include "lib/span.h"
#include "lib/text.h"

#define NORMAL_MAX ((size_t) 4096) /* bytes; both fields for days have 2000 */
#define PERIOD_MAX 100000          /* days */

/* Where the reading of one file is. */
struct reader {
  struct dc_crontab *crontab;
  enum dc_crontab_form form;
  struct dc_words environment; /* at this line */
  struct dc_words variables;   /* the same, all of them */
  size_t environment_left;     /* bytes that entries may still have of it */
  unsigned line;
};

/* A blank is a space or a tab here: a carriage return belongs to what it
 * stands in.
 */
static struct dc_span
skip_blanks (struct dc_span text)
{
  while (text.size > 0 && (*text.text == ' ' || *text.text == '\t'))
    text = dc_span_skip (text, 1);
  return text;
}

static struct dc_span
next_word (struct dc_span *text)
{
  struct dc_span word = *text = skip_blanks (*text);

  word.size = 0;
  while (word.size < text->size && word.text[word.size] != ' ' &&
         word.text[word.size] != '\t')
    word.size++;
  *text = dc_span_skip (*text, word.size);
  return word;
}

static void
release_entry (struct dc_cron_entry *entry)
{
  free (entry->schedule);
  free (entry->normal);
  free (entry->name);
  free (entry->user);
  free (entry->command);
  free (entry->input);
  dc_words_release (&entry->variables);
  dc_words_release (&entry->environment);
}

void
dc_crontab_release (struct dc_crontab *crontab)
{
  for (size_t i = 0; i < crontab->entry_count; i++)
    release_entry (&crontab->entries[i]);
  free (crontab->entries);
  free (crontab->faults);
  *crontab = (struct dc_crontab){ NULL, 0, NULL, 0, false };
}

static int
refuse (struct reader *reader, const char *what, struct dc_error *err)
{
  struct dc_crontab *crontab = reader->crontab;

  if (crontab->fault_count >= DC_CRONTAB_FAULT_MAX)
    return 0;
  if (DC_ARRAY_GROW (crontab->faults, crontab->fault_count,
                     DC_CRONTAB_FAULT_MAX, "bad lines of a crontab", err) < 0)
    return -1;
  crontab->faults[crontab->fault_count++] =
      (struct dc_cron_fault){ reader->line, what };
  return 0;
}

/* TEXT less the quotes around it. */
static struct dc_span
unquote (struct dc_span text)
{
  text = dc_span_trim (text);
  if (text.size >= 2 && (*text.text == '"' || *text.text == '\'') &&
      text.text[text.size - 1] == *text.text)
    return (struct dc_span){ text.text + 1, text.size - 2 };
  return text;
}

/* Those that change what a command does, or where its output goes. */
static bool
is_of_interest (struct dc_span name)
{
  static const char *const names[] = { "CRON_TZ", "HOME",
                                       "LOGNAME", "MAILTO",
                                       "PATH",    "RANDOM_DELAY",
                                       "SHELL",   "START_HOURS_RANGE" };

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (dc_span_is (name, names[i]))
      return true;
  return false;
}

static int
set_variable (struct dc_words *environment, struct dc_span name,
              struct dc_span value, struct dc_error *err)
{
  char *assignment = NULL;

  if (dc_text_print (&assignment, err, "%.*s=%.*s", (int) name.size, name.text,
                     (int) value.size, value.text) < 0)
    return -1;
  for (size_t i = 0; i < environment->count; i++)
    if (strncmp (environment->items[i], assignment, name.size + 1) == 0) {
      free (environment->items[i]);
      environment->items[i] = assignment;
      return 0;
    }
  return dc_words_take (environment, assignment, err);
}

/* NAME = VALUE, where NAME is no field of a schedule: 1, 0 when LINE is
 * something else, -1.
 */
static int
read_variable (struct reader *reader, struct dc_span line, struct dc_error *err)
{
  struct dc_span name;

  if (!dc_span_has (line, '='))
    return 0;
  (void) dc_span_field (&line, '=', &name); /* there is one */
  const struct dc_span value = dc_span_trim (line);
  name = dc_span_trim (name);
  const bool is_quoted =
      name.size > 0 && (*name.text == '"' || *name.text == '\'');
  const struct dc_span plain = unquote (name);
  if (plain.size == 0 || value.size == 0)
    return 0;
  for (size_t i = 0; i < plain.size; i++)
    if (!is_quoted && isspace ((unsigned char) plain.text[i]))
      return 0;
  if (set_variable (&reader->variables, plain, unquote (value), err) < 0)
    return -1;
  if (is_of_interest (plain) &&
      set_variable (&reader->environment, plain, unquote (value), err) < 0)
    return -1;
  return 1;
}

/* The command ends at the first % that has no backslash before it; what
 * follows is its input.
 */
static int
copy_command (struct dc_span text, char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CRONTAB_SIZE_MAX);

  text = dc_span_trim (text);
  for (size_t i = 0; i < text.size && text.text[i] != '%'; i++) {
    if (text.text[i] == '\\' && i + 1 < text.size && text.text[i + 1] == '%')
      i++;
    if (dc_buffer_append (&b, text.text + i, 1, err) < 0)
      return -1;
  }
  *out = dc_buffer_take (&b);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a command");
}

/* What follows the command: each further % is a line's end. */
static int
copy_input (struct dc_span text, char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CRONTAB_SIZE_MAX);
  bool is_input = false;

  for (size_t i = 0; i < text.size; i++) {
    const bool is_escaped =
        text.text[i] == '\\' && i + 1 < text.size && text.text[i + 1] == '%';
    const bool is_percent = text.text[i] == '%';
    i += is_escaped;
    if (is_input &&
        dc_buffer_append (&b, is_percent ? "\n" : text.text + i, 1, err) < 0)
      return -1;
    is_input = is_input || is_percent;
  }
  if (!is_input)
    return 0;
  *out = dc_buffer_take (&b);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep an input");
}

static int
set_normal (struct dc_cron_entry *entry, const struct dc_cron_time *time,
            struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (NORMAL_MAX);

  if (dc_cron_time_print (time, &b, err) < 0)
    return -1;
  entry->normal = dc_buffer_take (&b);
  return entry->normal != NULL ? 0
                               : dc_fail_errno (err, "cannot keep a schedule");
}

/* "@daily" and the like at the start of *REST: 1, 0 and *WHAT, -1. */
static int
read_nickname (struct dc_span *rest, struct dc_cron_entry *entry,
               const char **what, struct dc_error *err)
{
  static const struct {
    const char *name, *normal;
  } nicknames[] = {
    { "@annually", "*-01-01 00:00:00" }, { "@daily", "*-*-* 00:00:00" },
    { "@hourly", "*-*-* *:00:00" },      { "@midnight", "*-*-* 00:00:00" },
    { "@monthly", "*-*-01 00:00:00" },   { "@reboot", "boot" },
    { "@weekly", "Sun *-*-* 00:00:00" }, { "@yearly", "*-01-01 00:00:00" },
  };
  const struct dc_span word = next_word (rest);

  for (size_t i = 0; i < DC_COUNT (nicknames); i++)
    if (dc_span_is (word, nicknames[i].name))
      return dc_text_print (&entry->schedule, err, "%s", nicknames[i].name) <
                         0 ||
                     dc_text_print (&entry->normal, err, "%s",
                                    nicknames[i].normal) < 0
                 ? -1
                 : 1;
  *what = "time specifier";
  return 0;
}

/* The five fields at the start of *REST. */
static int
read_fields (struct dc_span *rest, struct dc_cron_entry *entry,
             const char **what, struct dc_error *err)
{
  static const enum dc_cron_unit order[] = { DC_CRON_MINUTE, DC_CRON_HOUR,
                                             DC_CRON_DAY, DC_CRON_MONTH,
                                             DC_CRON_WEEKDAY };
  struct dc_cron_time time = { .is_any_day = false };
  struct dc_span written = *rest;

  for (size_t i = 0; i < DC_COUNT (order); i++)
    if (!dc_cron_field (&time, order[i], next_word (rest))) {
      *what = dc_cron_unit_name (order[i]);
      return 0;
    }
  written.size -= rest->size;
  if (dc_span_copy (written, &entry->schedule, err) < 0)
    return -1;
  return set_normal (entry, &time, err) < 0 ? -1 : 1;
}

/* "7 10 weekly COMMAND": every 7 days, 10 minutes after the start. */
static int
read_period (struct dc_span *rest, struct dc_cron_entry *entry,
             const char **what, struct dc_error *err)
{
  static const char *const periods[][2] = {
    { "@daily", "every day" },     { "@weekly", "every week" },
    { "@monthly", "every month" }, { "@yearly", "every year" },
    { "@annually", "every year" },
  };
  struct dc_span written = *rest;
  const struct dc_span period = next_word (rest);
  const struct dc_span delay = next_word (rest);
  const char *normal = NULL;
  uint64_t days = 0, minutes = 0;
  struct dc_error ignored;

  written.size -= rest->size;
  for (size_t i = 0; i < DC_COUNT (periods); i++)
    if (dc_span_is (period, periods[i][0]))
      normal = periods[i][1];
  *what = "period";
  if (normal == NULL && dc_number_parse_bytes (period.text, period.size, 0,
                                               PERIOD_MAX, &days, &ignored) < 0)
    return 0;
  *what = "delay";
  if (dc_number_parse_bytes (delay.text, delay.size, 0, PERIOD_MAX, &minutes,
                             &ignored) < 0)
    return 0;
  const struct dc_span name = next_word (rest);
  if (dc_span_copy (written, &entry->schedule, err) < 0 ||
      dc_span_copy (name, &entry->name, err) < 0)
    return -1;
  if (normal == NULL && days != 1)
    return dc_text_print (&entry->normal, err, "every %u days",
                          (unsigned) days) < 0
               ? -1
               : 1;
  return dc_text_print (&entry->normal, err, "%s",
                        normal != NULL ? normal : "every day") < 0
             ? -1
             : 1;
}

/* Each entry has its own variables, so that one long value and many lines
 * would be too much: then later lines have none.
 */
static int
copy_environment (struct reader *reader, const struct dc_words *from,
                  struct dc_words *environment, struct dc_error *err)
{
  for (size_t i = 0; i < from->count; i++) {
    const char *variable = from->items[i];
    const size_t size = strlen (variable);
    if (size > reader->environment_left)
      continue;
    reader->environment_left -= size;
    if (dc_words_add (environment, variable, err) < 0)
      return -1;
  }
  return 0;
}

/* Fill ENTRY from LINE: 1, 0 and *WHAT cron does not understand, -1. */
static int
read_entry (struct reader *reader, struct dc_span line,
            struct dc_cron_entry *entry, const char **what,
            struct dc_error *err)
{
  int status;

  if (reader->form == DC_CRONTAB_OF_ANACRON)
    status = read_period (&line, entry, what, err);
  else if (dc_span_starts (line, "@"))
    status = read_nickname (&line, entry, what, err);
  else
    status = read_fields (&line, entry, what, err);
  if (status <= 0)
    return status;
  if (reader->form == DC_CRONTAB_OF_SYSTEM) {
    const struct dc_span user = next_word (&line);
    *what = "user";
    if (user.size == 0)
      return 0;
    if (dc_span_copy (user, &entry->user, err) < 0)
      return -1;
  }
  if (copy_environment (reader, &reader->environment, &entry->environment,
                        err) < 0 ||
      copy_environment (reader, &reader->variables, &entry->variables, err) <
          0 ||
      copy_input (line, &entry->input, err) < 0)
    return -1;
  return copy_command (line, &entry->command, err) < 0 ? -1 : 1;
}

static int
read_line (struct reader *reader, struct dc_span line, struct dc_error *err)
{
  struct dc_crontab *crontab = reader->crontab;
  struct dc_cron_entry entry = { .line = reader->line };
  const char *what = "";

  line = skip_blanks (line);
  if (line.size == 0 || *line.text == '#')
    return 0;
  if (dc_span_has (line, '\0'))
    return refuse (reader, "byte", err);
  int status = read_variable (reader, line, err);
  if (status != 0)
    return status < 0 ? -1 : 0;
  if (DC_ARRAY_GROW (crontab->entries, crontab->entry_count,
                     DC_CRONTAB_ENTRY_MAX, "lines of a crontab", err) < 0)
    return -1;
  status = read_entry (reader, line, &entry, &what, err);
  if (status == 1) {
    crontab->entries[crontab->entry_count++] = entry;
    return 0;
  }
  release_entry (&entry);
  return status < 0 ? -1 : refuse (reader, what, err);
}

int
dc_crontab_parse (const char *text, size_t size, enum dc_crontab_form form,
                  struct dc_crontab *out, struct dc_error *err)
{
  struct dc_crontab crontab = { NULL, 0, NULL, 0, false };
  struct reader reader = {
    .crontab = &crontab,
    .form = form,
    .environment_left = DC_CRONTAB_SIZE_MAX,
  };
  struct dc_span rest = { text, size }, line;
  int status = 0;

  if (size > DC_CRONTAB_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "crontab is %zu bytes, limit %zu", size,
                    DC_CRONTAB_SIZE_MAX);
  for (reader.line = 1; status == 0 && dc_span_line (&rest, &line);
       reader.line++)
    status = read_line (&reader, line, err);
  dc_words_release (&reader.environment);
  dc_words_release (&reader.variables);
  if (status < 0) {
    dc_crontab_release (&crontab);
    return -1;
  }
  crontab.is_cut = size > 0 && text[size - 1] != '\n';
  *out = crontab;
  return 0;
}
