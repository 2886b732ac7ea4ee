/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/statedir.h"
#include "lib/status.h"
#include "runtime/record.h"
#include "runtime/verify/observe.h"
#include "runtime/verify/verify.h"

#define FOLDER "verify"
#define PREFIX "verify-"
#define LOG_SIZE_MAX ((size_t) 256 * 1024) /* bytes of what it said */
#define LOG_LINES_MAX 20                   /* of them that are told */

/* One start of the container. */
struct life {
  char name[DC_RUN_NAME_MAX + 1];
  int pid, pid_fd;
  int64_t begin_ms, started_ms;
};

static int64_t
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail */
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The lock of a verification: held until this process ends. */
static int
lock_name (const char *name, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_statedir_open_folder (FOLDER, err);

  if (dir < 0)
    return -1;
  AUTO_CLOSE int fd =
      openat (dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) < 0)
    return dc_fail_errno (err, "cannot mark the verification as ours");
  return DC_TAKE_FD (fd);
}

static void
unlock_name (const char *name)
{
  struct dc_error ignored; /* then the next sweep removes it */
  AUTO_CLOSE int dir = dc_statedir_open_folder (FOLDER, &ignored);

  if (dir >= 0)
    (void) unlinkat (dir, name, 0);
}

static void
close_dir_auto (DIR **dir)
{
  if (*dir != NULL)
    (void) closedir (*dir); /* it was only read */
}

void
dc_verify_sweep (const struct dc_report *report)
{
  struct dc_error ignored; /* then the next one tries again */
  AUTO_CLOSE int fd = dc_statedir_open_folder (FOLDER, &ignored);
  __attribute__ ((__cleanup__ (close_dir_auto))) DIR *dir =
      fd < 0 ? NULL : fdopendir (fd);
  const struct dirent *entry;

  if (dir == NULL)
    return;
  fd = -1; /* now DIR's */
  while ((entry = readdir (dir)) != NULL) {
    if (strncmp (entry->d_name, PREFIX, strlen (PREFIX)) != 0)
      continue;
    AUTO_CLOSE int mark =
        openat (dirfd (dir), entry->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (mark < 0 || flock (mark, LOCK_EX | LOCK_NB) < 0)
      continue; /* its owner lives */
    dc_info (report, "removing what a killed verification left");
    (void) dc_container_give_up (entry->d_name, 0, report, &ignored);
    (void) dc_container_stop (entry->d_name, DC_VOLUMES_GO, report, &ignored);
    (void) unlinkat (dirfd (dir), entry->d_name, 0);
  }
}

static int
begin (const struct dc_runner *runner, const struct dc_start *start,
       struct life *life, const struct dc_report *report, struct dc_error *err)
{
  static const struct dc_ports none = { .count = 0 };
  struct dc_start confined = *start;

  confined.name = life->name;
  confined.ports = &none;
  confined.network = DC_NETWORK_NONE;
  life->begin_ms = now_ms ();
  if (dc_container_start (runner, &confined, report, &life->pid, err) < 0)
    return -1;
  life->pid_fd = (int) syscall (SYS_pidfd_open, life->pid, 0);
  life->started_ms = now_ms ();
  return 0;
}

/* As the image's config says it: "SIGTERM", "TERM", "15", "SIGRTMIN+3" as
 * glibc counts.
 */
static int
stop_signal (const struct dc_start *start)
{
  static const char realtime[] = "RTMIN+";
  const char *name = json_string_value (json_object_get (
      json_object_get (start->image->config, "config"), "StopSignal"));
  struct dc_error ignored; /* not a number */
  uint64_t number = 0;

  if (name == NULL)
    return SIGTERM;
  name += strncmp (name, "SIG", 3) == 0 ? 3 : 0;
  if (dc_number_parse (name, 1, 64, &number, &ignored) == 0)
    return (int) number;
  if (strncmp (name, realtime, strlen (realtime)) == 0 &&
      dc_number_parse (name + strlen (realtime), 0, 30, &number, &ignored) == 0)
    return SIGRTMIN + (int) number;
  for (int i = 1; i < NSIG; i++) {
    const char *known = sigabbrev_np (i);
    if (known != NULL && strcmp (known, name) == 0)
      return i;
  }
  return SIGTERM;
}

/* struct pidfd_info of Linux 6.15, as far as we need it. */
struct pidfd_end {
  uint64_t mask, cgroup;
  uint32_t ids[11];
  int32_t exit_code;
};
#define PIDFD_END _IOWR (0xff, 11, struct pidfd_end)
#define PIDFD_END_MASK 8u /* PIDFD_INFO_EXIT */

/* How the container's first process has ended, as a wait status; -1: unknown.
 * It is ours to wait for, as we are the nearest subreaper; that of podman is
 * conmon's, and only newer kernels tell others.
 */
static int
end_status (const struct life *life)
{
  siginfo_t info = { .si_pid = 0 };
  struct pidfd_end end = { .mask = PIDFD_END_MASK };

  if (waitid (P_PIDFD, (id_t) life->pid_fd, &info, WEXITED | WNOHANG) == 0)
    return info.si_pid == 0             ? -1
           : info.si_code == CLD_EXITED ? info.si_status << 8
                                        : info.si_status;
  if (ioctl (life->pid_fd, PIDFD_END, &end) == 0 &&
      (end.mask & PIDFD_END_MASK) != 0)
    return end.exit_code;
  return -1;
}

/* Ask it to stop, and wait for that: its first process is told directly, so
 * that no tool's own time counts.
 */
static int
ask_to_stop (const struct dc_start *start, const struct life *life,
             unsigned timeout_s, const struct dc_report *report,
             struct dc_error *err)
{
  struct pollfd polled[] = {
    { .fd = life->pid_fd, .events = POLLIN },
    { .fd = report->cancel_fd, .events = POLLIN },
  };

  if (life->pid_fd < 0 || syscall (SYS_pidfd_send_signal, life->pid_fd,
                                   stop_signal (start), NULL, 0) < 0)
    return 0; /* it has ended */
  if (poll (polled, DC_COUNT (polled), (int) timeout_s * 1000) < 0)
    return dc_fail_errno (err, "cannot wait for its end");
  return polled[1].revents == 0 ? 0
                                : dc_fail (err, DC_ERR_CANCELLED, "cancelled");
}

static void
add_reason (json_t *result, json_t *reason)
{
  json_t *reasons = json_object_get (result, "reasons");

  if (reason != NULL)
    (void) json_array_append_new (reasons, reason); /* or one is missing */
}

/* What its end was like is part of the result; STOP_MS is what it took. */
static int
judge_end (const struct life *life, unsigned timeout_s, int64_t stop_ms,
           json_t *result, struct dc_error *err)
{
  struct dc_error how;
  json_t *json = json_object ();
  const int status = end_status (life);
  const bool is_late = stop_ms >= (int64_t) timeout_s * 1000;
  const bool has_ended = json_is_true (json_object_get (result, "has_ended"));

  dc_json_put_number (&json, "ms", (uint64_t) stop_ms);
  if (status >= 0)
    dc_json_put (&json, "exit_status",
                 dc_status_exit (status) >= 0
                     ? json_integer (dc_status_exit (status))
                     : json_null ());
  dc_json_put_bool (&json, "clean", status <= 0 && !is_late);
  if (is_late)
    add_reason (result,
                json_sprintf ("it did not stop within %u s", timeout_s));
  if (status > 0 && !has_ended) {
    (void) dc_status_fail (status, "it", &how);
    add_reason (result, json_sprintf ("it did not stop well: %s", how.text));
  }
  return json_object_set_new (result, "stop", json) < 0
             ? dc_json_no_memory (err)
             : 0;
}

/* Stop it.  One that does not in time is killed. */
static int
end (const struct dc_start *start, const struct life *life, unsigned timeout_s,
     json_t *result, const struct dc_report *report, struct dc_error *err)
{
  struct dc_error ignored; /* that it was late is the result */
  const int64_t begin_ms = now_ms ();

  if (ask_to_stop (start, life, timeout_s, report, err) < 0)
    return -1;
  const int64_t stop_ms = now_ms () - begin_ms;
  if (judge_end (life, timeout_s, stop_ms, result, err) < 0)
    return -1;
  if (stop_ms < (int64_t) timeout_s * 1000)
    return dc_container_stop (life->name, DC_VOLUMES_STAY, report, err);
  ignored.text[0] = '\0';
  (void) dc_container_give_up (life->name, 0, report, &ignored);
  return 0;
}

/* Does LINE speak of a service that has a reason of its own? */
static bool
is_about_reason (struct dc_span line, json_t *services)
{
  json_t *service = NULL;
  size_t i = 0;

  json_array_foreach (services, i, service)
  {
    const char *unit = json_string_value (json_object_get (service, "unit"));
    const size_t size = unit != NULL ? strcspn (unit, ".") : 0;
    if (!json_is_true (json_object_get (service, "kept")) && size > 0 &&
        memmem (line.text, line.size, unit, size) != NULL)
      return true;
  }
  return false;
}

/* The last lines it said: of the services that fell short, or of all. */
static json_t *
last_lines (struct dc_span log, json_t *services)
{
  struct dc_span rest = log, line, kept[LOG_LINES_MAX];
  size_t about = 0, count = 0;
  json_t *lines = json_array ();

  while (dc_span_line (&rest, &line))
    about += is_about_reason (line, services);
  rest = log;
  while (dc_span_line (&rest, &line))
    if (line.size > 0 && (about == 0 || is_about_reason (line, services)))
      kept[count++ % LOG_LINES_MAX] = line;
  for (size_t i = count < LOG_LINES_MAX ? 0 : count - LOG_LINES_MAX; i < count;
       i++)
    dc_json_push (&lines,
                  json_string (dc_quote_bytes (kept[i % LOG_LINES_MAX].text,
                                               kept[i % LOG_LINES_MAX].size)
                                   .text));
  return lines;
}

static int
add_log (const struct life *life, json_t *result,
         const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (LOG_SIZE_MAX);

  if (json_array_size (json_object_get (result, "reasons")) == 0)
    return 0;
  dc_container_last_words (life->name, report, &text);
  const struct dc_span log = { dc_buffer_text (&text), text.size };
  return json_object_set_new (
             result, "log",
             last_lines (log, json_object_get (result, "services"))) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static int
add_times (const struct life *life, json_t *result, struct dc_error *err)
{
  return json_object_set_new (
             result, "start_ms",
             json_integer (life->started_ms - life->begin_ms)) < 0
             ? dc_json_no_memory (err)
             : 0;
}

/* Start, observe, stop unless it is to be kept. */
static int
live (const struct dc_runner *runner, const struct dc_start *start,
      const struct dc_verify_options *options, struct life *life,
      const struct dc_report *report, json_t **out, struct dc_error *err)
{
  const struct dc_observe_options how = { .timeout_ms =
                                              options->timeout_s * 1000,
                                          .wants_bodies =
                                              options->wants_bodies };
  json_auto_t *result = NULL;

  if (begin (runner, start, life, report, err) < 0)
    return -1;
  if (dc_observe (life->pid, &how, report, &result, err) < 0)
    return dc_container_give_up (life->name, err->code == DC_ERR_NOTFOUND,
                                 report, err);
  if (add_log (life, result, report, err) < 0 ||
      add_times (life, result, err) < 0 ||
      (!options->keeps &&
       end (start, life, options->stop_s, result, report, err) < 0))
    return dc_container_give_up (life->name, 0, report, err);
  *out = json_incref (result);
  return 0;
}

/* The second life's reasons count like the first's. */
static int
add_restart (json_t *result, json_t *again, struct dc_error *err)
{
  json_t *reason = NULL;
  size_t i = 0;

  json_array_foreach (json_object_get (again, "reasons"), i, reason)
  {
    add_reason (result, json_sprintf ("after a restart: %s",
                                      json_string_value (reason)));
  }
  return json_object_set (result, "restart", again) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static int
finish (const struct dc_runner *runner, const struct dc_start *start,
        const struct life *life, const struct dc_verify_options *options,
        int64_t begin_ms, json_t *result, struct dc_error *err)
{
  const bool is_kept =
      json_array_size (json_object_get (result, "reasons")) == 0;
  json_t *whole =
      json_pack ("{s:i, s:s, s:s, s:s, s:s, s:s*, s:I}", "version", 1, "image",
                 start->layout_path, "tag", start->tag, "runner", runner->name,
                 "verdict", is_kept ? "kept" : "short", "container",
                 options->keeps ? life->name : NULL, "total_ms",
                 (json_int_t) (now_ms () - begin_ms));

  if (whole == NULL || json_object_update_missing_new (result, whole) < 0)
    return dc_json_no_memory (err);
  return 0;
}

int
dc_verify (const struct dc_runner *runner, const struct dc_start *start,
           const struct dc_verify_options *options,
           const struct dc_report *report, json_t **out, struct dc_error *err)
{
  struct dc_verify_options first = *options;
  struct life life = { .pid_fd = -1 };
  char id[DC_RUN_ID_SIZE];
  json_auto_t *result = NULL, *again = NULL;
  const int64_t begin_ms = now_ms ();

  dc_verify_sweep (report);
  if (dc_record_new_id (id, err) < 0)
    return -1;
  (void) snprintf (life.name, sizeof life.name, PREFIX "%.12s", id);
  AUTO_CLOSE int lock = lock_name (life.name, err);
  if (lock < 0)
    return -1;
  (void) prctl (PR_SET_CHILD_SUBREAPER, 1); /* or its end stays unknown */
  first.keeps = options->keeps && !options->restarts;
  int status = live (runner, start, &first, &life, report, &result, err);
  dc_close_auto (&life.pid_fd);
  if (status == 0 && options->restarts) {
    life.pid_fd = -1;
    status = live (runner, start, options, &life, report, &again, err);
    dc_close_auto (&life.pid_fd);
    if (status == 0)
      status = add_restart (result, again, err);
  }
  /* Its volumes were for this alone; mostly there are none. */
  struct dc_error ignored;
  if (!options->keeps)
    (void) dc_container_stop (life.name, DC_VOLUMES_GO, report, &ignored);
  unlock_name (life.name);
  if (status < 0 ||
      finish (runner, start, &life, options, begin_ms, result, err) < 0)
    return -1;
  *out = json_incref (result);
  return 0;
}
