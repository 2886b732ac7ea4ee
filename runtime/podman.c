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
#include "runtime/podmancall.h"
#include "runtime/podmanimage.h"
#include "runtime/podmanstate.h"
#include "runtime/runner.h"

/* podman: containers by podman(1), in its own storage.
 *
 * Measured with podman 4.3: root without CAP_SYS_RESOURCE cannot set its
 * defaults for nofile and nproc, nor more than 32768 processes; crun refuses
 * hosts with hybrid cgroups, where runc works.
 */

#define LIST_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* of all containers */
#define ANSWER_SIZE_MAX ((size_t) 64 * 1024)
#define NOFILE_MAX 1048576u
#define NPROC_MAX 32768u
#define CAP_SYS_RESOURCE_BIT 24
#define STORAGE "storage " /* the state of files without a container */
#define NAME_LABEL "io.decant.name"
#define ID_LABEL "io.decant.run"
#define RUNTIME_RECORD "podman-runtime" /* in the state folder */

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

static int
create (const struct dc_start *start, const struct dc_started *started,
        const char *runtime, const char *image, const struct dc_report *report,
        struct dc_error *err)
{
  AUTO_WORDS struct dc_words argv = { NULL, 0 };

  if (dc_words_add (&argv, "podman", err) < 0 ||
      (runtime != NULL && add (&argv, err, "--runtime=%s", runtime) < 0) ||
      dc_words_add (&argv, "create", err) < 0 ||
      add (&argv, err, "--name=%s", started->name) < 0 ||
      add (&argv, err, "--hostname=%s", started->name) < 0 ||
      add (&argv, err, "--label=" NAME_LABEL "=%s", started->name) < 0 ||
      add (&argv, err, "--label=" ID_LABEL "=%s", started->id) < 0 ||
      add (&argv, err, "--stop-timeout=%d",
           started->stop_s > 0 ? started->stop_s : DC_RUN_STOP_S) < 0 ||
      dc_words_add (&argv, "--pull=never", err) < 0 ||
      add_limits (&argv, err) < 0 || add_network (&argv, start, err) < 0 ||
      dc_podmanstate_options (start, started, report, &argv, err) < 0 ||
      dc_words_add (&argv, "--", err) < 0 ||
      dc_words_add (&argv, image, err) < 0)
    return -1;
  return dc_podman ((const char *const *) argv.items, NULL, report, err);
}

/* The container that has our id, by podman's own: its name may be somebody
 * else's by now.  1, or 0 when there is none.
 */
static int
find_container (const struct dc_started *started, struct dc_buffer *container,
                const struct dc_report *report, struct dc_error *err)
{
  char filter[sizeof "--filter=label=" ID_LABEL "=" + DC_RUN_ID_SIZE];

  (void) snprintf (filter, sizeof filter, "--filter=label=" ID_LABEL "=%s",
                   started->id);
  const char *const argv[] = { "podman",     "ps",   "--all", "--quiet",
                               "--no-trunc", filter, NULL };
  if (dc_podman_list (argv, container, report, err) < 0)
    return -1;
  dc_podman_first_line (container);
  return container->size > 0;
}

static int
remove_by_id (const char *container, const struct dc_report *report,
              struct dc_error *err)
{
  const char *const argv[] = { "podman", "rm",      "--force", "--time=0",
                               "--",     container, NULL };

  return dc_podman (argv, NULL, report, err);
}

static int
remove_container (const struct dc_started *started,
                  const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer container = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  const int is_there = find_container (started, &container, report, err);

  return is_there <= 0
             ? is_there
             : remove_by_id (dc_buffer_text (&container), report, err);
}

/* A "podman create" that was killed leaves files without a container, which
 * keep its name (measured with podman 4.3).  They have no labels: ours are
 * those of our name and our image.
 */
static int
remove_remains (const struct dc_started *started,
                const struct dc_report *report, struct dc_error *err)
{
  static const char *const argv[] = {
    "podman",     "ps",
    "--all",      "--external",
    "--no-trunc", "--format={{.ImageID}} {{.Names}} {{.State}} {{.ID}}",
    NULL
  };
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (LIST_SIZE_MAX);
  char wanted[DC_DIGEST_TEXT_SIZE + DC_RUN_NAME_MAX + 3];

  const int size = snprintf (wanted, sizeof wanted, "%s %s ",
                             dc_podmanimage_id (started), started->name);
  if (dc_podman_list (argv, &answer, report, err) < 0)
    return -1;
  char *id = answer.size > 0 ? strstr (answer.data, wanted) : NULL;
  if (id == NULL || strncasecmp (id + size, STORAGE, strlen (STORAGE)) != 0)
    return 0;
  id += size + (int) strlen (STORAGE);
  id[strcspn (id, "\n")] = '\0';
  return remove_by_id (id, report, err);
}

static int
start_created (const char *name, const struct dc_report *report, int *pid,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  const char *const start_argv[] = { "podman", "start", "--", name, NULL };
  const char *const inspect_argv[] = { "podman",  "container",
                                       "inspect", "--format={{.State.Pid}}",
                                       "--",      name,
                                       NULL };
  uint64_t number = 0;

  if (dc_podman (start_argv, NULL, report, err) < 0 ||
      dc_podman (inspect_argv, &answer, report, err) < 0)
    return -1;
  dc_podman_first_line (&answer);
  if (dc_number_parse (dc_buffer_text (&answer), 0, INT32_MAX, &number, err) <
      0)
    return dc_context (err, "podman's word for its process");
  *pid = (int) number; /* 0: it has ended already */
  return 0;
}

static int
try_runtime (const struct dc_start *start, const struct dc_started *started,
             const char *runtime, const char *image,
             const struct dc_report *report, int *pid, struct dc_error *err)
{
  if (create (start, started, runtime, image, report, err) < 0)
    return -1;
  return start_created (started->name, report, pid, err);
}

/* podman's own choice of a runtime first; where that cannot start anything,
 * runc.  What worked is remembered, so that it is tried once.
 */
static int
start_image (const struct dc_start *start, const struct dc_started *started,
             const char *image, const struct dc_report *report, int *pid,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer known = DC_BUFFER_INIT (64);
  struct dc_error second = { .code = DC_OK };
  const int is_known = dc_statedir_recall (RUNTIME_RECORD, &known, err);

  if (is_known < 0)
    return -1;
  if (is_known == 1)
    return try_runtime (start, started, dc_buffer_text (&known), image, report,
                        pid, err);
  if (try_runtime (start, started, NULL, image, report, pid, err) == 0)
    return 0;
  AUTO_FREE char *runc = dc_run_find ("runc");
  if (runc == NULL || err->code == DC_ERR_CANCELLED ||
      remove_container (started, report, &second) < 0)
    return -1;
  if (try_runtime (start, started, "runc", image, report, pid, &second) < 0)
    return dc_fail (err, second.code, "%s; with runc: %s",
                    dc_quote (err->text).text, dc_quote (second.text).text);
  dc_info (report, "podman's own runtime does not work here (%s), using runc",
           err->text);
  return dc_statedir_remember (RUNTIME_RECORD, "runc", err);
}

static int
podman_start (const struct dc_runner *runner, const struct dc_start *start,
              const struct dc_started *started, const struct dc_report *report,
              int *pid, struct dc_error *err)
{
  AUTO_CLOSE int pulled_fd = -1;

  (void) runner; /* podman is one program */
  if (dc_podmanimage_pull (start, started, report, &pulled_fd, err) < 0 ||
      dc_podmanstate_secrets (start, started, report, err) < 0)
    return -1;
  return start_image (start, started, dc_podmanimage_id (started), report, pid,
                      err);
}

static int
podman_stop (const struct dc_runner *runner, const struct dc_started *started,
             const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer container = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  const int is_there = find_container (started, &container, report, err);

  (void) runner; /* podman is one program */
  if (is_there < 0)
    return -1;
  if (is_there == 0) {
    dc_warn (report,
             "podman has no container '%s' of ours any more, "
             "removing our record of it",
             started->name);
    return 0;
  }
  const char *const argv[] = { "podman", "stop", "--",
                               dc_buffer_text (&container), NULL };
  return dc_podman (argv, NULL, report, err);
}

static int
podman_remove (const struct dc_runner *runner, const struct dc_started *started,
               const struct dc_report *report, struct dc_error *err)
{
  (void) runner; /* podman is one program */
  if (remove_container (started, report, err) < 0 ||
      remove_remains (started, report, err) < 0 ||
      dc_podmanstate_forget (started, report, err) < 0)
    return -1;
  return dc_podmanimage_sweep (report, err);
}

static void
podman_last_words (const struct dc_runner *runner,
                   const struct dc_started *started,
                   const struct dc_report *report, struct dc_buffer *text)
{
  struct dc_error ignored; /* then there are none */
  const char *const argv[] = { "podman", "logs",        "--tail=200",
                               "--",     started->name, NULL };
  AUTO_CLOSE int fd = dc_file_spool (&ignored);
  if (fd < 0)
    return;
  /* A container's stderr comes on podman's. */
  const struct dc_run run = { .argv = argv,
                              .pass_env = dc_podman_env,
                              .stdout_fd = fd,
                              .stderr_fd = fd,
                              .timeout_ms = DC_PODMAN_TIMEOUT_MS };
  (void) runner; /* podman is one program */
  if (dc_run (&run, report, &ignored) == 0 && lseek (fd, 0, SEEK_SET) == 0)
    (void) dc_file_read_all (fd, text, &ignored);
}

const struct dc_runner dc_runner_podman = {
  .name = "podman",
  .start = podman_start,
  .stop = podman_stop,
  .remove = podman_remove,
  .last_words = podman_last_words,
  .fill_volume = dc_podmanstate_fill,
  .find_volume = dc_podmanstate_find,
  .drop_volume = dc_podmanstate_drop,
};
