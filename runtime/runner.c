/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/lastline.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "runtime/record.h"
#include "runtime/runner.h"
#include "runtime/volumes.h"

#define LAST_WORDS_MAX ((size_t) 64 * 1024) /* bytes */
#define SETTLE_MS 300 /* an image that cannot run is over by then */
#define FORWARDING "/proc/sys/net/ipv4/ip_forward"

static const struct dc_runner *const runners[] = {
  &dc_runner_podman,
  &dc_runner_runc,
  &dc_runner_crun,
};

static int
is_installed (const struct dc_runner *runner)
{
  AUTO_FREE char *path = dc_run_find (runner->name);

  return path != NULL;
}

int
dc_runner_find (const char *name, const struct dc_runner **out,
                struct dc_error *err)
{
  bool is_known = name == NULL;

  for (size_t i = 0; i < DC_COUNT (runners); i++) {
    if (name != NULL && strcmp (runners[i]->name, name) != 0)
      continue;
    is_known = true;
    if (is_installed (runners[i])) {
      *out = runners[i];
      return 0;
    }
  }
  if (!is_known)
    return dc_fail (err, DC_ERR_NOTFOUND,
                    "'%s' is none of podman, runc and crun",
                    dc_quote (name).text);
  return dc_fail (err, DC_ERR_NOTFOUND, "%s is%s installed",
                  name != NULL ? name : "none of podman, runc and crun",
                  name != NULL ? " not" : "");
}

/* A bridge needs IP forwarding and rules in the host's firewall.  Where
 * forwarding is off, the host's owner has not allowed that, and we do not
 * switch it on.
 */
static enum dc_network
choose_network (const struct dc_report *report)
{
  static const char hint[] =
      "no bridge without root and IP forwarding, ports go through slirp4netns";
  char forwarding = '0';
  struct dc_error ignored; /* unreadable is the same as off */
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, FORWARDING, &ignored);

  if (fd >= 0 && geteuid () == 0 && read (fd, &forwarding, 1) == 1 &&
      forwarding == '1')
    return DC_NETWORK_BRIDGE;
  dc_info (report, "%s", hint);
  return DC_NETWORK_SLIRP;
}

/* slirp4netns is looked for before anything is made. */
static int
choose (const struct dc_start *start, struct dc_start *chosen,
        const struct dc_report *report, struct dc_error *err)
{
  *chosen = *start;
  if (chosen->network == DC_NETWORK_AUTO)
    chosen->network = choose_network (report);
  if (chosen->network != DC_NETWORK_SLIRP)
    return 0;
  AUTO_FREE char *path = dc_run_find ("slirp4netns");
  return path != NULL
             ? 0
             : dc_fail (err, DC_ERR_NOTFOUND,
                        "slirp4netns is not installed; without it there is "
                        "only --network none, or a bridge with IP forwarding");
}

/* Cleaning up goes on when the user wants us to stop: that is why. */
static struct dc_report
without_cancel (const struct dc_report *report)
{
  struct dc_report calm = *report;

  calm.cancel_fd = -1;
  return calm;
}

/* Its log goes with it, so the end of that belongs to the reason. */
static void
add_last_words (const struct dc_runner *runner,
                const struct dc_started *started,
                const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (LAST_WORDS_MAX);
  struct dc_lastline line = { .size = 0 };

  runner->last_words (runner, started, report, &text);
  dc_lastline_add (&line, dc_buffer_text (&text), text.size);
  const struct dc_span last = dc_lastline_text (&line);
  if (last.size > 0)
    (void) dc_fail (err, err->code, "%s; its last line: %s",
                    dc_quote (err->text).text,
                    dc_quote_bytes (last.text, last.size).text);
}

/* Some images end as soon as they run.  Their first process tells when; PID 0
 * has ended already.
 */
static int
settle (int pid, const struct dc_report *report, struct dc_error *err)
{
  static const char ended[] = "it ended at once";

  if (pid == 0)
    return dc_fail (err, DC_ERR_TOOL, "%s", ended);
  AUTO_CLOSE int pid_fd = (int) syscall (SYS_pidfd_open, pid, 0);
  if (pid_fd < 0)
    return errno == ESRCH ? dc_fail (err, DC_ERR_TOOL, "%s", ended)
                          : dc_fail_errno (err, "cannot watch its process");
  struct pollfd polled[] = {
    { .fd = pid_fd, .events = POLLIN },
    { .fd = report->cancel_fd, .events = POLLIN },
  };
  const int count = poll (polled, DC_COUNT (polled), SETTLE_MS);
  if (count < 0)
    return dc_fail_errno (err, "cannot watch its process");
  if (polled[1].revents != 0)
    return dc_fail (err, DC_ERR_CANCELLED, "cancelled");
  return count == 0 ? 0 : dc_fail (err, DC_ERR_TOOL, "%s", ended);
}

/* Remove all of it, then the record; what cannot be removed keeps its record,
 * so that `stop` may try again.
 */
static int
discard (const struct dc_recordlock *lock, const struct dc_runner *runner,
         const struct dc_started *started, const struct dc_report *report,
         struct dc_error *err)
{
  const struct dc_report calm = without_cancel (report);

  if (runner->remove (runner, started, &calm, err) < 0)
    return -1;
  return dc_record_remove (lock, err);
}

/* What is known of NAME from before: nothing may run, and what a killed start
 * left is removed.
 */
static int
clear_name (const struct dc_recordlock *lock, const char *name,
            const struct dc_report *report, struct dc_error *err)
{
  struct dc_record record;
  const struct dc_runner *runner = NULL;
  const int is_known = dc_record_read (lock, &record, err);

  if (is_known <= 0)
    return is_known;
  if (record.is_running)
    return dc_fail (err, DC_ERR_EXISTS,
                    "'%s' was started already; 'decant stop %s' stops it", name,
                    name);
  dc_info (report, "removing what an interrupted start of '%s' left", name);
  if (dc_runner_find (record.runner, &runner, err) < 0)
    return -1;
  return discard (lock, runner, &record.started, report, err);
}

int
dc_container_clear (const char *name, const struct dc_report *report,
                    struct dc_error *err)
{
  DC_AUTO (dc_recordlock) *lock = NULL;

  return dc_record_lock (name, &lock, err) < 0
             ? -1
             : clear_name (lock, name, report, err);
}

static int
start_and_watch (const struct dc_runner *runner, const struct dc_start *start,
                 const struct dc_started *started,
                 const struct dc_report *report, int *pid, struct dc_error *err)
{
  if (dc_volumes_prepare (runner, start, report, err) < 0 ||
      runner->start (runner, start, started, report, pid, err) < 0)
    return -1;
  if (settle (*pid, report, err) == 0)
    return 0;
  if (err->code == DC_ERR_TOOL)
    add_last_words (runner, started, report, err);
  return -1;
}

/* Who it will be. */
static int
christen (const struct dc_start *start, struct dc_started *started,
          struct dc_error *err)
{
  struct dc_oci_target config;
  json_t *at = json_object_get (start->image->manifest, "config");

  if (dc_oci_read_descriptor (at, &config, err) < 0)
    return dc_context (err, "the image's config");
  (void) snprintf (started->name, sizeof started->name, "%s", start->name);
  (void) snprintf (started->image, sizeof started->image, "%s", config.digest);
  started->stop_s =
      start->wants != NULL ? (int) start->wants->stop_timeout_s : 0;
  return dc_record_new_id (started->id, err);
}

int
dc_container_start (const struct dc_runner *runner,
                    const struct dc_start *start,
                    const struct dc_report *report, int *pid,
                    struct dc_error *err)
{
  DC_AUTO (dc_recordlock) *lock = NULL;
  struct dc_record record = { .is_running = false };
  struct dc_start chosen;
  struct dc_error ignored; /* the first error is the one to tell */

  if (dc_record_lock (start->name, &lock, err) < 0 ||
      clear_name (lock, start->name, report, err) < 0 ||
      choose (start, &chosen, report, err) < 0 ||
      christen (start, &record.started, err) < 0)
    return -1;
  (void) snprintf (record.runner, sizeof record.runner, "%s", runner->name);
  if (dc_record_write (lock, &record, start, 0, err) < 0)
    return -1;
  if (start_and_watch (runner, &chosen, &record.started, report, pid, err) <
      0) {
    (void) dc_context (err, "cannot start '%s'", start->name);
    goto remove_container;
  }
  record.is_running = true;
  if (dc_record_write (lock, &record, start, *pid, err) < 0)
    goto remove_container;
  return 0;

remove_container:
  (void) discard (lock, runner, &record.started, report, &ignored);
  return -1;
}

static int
find_started (const struct dc_recordlock *lock, const char *name,
              struct dc_record *record, const struct dc_runner **runner,
              struct dc_error *err)
{
  const int is_known = dc_record_read (lock, record, err);

  if (is_known < 0)
    return -1;
  if (is_known == 0)
    return dc_fail (err, DC_ERR_NOTFOUND,
                    "decant has started no container '%s'", name);
  return dc_runner_find (record->runner, runner, err);
}

int
dc_container_give_up (const char *name, int is_dead,
                      const struct dc_report *report, struct dc_error *err)
{
  DC_AUTO (dc_recordlock) *lock = NULL;
  struct dc_record record;
  const struct dc_runner *runner = NULL;
  struct dc_error ignored; /* ERR is the one to tell */

  if (dc_record_lock (name, &lock, &ignored) < 0 ||
      find_started (lock, name, &record, &runner, &ignored) < 0)
    return -1;
  if (is_dead)
    add_last_words (runner, &record.started, report, err);
  (void) discard (lock, runner, &record.started, report, &ignored);
  return dc_context (err, "cannot run '%s'", name);
}

void
dc_container_last_words (const char *name, const struct dc_report *report,
                         struct dc_buffer *text)
{
  DC_AUTO (dc_recordlock) *lock = NULL;
  struct dc_record record;
  const struct dc_runner *runner = NULL;
  struct dc_error ignored; /* then it has said nothing */

  if (dc_record_lock (name, &lock, &ignored) == 0 &&
      find_started (lock, name, &record, &runner, &ignored) == 0)
    runner->last_words (runner, &record.started, report, text);
}

/* Stop it and remove what was made for it.  1; 0 when there is none. */
static int
stop_container (const struct dc_recordlock *lock, const char *name,
                const struct dc_report *report, struct dc_error *err)
{
  struct dc_record record;
  const struct dc_runner *runner = NULL;
  const int is_known = dc_record_read (lock, &record, err);

  if (is_known <= 0)
    return is_known;
  if (dc_runner_find (record.runner, &runner, err) < 0 ||
      (record.is_running &&
       runner->stop (runner, &record.started, report, err) < 0) ||
      discard (lock, runner, &record.started, report, err) < 0)
    return dc_context (err, "cannot stop '%s'", name);
  return 1;
}

int
dc_container_stop (const char *name, enum dc_volumes_fate volumes,
                   const struct dc_report *report, struct dc_error *err)
{
  DC_AUTO (dc_recordlock) *lock = NULL;
  int removed = 0;

  if (dc_record_lock (name, &lock, err) < 0)
    return -1;
  const int was_there = stop_container (lock, name, report, err);
  if (was_there < 0)
    return -1;
  if (volumes == DC_VOLUMES_GO)
    removed = dc_volumes_remove (name, report, err);
  if (removed < 0)
    return dc_context (err, "cannot remove the volumes of '%s'", name);
  return was_there == 1 || removed > 0
             ? 0
             : dc_fail (err, DC_ERR_NOTFOUND,
                        "decant has started no container '%s'", name);
}
