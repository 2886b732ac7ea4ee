/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITTRIGGER_H
#define DC_TRANSFORM_INITTRIGGER_H

/* inittrigger: sockets, timers and paths of the guest, compiled into the
 * blocks of the plan that start services.
 *
 *   inittrigger    which of them, and what all have in common
 *   initsocket     the lines of a socket
 *   initlisten     what it listens on
 *   inittimer      the lines of a timer
 *   initpath       the lines of a path
 *   initcalendar   a calendar event
 *
 * Source: systemd.socket(5), systemd.timer(5), systemd.path(5) of systemd 252
 * to 257.
 */

#include "transform/init/initcompiler.h"

#define DC_INITTRIGGER_MAX 256

/* Of a service that is in the plan. */
struct dc_init_trigger {
  const struct dc_unit *unit;
  char *name;     /* the plan's: "cups" of "cups.socket" */
  size_t service; /* that it starts: index of the kept units */
  bool accepts;   /* one instance for each connection */
  struct dc_buffer lines;
};

struct dc_init_triggers {
  struct dc_init_trigger *items; /* by name of the unit */
  size_t count;
};

/* Compile those that the guest starts, for the kept units.  0 or -1. */
int dc_init_triggers_make (struct dc_initcompiler *compiler,
                           struct dc_init_triggers *triggers,
                           struct dc_error *err);
void dc_init_triggers_release (struct dc_init_triggers *triggers);
/* Is the kept unit SERVICE only started by others? */
bool dc_init_is_on_demand (const struct dc_initcompiler *compiler,
                           const struct dc_init_triggers *triggers,
                           size_t service);
/* Append the lines that kept unit SERVICE has because of its triggers; all
 * blocks.
 */
int dc_init_triggers_of (const struct dc_initcompiler *compiler,
                         const struct dc_init_triggers *triggers,
                         size_t service, struct dc_buffer *plan,
                         struct dc_error *err);
int dc_init_triggers_write (const struct dc_initcompiler *compiler,
                            const struct dc_init_triggers *triggers,
                            struct dc_buffer *plan, struct dc_error *err);

/* Append the line of the calendar event EVENT: 1; 0 when it is not understood;
 * -1.
 */
int dc_init_calendar (const char *event, struct dc_buffer *lines,
                      struct dc_error *err);

/* Each writes lines of TRIGGER: 1; 0 when it cannot be in the plan (with a
 * finding); -1.
 */
int dc_init_socket (struct dc_initservice *trigger, struct dc_error *err);
int dc_init_listen (struct dc_initservice *trigger, struct dc_error *err);
int dc_init_timer (struct dc_initservice *trigger, struct dc_error *err);
int dc_init_path (struct dc_initservice *trigger, struct dc_error *err);

/* How the value of a plain setting becomes a line. */
enum dc_init_form {
  DC_FORM_FLAG,    /* no word; the line is there when it is true */
  DC_FORM_MODE,    /* octal */
  DC_FORM_COUNT,   /* decimal */
  DC_FORM_SIZE,    /* bytes, with K, M, G, T */
  DC_FORM_SECONDS, /* a time span */
  DC_FORM_MS,
};
struct dc_init_rule {
  const char *key;
  enum dc_init_form form;
  const char *keyword;
  const char *word; /* before the value; NULL: none.  Then a flag is "1" */
};
/* Write the lines of COUNT RULES for SECTION. */
int dc_init_rules (struct dc_initservice *trigger, const char *section,
                   const struct dc_init_rule *rules, size_t count,
                   struct dc_error *err);
/* TriggerLimitBurst= and TriggerLimitIntervalSec=, with the default BURST. */
int dc_init_trigger_limit (struct dc_initservice *trigger, const char *section,
                           uint64_t burst, struct dc_error *err);

/* The settings of SECTION whose keys are rows of a table, in the order of the
 * file; an empty one takes back all before it, of every key.
 */
struct dc_init_key {
  const char *key, *word;
};
typedef int dc_init_act (struct dc_initservice *trigger, const char *word,
                         const struct dc_setting *setting,
                         struct dc_error *err);
int dc_init_keys (struct dc_initservice *trigger, const char *section,
                  const struct dc_init_key *keys, size_t count,
                  dc_init_act *act, struct dc_error *err);

#endif
