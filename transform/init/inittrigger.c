/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unittrigger.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "transform/init/inittrigger.h"
#include "transform/init/unitvalue.h"

#define INTERVAL_MS 2000 /* TriggerLimitIntervalSec= */

static const struct {
  const char *type;
  int (*compile) (struct dc_initservice *trigger, struct dc_error *err);
} kinds[] = {
  { "socket", dc_init_socket },
  { "timer", dc_init_timer },
  { "path", dc_init_path },
};

/* The row of UNIT's type, or SIZE_MAX. */
static size_t
find_kind (const struct dc_unit *unit)
{
  for (size_t i = 0; i < DC_COUNT (kinds); i++) {
    if (dc_unit_has_type (unit->name, kinds[i].type))
      return i;
  }
  return SIZE_MAX;
}

/* The kept unit that UNIT starts: its index, or SIZE_MAX. */
static int
find_service (const struct dc_initcompiler *compiler,
              const struct dc_unit *unit, size_t *service, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;

  *service = SIZE_MAX;
  if (dc_unit_triggered (unit, &name, err) < 0)
    return -1;
  const struct dc_unit *started =
      name == NULL ? NULL : dc_units_find (compiler->units, name);
  for (size_t i = 0; i < compiler->kept_count && started != NULL; i++) {
    if (compiler->kept[i] == started)
      *service = i;
  }
  return 0;
}

/* What a service does when it starts, a trigger does not. */
static int
note_conditions (struct dc_initservice *trigger, struct dc_error *err)
{
  const struct dc_unit *unit = trigger->unit;

  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    if (strncmp (setting->key, "Condition", 9) == 0 ||
        strncmp (setting->key, "Assert", 6) == 0)
      return dc_init_note (trigger->compiler, unit, setting, err,
                           "its conditions are not looked at");
  }
  return 0;
}

static int
add (struct dc_initcompiler *compiler, const struct dc_unit *unit, size_t kind,
     size_t service, struct dc_init_triggers *triggers, struct dc_error *err)
{
  if (DC_ARRAY_GROW (triggers->items, triggers->count, DC_INITTRIGGER_MAX,
                     "sockets, timers and paths", err) < 0)
    return -1;
  struct dc_init_trigger *trigger = &triggers->items[triggers->count++];
  *trigger = (struct dc_init_trigger){
    .unit = unit,
    .name = strndup (unit->name,
                     strlen (unit->name) - strlen (kinds[kind].type) - 1),
    .service = service,
    .accepts = kind == 0 && dc_unit_is (unit, "Socket", "Accept", false),
    .lines = DC_BUFFER_INIT (DC_INITPLAN_SIZE_MAX),
  };
  if (trigger->name == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  struct dc_initservice compiled = { .compiler = compiler,
                                     .unit = unit,
                                     .name = trigger->name,
                                     .lines = &trigger->lines };
  const int status = kinds[kind].compile (&compiled, err);
  if (status < 0)
    return dc_context (err, "'%s'", dc_quote (unit->name).text);
  if (status == 1)
    return note_conditions (&compiled, err) < 0 ||
                   dc_init_ignored (&compiled, err) < 0
               ? -1
               : 0;
  dc_buffer_release (&trigger->lines);
  free (trigger->name);
  triggers->count--;
  return 0;
}

int
dc_init_triggers_make (struct dc_initcompiler *compiler,
                       struct dc_init_triggers *triggers, struct dc_error *err)
{
  for (size_t i = 0; i < compiler->units->count; i++) {
    const struct dc_unit *unit = &compiler->units->items[i];
    const size_t kind = find_kind (unit);
    size_t service;
    if (kind == SIZE_MAX || !unit->is_started ||
        unit->state == DC_UNIT_MASKED || unit->state == DC_UNIT_BAD)
      continue;
    if (find_service (compiler, unit, &service, err) < 0 ||
        (service != SIZE_MAX &&
         add (compiler, unit, kind, service, triggers, err) < 0))
      return -1;
  }
  return 0;
}

void
dc_init_triggers_release (struct dc_init_triggers *triggers)
{
  for (size_t i = 0; i < triggers->count; i++) {
    dc_buffer_release (&triggers->items[i].lines);
    free (triggers->items[i].name);
  }
  free (triggers->items);
  *triggers = (struct dc_init_triggers){ NULL, 0 };
}

bool
dc_init_is_on_demand (const struct dc_initcompiler *compiler,
                      const struct dc_init_triggers *triggers, size_t service)
{
  bool is_triggered = false;

  for (size_t i = 0; i < triggers->count; i++)
    is_triggered = is_triggered || triggers->items[i].service == service;
  return is_triggered && !compiler->kept[service]->is_started;
}

/* Does the kept unit SERVICE get the descriptors of TRIGGER, a socket? */
static bool
is_passed (const struct dc_initcompiler *compiler,
           const struct dc_init_trigger *trigger, size_t service,
           const struct dc_words *named)
{
  if (!dc_unit_has_type (trigger->unit->name, "socket") || trigger->accepts)
    return false;
  if (trigger->service == service)
    return true;
  for (size_t i = 0; i < named->count; i++) {
    if (dc_units_find (compiler->units, named->items[i]) == trigger->unit)
      return true;
  }
  return false;
}

static int
write_sockets (const struct dc_initcompiler *compiler,
               const struct dc_init_triggers *triggers, size_t service,
               const struct dc_words *named, struct dc_buffer *plan,
               struct dc_error *err)
{
  bool has_any = false;

  for (size_t i = 0; i < triggers->count; i++) {
    if (!is_passed (compiler, &triggers->items[i], service, named))
      continue;
    if (!has_any && dc_initline_begin (plan, "sockets", err) < 0)
      return -1;
    has_any = true;
    if (dc_initline_word (plan, triggers->items[i].name, err) < 0)
      return -1;
  }
  return has_any ? dc_initline_end (plan, err) : 0;
}

int
dc_init_triggers_of (const struct dc_initcompiler *compiler,
                     const struct dc_init_triggers *triggers, size_t service,
                     struct dc_buffer *plan, struct dc_error *err)
{
  AUTO_WORDS struct dc_words named = { NULL, 0 };
  const struct dc_unit *unit = compiler->kept[service];
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, "Service", "Sockets", &position, &setting) == 1) {
    if (dc_unit_words (setting->value, &named, err) < 0 &&
        err->code == DC_ERR_SYSTEM)
      return -1;
  }
  if (dc_init_is_on_demand (compiler, triggers, service) &&
      dc_initline (plan, err, "on-demand", NULL) < 0)
    return -1;
  if (dc_unit_is (unit, "Service", "NonBlocking", false) &&
      dc_initline (plan, err, "non-blocking", NULL) < 0)
    return -1;
  return write_sockets (compiler, triggers, service, &named, plan, err);
}

int
dc_init_triggers_write (const struct dc_initcompiler *compiler,
                        const struct dc_init_triggers *triggers,
                        struct dc_buffer *plan, struct dc_error *err)
{
  for (size_t i = 0; i < triggers->count; i++) {
    const struct dc_init_trigger *trigger = &triggers->items[i];
    const char *service = compiler->kept[trigger->service]->name;
    AUTO_FREE char *starts =
        strndup (service, strlen (service) - strlen (".service"));
    if (starts == NULL)
      return dc_fail_errno (err, "cannot keep a name");
    if (dc_buffer_print (plan, err, "%s", dc_unit_type (trigger->unit->name)) <
            0 ||
        dc_initline_word (plan, trigger->name, err) < 0 ||
        dc_initline_end (plan, err) < 0 ||
        dc_initline (plan, err, "starts", starts, NULL) < 0 ||
        dc_buffer_append (plan, dc_buffer_text (&trigger->lines),
                          trigger->lines.size, err) < 0)
      return -1;
  }
  return 0;
}

/* The number that VALUE is in FORM: 1; 0 when it is none. */
static int
read_number (const char *value, enum dc_init_form form, uint64_t *number)
{
  struct dc_error ignored;
  unsigned mode;

  switch (form) {
  case DC_FORM_COUNT:
    return dc_number_parse_bytes (value, strlen (value), 0, UINT32_MAX, number,
                                  &ignored) == 0;
  case DC_FORM_SIZE:
    return dc_bytes_parse (value, number, &ignored) == 0;
  case DC_FORM_SECONDS:
  case DC_FORM_MS:
    if (dc_timespan_parse (value, 1000000, number, &ignored) < 0)
      return 0;
    if (*number != DC_INFINITE)
      *number /= form == DC_FORM_MS ? 1000 : 1000000;
    return 1;
  case DC_FORM_MODE:
    if (dc_mode_parse (value, &mode, &ignored) < 0)
      return 0;
    *number = mode;
    return 1;
  case DC_FORM_FLAG:
    break;
  }
  return 0;
}

static int
apply_rule (struct dc_initservice *trigger, const char *section,
            const struct dc_init_rule *rule, struct dc_error *err)
{
  const struct dc_setting *where = NULL;
  const char *value = dc_unit_value (trigger->unit, section, rule->key, &where);
  struct dc_init_number text = { "1" };
  uint64_t number = 0;

  if (value == NULL)
    return 0;
  if (rule->form == DC_FORM_FLAG) {
    if (!dc_unit_is (trigger->unit, section, rule->key, false))
      return 0;
    if (rule->word == NULL)
      return dc_initline (trigger->lines, err, rule->keyword, NULL);
  } else if (read_number (value, rule->form, &number) == 0) {
    return dc_init_note_value (trigger, where, err);
  } else if (number == DC_INFINITE) {
    return 0; /* as if it were not set */
  } else {
    text = rule->form == DC_FORM_MODE ? dc_init_octal ((unsigned) number)
                                      : dc_init_decimal (number);
  }
  return rule->word == NULL
             ? dc_initline (trigger->lines, err, rule->keyword, text.text, NULL)
             : dc_initline (trigger->lines, err, rule->keyword, rule->word,
                            text.text, NULL);
}

int
dc_init_rules (struct dc_initservice *trigger, const char *section,
               const struct dc_init_rule *rules, size_t count,
               struct dc_error *err)
{
  for (size_t i = 0; i < count; i++) {
    if (apply_rule (trigger, section, &rules[i], err) < 0)
      return -1;
  }
  return 0;
}

int
dc_init_trigger_limit (struct dc_initservice *trigger, const char *section,
                       uint64_t burst, struct dc_error *err)
{
  const struct dc_unit *unit = trigger->unit;
  const char *count = dc_unit_value (unit, section, "TriggerLimitBurst", NULL);
  const char *span =
      dc_unit_value (unit, section, "TriggerLimitIntervalSec", NULL);
  uint64_t interval_ms = INTERVAL_MS, given;

  if (count != NULL && read_number (count, DC_FORM_COUNT, &given) == 1)
    burst = given;
  if (span != NULL && read_number (span, DC_FORM_MS, &given) == 1)
    interval_ms = given == DC_INFINITE ? 0 : given;
  return dc_initline (trigger->lines, err, "trigger-limit",
                      dc_init_decimal (burst).text,
                      dc_init_decimal (interval_ms).text, NULL);
}

static const struct dc_init_key *
find_key (const struct dc_init_key *keys, size_t count, const char *section,
          const struct dc_setting *setting)
{
  if (strcmp (setting->section, section) != 0)
    return NULL;
  for (size_t i = 0; i < count; i++) {
    if (strcmp (keys[i].key, setting->key) == 0)
      return &keys[i];
  }
  return NULL;
}

int
dc_init_keys (struct dc_initservice *trigger, const char *section,
              const struct dc_init_key *keys, size_t count, dc_init_act *act,
              struct dc_error *err)
{
  const struct dc_unit *unit = trigger->unit;
  size_t first = 0;

  for (size_t i = 0; i < unit->setting_count; i++) {
    if (unit->settings[i].value[0] == '\0' &&
        find_key (keys, count, section, &unit->settings[i]) != NULL)
      first = i + 1;
  }
  for (size_t i = first; i < unit->setting_count; i++) {
    const struct dc_init_key *key =
        find_key (keys, count, section, &unit->settings[i]);
    if (key != NULL && act (trigger, key->word, &unit->settings[i], err) < 0)
      return -1;
  }
  return 0;
}
