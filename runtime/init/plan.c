/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/init/live.h"
#include "runtime/init/plan.h"
#include "runtime/init/trigger.h"
#include "runtime/init/words.h"

#define FIRST_LINE "decant-init 1"
#define DEFAULT_TIMEOUT_MS 90000 /* DefaultTimeoutStartSec= of systemd */
#define DEFAULT_DELAY_MS 100     /* DefaultRestartSec= */
#define DEFAULT_UMASK 022

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* Where a parse stands. */
struct parser {
  struct di_plan *plan;
  size_t word_count;
  unsigned number; /* of the line */
  enum di_block block;
  struct di_service *service; /* of a block of that kind, else NULL */
  struct di_trigger *trigger;
};

/* "%{b}" in WORD becomes "%01b", a mark and its letter. */
static void
mark_live (char *word)
{
  for (char *s = word; (s = strstr (s, "%{")) != NULL; s += 2) {
    const char letter = s[2];
    if (letter == '\0' || strchr (DI_LIVE_LETTERS, letter) == NULL ||
        s[3] != '}')
      continue;
    s[1] = '0';
    s[2] = '0' + DI_LIVE_MARK;
    s[3] = letter;
  }
}

/* Put what only the running system knows into WORD, which then is in memory
 * of its own.
 */
static int
expand (struct di_plan *plan, char **word, struct di_error *err)
{
  if (strchr (*word, DI_LIVE_MARK) == NULL)
    return 0;
  char *expanded = di_live_expand (*word);
  char **made =
      realloc (plan->made, (plan->made_count + 1) * sizeof *plan->made);
  if (made != NULL)
    plan->made = made;
  if (expanded == NULL || made == NULL) {
    free (expanded);
    return di_fail_errno (err, "cannot keep a word", NULL);
  }
  plan->made[plan->made_count++] = *word = expanded;
  return 0;
}

/* Split the text of a line into the plan's words.  *COUNT may become 0. */
static int
split (struct parser *p, char *s, char ***words, size_t *count,
       struct di_error *err)
{
  *words = p->plan->words + p->word_count;
  *count = 0;
  for (;;) {
    while (is_blank (*s))
      *s++ = '\0';
    if (*s == '\0' || (*s == '#' && *count == 0))
      return 0;
    p->plan->words[p->word_count++] = s;
    (*count)++;
    while (*s != '\0' && !is_blank (*s))
      s++;
    const char *word = (*words)[*count - 1];
    const char end = *s;
    *s = '\0';
    mark_live ((*words)[*count - 1]);
    if (di_unescape ((*words)[*count - 1], err) < 0 ||
        expand (p->plan, &(*words)[*count - 1], err) < 0)
      return di_context (err, "'", word, "'", NULL);
    if (end == '\0')
      return 0;
    s++;
  }
}

static int
begin_service (struct parser *p, const char *name, struct di_error *err)
{
  struct di_plan *plan = p->plan;

  for (size_t i = 0; i < plan->service_count; i++) {
    if (strcmp (plan->services[i].name, name) == 0)
      return di_fail (err, "there is a service '", name, "' already", NULL);
  }
  if (plan->service_count == DI_SERVICE_MAX)
    return di_fail (err, "more than ", DI_NUMBER (DI_SERVICE_MAX), " services",
                    NULL);
  p->block = DI_OF_SERVICE;
  p->trigger = NULL;
  p->service = &plan->services[plan->service_count++];
  *p->service = (struct di_service){
    .name = name,
    .lines = plan->lines + plan->line_count,
    .user = DI_KEEP,
    .group = DI_KEEP,
    .bound = DI_KEEP,
    .securebits = DI_KEEP,
    .umask = DEFAULT_UMASK,
    .timeout_start_ms = DEFAULT_TIMEOUT_MS,
    .timeout_stop_ms = DEFAULT_TIMEOUT_MS,
    .restart_delay_ms = DEFAULT_DELAY_MS,
    .start_limit = { 5, 10000 }, /* DefaultStartLimitBurst=, IntervalSec= */
    .kill_signal = SIGTERM,
    .watchdog_signal = SIGABRT,
    .runtime_max_ms = DI_NEVER,
  };
  return 0;
}

static int
begin_trigger (struct parser *p, enum di_block kind, const char *name,
               struct di_error *err)
{
  struct di_plan *plan = p->plan;

  for (size_t i = 0; i < plan->trigger_count; i++) {
    if (plan->triggers[i].kind == kind &&
        strcmp (plan->triggers[i].name, name) == 0)
      return di_fail (err, "there is such a '", name, "' already", NULL);
  }
  if (plan->trigger_count == DI_TRIGGER_MAX)
    return di_fail (err, "more than ", DI_NUMBER (DI_TRIGGER_MAX),
                    " sockets, timers and paths", NULL);
  p->block = kind;
  p->service = NULL;
  p->trigger = &plan->triggers[plan->trigger_count++];
  *p->trigger = (struct di_trigger){
    .name = name,
    .lines = plan->lines + plan->line_count,
    .kind = kind,
    .limit = { 200, 2000 }, /* TriggerLimitBurst=, IntervalSec= */
    .folder_mode = 0755,
    .descriptor = "unknown", /* sd_listen_fds(3) */
    .mode = 0666,
    .owner = { DI_KEEP, DI_KEEP },
    .backlog = 4096,
    .max_connections = 64,
  };
  return 0;
}

/* Begin the block that LINE begins, if it does. */
static int
begin (struct parser *p, const struct di_line *line, struct di_error *err)
{
  if (line->keyword == DI_SERVICE)
    return begin_service (p, line->words[0], err);
  if (line->keyword >= DI_SOCKET && line->keyword <= DI_PATH)
    return begin_trigger (
        p, (enum di_block) (DI_OF_SOCKET + (line->keyword - DI_SOCKET)),
        line->words[0], err);
  return 0;
}

/* The line belongs to the block. */
static void
count_line (struct parser *p)
{
  const struct di_line *end = p->plan->lines + ++p->plan->line_count;

  if (p->service != NULL)
    p->service->line_count = (size_t) (end - p->service->lines);
  if (p->trigger != NULL)
    p->trigger->line_count = (size_t) (end - p->trigger->lines);
}

static int
parse_line (struct parser *p, char *text, struct di_error *err)
{
  char **words;
  size_t count;

  if (split (p, text, &words, &count, err) < 0)
    return -1;
  if (count == 0)
    return 0;

  const int keyword = di_keyword_find (words[0]);
  if (keyword < 0)
    return di_fail (err, "unknown keyword '", words[0], "'", NULL);
  struct di_line *line = &p->plan->lines[p->plan->line_count];
  *line = (struct di_line){ .words = words + 1,
                            .count = count - 1,
                            .number = p->number,
                            .keyword = (enum di_keyword) keyword };
  if (!di_keyword_fits (line->keyword, p->block))
    return di_fail (err, "'", words[0], "' stands ",
                    p->block == DI_OF_PLAN ? "before the first service"
                                           : "where it does not belong",
                    NULL);
  void *block = p->service != NULL ? (void *) p->service : (void *) p->trigger;
  if (di_line_read (line, di_keyword_is_global (line->keyword) ? NULL : block,
                    err) < 0 ||
      begin (p, line, err) < 0)
    return -1;
  count_line (p);
  return 0;
}

/* Upper bounds, so that lines and words are allocated once. */
static int
allocate (struct di_plan *plan, const char *text, size_t size,
          struct di_error *err)
{
  size_t lines = 1, words = 1;

  for (size_t i = 0; i < size; i++) {
    lines += text[i] == '\n';
    words += text[i] == '\n' || is_blank (text[i]);
  }
  if (lines > DI_LINE_MAX || words > DI_WORD_MAX)
    return di_fail (err, "more than ", DI_NUMBER (DI_LINE_MAX), " lines or ",
                    DI_NUMBER (DI_WORD_MAX), " words", NULL);
  plan->lines = calloc (lines, sizeof *plan->lines);
  plan->words = calloc (words, sizeof *plan->words);
  plan->services = calloc (DI_SERVICE_MAX, sizeof *plan->services);
  plan->triggers = calloc (DI_TRIGGER_MAX, sizeof *plan->triggers);
  if (plan->lines == NULL || plan->words == NULL || plan->services == NULL ||
      plan->triggers == NULL)
    return di_fail_errno (err, "cannot keep the plan", NULL);
  return 0;
}

static int
parse_lines (struct di_plan *plan, char *text, const char *end,
             struct di_error *err)
{
  struct parser p = { .plan = plan, .number = 1 };

  for (char *s = text; s < end; p.number++) {
    char *eol = strchr (s, '\n');
    if (eol == NULL)
      return di_fail (err, "line ", DI_NUMBER (p.number), ": is cut off", NULL);
    *eol = '\0';
    if (p.number == 1 && strcmp (s, FIRST_LINE) != 0)
      return di_fail (err, "line 1: is not '" FIRST_LINE "'", NULL);
    if (p.number > 1 && parse_line (&p, s, err) < 0)
      return di_context (err, "line ", DI_NUMBER (p.number), NULL);
    s = eol + 1;
  }
  return 0;
}

int
di_plan_find (const struct di_plan *plan, const char *name)
{
  for (size_t i = 0; i < plan->service_count; i++) {
    if (strcmp (plan->services[i].name, name) == 0)
      return (int) i;
  }
  return -1;
}

/* The index of its first word that names a service; SIZE_MAX: none does. */
static size_t
first_name (const struct di_line *line)
{
  if (line->keyword == DI_AFTER || line->keyword == DI_NEEDS)
    return 0;
  return line->keyword == DI_TIE ? 1 : SIZE_MAX;
}

static void
add_relation (struct di_plan *plan, const struct di_line *line,
              unsigned service, unsigned other)
{
  if (line->keyword != DI_TIE)
    plan->edges[plan->edge_count++] = (struct di_edge){
      .from = other, .to = service, .is_needed = line->keyword == DI_NEEDS
    };
  if (line->keyword != DI_AFTER)
    plan->ties[plan->tie_count++] =
        (struct di_tie){ .from = service,
                         .to = other,
                         .kind = line->keyword == DI_NEEDS
                                     ? DI_TIE_REQUIRES
                                     : (enum di_tie_kind) line->choice };
}

/* The others that SERVICE names. */
static int
add_relations_of (struct di_plan *plan, size_t service, struct di_error *err)
{
  const struct di_service *from = &plan->services[service];

  for (size_t k = 0; k < from->line_count; k++) {
    const struct di_line *line = &from->lines[k];
    for (size_t i = first_name (line); i < line->count; i++) {
      const int other = di_plan_find (plan, line->words[i]);
      if (other < 0)
        return di_fail (err, "line ", DI_NUMBER (line->number),
                        ": there is no service '", line->words[i], "'", NULL);
      add_relation (plan, line, (unsigned) service, (unsigned) other);
    }
  }
  return 0;
}

static int
add_relations (struct di_plan *plan, struct di_error *err)
{
  size_t count = 0;

  for (size_t i = 0; i < plan->line_count; i++) {
    if (first_name (&plan->lines[i]) != SIZE_MAX)
      count += plan->lines[i].count;
  }
  if (count > DI_EDGE_MAX)
    return di_fail (err, "more than ", DI_NUMBER (DI_EDGE_MAX), " orderings",
                    NULL);
  plan->edges = calloc (count + 1, sizeof *plan->edges);
  plan->ties = calloc (count + 1, sizeof *plan->ties);
  if (plan->edges == NULL || plan->ties == NULL)
    return di_fail_errno (err, "cannot keep the order", NULL);
  for (size_t i = 0; i < plan->service_count; i++) {
    if (add_relations_of (plan, i, err) < 0)
      return -1;
  }
  return 0;
}

/* Services that wait for each other would wait for ever. */
static int
check_order (const struct di_plan *plan, struct di_error *err)
{
  bool is_placed[DI_SERVICE_MAX] = { false };
  size_t left = plan->service_count;
  size_t before;

  do {
    before = left;
    for (size_t i = 0; i < plan->service_count; i++) {
      bool waits = is_placed[i];
      for (size_t j = 0; j < plan->edge_count && !waits; j++)
        waits = plan->edges[j].to == i && !is_placed[plan->edges[j].from];
      if (!waits) {
        is_placed[i] = true;
        left--;
      }
    }
  } while (left < before && left > 0);

  for (size_t i = 0; i < plan->service_count; i++) {
    if (!is_placed[i])
      return di_fail (err, "service '", plan->services[i].name,
                      "' waits for itself by way of others", NULL);
  }
  return 0;
}

static int
check_services (const struct di_plan *plan, struct di_error *err)
{
  for (size_t i = 0; i < plan->service_count; i++) {
    const struct di_service *service = &plan->services[i];
    size_t starts = 0, position = 0;
    const struct di_line *line;
    while ((line = di_next (service, DI_EXEC, &position)) != NULL)
      starts += line->choice == DI_PHASE_START;
    if (service->type != DI_ONESHOT && starts != 1)
      return di_fail (err, "service '", service->name, "' has ",
                      DI_NUMBER ((int64_t) starts), " start commands, not one",
                      NULL);
  }
  return 0;
}

int
di_plan_parse (char *text, size_t size, struct di_plan *plan,
               struct di_error *err)
{
  *plan = (struct di_plan){ 0 };
  if (size > DI_PLAN_SIZE_MAX)
    return di_fail (err, "is larger than ",
                    DI_NUMBER ((int64_t) DI_PLAN_SIZE_MAX), " bytes", NULL);
  if (memchr (text, '\0', size) != NULL)
    return di_fail (err, "holds a NUL byte", NULL);
  if (size == 0)
    return di_fail (err, "is empty", NULL);
  if (allocate (plan, text, size, err) < 0 ||
      parse_lines (plan, text, text + size, err) < 0 ||
      add_relations (plan, err) < 0 || check_order (plan, err) < 0 ||
      check_services (plan, err) < 0 || di_triggers_check (plan, err) < 0) {
    di_plan_release (plan);
    return -1;
  }
  return 0;
}

void
di_plan_release (struct di_plan *plan)
{
  for (size_t i = 0; i < plan->made_count; i++)
    free (plan->made[i]);
  free (plan->made);
  free (plan->lines);
  free (plan->words);
  free (plan->services);
  free (plan->triggers);
  free (plan->edges);
  free (plan->ties);
  *plan = (struct di_plan){ 0 };
}

static const struct di_line *
next (const struct di_line *lines, size_t count, enum di_keyword keyword,
      size_t *position)
{
  while (*position < count) {
    const struct di_line *line = &lines[(*position)++];
    if (line->keyword == keyword)
      return line;
  }
  return NULL;
}

const struct di_line *
di_next (const struct di_service *service, enum di_keyword keyword,
         size_t *position)
{
  return next (service->lines, service->line_count, keyword, position);
}

const struct di_line *
di_trigger_next (const struct di_trigger *trigger, enum di_keyword keyword,
                 size_t *position)
{
  return next (trigger->lines, trigger->line_count, keyword, position);
}
