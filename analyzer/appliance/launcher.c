/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/appliance/launcher.h"
#include "analyzer/appliance/launchguest.h"
#include "analyzer/appliance/launchslots.h"
#include "analyzer/appliance/launchwatch.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"

/* Measured: 10-30 s in emulation on a busy host, 2 s with KVM. */
#define KVM_TIMEOUT_S 120
#define EMULATION_TIMEOUT_S 900

void
dc_strings_free (char **strings)
{
  for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
    free (strings[i]);
  free (strings);
}

int
dc_launcher_fail (guestfs_h *g, struct dc_error *err, const char *fmt, ...)
{
  const char *reason = guestfs_last_error (g);
  char what[256];
  size_t size;
  va_list args;

  va_start (args, fmt);
  (void) vsnprintf (what, sizeof what, fmt, args); /* cut if long */
  va_end (args);
  if (reason == NULL)
    reason = "no reason";
  /* Its first line is the sentence, what follows is advice. */
  size = strcspn (reason, "\n");
  if (size > 0 && reason[size - 1] == '.')
    size--;
  return dc_fail (err, DC_ERR_TOOL, "%s: %s", what,
                  dc_quote_bytes (reason, size).text);
}

static void
close_handle (guestfs_h **g)
{
  if (*g != NULL)
    guestfs_close (*g);
}
#define AUTO_HANDLE __attribute__ ((__cleanup__ (close_handle)))

/* A relative name with a colon would be a protocol to QEMU. */
static int
add_raw (guestfs_h *g, const char *path,
         struct guestfs_add_drive_opts_argv *options, struct dc_error *err)
{
  AUTO_FREE char *absolute = realpath (path, NULL);

  if (absolute == NULL)
    return dc_fail_errno (err, "cannot find disk '%s'", dc_quote (path).text);
  if (guestfs_add_drive_opts_argv (g, absolute, options) < 0)
    return dc_launcher_fail (g, err, "cannot use disk '%s'",
                             dc_quote (path).text);
  return 0;
}

static int
add_nbd (guestfs_h *g, const char *socket, const char *export,
         struct guestfs_add_drive_opts_argv *options, struct dc_error *err)
{
  AUTO_FREE char *server = NULL;

  if (asprintf (&server, "unix:%s", socket) < 0) {
    server = NULL;
    return dc_fail_errno (err, "cannot keep a name");
  }
  const char *servers[] = { server, NULL };
  options->bitmask |= GUESTFS_ADD_DRIVE_OPTS_PROTOCOL_BITMASK |
                      GUESTFS_ADD_DRIVE_OPTS_SERVER_BITMASK;
  options->protocol = "nbd";
  /* libguestfs lacks a const here and writes nothing. */
  memcpy (&options->server, &(const char *const *){ servers },
          sizeof options->server);
  if (guestfs_add_drive_opts_argv (g, export, options) < 0)
    return dc_launcher_fail (g, err, "cannot use a disk");
  return 0;
}

/* LABEL is how launchslots.c knows it again; NULL: it has none. */
static int
add_disk (guestfs_h *g, const struct dc_disk_export *disk, const char *label,
          struct dc_error *err)
{
  struct guestfs_add_drive_opts_argv options = {
    .bitmask = GUESTFS_ADD_DRIVE_OPTS_READONLY_BITMASK |
               GUESTFS_ADD_DRIVE_OPTS_FORMAT_BITMASK,
    .readonly = 1,
    .format = "raw",
  };

  if (label != NULL) {
    options.bitmask |= GUESTFS_ADD_DRIVE_OPTS_LABEL_BITMASK;
    options.label = label;
  }
  return disk->kind == DC_DISK_EXPORT_RAW
             ? add_raw (g, disk->path, &options, err)
             : add_nbd (g, disk->path, disk->export, &options, err);
}

static int
add_disks (guestfs_h *g, const struct dc_appliance_options *options,
           struct dc_error *err)
{
  for (size_t i = 0; i < options->guest_count; i++)
    for (size_t disk = 0; disk < options->guests[i].disk_count; disk++) {
      const struct dc_launchslot_label label = dc_launchslot_label (i, disk);
      if (add_disk (g, &options->guests[i].disks[disk],
                    options->guest_count > 1 ? label.text : NULL, err) < 0)
        return -1;
    }
  return 0;
}

/* Start QEMU ourselves (libguestfs' "direct"), whatever the distribution's
 * default: through libvirt it would run as another user, who cannot reach our
 * sockets.
 */
static int
launch (guestfs_h *g, const struct dc_launcher *launcher,
        struct dc_launchwatch *watch, struct dc_error *err)
{
  if (guestfs_set_backend (g, "direct") < 0 ||
      guestfs_set_program (g, "decant") < 0 ||
      (!launcher->uses_kvm &&
       guestfs_set_backend_setting (g, "force_tcg", "1") < 0))
    return dc_launcher_fail (g, err, "cannot set up the appliance");
  if (add_disks (g, launcher->options, err) < 0)
    return -1;
  const unsigned timeout_s =
      launcher->uses_kvm ? KVM_TIMEOUT_S : EMULATION_TIMEOUT_S;
  dc_launchwatch_allow (watch, timeout_s);
  const int status = guestfs_launch (g);
  dc_launchwatch_allow (watch, 0);
  if (status == 0)
    return 0;
  if (dc_launchwatch_has_timed_out (watch))
    return dc_fail (err, DC_ERR_TOOL,
                    "the appliance did not start within %u seconds", timeout_s);
  return dc_launcher_fail (g, err, "cannot start the appliance");
}

/* LIST as {"filesystems": LIST}, its size before it. */
static int
send_description (int fd, json_t *list, struct dc_error *err)
{
  json_auto_t *description = json_pack ("{s:O}", "filesystems", list);
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  if (description == NULL)
    return dc_json_no_memory (err);
  if (dc_json_canonical (description, &text, &size, err) < 0)
    return -1;
  if (size > DC_APPLIANCE_DESCRIPTION_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "too many file systems to describe");
  const uint32_t head = (uint32_t) size;
  if (dc_file_write (fd, &head, sizeof head, err) < 0)
    return -1;
  return dc_file_write (fd, text, size, err);
}

/* Everything below "/", with what tar would leave out by itself: owners as
 * numbers, xattrs, ACLs.
 */
static int
send_files (guestfs_h *g, int fd, struct dc_error *err)
{
  char path[32];

  (void) snprintf (path, sizeof path, "/dev/fd/%d", fd);
  if (guestfs_tar_out_opts (g, "/", path, GUESTFS_TAR_OUT_OPTS_NUMERICOWNER, 1,
                            GUESTFS_TAR_OUT_OPTS_XATTRS, 1,
                            GUESTFS_TAR_OUT_OPTS_ACLS, 1, -1) < 0)
    return dc_launcher_fail (g, err, "cannot read the files of the guest");
  return 0;
}

/* A handle whose appliance runs.  KVM may fail where a boot sector did well:
 * then without.
 */
static int
open_handle (struct dc_launcher *launcher, struct dc_launchwatch *watch,
             const struct dc_report *report, guestfs_h **out,
             struct dc_error *err)
{
  for (;;) {
    AUTO_HANDLE guestfs_h *g = guestfs_create ();
    if (g == NULL)
      return dc_fail_errno (err, "cannot use libguestfs");
    guestfs_set_error_handler (g, NULL, NULL); /* it would print */
    dc_info (report, "starting the appliance");
    if (launch (g, launcher, watch, err) == 0) {
      *out = DC_TAKE (g);
      return 0;
    }
    if (!launcher->uses_kvm || dc_launchwatch_is_reader_gone (watch))
      return -1;
    dc_warn (report, "%s, trying it without KVM", err->text);
    launcher->uses_kvm = 0;
  }
}

/* Guest INDEX, whose disks are there. */
static int
send_guest (guestfs_h *g, struct dc_launcher *launcher, size_t index,
            const struct dc_report *report, struct dc_error *err)
{
  json_auto_t *list = NULL;
  const int out_fd = launcher->out_fds[index];

  if (dc_launchguest_open (g, &launcher->options->guests[index], report, &list,
                           err) < 0)
    return -1;
  dc_info (report, "reading the guest through the appliance");
  if (send_description (out_fd, list, err) < 0)
    return -1;
  return send_files (g, out_fd, err);
}

static int
take_turn (guestfs_h *g, struct dc_launcher *launcher, size_t index,
           const struct dc_report *report, struct dc_error *err)
{
  const struct dc_appliance_guest *guest = &launcher->options->guests[index];

  if (dc_launchslots_show (g, index, guest->disk_count, err) < 0 ||
      send_guest (g, launcher, index, report, err) < 0)
    return -1;
  return dc_file_close (&launcher->out_fds[index], err);
}

/* Several guests, one after the other.  One that fails leaves the others
 * alone, as far as its disks can be taken away.
 */
static int
send_guests (guestfs_h *g, struct dc_launcher *launcher,
             const struct dc_launchwatch *watch, const struct dc_report *report,
             struct dc_error *err)
{
  const size_t count = launcher->options->guest_count;

  for (size_t i = 0; i < count && !dc_launchwatch_is_reader_gone (watch); i++) {
    if (dc_launchslots_hide (g, err) < 0)
      return -1;
    const int status = take_turn (g, launcher, i, report, err);
    const char verdict = status == 0 ? DC_LAUNCHER_SENT : DC_LAUNCHER_FAILED;
    if (status < 0)
      dc_info (report, "guest %zu of %zu in one appliance: %s", i + 1, count,
               err->text);
    if (launcher->out_fds[i] >= 0)
      (void) close (DC_TAKE_FD (launcher->out_fds[i])); /* told as a failure */
    if (dc_file_write (launcher->verdict_fd, &verdict, 1, err) < 0)
      return -1;
  }
  return 0;
}

/* All of it; on success the pipes are closed, while QEMU still shuts down. */
static int
work (struct dc_launcher *launcher, struct dc_launchwatch **watch,
      const struct dc_report *report, struct dc_error *err)
{
  AUTO_HANDLE guestfs_h *g = NULL;

  if (open_handle (launcher, *watch, report, &g, err) < 0)
    return -1;
  const int status = launcher->options->guest_count == 1
                         ? send_guest (g, launcher, 0, report, err)
                         : send_guests (g, launcher, *watch, report, err);
  if (status < 0)
    return -1;
  dc_launchwatch_free (DC_TAKE (*watch));
  return launcher->options->guest_count == 1
             ? dc_file_close (&launcher->out_fds[0], err)
             : 0; /* closed after each turn */
}

int
dc_launcher_work (void *arg, const struct dc_report *report, json_t **result,
                  struct dc_error *err)
{
  struct dc_launcher *launcher = arg;
  DC_AUTO (dc_launchwatch) *watch = NULL;

  (void) result; /* all goes to the pipes */
  if (signal (SIGPIPE, SIG_IGN) == SIG_ERR)
    return dc_fail_errno (err, "cannot ignore SIGPIPE");
  if (dc_launchwatch_start (launcher->verdict_fd, &watch, err) < 0)
    return -1;
  if (work (launcher, &watch, report, err) == 0)
    return 0;
  if (watch != NULL && dc_launchwatch_is_reader_gone (watch))
    return dc_fail (err, DC_ERR_CANCELLED, "nobody reads the guest any more");
  return -1;
}
