/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/directive.h"
#include "transform/init/initcompiler.h"

/* What is said of the settings of a fate, in this order; one that is not here
 * needs no word.
 */
static const struct {
  enum dc_fate fate;
  const char *text;
} explanations[] = {
  { DC_FATE_CONFINED, "the container's own confinement takes the place of" },
  { DC_FATE_LIMITED, "the container's own limits take the place of" },
  { DC_FATE_IGNORED, "decant-init does not do, and the service may need:" },
  { DC_FATE_REFUSED, "left out, because a container cannot do" },
};

/* These are decided by decant-init: output goes to the container's log, input
 * is empty.
 */
static bool
is_usual_stream (const struct dc_setting *setting)
{
  static const char *const usual[] = {
    "journal", "journal+console", "syslog",  "syslog+console",
    "kmsg",    "kmsg+console",    "inherit", "null",
  };

  if (strncmp (setting->key, "Standard", 8) != 0)
    return false;
  for (size_t i = 0; i < DC_COUNT (usual); i++) {
    if (strcmp (setting->value, usual[i]) == 0)
      return true;
  }
  return false;
}

/* "no": what it would do is not wanted. */
static bool
is_off (const char *value)
{
  static const char *const words[] = { "0", "f", "false", "n", "no", "off" };

  for (size_t i = 0; i < DC_COUNT (words); i++) {
    if (strcmp (words[i], value) == 0)
      return true;
  }
  return false;
}

/* The compiler has findings of its own for these. */
static bool
is_condition (const struct dc_setting *setting)
{
  return strcmp (setting->section, "Unit") == 0 &&
         (strncmp (setting->key, "Condition", 9) == 0 ||
          strncmp (setting->key, "Assert", 6) == 0);
}

/* A row for what nothing is to be said of. */
static const struct dc_directive silent = { .fate = DC_FATE_MOOT };

/* The row of SETTING; NULL when no systemd has such a setting. */
static const struct dc_directive *
find_row (const struct dc_setting *setting)
{
  if (strncmp (setting->section, "X-", 2) == 0 ||
      strncmp (setting->key, "X-", 2) == 0 || setting->value[0] == '\0' ||
      is_off (setting->value) || is_usual_stream (setting) ||
      is_condition (setting))
    return &silent;
  return dc_directive_find (setting->section, setting->key);
}

/* Add the finding TEXT with all settings of UNIT that have FATE (NULL: that
 * systemd does not have), each named once: how many, or -1.
 */
static int
note_fate (struct dc_initcompiler *compiler, const struct dc_unit *unit,
           const enum dc_fate *fate, const char *text, struct dc_error *err)
{
  AUTO_WORDS struct dc_words keys = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer list = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);

  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_directive *row = find_row (&unit->settings[i]);
    const bool is_meant =
        row == NULL ? fate == NULL : fate != NULL && row->fate == *fate;
    if (is_meant &&
        dc_words_add (&keys, dc_quote (unit->settings[i].key).text, err) < 0)
      return -1;
  }
  if (keys.count == 0)
    return 0;
  dc_words_sort (&keys);
  for (size_t i = 0; i < keys.count; i++) {
    if (dc_buffer_print (&list, err, "%s%s=", i > 0 ? ", " : "",
                         keys.items[i]) < 0)
      return -1;
  }
  if (dc_init_note (compiler, unit, NULL, err, "%s %s", text,
                    dc_buffer_text (&list)) < 0)
    return -1;
  return (int) keys.count;
}

int
dc_init_note_fates (struct dc_initcompiler *compiler,
                    const struct dc_unit *unit, struct dc_error *err)
{
  if (note_fate (compiler, unit, NULL,
                 "systemd does not know, nor does decant:", err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (explanations); i++) {
    const int count = note_fate (compiler, unit, &explanations[i].fate,
                                 explanations[i].text, err);
    if (count < 0)
      return -1;
    if (count > 0 && explanations[i].fate == DC_FATE_REFUSED)
      return 0;
  }
  return 1;
}

int
dc_init_ignored (struct dc_initservice *service, struct dc_error *err)
{
  return dc_init_note_fates (service->compiler, service->unit, err);
}
