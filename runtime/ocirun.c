/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "lib/statedir.h"
#include "lib/words.h"
#include "runtime/ocistate.h"
#include "runtime/runner.h"
#include "runtime/slirp.h"
#include "runtime/spec.h"
#include "runtime/unpack.h"

/* ocirun: runc or crun without podman.
 *
 *   STATE/containers/NAME/   the bundle: config.json, rootfs, hosts, ...
 *     runtime                the runtime's own state, so that its containers
 *                            are ours and no others (its option --root)
 *     runtime.log            what the runtime complains of
 *     console.log            what the container says
 */

#define CONTAINERS "containers"
#define ANSWER_SIZE_MAX ((size_t) 1024 * 1024)
#define MESSAGE "msg=" /* before the text in a line of a runtime's log */
#define TOOL_TIMEOUT_MS 60000
#define LAST_WORDS_SIZE 32768 /* bytes from the end of a log */

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

/* Open the bundle's folder.  1, or 0 when there is none. */
static int
open_bundle (struct bundle *bundle, const char *name, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (sizeof bundle->path - 1);

  if (dc_statedir_path (&path, err) < 0 ||
      dc_buffer_print (&path, err, "/%s/%s", CONTAINERS, name) < 0)
    return -1;
  memcpy (bundle->path, path.data, path.size + 1);
  bundle->containers_fd = dc_statedir_open_folder (CONTAINERS, err);
  if (bundle->containers_fd < 0)
    return -1;
  bundle->fd = openat (bundle->containers_fd, name,
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (bundle->fd < 0 && errno != ENOENT)
    return dc_fail_errno (err, "cannot open '%s'",
                          dc_quote (bundle->path).text);
  return bundle->fd >= 0;
}

static int
make_bundle (struct bundle *bundle, const char *name, struct dc_error *err)
{
  const int is_there = open_bundle (bundle, name, err);

  if (is_there < 0)
    return -1;
  if (is_there)
    return dc_fail (err, DC_ERR_EXISTS, "'%s' is in the way",
                    dc_quote (bundle->path).text);
  if (mkdirat (bundle->containers_fd, name, 0700) < 0)
    return dc_fail_errno (err, "cannot make '%s'",
                          dc_quote (bundle->path).text);
  return open_bundle (bundle, name, err) < 0 ? -1 : 0;
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

/* Those of the guest behind our own. */
static int
write_hosts (const struct bundle *bundle, const struct dc_start *start,
             struct dc_error *err)
{
  const bool has_slirp = start->network == DC_NETWORK_SLIRP;
  const size_t count = start->wants != NULL ? start->wants->hosts.count : 0;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (ANSWER_SIZE_MAX);

  if (dc_buffer_print (&text, err,
                       "127.0.0.1 localhost\n::1 localhost\n%s %s\n",
                       has_slirp ? "10.0.2.100" : "127.0.1.1", start->name) < 0)
    return -1;
  for (size_t i = 0; i < count; i++)
    if (dc_buffer_print (&text, err, "%s\n", start->wants->hosts.items[i]) < 0)
      return -1;
  return dc_output_replace (bundle->fd, "hosts", text.data, text.size, err);
}

static int
write_spec (const struct bundle *bundle, const struct dc_start *start,
            const struct dc_started *started, const struct dc_report *report,
            struct dc_error *err)
{
  json_auto_t *spec = NULL;
  AUTO_FREE char *text = NULL;
  size_t size = 0;
  const bool has_slirp = start->network == DC_NETWORK_SLIRP;

  if (dc_spec_make (start->image->config, bundle->path, started, &spec, err) <
          0 ||
      dc_ocistate_extend (start, bundle->path, report, spec, err) < 0 ||
      dc_json_pretty (spec, &text, &size, err) < 0 ||
      dc_output_replace (bundle->fd, "config.json", text, size, err) < 0 ||
      write_text (bundle, "hostname", err, "%s\n", start->name) < 0 ||
      write_hosts (bundle, start, err) < 0)
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
  return dc_unpack (start->layout, start->image, root, report, err) < 0
             ? -1
             : dc_ocistate_adopt (start, root, err);
}

/* The end of the bundle's file NAME, appended to TEXT. */
static void
read_end (const struct bundle *bundle, const char *name, struct dc_buffer *text)
{
  struct dc_error ignored; /* then it has none */
  AUTO_CLOSE int fd =
      openat (bundle->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0)
    return;
  if (lseek (fd, -LAST_WORDS_SIZE, SEEK_END) < 0)
    (void) lseek (fd, 0, SEEK_SET); /* it is shorter: all of it */
  (void) dc_file_read_all (fd, text, &ignored);
}

/* What the runtime wrote to its log is the reason: lines such as
 * time="..." level=error msg="..."
 */
static void
add_log (const struct bundle *bundle, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer log = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  const char *last = NULL;

  read_end (bundle, "runtime.log", &log);
  for (const char *at = strstr (dc_buffer_text (&log), MESSAGE); at != NULL;
       at = strstr (last, MESSAGE))
    last = at + strlen (MESSAGE);
  if (last != NULL)
    (void) dc_fail (err, err->code, "%s: %s", dc_quote (err->text).text,
                    dc_quote_bytes (last, strcspn (last, "\n")).text);
}

/* What every call of the runtime begins with. */
static int
runtime_words (const struct dc_runner *runner, const struct bundle *bundle,
               struct dc_words *words, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (sizeof bundle->path);

  if (dc_words_add (words, runner->name, err) < 0 ||
      dc_words_add (words, "--log", err) < 0 ||
      dc_buffer_print (&path, err, "%s/runtime.log", bundle->path) < 0 ||
      dc_words_add (words, path.data, err) < 0 ||
      dc_words_add (words, "--root", err) < 0)
    return -1;
  dc_buffer_clear (&path);
  if (dc_buffer_print (&path, err, "%s/runtime", bundle->path) < 0)
    return -1;
  return dc_words_add (words, path.data, err);
}

/* Call it with a verb, perhaps a last word, for the container NAME. */
static int
call (const struct dc_runner *runner, const struct bundle *bundle,
      const char *const verb[], struct dc_buffer *answer,
      const struct dc_report *report, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (runtime_words (runner, bundle, &words, err) < 0)
    return -1;
  for (; *verb != NULL; verb++)
    if (dc_words_add (&words, *verb, err) < 0)
      return -1;
  const struct dc_run run = { .argv = (const char *const *) words.items,
                              .out = answer,
                              .timeout_ms = TOOL_TIMEOUT_MS };
  return dc_run (&run, report, err);
}

/* The container's output goes where that of the runtime goes. */
static int
create (const struct dc_runner *runner, const struct bundle *bundle,
        const char *name, const struct dc_report *report, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
  AUTO_CLOSE int console = openat (bundle->fd, "console.log", flags, 0600);

  if (console < 0)
    return dc_fail_errno (err, "cannot make its console's log");
  if (runtime_words (runner, bundle, &words, err) < 0 ||
      dc_words_add (&words, "create", err) < 0 ||
      dc_words_add (&words, "--bundle", err) < 0 ||
      dc_words_add (&words, bundle->path, err) < 0 ||
      dc_words_add (&words, name, err) < 0)
    return -1;
  const struct dc_run run = { .argv = (const char *const *) words.items,
                              .stdout_fd = console,
                              .stderr_fd = console,
                              .timeout_ms = TOOL_TIMEOUT_MS };
  if (dc_run (&run, report, err) == 0)
    return 0;
  if (err->code == DC_ERR_TOOL)
    add_log (bundle, err);
  return -1;
}

/* Its first process; 0 when it has stopped, or is gone. */
static int
ask_pid (const struct dc_runner *runner, const struct bundle *bundle,
         const char *name, const struct dc_report *report)
{
  AUTO_BUFFER struct dc_buffer answer = DC_BUFFER_INIT (ANSWER_SIZE_MAX);
  struct dc_error ignored;
  json_auto_t *json = NULL;
  const char *const verb[] = { "state", name, NULL };
  const char *status = NULL;
  int pid = 0;

  if (call (runner, bundle, verb, &answer, report, &ignored) < 0 ||
      dc_json_parse (dc_buffer_text (&answer), answer.size, "state", &json,
                     &ignored) < 0 ||
      dc_json_unpack (json, "state", &ignored, "{s:s, s:i}", "status", &status,
                      "pid", &pid) < 0)
    return 0;
  return strcmp (status, "stopped") == 0 ? 0 : pid;
}

/* The network has to be there before the services start. */
static int
connect_and_start (const struct dc_runner *runner, const struct bundle *bundle,
                   const struct dc_start *start, int pid,
                   const struct dc_report *report, struct dc_error *err)
{
  const char *const verb[] = { "start", start->name, NULL };

  if (start->network == DC_NETWORK_SLIRP &&
      dc_slirp_start (pid, bundle->path, start->ports, report, err) < 0)
    return -1;
  if (call (runner, bundle, verb, NULL, report, err) == 0)
    return 0;
  if (err->code == DC_ERR_TOOL)
    add_log (bundle, err);
  return -1;
}

static int
oci_start (const struct dc_runner *runner, const struct dc_start *start,
           const struct dc_started *started, const struct dc_report *report,
           int *pid, struct dc_error *err)
{
  AUTO_BUNDLE bundle = BUNDLE_INIT;

  if (geteuid () != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "%s alone needs root; podman does not", runner->name);
  if (start->network == DC_NETWORK_BRIDGE)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "%s alone has no bridge; use --network slirp4netns",
                    runner->name);
  if (make_bundle (&bundle, start->name, err) < 0 ||
      write_spec (&bundle, start, started, report, err) < 0 ||
      dc_ocistate_secrets (start, bundle.fd, err) < 0 ||
      unpack (&bundle, start, report, err) < 0 ||
      create (runner, &bundle, start->name, report, err) < 0)
    return -1;
  const int first = ask_pid (runner, &bundle, start->name, report);
  if (first == 0)
    return dc_fail (err, DC_ERR_TOOL, "%s does not say what it has made",
                    runner->name);
  if (connect_and_start (runner, &bundle, start, first, report, err) < 0)
    return -1;
  *pid = first;
  return 0;
}

static int
wait_for_end (int pid_fd, int seconds, const struct dc_report *report,
              struct dc_error *err)
{
  struct pollfd polled[] = {
    { .fd = pid_fd, .events = POLLIN },
    { .fd = report->cancel_fd, .events = POLLIN },
  };

  if (poll (polled, DC_COUNT (polled), seconds * 1000) < 0)
    return dc_fail_errno (err, "cannot wait for its end");
  return polled[1].revents == 0 ? 0
                                : dc_fail (err, DC_ERR_CANCELLED, "cancelled");
}

static int
oci_stop (const struct dc_runner *runner, const struct dc_started *started,
          const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUNDLE bundle = BUNDLE_INIT;
  const char *const verb[] = { "kill", started->name, "TERM", NULL };
  const int is_there = open_bundle (&bundle, started->name, err);

  if (is_there <= 0)
    return is_there;
  const int pid = ask_pid (runner, &bundle, started->name, report);
  if (pid == 0)
    return 0;
  AUTO_CLOSE int pid_fd = (int) syscall (SYS_pidfd_open, pid, 0);
  /* Asked again: it may have ended, and its number be another's by now. */
  if (pid_fd < 0 || ask_pid (runner, &bundle, started->name, report) != pid)
    return 0;
  return call (runner, &bundle, verb, NULL, report, err) < 0
             ? -1
             : wait_for_end (pid_fd,
                             started->stop_s > 0 ? started->stop_s
                                                 : DC_RUN_STOP_S,
                             report, err);
}

static int
oci_remove (const struct dc_runner *runner, const struct dc_started *started,
            const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUNDLE bundle = BUNDLE_INIT;
  const char *const verb[] = { "delete", "--force", started->name, NULL };
  const int is_there = open_bundle (&bundle, started->name, err);

  if (is_there <= 0)
    return is_there;
  dc_slirp_stop (bundle.path);
  if (faccessat (bundle.fd, "runtime", F_OK, 0) == 0 &&
      call (runner, &bundle, verb, NULL, report, err) < 0)
    return -1;
  return dc_file_remove_tree (bundle.containers_fd, started->name, err);
}

static void
oci_last_words (const struct dc_runner *runner,
                const struct dc_started *started,
                const struct dc_report *report, struct dc_buffer *text)
{
  AUTO_BUNDLE bundle = BUNDLE_INIT;
  struct dc_error ignored; /* then there are none */

  (void) runner;
  (void) report; /* nothing is run */
  if (open_bundle (&bundle, started->name, &ignored) == 1)
    read_end (&bundle, "console.log", text);
}

const struct dc_runner dc_runner_runc = {
  .name = "runc",
  .start = oci_start,
  .stop = oci_stop,
  .remove = oci_remove,
  .last_words = oci_last_words,
  .fill_volume = dc_ocistate_fill,
  .find_volume = dc_ocistate_find,
  .drop_volume = dc_ocistate_drop,
};

const struct dc_runner dc_runner_crun = {
  .name = "crun",
  .start = oci_start,
  .stop = oci_stop,
  .remove = oci_remove,
  .last_words = oci_last_words,
  .fill_volume = dc_ocistate_fill,
  .find_volume = dc_ocistate_find,
  .drop_volume = dc_ocistate_drop,
};
