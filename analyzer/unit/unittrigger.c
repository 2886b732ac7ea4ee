/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/unit/unitcalendar.h"
#include "analyzer/unit/unittrigger.h"
#include "lib/text.h"

/* NAME with the type TYPE instead of its own. */
static int
with_type (const char *name, const char *type, char **out, struct dc_error *err)
{
  const size_t stem = (size_t) (dc_unit_type (name) - name);

  return dc_text_print (out, err, "%.*s%s", (int) stem, name, type);
}

/* What SECTION's KEY names, if it is a unit. */
static int
named (const struct dc_unit *unit, const char *section, const char *key,
       char **out, struct dc_error *err)
{
  const char *value = dc_unit_value (unit, section, key, NULL);
  AUTO_FREE char *name = NULL;

  if (value == NULL)
    return 0;
  if (dc_unit_expand (unit, value, NULL, &name, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  if (dc_unit_kind (name) != DC_NAME_BAD)
    *out = DC_TAKE (name);
  return 0;
}

int
dc_unit_triggered (const struct dc_unit *unit, char **out, struct dc_error *err)
{
  static const struct {
    const char *type, *section, *key, *other; /* OTHER: its default's type */
  } rows[] = {
    { "timer", "Timer", "Unit", "service" },
    { "path", "Path", "Unit", "service" },
    { "socket", "Socket", "Service", "service" },
    { "automount", "Automount", "", "mount" },
  };
  AUTO_FREE char *name = NULL;

  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    if (!dc_unit_has_type (unit->name, rows[i].type))
      continue;
    if (named (unit, rows[i].section, rows[i].key, &name, err) < 0)
      return -1;
    const bool is_default = name == NULL;
    if (is_default && with_type (unit->name, rows[i].other, &name, err) < 0)
      return -1;
    if (is_default && strcmp (rows[i].type, "socket") == 0 &&
        dc_unit_is (unit, "Socket", "Accept", false)) {
      AUTO_FREE char *plain = DC_TAKE (name);
      if (dc_unit_template (plain, &name, err) < 0)
        return err->code == DC_ERR_SYSTEM ? -1 : 0;
    }
    *out = DC_TAKE (name);
    return 0;
  }
  return 0;
}

/* Settings of [Timer] that say when, and those that bend it. */
static const struct rule {
  const char *key, *since; /* SINCE NULL: a calendar event */
  bool bends;
} rules[] = {
  { "OnCalendar", NULL, false },
  { "OnBootSec", "boot", false },
  { "OnStartupSec", "startup", false },
  { "OnActiveSec", "timer start", false },
  { "OnUnitActiveSec", "last start", false },
  { "OnUnitInactiveSec", "last end", false },
  { "RandomizedDelaySec", NULL, true },
  { "Persistent", NULL, true },
};

static int
add_normal (const struct rule *rule, const char *value, struct dc_buffer *b,
            struct dc_error *err)
{
  if (rule->bends)
    return 0;
  if (b->size > 0 && dc_buffer_print (b, err, " or ") < 0)
    return -1;
  return rule->since != NULL
             ? dc_buffer_print (b, err, "%s + %s", rule->since, value)
             : dc_calendar_print (value, b, err);
}

int
dc_unit_schedule (const struct dc_unit *unit, struct dc_buffer *written,
                  struct dc_buffer *normal, const struct dc_setting **first,
                  struct dc_error *err)
{
  const struct dc_setting *setting;

  *first = NULL;
  for (size_t i = 0; i < DC_COUNT (rules); i++) {
    size_t position = 0;
    while (dc_unit_next (unit, "Timer", rules[i].key, &position, &setting) ==
           1) {
      if (setting->value[0] == '\0')
        continue;
      if (*first == NULL && !rules[i].bends)
        *first = setting;
      if (dc_buffer_print (written, err, "%s%s=%s",
                           written->size > 0 ? "; " : "", rules[i].key,
                           setting->value) < 0 ||
          add_normal (&rules[i], setting->value, normal, err) < 0)
        return -1;
    }
  }
  return 0;
}
