/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/run.h"
#include "lib/span.h"
#include "lib/text.h"
#include "runtime/grant.h"
#include "runtime/podmancall.h"
#include "runtime/podmanstate.h"
#include "runtime/volumes.h"

#define ANSWER_SIZE_MAX ((size_t) 16 * 1024 * 1024)
#define PIPE_SIZE_DEFAULT ((size_t) 64 * 1024) /* pipe(7) */
#define LABEL "io.decant.volume"
#define SECRET_NAME_SIZE (sizeof "decant--12345" + DC_RUN_ID_SIZE)

/* Run podman with what comes from FD. */
static int
feed (const char *const *argv, int fd, const struct dc_report *report,
      struct dc_error *err)
{
  const struct dc_run run = { .argv = argv,
                              .pass_env = dc_podman_env,
                              .stdin_fd = fd,
                              .timeout_ms = DC_PODMAN_TIMEOUT_MS };

  return dc_run (&run, report, err);
}

int
dc_podmanstate_fill (const struct dc_runner *runner,
                     const struct dc_kept_volume *volume, int fd,
                     const char *digest, const struct dc_report *report,
                     struct dc_error *err)
{
  char name[DC_VOLUME_NAME_SIZE];
  AUTO_FREE char *label = NULL;

  (void) runner; /* podman is one program */
  (void) digest; /* checked already */
  dc_volume_name (volume->container, volume->volume, name);
  if (dc_text_print (&label, err, "--label=" LABEL "=%s", volume->id) < 0)
    return -1;
  const char *const create[] = { "podman", "volume", "create", label,
                                 "--",     name,     NULL };
  const char *const import[] = { "podman", "volume", "import", "--",
                                 name,     "-",      NULL };
  if (dc_podman (create, NULL, report, err) < 0)
    return -1;
  return fd < 0 ? 0 : feed (import, fd, report, err);
}

int
dc_podmanstate_find (const struct dc_runner *runner,
                     const struct dc_kept_volume *volume,
                     const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  AUTO_FREE char *filter = NULL;

  (void) runner; /* podman is one program */
  if (dc_text_print (&filter, err, "--filter=label=" LABEL "=%s", volume->id) <
      0)
    return -1;
  const char *const argv[] = {
    "podman", "volume", "ls", "--quiet", filter, NULL
  };
  if (dc_podman (argv, &answer, report, err) < 0)
    return -1;
  return answer.size > 0;
}

int
dc_podmanstate_drop (const struct dc_runner *runner,
                     const struct dc_kept_volume *volume,
                     const struct dc_report *report, struct dc_error *err)
{
  char name[DC_VOLUME_NAME_SIZE];
  const int is_there = dc_podmanstate_find (runner, volume, report, err);

  if (is_there <= 0)
    return is_there;
  dc_volume_name (volume->container, volume->volume, name);
  const char *const argv[] = { "podman", "volume", "rm", "--", name, NULL };
  return dc_podman (argv, NULL, report, err);
}

static void
secret_name (const struct dc_started *started, size_t index,
             char name[SECRET_NAME_SIZE])
{
  (void) snprintf (name, SECRET_NAME_SIZE, "decant-%s-%zu", started->id,
                   index % 100000);
}

/* podman takes a secret only from a pipe, or from a path, which could lead
 * elsewhere; all of it has room in the pipe.
 */
static int
open_pipe (const struct dc_buffer *bytes, struct dc_error *err)
{
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0)
    return dc_fail_errno (err, "cannot make a pipe");
  AUTO_CLOSE int from = fds[0], to = fds[1];
  if (bytes->size > PIPE_SIZE_DEFAULT &&
      fcntl (to, F_SETPIPE_SZ, (int) DC_ARTIFACTS_SECRET_SIZE_MAX) < 0)
    return dc_fail_errno (err, "cannot make a pipe for %zu bytes", bytes->size);
  if (bytes->size > 0 && dc_file_write (to, bytes->data, bytes->size, err) < 0)
    return -1;
  return DC_TAKE_FD (from);
}

static int
make_secret (const struct dc_start *start,
             const struct dc_artifact_secret *secret, const char *name,
             const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer bytes =
      DC_BUFFER_INIT (DC_ARTIFACTS_SECRET_SIZE_MAX);
  const char *const argv[] = { "podman", "secret", "create", "--",
                               name,     "-",      NULL };
  AUTO_CLOSE int fd = dc_artifacts_secret (start->artifacts, secret, err);

  if (fd < 0 || dc_file_read_all (fd, &bytes, err) < 0)
    return -1;
  AUTO_CLOSE int from = open_pipe (&bytes, err);
  explicit_bzero (bytes.data, bytes.size);
  return from < 0 ? -1 : feed (argv, from, report, err);
}

int
dc_podmanstate_secrets (const struct dc_start *start,
                        const struct dc_started *started,
                        const struct dc_report *report, struct dc_error *err)
{
  if (start->wants == NULL)
    return 0;
  const struct dc_artifact_secret *secrets = start->wants->secrets.items;
  for (size_t i = 0; i < start->wants->secrets.count; i++) {
    char name[SECRET_NAME_SIZE];
    secret_name (started, i, name);
    if (make_secret (start, &secrets[i], name, report, err) < 0)
      return dc_context (err, "secret '%s'", secrets[i].name);
  }
  return 0;
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
add_mounts (const struct dc_start *start, const struct dc_started *started,
            struct dc_words *words, struct dc_error *err)
{
  const struct dc_artifact_volume *volumes = start->wants->volumes.items;
  const struct dc_artifact_secret *secrets = start->wants->secrets.items;

  for (size_t i = 0; i < start->wants->volumes.count; i++) {
    char name[DC_VOLUME_NAME_SIZE];
    dc_volume_name (start->name, volumes[i].name, name);
    if (add (words, err, "--volume=%s:%s", name, volumes[i].path) < 0)
      return -1;
  }
  for (size_t i = 0; i < start->wants->secrets.count; i++) {
    char name[SECRET_NAME_SIZE];
    secret_name (started, i, name);
    if (add (words, err,
             "--secret=%s,type=mount,target=%s,uid=%lld,gid=%lld,mode=0%llo",
             name, secrets[i].path, (long long) secrets[i].uid,
             (long long) secrets[i].gid,
             (unsigned long long) secrets[i].mode) < 0)
      return -1;
  }
  return 0;
}

/* "10.0.0.1 db db.example" is "--add-host=db:10.0.0.1" and another one. */
static int
add_host (const char *host, struct dc_words *words, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (host), address, name;

  if (!dc_span_word (&rest, &address))
    return 0;
  while (dc_span_word (&rest, &name))
    if (add (words, err, "--add-host=%.*s:%.*s", (int) name.size, name.text,
             (int) address.size, address.text) < 0)
      return -1;
  return 0;
}

static int
add_resources (const struct dc_artifact_resources *resources,
               struct dc_words *words, struct dc_error *err)
{
  if (resources->memory_bytes > 0 &&
      add (words, err, "--memory=%lldb", (long long) resources->memory_bytes) <
          0)
    return -1;
  if (resources->milli_cpus > 0 &&
      add (words, err, "--cpus=%lld.%03lld",
           (long long) resources->milli_cpus / 1000,
           (long long) resources->milli_cpus % 1000) < 0)
    return -1;
  return resources->pids > 0 ? add (words, err, "--pids-limit=%lld",
                                    (long long) resources->pids)
                             : 0;
}

static int
add_all (const char *option, const struct dc_words *from,
         struct dc_words *words, struct dc_error *err)
{
  for (size_t i = 0; i < from->count; i++)
    if (add (words, err, "%s=%s", option, from->items[i]) < 0)
      return -1;
  return 0;
}

int
dc_podmanstate_options (const struct dc_start *start,
                        const struct dc_started *started,
                        const struct dc_report *report, struct dc_words *words,
                        struct dc_error *err)
{
  AUTO_WORDS struct dc_words capabilities = { NULL, 0 };
  AUTO_WORDS struct dc_words devices = { NULL, 0 };
  AUTO_WORDS struct dc_words sysctls = { NULL, 0 };

  if (start->wants == NULL)
    return 0;
  const struct dc_artifact_image *wants = start->wants;
  for (size_t i = 0; i < wants->hosts.count; i++)
    if (add_host (wants->hosts.items[i], words, err) < 0)
      return -1;
  if (dc_grant_sysctls (start, report, &sysctls, err) < 0 ||
      add_all ("--sysctl", &sysctls, words, err) < 0 ||
      dc_grant_capabilities (start, report, &capabilities, err) < 0 ||
      dc_grant_devices (start, report, &devices, err) < 0 ||
      add_all ("--cap-add", &capabilities, words, err) < 0 ||
      add_all ("--device", &devices, words, err) < 0 ||
      add_mounts (start, started, words, err) < 0)
    return -1;
  return add_resources (&wants->resources, words, err);
}

int
dc_podmanstate_forget (const struct dc_started *started,
                       const struct dc_report *report, struct dc_error *err)
{
  static const char *const list[] = { "podman", "secret", "ls",
                                      "--format={{.Name}}", NULL };
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  AUTO_WORDS struct dc_words argv = { NULL, 0 };
  AUTO_FREE char *prefix = NULL;
  struct dc_span rest, line;

  if (dc_text_print (&prefix, err, "decant-%s-", started->id) < 0 ||
      dc_podman (list, &answer, report, err) < 0 ||
      dc_words_add (&argv, "podman", err) < 0 ||
      dc_words_add (&argv, "secret", err) < 0 ||
      dc_words_add (&argv, "rm", err) < 0 ||
      dc_words_add (&argv, "--", err) < 0)
    return -1;
  const size_t before = argv.count;
  rest = (struct dc_span){ dc_buffer_text (&answer), answer.size };
  while (dc_span_line (&rest, &line))
    if (dc_span_starts (line, prefix) &&
        dc_words_add_bytes (&argv, line.text, line.size, err) < 0)
      return -1;
  return argv.count == before
             ? 0
             : dc_podman ((const char *const *) argv.items, NULL, report, err);
}
