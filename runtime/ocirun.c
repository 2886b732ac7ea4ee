/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "lib/statedir.h"
#include "runtime/runner.h"
#include "runtime/slirp.h"
#include "runtime/spec.h"
#include "runtime/unpack.h"

/* ocirun: runc or crun without podman.
 *
 *   STATE/containers/NAME/   the bundle: config.json, rootfs, hosts, ...
 *     slirp.pid              the process that carries the ports
 *     console.log            what the container says
 */

#define CONTAINERS "containers"
#define ANSWER_SIZE_MAX ((size_t) 1024 * 1024)
#define TOOL_TIMEOUT_MS 60000
#define POLL_MS 100

struct bundle {
  int containers_fd; /* the folder of all */
  int fd;            /* of this one */
  char path[4096];
};

static void
close_bundle (struct bundle *bundle)
{
  dc_close_auto (&bundle->containers_fd);
  dc_close_auto (&bundle->fd);
}
#define AUTO_BUNDLE __attribute__ ((__cleanup__ (close_bundle))) struct bundle
#define BUNDLE_INIT                                                            \
  {                                                                            \
    .containers_fd = -1, .fd = -1                                              \
  }

/* Open the bundle's folder; IS_NEW: make it first. */
static int
open_bundle (struct bundle *bundle, const char *name, bool is_new,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (sizeof bundle->path - 1);

  if (dc_statedir_path (&path, err) < 0 ||
      dc_buffer_print (&path, err, "/%s/%s", CONTAINERS, name) < 0)
    return -1;
  memcpy (bundle->path, path.data, path.size + 1);
  bundle->containers_fd = dc_statedir_open_folder (CONTAINERS, err);
  if (bundle->containers_fd < 0)
    return -1;
  if (is_new && mkdirat (bundle->containers_fd, name, 0700) < 0)
    return dc_fail_errno (err, "cannot make '%s'",
                          dc_quote (bundle->path).text);
  bundle->fd = openat (bundle->containers_fd, name,
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return bundle->fd >= 0 ? 0
                         : dc_fail_errno (err, "cannot open '%s'",
                                          dc_quote (bundle->path).text);
}

static int write_text (const struct bundle *bundle, const char *name,
                       struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 4, 5)));
static int
write_text (const struct bundle *bundle, const char *name, struct dc_error *err,
            const char *fmt, ...)
{
  char *text = NULL;
  va_list args;

  va_start (args, fmt);
  const int size = vasprintf (&text, fmt, args);
  va_end (args);
  if (size < 0)
    return dc_fail_errno (err, "cannot keep a text");
  AUTO_FREE char *owned = text;
  return dc_output_replace (bundle->fd, name, owned, (size_t) size, err);
}

static int
write_spec (const struct bundle *bundle, const struct dc_start *start,
            struct dc_error *err)
{
  json_auto_t *spec = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;
  const bool has_slirp = start->network == DC_NETWORK_SLIRP;

  if (dc_spec_make (start->image->config, bundle->path, start->name, &spec,
                    err) < 0 ||
      dc_json_pretty (spec, &text, &size, err) < 0 ||
      dc_output_replace (bundle->fd, "config.json", text, size, err) < 0 ||
      write_text (bundle, "hostname", err, "%s\n", start->name) < 0 ||
      write_text (bundle, "hosts", err,
                  "127.0.0.1 localhost\n::1 localhost\n%s %s\n",
                  has_slirp ? "10.0.2.100" : "127.0.1.1", start->name) < 0)
    return -1;
  return write_text (bundle, "resolv.conf", err, "%s",
                     has_slirp ? "nameserver 10.0.2.3\n" : "");
}

static int
unpack (const struct bundle *bundle, const struct dc_start *start,
        const struct dc_report *report, struct dc_error *err)
{
  if (mkdirat (bundle->fd, "rootfs", 0755) < 0)
    return dc_fail_errno (err, "cannot make a root folder");
  AUTO_CLOSE int root = openat (
      bundle->fd, "rootfs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (root < 0)
    return dc_fail_errno (err, "cannot open the root folder");
  return dc_unpack (start->layout, start->image, root, report, err);
}

/* What runc or crun wrote to its log is the reason. */
static void
add_log (const struct bundle *bundle, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer log = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  struct dc_error ignored;
  AUTO_CLOSE int fd = dc_file_open (bundle->fd, "runtime.log", &ignored);

  if (fd < 0 || dc_file_read_all (fd, &log, &ignored) < 0 || log.size == 0)
    return;
  const char *text = strstr (log.data, "msg=");
  (void) dc_fail (err, DC_ERR_TOOL, "%s",
                  dc_quote (text != NULL ? text : log.data).text);
}

static int
create (const struct dc_runner *runner, const struct bundle *bundle,
        const char *name, const struct dc_report *report, int *pid,
        struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (64);
  char log_path[sizeof bundle->path + 32], pid_path[sizeof bundle->path + 32];
  uint64_t number = 0;

  (void) snprintf (log_path, sizeof log_path, "%s/runtime.log", bundle->path);
  (void) snprintf (pid_path, sizeof pid_path, "%s/pid", bundle->path);
  AUTO_CLOSE int console =
      openat (bundle->fd, "console.log",
              O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (console < 0)
    return dc_fail_errno (err, "cannot make its console's log");
  const char *const argv[] = { runner->name, "--log",    log_path,
                               "create",     "--bundle", bundle->path,
                               "--pid-file", pid_path,   name,
                               NULL };
  const struct dc_run run = { .argv = argv,
                              .stdout_fd = console,
                              .timeout_ms = TOOL_TIMEOUT_MS,
                              .outlives_us = 1 };
  if (dc_run (&run, report, err) < 0) {
    add_log (bundle, err);
    return -1;
  }
  AUTO_CLOSE int fd = dc_file_open (bundle->fd, "pid", err);
  if (fd < 0 || dc_file_read_all (fd, &text, err) < 0 ||
      dc_number_parse (dc_buffer_text (&text), 1, INT32_MAX, &number, err) < 0)
    return dc_context (err, "its process");
  *pid = (int) number;
  return 0;
}

static int
tool (const struct dc_runner *runner, const char *verb, const char *name,
      const char *last, struct dc_buffer *answer,
      const struct dc_report *report, struct dc_error *err)
{
  const char *const argv[] = { runner->name, verb, name, last, NULL };
  const struct dc_run run = { .argv = argv,
                              .out = answer,
                              .timeout_ms = TOOL_TIMEOUT_MS };

  return dc_run (&run, report, err);
}

static int delete (const struct dc_runner *runner, const char *name,
                   const struct dc_report *report, struct dc_error *err)
{
  const char *const argv[] = { runner->name, "delete", "--force", name, NULL };
  const struct dc_run run = { .argv = argv, .timeout_ms = TOOL_TIMEOUT_MS };

  return dc_run (&run, report, err);
}

static void
stop_slirp (const struct bundle *bundle)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (64);
  struct dc_error ignored; /* there is none */
  uint64_t number = 0;
  AUTO_CLOSE int fd = dc_file_open (bundle->fd, "slirp.pid", &ignored);

  if (fd >= 0 && dc_file_read_all (fd, &text, &ignored) == 0 &&
      dc_number_parse (dc_buffer_text (&text), 1, INT32_MAX, &number,
                       &ignored) == 0)
    dc_slirp_stop ((int) number);
}

/* The network has to be there before the services start. */
static int
connect_and_start (const struct dc_runner *runner, const struct bundle *bundle,
                   const struct dc_start *start, int pid,
                   const struct dc_report *report, struct dc_error *err)
{
  int slirp_pid = 0;

  if (start->network == DC_NETWORK_SLIRP &&
      (dc_slirp_start (pid, bundle->path, start->ports, report, &slirp_pid,
                       err) < 0 ||
       write_text (bundle, "slirp.pid", err, "%d", slirp_pid) < 0))
    return -1;
  return tool (runner, "start", start->name, NULL, NULL, report, err);
}

static int
start_in (const struct dc_runner *runner, const struct bundle *bundle,
          const struct dc_start *start, const struct dc_report *report,
          int *pid, struct dc_error *err)
{
  struct dc_error ignored; /* the first error is the one to tell */

  if (unpack (bundle, start, report, err) < 0 ||
      write_spec (bundle, start, err) < 0 ||
      create (runner, bundle, start->name, report, pid, err) < 0)
    return -1;
  if (connect_and_start (runner, bundle, start, *pid, report, err) == 0)
    return 0;
  stop_slirp (bundle);
  (void) delete (runner, start->name, report, &ignored);
  return -1;
}

static int
oci_start (const struct dc_runner *runner, const struct dc_start *start,
           const struct dc_report *report, int *pid, struct dc_error *err)
{
  AUTO_BUNDLE bundle = BUNDLE_INIT;
  struct dc_error ignored; /* the first error is the one to tell */

  if (geteuid () != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "%s alone needs root; podman does not", runner->name);
  if (start->network == DC_NETWORK_BRIDGE)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "%s alone has no bridge; use --network slirp4netns",
                    runner->name);
  if (open_bundle (&bundle, start->name, true, err) < 0)
    return -1;
  if (start_in (runner, &bundle, start, report, pid, err) == 0)
    return 0;
  (void) dc_file_remove_tree (bundle.containers_fd, start->name, &ignored);
  return -1;
}

/* 1: it has stopped, or is gone. */
static int
has_stopped (const struct dc_runner *runner, const char *name,
             const struct dc_report *report)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  struct dc_error ignored;
  json_auto_t *json = NULL;
  const char *status = NULL;

  if (tool (runner, "state", name, NULL, &answer, report, &ignored) < 0 ||
      dc_json_parse (dc_buffer_text (&answer), answer.size, "state", &json,
                     &ignored) < 0 ||
      dc_json_unpack (json, "state", &ignored, "{s:s}", "status", &status) < 0)
    return 1;
  return strcmp (status, "stopped") == 0;
}

static int
oci_stop (const struct dc_runner *runner, const char *name,
          const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUNDLE bundle = BUNDLE_INIT;
  struct dc_error ignored; /* it may have ended by itself */

  if (open_bundle (&bundle, name, false, err) < 0)
    return -1;
  (void) tool (runner, "kill", name, "TERM", NULL, report, &ignored);
  for (unsigned waited_ms = 0;
       !has_stopped (runner, name, report) && waited_ms < DC_RUN_STOP_S * 1000u;
       waited_ms += POLL_MS) {
    /* runc tells nobody when a container stops: it has to be asked again. */
    struct pollfd cancel = { .fd = report->cancel_fd, .events = POLLIN };
    if (poll (&cancel, 1, POLL_MS) == 1)
      return dc_fail (err, DC_ERR_CANCELLED, "interrupted");
  }
  (void) tool (runner, "kill", name, "KILL", NULL, report, &ignored);
  (void) delete (runner, name, report, &ignored);
  stop_slirp (&bundle);
  return dc_file_remove_tree (bundle.containers_fd, name, err);
}

const struct dc_runner dc_runner_runc = {
  .name = "runc",
  .start = oci_start,
  .stop = oci_stop,
};

const struct dc_runner dc_runner_crun = {
  .name = "crun",
  .start = oci_start,
  .stop = oci_stop,
};
