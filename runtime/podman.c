/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "lib/statedir.h"
#include "lib/words.h"
#include "runtime/runner.h"

/* podman: containers by podman(1), in its own storage.
 *
 * Measured with podman 4.3: root without CAP_SYS_RESOURCE cannot set its
 * defaults for nofile and nproc, nor more than 32768 processes; crun refuses
 * hosts with hybrid cgroups, where runc works.
 */

#define ANSWER_SIZE_MAX ((size_t) 64 * 1024)
#define TIMEOUT_MS (10u * 60 * 1000)
#define NOFILE_MAX 1048576u
#define NPROC_MAX 32768u
#define CAP_SYS_RESOURCE_BIT 24
#define RUNTIME_RECORD "podman-runtime" /* in the state folder */

/* What podman needs to find its storage and its user's session. */
static const char *const pass_env[] = {
  "CONTAINERS_CONF",
  "DBUS_SESSION_BUS_ADDRESS",
  "HOME",
  "LOGNAME",
  "TMPDIR",
  "USER",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  NULL,
};

static int
podman (const char *const *argv, struct dc_buffer *answer,
        const struct dc_report *report, struct dc_error *err)
{
  const struct dc_run run = {
    .argv = argv,
    .pass_env = pass_env,
    .out = answer,
    .timeout_ms = TIMEOUT_MS,
  };

  return dc_run (&run, report, err);
}

/* The first line of an answer, without its end. */
static void
keep_first_line (struct dc_buffer *answer)
{
  if (answer->data == NULL)
    return;
  answer->size = strcspn (answer->data, "\n");
  answer->data[answer->size] = '\0';
}

static int add (struct dc_words *words, struct dc_error *err, const char *fmt,
                ...) __attribute__ ((__format__ (__printf__, 3, 4)));
static int
add (struct dc_words *words, struct dc_error *err, const char *fmt, ...)
{
  char *text = NULL;
  va_list args;

  va_start (args, fmt);
  const int size = vasprintf (&text, fmt, args);
  va_end (args);
  return size < 0 ? dc_fail_errno (err, "cannot keep an argument")
                  : dc_words_take (words, text, err);
}

static int
can_raise_limits (void)
{
  char line[256];
  unsigned long long effective = 0;
  FILE *status = fopen ("/proc/self/status", "re");

  if (status == NULL)
    return 1;
  while (fgets (line, sizeof line, status) != NULL)
    if (strncmp (line, "CapEff:", 7) == 0)
      effective = strtoull (line + 7, NULL, 16);
  (void) fclose (status); /* only read */
  return (int) (effective >> CAP_SYS_RESOURCE_BIT & 1);
}

static int
add_limit (struct dc_words *words, const char *name, int resource, unsigned max,
           struct dc_error *err)
{
  struct rlimit limit;

  if (getrlimit ((__rlimit_resource_t) resource, &limit) < 0)
    return dc_fail_errno (err, "cannot read the limit '%s'", name);
  const unsigned value = limit.rlim_max < max ? (unsigned) limit.rlim_max : max;
  return add (words, err, "--ulimit=%s=%u:%u", name, value, value);
}

static int
add_limits (struct dc_words *words, struct dc_error *err)
{
  if (geteuid () != 0 || can_raise_limits ())
    return 0;
  if (add_limit (words, "nofile", RLIMIT_NOFILE, NOFILE_MAX, err) < 0)
    return -1;
  return add_limit (words, "nproc", RLIMIT_NPROC, NPROC_MAX, err);
}

static int
add_network (struct dc_words *words, const struct dc_start *start,
             struct dc_error *err)
{
  static const char *const networks[] = {
    [DC_NETWORK_BRIDGE] = "bridge",
    [DC_NETWORK_SLIRP] = "slirp4netns",
    [DC_NETWORK_NONE] = "none",
  };

  if (add (words, err, "--network=%s", networks[start->network]) < 0)
    return -1;
  if (start->network == DC_NETWORK_NONE)
    return 0;
  for (size_t i = 0; i < start->ports->count; i++) {
    const struct dc_published *port = &start->ports->items[i];
    const int is_v6 = strchr (port->address, ':') != NULL;
    if (add (words, err, "--publish=%s%s%s:%u:%u/%s", is_v6 ? "[" : "",
             port->address, is_v6 ? "]" : "", port->outside, port->inside,
             port->is_udp ? "udp" : "tcp") < 0)
      return -1;
  }
  return 0;
}

/* podman's own copy of the image; its id in ID. */
static int
pull (const struct dc_start *start, const struct dc_report *report,
      struct dc_buffer *id, struct dc_error *err)
{
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  if (dc_words_add (&argv, "podman", err) < 0 ||
      dc_words_add (&argv, "pull", err) < 0 ||
      dc_words_add (&argv, "--quiet", err) < 0 ||
      add (&argv, err, "oci:%s:%s", start->layout_path, start->tag) < 0)
    return -1;
  if (podman ((const char *const *) argv.items, id, report, err) < 0)
    return -1;
  keep_first_line (id);
  return 0;
}

static int
create (const struct dc_start *start, const char *image, const char *runtime,
        const struct dc_report *report, struct dc_error *err)
{
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  if (dc_words_add (&argv, "podman", err) < 0 ||
      (runtime != NULL && add (&argv, err, "--runtime=%s", runtime) < 0) ||
      dc_words_add (&argv, "create", err) < 0 ||
      add (&argv, err, "--name=%s", start->name) < 0 ||
      add (&argv, err, "--hostname=%s", start->name) < 0 ||
      add (&argv, err, "--stop-timeout=%d", DC_RUN_STOP_S) < 0 ||
      add_limits (&argv, err) < 0 || add_network (&argv, start, err) < 0 ||
      dc_words_add (&argv, "--", err) < 0 ||
      dc_words_add (&argv, image, err) < 0)
    return -1;
  return podman ((const char *const *) argv.items, NULL, report, err);
}

static int
remove_container (const char *name, const struct dc_report *report,
                  struct dc_error *err)
{
  const char *const argv[] = { "podman", "rm", "--force", "--time=0",
                               "--",     name, NULL };

  return podman (argv, NULL, report, err);
}

/* Nothing else may use the image; then it stays. */
static void
remove_image (const char *image, const struct dc_report *report)
{
  const char *const argv[] = { "podman", "rmi", "--", image, NULL };
  struct dc_error ignored;

  (void) podman (argv, NULL, report, &ignored);
}

static int
start_created (const char *name, const struct dc_report *report, int *pid,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  const char *const start_argv[] = { "podman", "start", "--", name, NULL };
  const char *const inspect_argv[] = {
    "podman", "inspect", "--format={{.State.Pid}}", "--", name, NULL
  };
  uint64_t number = 0;

  if (podman (start_argv, NULL, report, err) < 0 ||
      podman (inspect_argv, &answer, report, err) < 0)
    return -1;
  keep_first_line (&answer);
  if (dc_number_parse (dc_buffer_text (&answer), 1, INT32_MAX, &number, err) <
      0)
    return dc_context (err, "it ended at once; its process");
  *pid = (int) number;
  return 0;
}

static int
try_runtime (const struct dc_start *start, const char *image,
             const char *runtime, const struct dc_report *report, int *pid,
             struct dc_error *err)
{
  struct dc_error ignored; /* the first error is the one to tell */

  if (create (start, image, runtime, report, err) < 0)
    return -1;
  if (start_created (start->name, report, pid, err) == 0)
    return 0;
  (void) remove_container (start->name, report, &ignored);
  return -1;
}

/* podman's own choice of a runtime first; where that cannot start anything,
 * runc.  What worked is remembered, so that it is tried once.
 */
static int
start_image (const struct dc_start *start, const char *image,
             const struct dc_report *report, int *pid, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer known = DC_BUFFER_INIT (64);
  const int is_known = dc_statedir_recall (RUNTIME_RECORD, &known, err);

  if (is_known < 0)
    return -1;
  if (is_known == 1)
    return try_runtime (start, image, dc_buffer_text (&known), report, pid,
                        err);
  if (try_runtime (start, image, NULL, report, pid, err) == 0)
    return 0;
  AUTO_FREE char *runc = dc_run_find ("runc");
  if (runc == NULL || err->code == DC_ERR_CANCELLED)
    return -1;
  struct dc_error second = { .code = DC_OK };
  if (try_runtime (start, image, "runc", report, pid, &second) < 0)
    return -1;
  dc_info (report, "podman's own runtime does not work here (%s), using runc",
           err->text);
  return dc_statedir_remember (RUNTIME_RECORD, "runc", err);
}

static int
podman_start (const struct dc_runner *runner, const struct dc_start *start,
              const struct dc_report *report, int *pid, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer image = DC_BUFFER_INIT (ANSWER_SIZE_MAX);

  (void) runner; /* podman is one program */
  if (pull (start, report, &image, err) < 0)
    return -1;
  if (start_image (start, dc_buffer_text (&image), report, pid, err) == 0)
    return 0;
  remove_image (dc_buffer_text (&image), report);
  return -1;
}

static int
podman_stop (const struct dc_runner *runner, const char *name,
             const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer image = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  const char *const inspect_argv[] = {
    "podman", "inspect", "--format={{.Image}}", "--", name, NULL
  };
  const char *const stop_argv[] = { "podman", "stop", "--", name, NULL };

  (void) runner; /* podman is one program */
  if (podman (inspect_argv, &image, report, err) < 0) {
    dc_warn (report,
             "podman has no container '%s' any more, "
             "removing only our record of it",
             name);
    return 0;
  }
  keep_first_line (&image);
  if (podman (stop_argv, NULL, report, err) < 0 ||
      remove_container (name, report, err) < 0)
    return -1;
  remove_image (dc_buffer_text (&image), report);
  return 0;
}

const struct dc_runner dc_runner_podman = {
  .name = "podman",
  .start = podman_start,
  .stop = podman_stop,
};
