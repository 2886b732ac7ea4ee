/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/quote.h"
#include "transform/init/inittrigger.h"
#include "transform/init/unitvalue.h"

static int
write_time (struct dc_initservice *trigger, const char *base,
            const struct dc_setting *setting, struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  uint64_t us;
  int status = dc_init_expand (trigger, setting, &value, err);

  if (status <= 0)
    return status;
  if (base == NULL) {
    status = dc_init_calendar (value, trigger->lines, err);
    return status == 0 ? dc_init_note_value (trigger, setting, err) : status;
  }
  if (dc_timespan_parse (value, 1000000, &us, err) < 0)
    return dc_init_note_value (trigger, setting, err);
  if (us == DC_INFINITE)
    return 0;
  return dc_initline (trigger->lines, err, "elapse", base,
                      dc_init_decimal (us / 1000).text, NULL);
}

int
dc_init_timer (struct dc_initservice *trigger, struct dc_error *err)
{
  static const struct dc_init_key keys[] = {
    { "OnActiveSec", "active" },
    { "OnBootSec", "boot" },
    /* In a container, the boot is the start of the init. */
    { "OnStartupSec", "boot" },
    { "OnUnitActiveSec", "unit-active" },
    { "OnUnitInactiveSec", "unit-inactive" },
    { "OnCalendar", NULL },
  };
  static const struct dc_init_rule rules[] = {
    { "RandomizedDelaySec", DC_FORM_MS, "random-delay", NULL },
    { "FixedRandomDelay", DC_FORM_FLAG, "fixed-random", NULL },
    { "Persistent", DC_FORM_FLAG, "persistent", NULL },
    { "OnClockChange", DC_FORM_FLAG, "on-clock-change", NULL },
    { "OnTimezoneChange", DC_FORM_FLAG, "on-timezone-change", NULL },
  };

  if (dc_init_keys (trigger, "Timer", keys, DC_COUNT (keys), write_time, err) <
          0 ||
      dc_init_rules (trigger, "Timer", rules, DC_COUNT (rules), err) < 0)
    return -1;
  return 1;
}
