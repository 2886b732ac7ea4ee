/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/fleet.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/run.h"

/* What is known of one source. */
struct guest {
  struct dc_child *child; /* while it runs */
  int end_fd;             /* readable when it has ended; -1 */
  int output_fd;          /* its JSON; -1 */
  bool is_done;
  char *reason; /* why it failed; NULL: it did not */
};

struct work {
  const struct dc_fleet *fleet;
  struct guest *guests;
  char *program; /* this one */
  size_t jobs;
  size_t started, taken, ended, failed;
};

/* What our own process needs of the environment, besides what dc_run() gives:
 * where state and scratch lie, and how the appliance is run.
 */
static const char *const pass_env[] = {
  "HOME",
  "TMPDIR",
  "DECANT_STATE_DIR",
  "XDG_STATE_HOME",
  "XDG_RUNTIME_DIR",
  "LIBGUESTFS_BACKEND",
  "LIBGUESTFS_BACKEND_SETTINGS",
  "LIBGUESTFS_MEMSIZE",
  "LIBGUESTFS_PATH",
  NULL,
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

static int
make_argv (const struct work *work, const char *source, struct dc_words *argv,
           struct dc_error *err)
{
  const struct dc_words *options = work->fleet->options;

  if (dc_words_add (argv, work->program, err) < 0 ||
      dc_words_add (argv, "analyze", err) < 0 ||
      dc_words_add (argv, "--json", err) < 0 ||
      dc_words_add (argv, "--quiet", err) < 0)
    return -1;
  for (size_t i = 0; i < options->count; i++)
    if (dc_words_add (argv, options->items[i], err) < 0)
      return -1;
  return dc_words_add (argv, "--", err) < 0 ? -1
                                            : dc_words_add (argv, source, err);
}

static int
start (struct work *work, struct dc_error *err)
{
  struct guest *guest = &work->guests[work->started];
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  if (make_argv (work, work->fleet->sources[work->started], &argv, err) < 0)
    return -1;
  guest->output_fd = dc_file_spool (err);
  if (guest->output_fd < 0)
    return -1;
  const struct dc_run run = {
    .argv = (const char *const *) argv.items,
    .pass_env = pass_env,
    .stdout_fd = guest->output_fd,
  };
  if (dc_child_start (&run, &guest->child, err) < 0)
    return -1;
  work->started++;
  guest->end_fd =
      (int) syscall (SYS_pidfd_open, dc_child_pid (guest->child), 0);
  return guest->end_fd >= 0 ? 0
                            : dc_fail_errno (err, "cannot wait for a process");
}

/* "decant: cannot read ..." of a process's stderr is how its error ends. */
static char *
reason_of (const char *text)
{
  static const char prefix[] = "decant: ";
  const char *said = strstr (text, prefix);

  return strdup (said != NULL ? said + sizeof prefix - 1 : text);
}

/* The process of GUEST has ended: keep how. */
static int
finish (struct work *work, struct guest *guest, struct dc_error *err)
{
  struct dc_error how = { .code = DC_OK };

  const int status =
      dc_child_wait (guest->child, &work->fleet->terminal->report, &how);
  dc_child_free (DC_TAKE (guest->child));
  (void) close (guest->end_fd);
  guest->end_fd = -1;
  guest->is_done = true;
  work->ended++;
  if (status == 0)
    return 0;
  if (how.code == DC_ERR_CANCELLED) {
    *err = how;
    return -1;
  }
  guest->reason = reason_of (how.text);
  return guest->reason != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep why a guest failed");
}

/* Wait until a process ends, or the user wants to stop. */
static int
wait_for_one (struct work *work, struct dc_error *err)
{
  struct pollfd fds[DC_FLEET_JOBS_MAX + 1];
  struct guest *guests[DC_FLEET_JOBS_MAX + 1];
  nfds_t count = 0;

  for (size_t i = work->taken; i < work->started; i++)
    if (work->guests[i].child != NULL && count < DC_FLEET_JOBS_MAX) {
      guests[count] = &work->guests[i];
      fds[count++] = (struct pollfd){ work->guests[i].end_fd, POLLIN, 0 };
    }
  fds[count] =
      (struct pollfd){ work->fleet->terminal->report.cancel_fd, POLLIN, 0 };
  if (poll (fds, count + 1, -1) < 0)
    return errno == EINTR ? 0
                          : dc_fail_errno (err, "cannot wait for a process");
  if (dc_report_is_cancelled (&work->fleet->terminal->report))
    return dc_fail (err, DC_ERR_CANCELLED, "stopped");
  for (nfds_t i = 0; i < count; i++)
    if (fds[i].revents != 0 && finish (work, guests[i], err) < 0)
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

  for (; work->taken < work->started && work->guests[work->taken].is_done;
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
  const size_t count = work->fleet->count;

  while (work->taken < count) {
    while (work->started < count && work->started - work->ended < work->jobs &&
           work->started - work->taken < DC_FLEET_PENDING_MAX)
      if (start (work, err) < 0)
        return -1;
    if (wait_for_one (work, err) < 0 || take_finished (work, err) < 0)
      return -1;
  }
  return 0;
}

static void
release (struct work *work)
{
  for (size_t i = 0; i < work->fleet->count && work->guests != NULL; i++) {
    struct guest *guest = &work->guests[i];
    dc_child_free (guest->child);
    if (guest->end_fd >= 0)
      (void) close (guest->end_fd);
    if (guest->output_fd >= 0)
      (void) close (guest->output_fd);
    free (guest->reason);
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
    work.guests[i].end_fd = work.guests[i].output_fd = -1;
  int status = find_program (&work.program, err);
  if (status == 0)
    status = run_all (&work, err);
  *failed = work.failed;
  release (&work);
  dc_terminal_clear (fleet->terminal);
  return status;
}
