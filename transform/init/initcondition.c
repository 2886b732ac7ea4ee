/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initfact.h"

/* Source: systemd.unit(5), "Conditions and Asserts".
 *
 * Conditions and assertions are two lists; of the alternatives ("|") of each
 * one must be true, and every other line.  What is known when converting is
 * not in the plan: a condition that is false leaves the service out, as it
 * would be skipped; an assertion that is false stays, as a line that is never
 * true, because it fails those that need the service.
 */
struct list {
  const char *prefix;  /* of its settings */
  const char *keyword; /* of its lines */
  bool is_fatal;       /* to those that need the service */
};

static const struct list lists[] = {
  { "Condition", "condition", false },
  { "Assert", "assertion", true },
};

/* One line of a list. */
struct line {
  const struct dc_setting *setting;
  struct dc_fact fact;
  enum dc_answer answer;
  bool is_negated, is_alternative;
};

/* What the lines of a list are together. */
struct sum {
  const struct line *false_line; /* one that must be true and is not */
  bool has_true;  /* an alternative is, or is taken as: the rest is not asked */
  bool has_asked; /* an alternative is asked at each start */
  bool has_false;
};

static bool
is_of (const struct dc_setting *setting, const struct list *list)
{
  return strcmp (setting->section, "Unit") == 0 &&
         strncmp (setting->key, list->prefix, strlen (list->prefix)) == 0;
}

/* An empty one takes back all of the list before it, of whatever name. */
static size_t
first_setting (const struct dc_unit *unit, const struct list *list)
{
  size_t first = 0;

  for (size_t i = 0; i < unit->setting_count; i++) {
    if (is_of (&unit->settings[i], list) && unit->settings[i].value[0] == '\0')
      first = i + 1;
  }
  return first;
}

/* Answer LINE, whose setting says VALUE once its specifiers are expanded. */
static int
answer (const struct dc_initservice *service, const struct list *list,
        const char *value, struct line *line, struct dc_error *err)
{
  line->is_alternative = value[0] == '|';
  value += line->is_alternative;
  value += strspn (value, " \t");
  line->is_negated = value[0] == '!';
  value += line->is_negated;
  value += strspn (value, " \t");
  line->fact.name = line->setting->key + strlen (list->prefix);
  line->fact.value = value;
  line->fact.word = (struct dc_buffer) DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  const int status = dc_init_answer (service, &line->fact, err);
  if (status < 0)
    return -1;
  line->answer = (enum dc_answer) status;
  if (line->is_negated && line->answer == DC_ANSWER_TRUE)
    line->answer = DC_ANSWER_FALSE;
  else if (line->is_negated && line->answer == DC_ANSWER_FALSE)
    line->answer = DC_ANSWER_TRUE;
  return 0;
}

static int
write_line (const struct dc_initservice *service, const struct list *list,
            const struct line *line, struct dc_error *err)
{
  char flags[4] = "-";
  size_t used = 0;

  if (line->is_negated != line->fact.is_opposite)
    flags[used++] = 'n';
  if (line->is_alternative)
    flags[used++] = 't';
  return dc_initline (service->lines, err, list->keyword, line->fact.test,
                      flags, dc_buffer_text (&line->fact.word), NULL);
}

/* Count LINE in; what is asked of it is written at once. */
static int
add_line (const struct dc_initservice *service, const struct list *list,
          const struct line *line, struct sum *sum, struct dc_error *err)
{
  const struct dc_setting *setting = line->setting;

  switch (line->answer) {
  case DC_ANSWER_NO_PATH:
    return dc_init_note_value (service, setting, err);
  case DC_ANSWER_UNKNOWN:
    if (dc_init_note (service->compiler, service->unit, setting, err,
                      "%s=%s is not looked at, taken as true",
                      dc_quote (setting->key).text,
                      dc_quote (setting->value).text) < 0)
      return -1;
    sum->has_true |= line->is_alternative;
    return 0;
  case DC_ANSWER_TRUE:
    sum->has_true |= line->is_alternative;
    return 0;
  case DC_ANSWER_ASK:
    sum->has_asked |= line->is_alternative;
    return line->is_alternative && sum->has_true
               ? 0
               : write_line (service, list, line, err);
  case DC_ANSWER_FALSE:
  case DC_ANSWER_WRONG:
    break;
  }
  sum->has_false |= line->is_alternative;
  if (!line->is_alternative && sum->false_line == NULL)
    sum->false_line = line;
  return 0;
}

/* The list cannot be true, because of LINE or of all its alternatives. */
static int
write_false (const struct dc_initservice *service, const struct list *list,
             const struct line *line, struct dc_error *err)
{
  static const char *const results[] = { "left out", "will not start" };
  const char *result = results[list->is_fatal];
  const struct dc_setting *setting = line == NULL ? NULL : line->setting;
  const int status =
      setting == NULL
          ? dc_init_note (service->compiler, service->unit, NULL, err,
                          "%s, because in a container none of its alternative "
                          "%ss is true",
                          result, list->keyword)
          : dc_init_note (service->compiler, service->unit, setting, err,
                          "%s, because in a container %s=%s is false", result,
                          dc_quote (setting->key).text,
                          dc_quote (setting->value).text);

  if (status < 0 || !list->is_fatal)
    return status;
  return dc_initline (service->lines, err, list->keyword, "exists", "n", "/",
                      NULL) < 0
             ? -1
             : 1;
}

/* An alternative that is true before all is counted: the others need not be
 * asked, wherever they stand.
 */
static bool
has_true_alternative (const struct line *lines, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (lines[i].is_alternative && (lines[i].answer == DC_ANSWER_TRUE ||
                                    lines[i].answer == DC_ANSWER_UNKNOWN))
      return true;
  }
  return false;
}

static int
write_lines (const struct dc_initservice *service, const struct list *list,
             const struct line *lines, size_t count, struct dc_error *err)
{
  struct sum sum = { .has_true = has_true_alternative (lines, count) };

  for (size_t i = 0; i < count; i++) {
    if (add_line (service, list, &lines[i], &sum, err) < 0)
      return -1;
  }
  if (sum.false_line != NULL)
    return write_false (service, list, sum.false_line, err);
  if (sum.has_false && !sum.has_asked && !sum.has_true)
    return write_false (service, list, NULL, err);
  return 1;
}

static void
release (struct line *lines, size_t count)
{
  for (size_t i = 0; i < count; i++)
    dc_buffer_release (&lines[i].fact.word);
  free (lines);
}

/* The lines of LIST, answered: *LINES for the caller, of VALUES. */
static int
read_lines (const struct dc_initservice *service, const struct list *list,
            struct dc_words *values, struct line *lines, size_t *count,
            struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;

  for (size_t i = first_setting (unit, list); i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    char *value = NULL;
    if (!is_of (setting, list))
      continue;
    const int status = dc_init_expand (service, setting, &value, err);
    if (status < 0 || (status == 1 && dc_words_take (values, value, err) < 0))
      return -1;
    if (status == 0)
      continue;
    lines[*count].setting = setting;
    if (answer (service, list, value, &lines[(*count)++], err) < 0)
      return -1;
  }
  return 0;
}

static int
write_list (const struct dc_initservice *service, const struct list *list,
            struct dc_error *err)
{
  AUTO_WORDS struct dc_words values = { NULL, 0 };
  size_t count = 0, most = 0;

  for (size_t i = 0; i < service->unit->setting_count; i++)
    most += is_of (&service->unit->settings[i], list);
  if (most == 0)
    return 1;
  struct line *lines = calloc (most, sizeof *lines);
  if (lines == NULL)
    return dc_fail_errno (err, "cannot keep conditions");
  int status = read_lines (service, list, &values, lines, &count, err);
  if (status == 0)
    status = write_lines (service, list, lines, count, err);
  release (lines, count);
  return status;
}

int
dc_init_conditions (struct dc_initservice *service, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (lists); i++) {
    const int status = write_list (service, &lists[i], err);
    if (status <= 0)
      return status;
  }
  return 1;
}
