/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/appliance/appliance.h"
#include "analyzer/appliance/launcher.h"
#include "lib/json.h"
#include "lib/kvm.h"
#include "lib/tree/backends.h"

struct dc_appliance {
  struct dc_worker *launcher;
  int verdict_fd; /* where it says how each turn went, also our hold on it */
  int in_fds[DC_APPLIANCE_GUEST_MAX]; /* the reading ends of the pipes; -1 */
};

/* The launcher says how a turn went when it has sent all; a reader that fails
 * before it may have to wait for a part of a file.  What takes longer than
 * this is stuck.
 */
#define VERDICT_TIMEOUT_MS 120000

static int
ask_for_kvm (const struct dc_report *report, int *works, struct dc_error *err)
{
  enum dc_kvm answer = DC_KVM_ABSENT;

  if (dc_kvm_probe (report, &answer, err) < 0)
    return -1;
  *works = answer == DC_KVM_WORKS || answer == DC_KVM_UNTRIED;
  if (!*works)
    dc_warn (report,
             "KVM %s on this host, the appliance runs in software emulation, "
             "which takes ten times as long",
             answer == DC_KVM_BROKEN ? "does not work" : "is not there");
  return 0;
}

static int
check_options (const struct dc_appliance_options *options, struct dc_error *err)
{
  size_t disk_count = 0;

  for (size_t i = 0; i < options->guest_count; i++)
    disk_count += options->guests[i].disk_count;
  if (options->guest_count > DC_APPLIANCE_GUEST_MAX ||
      disk_count > DC_APPLIANCE_DISK_MAX)
    return dc_fail (err, DC_ERR_LIMIT,
                    "%zu guests with %zu disks in one start of the appliance, "
                    "limit %d with %d",
                    options->guest_count, disk_count, DC_APPLIANCE_GUEST_MAX,
                    DC_APPLIANCE_DISK_MAX);
  return 0;
}

/* A pipe for each guest and one for the verdicts; its writing ends at
 * OUT_FDS, the last one at OUT_FDS[COUNT].
 */
static int
make_pipes (struct dc_appliance *appliance, size_t count, int *out_fds,
            struct dc_error *err)
{
  for (size_t i = 0; i <= count; i++) {
    int ends[2];
    if (pipe2 (ends, O_CLOEXEC) < 0)
      return dc_fail_errno (err, "cannot make a pipe");
    *(i < count ? &appliance->in_fds[i] : &appliance->verdict_fd) = ends[0];
    out_fds[i] = ends[1];
  }
  return 0;
}

static void
close_all (int *fds, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (fds[i] >= 0)
      (void) close (DC_TAKE_FD (fds[i])); /* nothing was written by us */
}

static int
start_launcher (struct dc_appliance *appliance, struct dc_launcher *launcher,
                struct dc_error *err)
{
  const size_t count = launcher->options->guest_count;

  if (make_pipes (appliance, count, launcher->out_fds, err) < 0)
    return -1;
  launcher->verdict_fd = launcher->out_fds[count];
  const struct dc_confine confine = {
    .name = "the appliance",
    .keep_fds = launcher->out_fds,
    .keep_fd_count = count + 1,
    .unconfined = 1,
  };
  return dc_worker_start (&confine, dc_launcher_work, launcher,
                          &appliance->launcher, err);
}

int
dc_appliance_start (const struct dc_appliance_options *options,
                    const struct dc_report *report, struct dc_appliance **out,
                    struct dc_error *err)
{
  struct dc_launcher launcher = { .options = options };

  if (check_options (options, err) < 0 ||
      ask_for_kvm (report, &launcher.uses_kvm, err) < 0)
    return -1;
  DC_AUTO (dc_appliance) *appliance = calloc (1, sizeof *appliance);
  if (appliance == NULL)
    return dc_fail_errno (err, "cannot use the appliance");
  appliance->verdict_fd = -1;
  for (size_t i = 0; i < DC_COUNT (appliance->in_fds); i++)
    appliance->in_fds[i] = -1;
  for (size_t i = 0; i < DC_COUNT (launcher.out_fds); i++)
    launcher.out_fds[i] = -1;
  const int status = start_launcher (appliance, &launcher, err);
  close_all (launcher.out_fds,
             DC_COUNT (launcher.out_fds)); /* it has its own */
  if (status < 0)
    return -1;
  *out = DC_TAKE (appliance);
  return 0;
}

int
dc_appliance_fd (const struct dc_appliance *appliance, size_t index)
{
  return appliance->in_fds[index];
}

void
dc_appliance_pair (struct dc_appliance *appliance, struct dc_worker *reader)
{
  dc_worker_pair (reader, appliance->launcher);
}

static void
hang_up (struct dc_appliance *appliance)
{
  close_all (appliance->in_fds, DC_COUNT (appliance->in_fds));
  close_all (&appliance->verdict_fd, 1);
}

/* Wait for the launcher; it has nothing to write to any more. */
static int
join (struct dc_appliance *appliance, const struct dc_report *report,
      struct dc_error *err)
{
  json_auto_t *result = NULL;

  hang_up (appliance);
  const int status = dc_worker_wait (appliance->launcher, report, &result, err);
  dc_worker_free (DC_TAKE (appliance->launcher));
  return status;
}

/* What the launcher says about the turn that has just ended. */
static int
hear_verdict (const struct dc_appliance *appliance,
              const struct dc_report *report, struct dc_error *err)
{
  struct pollfd fds[] = { { appliance->verdict_fd, POLLIN, 0 },
                          { report->cancel_fd, POLLIN, 0 } };
  char verdict = DC_LAUNCHER_FAILED;

  const int count = poll (fds, DC_COUNT (fds), VERDICT_TIMEOUT_MS);
  if (dc_report_is_cancelled (report))
    return dc_fail (err, DC_ERR_CANCELLED, "cancelled");
  if (count <= 0 || read (appliance->verdict_fd, &verdict, 1) != 1 ||
      verdict != DC_LAUNCHER_SENT)
    return dc_fail (err, DC_ERR_TOOL,
                    "the appliance did not send all of the guest");
  return 0;
}

int
dc_appliance_next (struct dc_appliance *appliance, size_t index, int status,
                   const struct dc_report *report, struct dc_error *err)
{
  struct dc_error own;

  close_all (&appliance->in_fds[index], 1);
  if (status < 0 && err->code == DC_ERR_CANCELLED)
    return -1;
  if (hear_verdict (appliance, report, &own) == 0)
    return status;
  *err = own;
  return -1;
}

int
dc_appliance_end (struct dc_appliance *appliance, int status,
                  const struct dc_report *report, struct dc_error *err)
{
  struct dc_error own;

  if (join (appliance, report, &own) == 0 || own.code == DC_ERR_CANCELLED)
    return status;
  *err = own;
  return -1;
}

/* The launcher gets the time to clean up after libguestfs. */
void
dc_appliance_free (struct dc_appliance *appliance)
{
  struct dc_error ignored; /* nobody wants the guest any more */

  if (appliance == NULL)
    return;
  if (appliance->launcher != NULL)
    (void) join (appliance, &dc_report_silent, &ignored);
  hang_up (appliance);
  free (appliance);
}

static int
read_exactly (int fd, void *bytes, size_t size, struct dc_error *err)
{
  for (size_t done = 0; done < size;) {
    const ssize_t n = read (fd, (char *) bytes + done, size - done);
    if (n == 0)
      return dc_fail (err, DC_ERR_INVALID, "the appliance ended early");
    if (n < 0 && errno != EINTR)
      return dc_fail_errno (err, "cannot read from the appliance");
    if (n > 0)
      done += (size_t) n;
  }
  return 0;
}

/* The texts of JSON stay its own; dc_guest_add() copies them. */
static char *
text_of (const json_t *json, const char *key)
{
  char *text;
  const char *value = json_string_value (json_object_get (json, key));

  memcpy (&text, &value, sizeof text); /* struct dc_guest_fs has no const */
  return text;
}

/* All but the mountpoint must be there; what else there is does not matter. */
static int
add_row (struct dc_guest *guest, const json_t *json, struct dc_error *err)
{
  const json_int_t size = json_integer_value (json_object_get (json, "size"));
  const struct dc_guest_fs fs = {
    .device = text_of (json, "device"),
    .type = text_of (json, "type"),
    .uuid = text_of (json, "uuid"),
    .label = text_of (json, "label"),
    .mountpoint = text_of (json, "mountpoint"),
    .state = text_of (json, "state"),
    .size = size < 0 ? 0 : (uint64_t) size,
  };

  if (fs.device == NULL || fs.type == NULL || fs.uuid == NULL ||
      fs.label == NULL || fs.state == NULL)
    return dc_fail (err, DC_ERR_INVALID, "a file system is not described");
  return dc_guest_add (guest, &fs, err);
}

static int
read_description (int fd, struct dc_guest **out, struct dc_error *err)
{
  uint32_t size = 0;
  json_auto_t *json = NULL;
  DC_AUTO (dc_guest) *guest = NULL;

  if (read_exactly (fd, &size, sizeof size, err) < 0)
    return -1;
  if (size > DC_APPLIANCE_DESCRIPTION_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a description of %u bytes", size);
  AUTO_FREE char *text = malloc ((size_t) size + 1);
  if (text == NULL)
    return dc_fail_errno (err, "cannot keep a description");
  if (read_exactly (fd, text, size, err) < 0 ||
      dc_json_parse (text, size, "the description", &json, err) < 0 ||
      dc_guest_new ("appliance", &guest, err) < 0)
    return -1;
  const json_t *list = json_object_get (json, "filesystems");
  for (size_t i = 0; i < json_array_size (list); i++)
    if (add_row (guest, json_array_get (list, i), err) < 0)
      return -1;
  *out = DC_TAKE (guest);
  return 0;
}

int
dc_appliance_tree (int fd, int spool_fd, struct dc_tree **tree,
                   struct dc_guest **guest, struct dc_error *err)
{
  DC_AUTO (dc_guest) *described = NULL;

  if (read_description (fd, &described, err) < 0)
    return dc_context (err, "what the appliance says about the guest");
  if (dc_tree_tar (fd, spool_fd, tree, err) < 0)
    return dc_context (err, "what the appliance sends of the guest");
  *guest = DC_TAKE (described);
  return 0;
}
