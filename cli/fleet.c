/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/fleet.h"
#include "cli/fleetprocess.h"
#include "lib/file.h"
#include "lib/json.h"

/* What is known of one source. */
struct guest {
  enum {
    GUEST_NEW,
    GUEST_RUNNING,
    GUEST_DEFERRED, /* only the appliance can read it */
    GUEST_AGAIN,    /* it was not read together with others */
    GUEST_DONE,
  } state;
  int output_fd; /* its JSON; -1 */
  char *reason;  /* why it failed; NULL: it did not */
};

struct work {
  const struct dc_fleet *fleet;
  struct guest *guests;
  struct dc_fleetprocess processes[DC_FLEET_JOBS_MAX];
  char *program; /* this one */
  size_t jobs, running;
  size_t started; /* guests before this one are not new any more */
  size_t taken, ended, failed;
};

static int
find_program (char **out, struct dc_error *err)
{
  char path[PATH_MAX];

  const ssize_t size = readlink ("/proc/self/exe", path, sizeof path - 1);
  if (size < 0)
    return dc_fail_errno (err, "cannot find our own program");
  path[size] = '\0';
  *out = strdup (path);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot find our own program");
}

/* Guests in STATE into NUMBERS, at most MAX, in order. */
static size_t
gather (const struct work *work, unsigned state, size_t *numbers, size_t max)
{
  size_t count = 0;

  for (size_t i = work->taken; i < work->started && count < max; i++)
    if (work->guests[i].state == state)
      numbers[count++] = i;
  return count;
}

static bool
is_asking (const struct work *work)
{
  for (size_t i = 0; i < work->jobs; i++)
    if (work->processes[i].child != NULL &&
        work->processes[i].how == DC_FLEET_ASK)
      return true;
  return false;
}

/* A guest that is new: how to begin with it. */
static bool
choose_new (struct work *work, struct dc_fleetprocess *next)
{
  const bool shares = work->fleet->group_max > 1;

  while (work->started < work->fleet->count &&
         work->started - work->taken < DC_FLEET_PENDING_MAX) {
    const size_t number = work->started++;
    if (!shares || work->fleet->backend != DC_BACKEND_APPLIANCE) {
      const bool asks = shares && work->fleet->backend == DC_BACKEND_AUTO;
      next->how = asks ? DC_FLEET_ASK : DC_FLEET_ALONE;
      next->guests[0] = number;
      next->count = 1;
      return true;
    }
    work->guests[number].state = GUEST_DEFERRED;
  }
  return false;
}

/* What the next process does; false: nothing before another one ends. */
static bool
choose (struct work *work, struct dc_fleetprocess *next)
{
  size_t deferred[DC_FLEET_PENDING_MAX];

  next->how = DC_FLEET_ALONE;
  next->count = gather (work, GUEST_AGAIN, next->guests, 1);
  if (next->count > 0 || choose_new (work, next))
    return true;
  const size_t count =
      gather (work, GUEST_DEFERRED, deferred, DC_FLEET_PENDING_MAX);
  if (count == 0 || is_asking (work))
    return false;
  const size_t idle = work->jobs - work->running;
  const size_t share = (count + idle - 1) / idle;
  next->count = share < work->fleet->group_max ? share : work->fleet->group_max;
  next->how = next->count > 1 ? DC_FLEET_TOGETHER : DC_FLEET_ALONE;
  memcpy (next->guests, deferred, next->count * sizeof *deferred);
  return true;
}

static int
start (struct work *work, const struct dc_fleetprocess *next,
       struct dc_error *err)
{
  size_t slot = 0;

  while (work->processes[slot].child != NULL)
    slot++;
  struct dc_fleetprocess *process = &work->processes[slot];
  process->how = next->how;
  process->count = next->count;
  memcpy (process->guests, next->guests, sizeof next->guests);
  if (dc_fleetprocess_start (process, work->fleet, work->program, err) < 0)
    return -1;
  for (size_t i = 0; i < process->count; i++)
    work->guests[process->guests[i]].state = GUEST_RUNNING;
  work->running++;
  return 0;
}

static void
set_done (struct work *work, struct guest *guest)
{
  guest->state = GUEST_DONE;
  work->ended++;
}

/* The only guest of PROCESS. */
static void
finish_one (struct work *work, struct dc_fleetprocess *process)
{
  struct guest *guest = &work->guests[process->guests[0]];

  if (process->how == DC_FLEET_ASK &&
      process->exit_status == DC_EXIT_APPLIANCE) {
    guest->state = GUEST_DEFERRED;
    return;
  }
  guest->output_fd = DC_TAKE_FD (process->output_fd);
  guest->reason = DC_TAKE (process->reason);
  set_done (work, guest);
}

/* Those that have a profile in what PROCESS said; the others are read again. */
static int
finish_all (struct work *work, struct dc_fleetprocess *process,
            struct dc_error *err)
{
  int fds[DC_FLEET_GROUP_MAX];

  if (dc_fleetprocess_split (process, fds, err) < 0)
    return -1;
  for (size_t i = 0; i < process->count; i++) {
    struct guest *guest = &work->guests[process->guests[i]];
    guest->output_fd = fds[i];
    if (fds[i] >= 0)
      set_done (work, guest);
    else
      guest->state = GUEST_AGAIN;
  }
  return 0;
}

static int
finish (struct work *work, struct dc_fleetprocess *process,
        struct dc_error *err)
{
  if (dc_fleetprocess_wait (process, &work->fleet->terminal->report, err) < 0)
    return -1;
  work->running--;
  int status = 0;
  if (process->how == DC_FLEET_TOGETHER)
    status = finish_all (work, process, err);
  else
    finish_one (work, process);
  dc_fleetprocess_release (process);
  return status;
}

/* Wait until a process ends, or the user wants to stop. */
static int
wait_for_one (struct work *work, struct dc_error *err)
{
  struct pollfd fds[DC_FLEET_JOBS_MAX + 1];

  for (size_t i = 0; i < work->jobs; i++)
    fds[i] = (struct pollfd){ work->processes[i].end_fd, POLLIN, 0 };
  fds[work->jobs] =
      (struct pollfd){ work->fleet->terminal->report.cancel_fd, POLLIN, 0 };
  if (poll (fds, work->jobs + 1, -1) < 0)
    return errno == EINTR ? 0
                          : dc_fail_errno (err, "cannot wait for a process");
  if (dc_report_is_cancelled (&work->fleet->terminal->report))
    return dc_fail (err, DC_ERR_CANCELLED, "stopped");
  for (size_t i = 0; i < work->jobs; i++)
    if (fds[i].revents != 0 && finish (work, &work->processes[i], err) < 0)
      return -1;
  return 0;
}

static int
read_profile (const struct guest *guest, json_t **profile, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_FLEET_RESULT_MAX);

  if (lseek (guest->output_fd, 0, SEEK_SET) < 0)
    return dc_fail_errno (err, "cannot read a profile");
  if (dc_file_read_all (guest->output_fd, &b, err) < 0)
    return -1;
  return dc_json_parse (dc_buffer_text (&b), b.size, "profile", profile, err);
}

/* Give the results on that are next in order. */
static int
take_finished (struct work *work, struct dc_error *err)
{
  const struct dc_fleet *fleet = work->fleet;

  for (; work->taken < work->started &&
         work->guests[work->taken].state == GUEST_DONE;
       work->taken++) {
    struct guest *guest = &work->guests[work->taken];
    json_auto_t *profile = NULL;
    struct dc_error why = { .code = DC_OK };
    if (guest->reason == NULL && read_profile (guest, &profile, &why) < 0 &&
        (guest->reason = strdup (why.text)) == NULL)
      return dc_fail_errno (err, "cannot keep why a guest failed");
    work->failed += guest->reason != NULL;
    if (fleet->take (fleet->self, fleet->sources[work->taken], profile,
                     guest->reason, err) < 0)
      return -1;
    (void) close (guest->output_fd);
    guest->output_fd = -1;
  }
  dc_terminal_count (fleet->terminal, "guests", work->ended, fleet->count,
                     work->failed);
  return 0;
}

static int
run_all (struct work *work, struct dc_error *err)
{
  struct dc_fleetprocess next = { .child = NULL };

  while (work->taken < work->fleet->count) {
    while (work->running < work->jobs && choose (work, &next))
      if (start (work, &next, err) < 0)
        return -1;
    if (wait_for_one (work, err) < 0 || take_finished (work, err) < 0)
      return -1;
  }
  return 0;
}

static void
release (struct work *work)
{
  for (size_t i = 0; i < work->jobs; i++)
    dc_fleetprocess_release (&work->processes[i]);
  for (size_t i = 0; i < work->fleet->count && work->guests != NULL; i++) {
    if (work->guests[i].output_fd >= 0)
      (void) close (work->guests[i].output_fd);
    free (work->guests[i].reason);
  }
  free (work->guests);
  free (work->program);
}

static size_t
processors (void)
{
  const long count = sysconf (_SC_NPROCESSORS_ONLN);

  return count < 1                   ? 1
         : count > DC_FLEET_JOBS_MAX ? DC_FLEET_JOBS_MAX
                                     : (size_t) count;
}

int
dc_fleet_run (const struct dc_fleet *fleet, size_t *failed,
              struct dc_error *err)
{
  struct work work = {
    .fleet = fleet,
    .jobs = fleet->jobs > 0 ? fleet->jobs : processors (),
    .guests = calloc (fleet->count, sizeof *work.guests),
  };

  if (work.guests == NULL)
    return dc_fail_errno (err, "cannot keep %zu guests", fleet->count);
  for (size_t i = 0; i < fleet->count; i++)
    work.guests[i].output_fd = -1;
  for (size_t i = 0; i < work.jobs; i++)
    work.processes[i].end_fd = work.processes[i].output_fd = -1;
  int status = find_program (&work.program, err);
  if (status == 0)
    status = run_all (&work, err);
  *failed = work.failed;
  release (&work);
  dc_terminal_clear (fleet->terminal);
  return status;
}
