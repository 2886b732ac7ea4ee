/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/number.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"
#include "transform/init/initmask.h"
#include "transform/init/unitvalue.h"

#define CPU_MAX 1024
#define PRIORITY_MAX 99
#define IO_PRIORITY_MAX 7
#define PERSONALITY_32_BIT "8" /* PER_LINUX32 */

/* A number that may be negative, as the plan's word. */
static int
write_signed (const struct dc_initservice *service, const char *key,
              const char *keyword, uint64_t low, uint64_t high,
              struct dc_error *err)
{
  const struct dc_setting *where;
  const char *value = dc_unit_value (service->unit, "Service", key, &where);
  uint64_t number;
  struct dc_init_number word;

  if (value == NULL)
    return 0;
  const bool is_negative = value[0] == '-';
  const bool has_sign = is_negative || value[0] == '+';
  if (dc_number_parse (value + has_sign, 0, is_negative ? low : high, &number,
                       err) < 0)
    return dc_init_note_value (service, where, err);
  (void) snprintf (word.text, sizeof word.text, "%s%" PRIu64,
                   is_negative && number > 0 ? "-" : "", number);
  return dc_initline (service->lines, err, keyword, word.text, NULL);
}

/* The word at KEY, one of WORDS or its index; OTHERWISE if it is
 * not set or not understood (with a finding).
 */
static int
read_choice (const struct dc_initservice *service, const char *key,
             const char *const *words, const char *otherwise,
             const char **choice, struct dc_error *err)
{
  const struct dc_setting *where;
  const char *value = dc_unit_value (service->unit, "Service", key, &where);

  *choice = otherwise;
  if (value == NULL)
    return 0;
  for (size_t i = 0; words[i] != NULL; i++) {
    const bool is_number = strcmp (dc_init_decimal (i).text, value) == 0;
    if (is_number || strcmp (words[i], value) == 0) {
      *choice = words[i];
      return 0;
    }
  }
  return dc_init_note_value (service, where, err);
}

/* The priority at KEY; it stays when there is none. */
static int
read_priority (const struct dc_initservice *service, const char *key,
               uint64_t max, uint64_t *priority, struct dc_error *err)
{
  const struct dc_setting *where;
  const char *value = dc_unit_value (service->unit, "Service", key, &where);

  if (value == NULL || dc_number_parse (value, 0, max, priority, err) == 0)
    return 0;
  return dc_init_note_value (service, where, err);
}

static bool
is_set (const struct dc_initservice *service, const char *key)
{
  return dc_unit_value (service->unit, "Service", key, NULL) != NULL;
}

static int
write_scheduler (const struct dc_initservice *service, struct dc_error *err)
{
  /* As the kernel counts them. */
  static const char *const policies[] = { "other", "fifo", "rr", "batch",
                                          "",      "idle", NULL };
  const char *policy;
  uint64_t priority = 1;

  if (!is_set (service, "CPUSchedulingPolicy") &&
      !is_set (service, "CPUSchedulingPriority") &&
      !is_set (service, "CPUSchedulingResetOnFork"))
    return 0;
  if (read_choice (service, "CPUSchedulingPolicy", policies, "other", &policy,
                   err) < 0 ||
      read_priority (service, "CPUSchedulingPriority", PRIORITY_MAX, &priority,
                     err) < 0)
    return -1;
  const bool is_real_time =
      strcmp (policy, "fifo") == 0 || strcmp (policy, "rr") == 0;
  if (!is_real_time)
    priority = 0;
  else if (priority == 0)
    priority = 1;
  const bool is_reset = dc_init_is (service, "CPUSchedulingResetOnFork");
  return dc_initline (service->lines, err, "scheduler", policy,
                      dc_init_decimal (priority).text, is_reset ? "1" : "0",
                      NULL);
}

static int
write_io_priority (const struct dc_initservice *service, struct dc_error *err)
{
  static const char *const classes[] = { "none", "realtime", "best-effort",
                                         "idle", NULL };
  const char *class;
  uint64_t priority = 4; /* of a class without one: ioprio_set(2) */

  if (!is_set (service, "IOSchedulingClass") &&
      !is_set (service, "IOSchedulingPriority"))
    return 0;
  if (read_choice (service, "IOSchedulingClass", classes, "best-effort", &class,
                   err) < 0 ||
      read_priority (service, "IOSchedulingPriority", IO_PRIORITY_MAX,
                     &priority, err) < 0)
    return -1;
  if (strcmp (class, "none") == 0)
    priority = 0;
  return dc_initline (service->lines, err, "io-priority", class,
                      dc_init_decimal (priority).text, NULL);
}

/* "0-3" or "5" into SET. */
static int
add_cpus (const char *word, bool set[CPU_MAX], struct dc_error *err)
{
  const size_t size = strcspn (word, "-");
  uint64_t first, last;

  if (dc_number_parse_bytes (word, size, 0, CPU_MAX - 1, &first, err) < 0)
    return -1;
  last = first;
  if (word[size] == '-' &&
      dc_number_parse (word + size + 1, first, CPU_MAX - 1, &last, err) < 0)
    return -1;
  for (uint64_t i = first; i <= last; i++)
    set[i] = true;
  return 0;
}

static int
read_cpus (const struct dc_initservice *service,
           const struct dc_setting *setting, bool set[CPU_MAX],
           struct dc_error *err)
{
  AUTO_FREE char *text = strdup (setting->value);
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (text == NULL)
    return dc_fail_errno (err, "cannot keep a list of processors");
  for (char *s = text; *s != '\0'; s++) {
    if (*s == ',')
      *s = ' ';
  }
  int status = dc_unit_words (text, &words, err);
  for (size_t i = 0; i < words.count && status == 0; i++)
    status = add_cpus (words.items[i], set, err);
  return status == 0 ? 0 : dc_init_note_value (service, setting, err);
}

static int
write_cpus (const struct dc_initservice *service, struct dc_error *err)
{
  bool set[CPU_MAX] = { false }, has_any = false;
  size_t position = 0;
  const struct dc_setting *setting;

  while (dc_unit_next (service->unit, "Service", "CPUAffinity", &position,
                       &setting) == 1) {
    if (read_cpus (service, setting, set, err) < 0)
      return -1;
  }
  for (size_t i = 0; i < CPU_MAX; i++) {
    if (!set[i])
      continue;
    if ((!has_any && dc_initline_begin (service->lines, "cpus", err) < 0) ||
        dc_initline_word (service->lines, dc_init_decimal (i).text, err) < 0)
      return -1;
    has_any = true;
  }
  return has_any ? dc_initline_end (service->lines, err) : 0;
}

/* Nanoseconds unless a unit says else; "ns" is a unit only here. */
static int
write_timer_slack (const struct dc_initservice *service, struct dc_error *err)
{
  static const char digits[] = "0123456789";
  const struct dc_setting *where;
  const char *value =
      dc_unit_value (service->unit, "Service", "TimerSlackNSec", &where);
  uint64_t number;

  if (value == NULL)
    return 0;
  const size_t size = strspn (value, digits);
  const char *unit = value + size + strspn (value + size, " \t");
  const bool is_ns =
      *unit == '\0' || strcmp (unit, "ns") == 0 || strcmp (unit, "nsec") == 0;
  const int status =
      is_ns ? dc_number_parse_bytes (value, size, 0, INT64_MAX, &number, err)
            : dc_timespan_parse (value, 1, &number, err);
  if (status < 0 || (!is_ns && number > INT64_MAX / 1000))
    return dc_init_note_value (service, where, err);
  return dc_initline (service->lines, err, "timer-slack",
                      dc_init_decimal (is_ns ? number : number * 1000).text,
                      NULL);
}

/* The 32 bit kind of this architecture is another personality, its own name
 * is none.
 */
static int
write_personality (const struct dc_initservice *service, struct dc_error *err)
{
  static const char *const narrow[] = { "x86", "arm", "i386", NULL };
  const char *value =
      dc_unit_value (service->unit, "Service", "Personality", NULL);

  for (size_t i = 0; value != NULL && narrow[i] != NULL; i++) {
    if (strcmp (narrow[i], value) == 0)
      return dc_initline (service->lines, err, "personality",
                          PERSONALITY_32_BIT, NULL);
  }
  return 0;
}

static int
write_coredump_filter (const struct dc_initservice *service,
                       struct dc_error *err)
{
  uint64_t mask;
  struct dc_init_number number;
  const int status = dc_init_mask (service, "CoredumpFilter", &dc_mask_coredump,
                                   0, &mask, err);

  if (status <= 0)
    return status;
  (void) snprintf (number.text, sizeof number.text, "%" PRIx64, mask);
  return dc_initline (service->lines, err, "coredump-filter", number.text,
                      NULL);
}

int
dc_init_schedule (struct dc_initservice *service, struct dc_error *err)
{
  if (write_signed (service, "Nice", "nice", 20, 19, err) < 0 ||
      write_signed (service, "OOMScoreAdjust", "oom-score", 1000, 1000, err) <
          0 ||
      write_scheduler (service, err) < 0 || write_cpus (service, err) < 0 ||
      write_io_priority (service, err) < 0 ||
      write_timer_slack (service, err) < 0 ||
      write_personality (service, err) < 0 ||
      write_coredump_filter (service, err) < 0)
    return -1;
  return 1;
}
