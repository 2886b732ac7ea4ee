/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/number.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"
#include "transform/init/unitvalue.h"

#define SECOND_US UINT64_C (1000000)
#define MS_MAX UINT64_C (1000000000000) /* of the plan */
#define COUNT_MAX 1000000               /* likewise */

/* systemd's default, and ours for another reason: where a runtime allows a
 * thousand million descriptors, daemons that close "all" take minutes.
 */
#define NOFILE_SOFT "1024"

/* A time span in microseconds as the plan's milliseconds, rounded up. */
static struct dc_init_number
milliseconds (uint64_t us)
{
  struct dc_init_number infinity = { "infinity" };
  const uint64_t ms = us / 1000 + (us % 1000 != 0);

  return us == DC_INFINITE || ms > MS_MAX ? infinity : dc_init_decimal (ms);
}

/* The later of two settings of a unit, which lie in one array. */
static const struct dc_setting *
later (const struct dc_setting *a, const struct dc_setting *b)
{
  if (a == NULL || b == NULL)
    return a == NULL ? b : a;
  return a > b ? a : b;
}

static const struct dc_setting *
find (const struct dc_unit *unit, const char *section, const char *key)
{
  const struct dc_setting *where = NULL;

  return dc_unit_value (unit, section, key, &where) == NULL ? NULL : where;
}

/* A timeout: of KEY or TimeoutSec=, whichever came last; 0 is none at all. */
static int
write_timeout (const struct dc_initservice *service, const char *key,
               const char *keyword, const char *otherwise, struct dc_error *err)
{
  const struct dc_setting *where =
      later (find (service->unit, "Service", key),
             find (service->unit, "Service", "TimeoutSec"));
  uint64_t us;

  if (where == NULL)
    return otherwise == NULL
               ? 0
               : dc_initline (service->lines, err, keyword, otherwise, NULL);
  if (dc_timespan_parse (where->value, SECOND_US, &us, err) < 0)
    return dc_init_note_value (service, where, err);
  return dc_initline (service->lines, err, keyword,
                      us == 0 ? "infinity" : milliseconds (us).text, NULL);
}

/* A time span that has a line of its own unless it says that there is none. */
static int
write_span (const struct dc_initservice *service, const char *key,
            const char *keyword, struct dc_error *err)
{
  const struct dc_setting *where = find (service->unit, "Service", key);
  uint64_t us;

  if (where == NULL)
    return 0;
  if (dc_timespan_parse (where->value, SECOND_US, &us, err) < 0)
    return dc_init_note_value (service, where, err);
  if (us == 0 || us == DC_INFINITE)
    return 0;
  return dc_initline (service->lines, err, keyword, milliseconds (us).text,
                      NULL);
}

static int
write_restart_delay (const struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_setting *where =
      find (service->unit, "Service", "RestartSec");
  uint64_t us;

  if (where == NULL)
    return 0;
  if (dc_timespan_parse (where->value, SECOND_US, &us, err) < 0)
    return dc_init_note_value (service, where, err);
  return dc_initline (service->lines, err, "restart-delay",
                      milliseconds (us).text, NULL);
}

/* These moved from [Service] to [Unit] in systemd 230, one got a new name. */
static int
write_start_limit (const struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;
  const struct dc_setting *interval =
      later (later (find (unit, "Unit", "StartLimitIntervalSec"),
                    find (unit, "Unit", "StartLimitInterval")),
             find (unit, "Service", "StartLimitInterval"));
  const struct dc_setting *burst =
      later (find (unit, "Unit", "StartLimitBurst"),
             find (unit, "Service", "StartLimitBurst"));
  uint64_t us = 10 * SECOND_US, count = 5; /* systemd-system.conf(5) */

  if (interval == NULL && burst == NULL)
    return 0;
  if (interval != NULL &&
      dc_timespan_parse (interval->value, SECOND_US, &us, err) < 0 &&
      dc_init_note_value (service, interval, err) < 0)
    return -1;
  if (burst != NULL &&
      dc_number_parse (burst->value, 0, COUNT_MAX, &count, err) < 0 &&
      dc_init_note_value (service, burst, err) < 0)
    return -1;
  return dc_initline (service->lines, err, "start-limit",
                      dc_init_decimal (count).text, milliseconds (us).text,
                      NULL);
}

/* One word of SuccessExitStatus= and its kin as a word of the plan: a status,
 * or a signal; a status goes before a signal of the same text.
 */
static int
add_status (const struct dc_initservice *service, const char *key,
            const char *text, struct dc_error *err)
{
  unsigned number;
  char word[32];

  if (dc_exit_status_parse (text, &number, err) == 0)
    (void) snprintf (word, sizeof word, "%u", number);
  else if (dc_signal_parse (text, &number, err) == 0)
    (void) snprintf (word, sizeof word, "s%u", number);
  else
    return dc_init_note (service->compiler, service->unit, NULL, err,
                         "%s='%s' is not understood, ignoring it", key,
                         dc_quote (text).text);
  return dc_initline (service->lines, err,
                      strcmp (key, "SuccessExitStatus") == 0 ? "success"
                      : strcmp (key, "RestartPreventExitStatus") == 0
                          ? "restart-prevent"
                          : "restart-force",
                      word, NULL);
}

static int
write_statuses (const struct dc_initservice *service, struct dc_error *err)
{
  static const char *const keys[] = { "SuccessExitStatus",
                                      "RestartPreventExitStatus",
                                      "RestartForceExitStatus" };

  for (size_t i = 0; i < DC_COUNT (keys); i++) {
    AUTO_WORDS struct dc_words words = { NULL, 0 };
    if (dc_init_words (service, "Service", keys[i], &words, err) < 0)
      return -1;
    for (size_t k = 0; k < words.count; k++) {
      if (add_status (service, keys[i], words.items[k], err) < 0)
        return -1;
    }
  }
  return 0;
}

/* The plan's word for a limit; the kernel's "no limit" is its largest. */
static struct dc_init_number
limit_word (uint64_t limit)
{
  const struct dc_init_number infinity = { "infinity" };

  return limit > INT64_MAX ? infinity : dc_init_decimal (limit);
}

static int
write_limit (const struct dc_initservice *service,
             const struct dc_setting *where, struct dc_error *err)
{
  const char *name;
  uint64_t soft, hard;

  if (dc_rlimit_parse (where->key, where->value, &name, &soft, &hard, err) < 0)
    return dc_init_note_value (service, where, err);
  return dc_initline (service->lines, err, "limit", name,
                      limit_word (soft).text, limit_word (hard).text, NULL);
}

/* Each limit once, the last setting of it. */
static int
write_limits (const struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;

  if (find (unit, "Service", "LimitNOFILE") == NULL &&
      dc_initline (service->lines, err, "limit", "nofile", NOFILE_SOFT, "keep",
                   NULL) < 0)
    return -1;
  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    if (strcmp (setting->section, "Service") == 0 &&
        strncmp (setting->key, "Limit", 5) == 0 &&
        find (unit, "Service", setting->key) == setting &&
        write_limit (service, setting, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_init_limits (struct dc_initservice *service, struct dc_error *err)
{
  /* A oneshot may take as long as it likes. */
  const char *start_timeout =
      strcmp (service->type, "oneshot") == 0 ? "infinity" : NULL;

  if (write_timeout (service, "TimeoutStartSec", "timeout-start", start_timeout,
                     err) < 0 ||
      write_timeout (service, "TimeoutStopSec", "timeout-stop", NULL, err) <
          0 ||
      write_span (service, "TimeoutAbortSec", "timeout-abort", err) < 0 ||
      write_span (service, "WatchdogSec", "watchdog", err) < 0 ||
      write_span (service, "RuntimeMaxSec", "runtime-max", err) < 0 ||
      write_restart_delay (service, err) < 0 ||
      write_start_limit (service, err) < 0 ||
      write_statuses (service, err) < 0 || write_limits (service, err) < 0)
    return -1;
  return 1;
}
