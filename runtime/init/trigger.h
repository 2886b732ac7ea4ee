/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_TRIGGER_H
#define DC_INIT_TRIGGER_H

/* trigger: what starts services while the system runs: traffic at sockets,
 * the clock, changed files.
 *
 *   ARMED --- it happens, the service is ordered to start ---> FIRED
 *     ^                                                          |
 *     +------------------- the service is down again ------------+
 *
 * Each of the three kinds has a file of its own; here is what they share.
 *
 * Source: systemd.socket(5), systemd.timer(5), systemd.path(5); where those
 * are silent, what systemd 252 does.
 */

#include "runtime/init/fleet.h"
#include "runtime/init/plan.h"
#include "runtime/init/socket.h"
#include "runtime/init/watch.h"

/* One watch line of a path. */
struct di_path_watch {
  const struct di_line *line;
  int fd;         /* inotify; -1 */
  int main_watch; /* of the path itself; -1: it is not there */
  bool has_existed;
  char match[4096]; /* the first file of a pattern */
};

/* One trigger as it stands. */
struct di_armed {
  const struct di_trigger *trigger;
  size_t index;   /* in the plan */
  bool has_fired; /* the service is not down again yet */
  bool is_over;   /* it failed, and never fires again */
  bool is_idle;   /* it does not fire unless somebody starts the service */
  bool was_down;  /* the service, when we last looked */
  uint64_t begun; /* how often it was started then */
  int64_t window_ms, hits; /* of the limit */
  int64_t accepted;        /* connections of a socket */
  /* Of a timer: di_now_ms() and seconds since 1970; -1: never. */
  int64_t up_ms, down_ms;  /* the service was last started, was last down */
  int64_t last_ms, last_s; /* we fired */
  int64_t next_ms, next_s; /* DI_NEVER */
  /* Of a path. */
  struct di_path_watch *watches;
  size_t watch_count;
  const char *good_path; /* that it fired for */
};

struct di_triggers {
  struct di_fleet *fleet;
  struct di_sockets *sockets;
  struct di_armed *items; /* by index of the plan */
  size_t count;
  int64_t start_ms, start_s; /* of us */
  int clock_fd;              /* a timer of the clock that can be set; -1 */
  int zone_fd;               /* inotify of /etc/localtime; -1 */
  struct di_connection *connections;
  size_t connection_count;
  bool is_ending;  /* they were told to stop */
  bool has_jumped; /* the clock was set, which we heard when setting a time */
};

/* FLEET and SOCKETS must outlive TRIGGERS.  0, or -1 with ERR. */
int di_triggers_begin (struct di_triggers *triggers, struct di_fleet *fleet,
                       struct di_sockets *sockets, struct di_error *err);
/* Wait for them; then look what happened.  Counts in the fleet those that may
 * still fire.
 */
void di_triggers_watch (const struct di_triggers *triggers,
                        struct di_watch *watch);
void di_triggers_act (struct di_triggers *triggers,
                      const struct di_watch *watch);
/* The end begins: nothing fires any more. */
void di_triggers_end (struct di_triggers *triggers);

/* Check the triggers of PLAN and resolve the services they name. */
int di_triggers_check (struct di_plan *plan, struct di_error *err);

/* For the kinds.  Start the service of ARMED. */
void di_trigger_fire (struct di_triggers *triggers, struct di_armed *armed);
/* Is it too often, by the limit?  It is said. */
bool di_trigger_is_too_often (struct di_armed *armed);
/* Nothing starts it any more. */
void di_trigger_give_up (struct di_triggers *triggers, struct di_armed *armed);

/* What a kind does. */
struct di_trigger_kind {
  /* At the beginning, and when the service is down again. */
  void (*arm) (struct di_triggers *triggers, struct di_armed *armed);
  void (*watch) (const struct di_triggers *triggers,
                 const struct di_armed *armed, struct di_watch *watch);
  void (*act) (struct di_triggers *triggers, struct di_armed *armed,
               const struct di_watch *watch);
  void (*end) (struct di_triggers *triggers, struct di_armed *armed);
};
extern const struct di_trigger_kind di_socket_kind, di_timer_kind, di_path_kind;

/* timer.c: the clocks that all timers share. */
void di_clock_open (struct di_triggers *triggers);
/* Wake us at the next time of any. */
void di_clock_set (struct di_triggers *triggers);
void di_clock_watch (const struct di_triggers *triggers,
                     struct di_watch *watch);
void di_clock_act (struct di_triggers *triggers, const struct di_watch *watch);

#endif
