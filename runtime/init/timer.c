/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/init/calendar.h"
#include "runtime/init/trigger.h"
#include "runtime/init/walk.h"

#define STAMP_FOLDER "/var/lib/systemd/timers/stamp-"
#define STAMP_TAIL ".timer"
#define FAR_S (INT64_C (1) << 40) /* a time that does not come */

/* "/var/lib/systemd/timers/stamp-NAME.timer", in PATH. */
struct stamp {
  char path[sizeof STAMP_FOLDER + DI_NAME_MAX + sizeof STAMP_TAIL];
};

static struct stamp
stamp_of (const struct di_trigger *trigger)
{
  const char *const parts[] = { STAMP_FOLDER, trigger->name, STAMP_TAIL };
  struct stamp stamp = { .path = "" };
  char *end = stamp.path;

  for (size_t i = 0; i < DI_COUNT (parts); i++)
    end = mempcpy (end, parts[i], strlen (parts[i]));
  return stamp;
}

/* Let the file tell that the timer fired now. */
static void
touch_stamp (const struct di_trigger *trigger)
{
  const struct stamp stamp = stamp_of (trigger);
  int fd = -1;

  if (di_make_parents (stamp.path) == 0)
    fd = open (stamp.path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0 || futimens (fd, NULL) < 0)
    di_say (trigger->name, "cannot remember when it fired: ", strerror (errno),
            NULL);
  if (fd >= 0)
    close (fd);
}

/* When it fired last; a time to come is a clock that was wrong. */
static void
read_stamp (struct di_armed *armed)
{
  const struct stamp stamp = stamp_of (armed->trigger);
  struct stat st;

  if (stat (stamp.path, &st) < 0)
    touch_stamp (armed->trigger);
  else if (st.st_mtime < time (NULL))
    armed->last_s = st.st_mtime;
}

/* A number that stays the same for the timer of this system. */
static uint64_t
fixed_number (const char *name)
{
  uint64_t hash = UINT64_C (14695981039346656037); /* FNV-1a */
  char text[64] = { 0 };

  const int fd = open ("/etc/machine-id", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    (void) !read (fd, text, sizeof text - 1); /* none is as good as any */
    close (fd);
  }
  for (const char *s = text; *s != '\0'; s++)
    hash = (hash ^ (unsigned char) *s) * UINT64_C (1099511628211);
  for (const char *s = name; *s != '\0'; s++)
    hash = (hash ^ (unsigned char) *s) * UINT64_C (1099511628211);
  return hash ^ hash >> 32;
}

static int64_t
random_delay_ms (const struct di_trigger *trigger)
{
  const int64_t limit_ms = trigger->random_delay_ms;
  uint64_t number = 0;

  if (limit_ms <= 0 || limit_ms == DI_NEVER)
    return 0;
  if (trigger->has_fixed_random)
    number = fixed_number (trigger->name);
  else
    (void) !getrandom (&number, sizeof number, GRND_NONBLOCK);
  return (int64_t) (number % (uint64_t) limit_ms);
}

/* What ELAPSE counts from; -1: that has not been. */
static int64_t
base_ms (const struct di_triggers *triggers, const struct di_armed *armed,
         enum di_base base)
{
  int64_t since_ms = triggers->start_ms;

  if (base == DI_BASE_UNIT_ACTIVE)
    since_ms = armed->up_ms;
  else if (base == DI_BASE_UNIT_INACTIVE)
    since_ms = armed->down_ms;
  else
    return since_ms;
  return since_ms > armed->last_ms ? since_ms : armed->last_ms;
}

static void
arm_elapse (const struct di_triggers *triggers, struct di_armed *armed)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_trigger_next (armed->trigger, DI_ELAPSE, &position)) !=
         NULL) {
    const enum di_base base = (enum di_base) line->choice;
    const int64_t since_ms = base_ms (triggers, armed, base);
    const bool is_once = base == DI_BASE_BOOT || base == DI_BASE_ACTIVE;
    int64_t next_ms;
    if (since_ms < 0 || line->numbers[0] == DI_NEVER ||
        __builtin_add_overflow (since_ms, line->numbers[0], &next_ms) ||
        (is_once && armed->last_ms >= 0 && next_ms <= di_now_ms ()))
      continue;
    if (next_ms < armed->next_ms)
      armed->next_ms = next_ms;
  }
}

static void
arm_calendar (const struct di_triggers *triggers, struct di_armed *armed)
{
  const int64_t since_s =
      armed->last_s >= 0 ? armed->last_s : triggers->start_s;
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_trigger_next (armed->trigger, DI_CALENDAR, &position)) !=
         NULL) {
    struct di_calendar calendar;
    if (di_calendar_read (line, &calendar) < 0)
      continue;
    int64_t next_s = di_calendar_next (&calendar, since_s);
    if (next_s < 0)
      continue;
    /* What was missed is due now, and its delay begins now. */
    if (next_s < triggers->start_s)
      next_s = triggers->start_s;
    if (next_s < armed->next_s)
      armed->next_s = next_s;
  }
}

static void
arm (struct di_triggers *triggers, struct di_armed *armed)
{
  const struct di_trigger *trigger = armed->trigger;
  const int64_t delay_ms = random_delay_ms (trigger);

  if (trigger->is_persistent && armed->last_s < 0)
    read_stamp (armed);
  armed->next_ms = DI_NEVER;
  armed->next_s = DI_NEVER;
  arm_elapse (triggers, armed);
  arm_calendar (triggers, armed);
  if (armed->next_ms != DI_NEVER)
    armed->next_ms += delay_ms;
  if (armed->next_s != DI_NEVER)
    armed->next_s += delay_ms / 1000;
  armed->is_idle = armed->next_ms == DI_NEVER && armed->next_s == DI_NEVER &&
                   !trigger->on_clock_change && !trigger->on_timezone_change &&
                   armed->was_down;
}

static void
watch_time (const struct di_triggers *triggers, const struct di_armed *armed,
            struct di_watch *watch)
{
  (void) triggers;
  if (!armed->has_fired)
    di_watch_until (watch, armed->next_ms);
}

static void
fire (struct di_triggers *triggers, struct di_armed *armed)
{
  armed->last_ms = di_now_ms ();
  armed->last_s = time (NULL);
  armed->next_ms = DI_NEVER;
  armed->next_s = DI_NEVER;
  if (armed->trigger->is_persistent)
    touch_stamp (armed->trigger);
  di_trigger_fire (triggers, armed);
}

static void
act (struct di_triggers *triggers, struct di_armed *armed,
     const struct di_watch *watch)
{
  (void) watch;
  if (!armed->has_fired &&
      (armed->next_ms <= di_now_ms () || armed->next_s <= time (NULL)))
    fire (triggers, armed);
}

static void
end (struct di_triggers *triggers, struct di_armed *armed)
{
  (void) triggers;
  armed->next_ms = DI_NEVER;
  armed->next_s = DI_NEVER;
}

const struct di_trigger_kind di_timer_kind = { arm, watch_time, act, end };

static bool
has_any (const struct di_triggers *triggers, bool is_for_zone)
{
  for (size_t i = 0; i < triggers->count; i++) {
    const struct di_trigger *trigger = triggers->items[i].trigger;
    size_t position = 0;
    if (is_for_zone
            ? trigger->on_timezone_change
            : trigger->on_clock_change ||
                  di_trigger_next (trigger, DI_CALENDAR, &position) != NULL)
      return true;
  }
  return false;
}

void
di_clock_open (struct di_triggers *triggers)
{
  if (has_any (triggers, false))
    triggers->clock_fd =
        timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (has_any (triggers, true)) {
    triggers->zone_fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    (void) inotify_add_watch (triggers->zone_fd, "/etc",
                              IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE |
                                  IN_DELETE);
  }
}

void
di_clock_set (struct di_triggers *triggers)
{
  struct itimerspec next = { .it_value = { .tv_sec = FAR_S } };

  if (triggers->clock_fd < 0)
    return;
  for (size_t i = 0; i < triggers->count; i++) {
    const struct di_armed *armed = &triggers->items[i];
    if (!armed->is_over && !armed->has_fired &&
        armed->next_s < next.it_value.tv_sec)
      next.it_value.tv_sec = (time_t) armed->next_s;
  }
  if (timerfd_settime (triggers->clock_fd,
                       TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &next,
                       NULL) < 0 &&
      errno == ECANCELED)
    triggers->has_jumped = true;
}

void
di_clock_watch (const struct di_triggers *triggers, struct di_watch *watch)
{
  di_watch_add (watch, triggers->clock_fd, POLLIN);
  di_watch_add (watch, triggers->zone_fd, POLLIN);
  if (triggers->has_jumped)
    di_watch_until (watch, 0);
}

/* Is the file of the time zone among what happened in its folder? */
static bool
has_zone_changed (int zone_fd)
{
  union {
    struct inotify_event event;
    char bytes[4096];
  } buffer;
  bool has_changed = false;
  ssize_t size;

  while ((size = read (zone_fd, &buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0; at < size;) {
      const struct inotify_event *event =
          (const struct inotify_event *) (const void *) (buffer.bytes + at);
      if (event->len > 0 && strcmp (event->name, "localtime") == 0)
        has_changed = true;
      at += (ssize_t) sizeof *event + event->len;
    }
  }
  return has_changed;
}

void
di_clock_act (struct di_triggers *triggers, const struct di_watch *watch)
{
  uint64_t count;
  const bool is_set = triggers->has_jumped ||
                      (di_watch_is_ready (watch, triggers->clock_fd) &&
                       read (triggers->clock_fd, &count, sizeof count) < 0 &&
                       errno == ECANCELED);
  const bool is_moved = di_watch_is_ready (watch, triggers->zone_fd) &&
                        has_zone_changed (triggers->zone_fd);

  triggers->has_jumped = false;
  if (is_moved)
    di_calendar_forget_zone ();
  for (size_t i = 0; (is_set || is_moved) && i < triggers->count; i++) {
    struct di_armed *armed = &triggers->items[i];
    const struct di_trigger *trigger = armed->trigger;
    if (trigger->kind != DI_OF_TIMER || armed->is_over || armed->has_fired)
      continue;
    if ((is_set && trigger->on_clock_change) ||
        (is_moved && trigger->on_timezone_change))
      fire (triggers, armed);
    else
      arm (triggers, armed);
  }
}
