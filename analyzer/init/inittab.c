/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/inittab.h"
#include "lib/array.h"
#include "lib/span.h"

static void
release (struct dc_inittab_entry *entry)
{
  free (entry->id);
  free (entry->levels);
  free (entry->action);
  free (entry->process);
}

/* Entries that run when the machine boots, whatever their run levels. */
static bool
is_at_boot (const char *action)
{
  static const char *const actions[] = { "sysinit", "boot", "bootwait" };

  for (size_t i = 0; i < DC_COUNT (actions); i++)
    if (strcmp (action, actions[i]) == 0)
      return true;
  return false;
}

bool
dc_inittab_runs_in (const struct dc_inittab_entry *entry, char level)
{
  static const char *const actions[] = { "respawn", "wait", "once",
                                         "askfirst" };

  if (is_at_boot (entry->action))
    return true;
  for (size_t i = 0; i < DC_COUNT (actions); i++)
    if (strcmp (entry->action, actions[i]) == 0)
      return entry->levels[0] == '\0' ||
             (level != '\0' && strchr (entry->levels, level) != NULL);
  return false;
}

char
dc_inittab_level (const struct dc_inittab *inittab, unsigned *line)
{
  for (size_t i = 0; i < inittab->count; i++) {
    const struct dc_inittab_entry *entry = &inittab->items[i];
    if (strcmp (entry->action, "initdefault") != 0)
      continue;
    *line = entry->line;
    /* The highest digit counts, as in sysvinit. */
    for (char level = '9'; level >= '0'; level--)
      if (strchr (entry->levels, level) != NULL)
        return level;
  }
  return '\0';
}

/* The fields of a line that has them all: 1; 0; -1. */
static int
read_entry (struct dc_span line, struct dc_inittab_entry *entry,
            struct dc_error *err)
{
  struct dc_span id, levels, action;
  struct dc_span rest = line;

  if (dc_span_has (line, '\0') || !dc_span_field (&rest, ':', &id) ||
      rest.text == NULL || !dc_span_field (&rest, ':', &levels) ||
      rest.text == NULL || !dc_span_field (&rest, ':', &action) ||
      rest.text == NULL || action.size == 0)
    return 0;
  rest = dc_span_trim (rest);
  rest = dc_span_skip (rest, dc_span_starts (rest, "+"));
  rest = dc_span_skip (rest, dc_span_starts (rest, "-"));
  if (dc_span_copy (id, &entry->id, err) < 0 ||
      dc_span_copy (levels, &entry->levels, err) < 0 ||
      dc_span_copy (dc_span_trim (action), &entry->action, err) < 0 ||
      dc_span_copy (rest, &entry->process, err) < 0)
    return -1;
  return 1;
}

static int
read_line (struct dc_inittab *inittab, struct dc_span line, unsigned number,
           struct dc_error *err)
{
  struct dc_inittab_entry entry = { .line = number };

  line = dc_span_trim (line);
  if (line.size == 0 || *line.text == '#')
    return 0;
  int status = read_entry (line, &entry, err);
  inittab->skipped += status == 0;
  if (status > 0 &&
      DC_ARRAY_GROW (inittab->items, inittab->count, DC_INITTAB_COUNT_MAX,
                     "entries of inittab", err) < 0)
    status = -1;
  if (status <= 0) {
    release (&entry);
    return status;
  }
  inittab->items[inittab->count++] = entry;
  return 0;
}

int
dc_inittab_parse (const char *text, size_t size, struct dc_inittab **out,
                  struct dc_error *err)
{
  DC_AUTO (dc_inittab) *inittab = calloc (1, sizeof *inittab);
  struct dc_span rest = { text, size }, line;

  if (inittab == NULL)
    return dc_fail_errno (err, "cannot keep inittab");
  if (size > DC_INITTAB_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "inittab is %zu bytes, limit %zu", size,
                    DC_INITTAB_SIZE_MAX);
  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (read_line (inittab, line, number, err) < 0)
      return -1;
  *out = DC_TAKE (inittab);
  return 0;
}

void
dc_inittab_free (struct dc_inittab *inittab)
{
  if (inittab == NULL)
    return;
  for (size_t i = 0; i < inittab->count; i++)
    release (&inittab->items[i]);
  free (inittab->items);
  free (inittab);
}
