/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
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
  int in_fd; /* the reading end of the pipe */
};

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

int
dc_appliance_start (const struct dc_appliance_options *options,
                    const struct dc_report *report, struct dc_appliance **out,
                    struct dc_error *err)
{
  struct dc_launcher launcher = { .options = options };
  int ends[2];

  if (ask_for_kvm (report, &launcher.uses_kvm, err) < 0)
    return -1;
  DC_AUTO (dc_appliance) *appliance = calloc (1, sizeof *appliance);
  if (appliance == NULL)
    return dc_fail_errno (err, "cannot use the appliance");
  appliance->in_fd = -1;
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return dc_fail_errno (err, "cannot make a pipe");
  appliance->in_fd = ends[0];
  AUTO_CLOSE int out_fd = ends[1]; /* the launcher has its own */
  launcher.out_fd = out_fd;
  const struct dc_confine confine = {
    .name = "the appliance",
    .keep_fds = &out_fd,
    .keep_fd_count = 1,
    .unconfined = 1,
  };
  if (dc_worker_start (&confine, dc_launcher_work, &launcher,
                       &appliance->launcher, err) < 0)
    return -1;
  *out = DC_TAKE (appliance);
  return 0;
}

int
dc_appliance_fd (const struct dc_appliance *appliance)
{
  return appliance->in_fd;
}

void
dc_appliance_pair (struct dc_appliance *appliance, struct dc_worker *reader)
{
  dc_worker_pair (reader, appliance->launcher);
}

static void
hang_up (struct dc_appliance *appliance)
{
  if (appliance->in_fd >= 0)
    (void) close (DC_TAKE_FD (appliance->in_fd)); /* only read from */
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
