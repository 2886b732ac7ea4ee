/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/verify/check.h"
#include "runtime/verify/observe.h"

#define LOOK_MS 100        /* between two looks at what cannot be waited for */
#define TRY_AGAIN_MS 500   /* between two probes of one endpoint */
#define PATIENCE_MS 10000  /* with one that answers, but not well */
#define SETTLE_MS 1000     /* what came up and falls at once has not come up */
#define UNEXPECTED_MAX 100 /* listeners that are told */
#define OWN_SOCKETS "/run/decant/" /* of decant-init */

/* What the worker is given, and what it knows. */
struct watching {
  struct dc_observe_options options;
  int pid_fd;
  int dirs[2]; /* the container's /proc and /.decant */
  struct dc_promise *promise;
  struct dc_seen seen;
  struct dc_tried *tried; /* one an endpoint */
  int64_t start_ms;
  int64_t ready_ms; /* since the start; -1: never */
  bool has_ended;
};

static int64_t
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail */
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* An ordinary user is root in the namespace of his container's users. */
static int
enter (void *arg, struct dc_error *err)
{
  const struct watching *watching = arg;
  const int users = geteuid () == 0 ? 0 : CLONE_NEWUSER;

  if (setns (watching->pid_fd, CLONE_NEWNS | CLONE_NEWNET | users) == 0)
    return 0;
  return errno == ESRCH
             ? dc_fail (err, DC_ERR_NOTFOUND, "it has ended")
             : dc_fail_errno (err, "cannot enter the container's namespaces");
}

static int
load_promise (struct watching *watching, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_PROMISE_SIZE_MAX);
  AUTO_CLOSE int fd = dc_file_open (watching->dirs[1], "promise.json", err);

  if (fd < 0)
    return err->code == DC_ERR_NOTFOUND
               ? dc_fail (err, DC_ERR_NOTFOUND,
                          "the image carries no promise to be held to; convert "
                          "it again with this decant")
               : -1;
  if (dc_file_read_all (fd, &text, err) < 0 ||
      dc_promise_read (dc_buffer_text (&text), text.size, &watching->promise,
                       err) < 0)
    return dc_context (err, "the image's promise");
  watching->tried =
      calloc (watching->promise->endpoints.count + 1, sizeof *watching->tried);
  return watching->tried != NULL ? 0
                                 : dc_fail_errno (err, "cannot keep outcomes");
}

static int
look (struct watching *watching, struct dc_error *err)
{
  struct dc_seen *seen = &watching->seen;
  const struct dc_promise_endpoint *endpoints =
      watching->promise->endpoints.items;

  dc_listeners_release (&seen->listeners);
  dc_processes_release (&seen->processes);
  dc_states_release (&seen->states);
  if (dc_listeners_read (&seen->listeners, watching->dirs[0], err) < 0) {
    watching->has_ended = err->code == DC_ERR_NOTFOUND;
    return watching->has_ended ? 0 : -1;
  }
  if (dc_processes_read (&seen->processes, watching->dirs[0], err) < 0)
    return -1;
  const int has_states = dc_states_ask (&seen->states, err);
  if (has_states < 0)
    return -1;
  seen->has_states = has_states > 0;
  for (size_t i = 0; i < watching->promise->endpoints.count; i++) {
    watching->tried[i].listens = false;
    for (size_t j = 0; j < seen->listeners.count; j++)
      if (dc_listener_fits (&seen->listeners.items[j], &endpoints[i]))
        watching->tried[i].listens = true;
  }
  return 0;
}

/* Unless we know what to ask there, a Unix socket is not connected to: those
 * between the parts of a server are many, and what comes by one may start
 * something.
 */
static void
leave_alone (struct dc_tried *tried)
{
  tried->outcome =
      (struct dc_outcome){ .state = DC_PROBE_OPEN, .text = "somebody listens" };
  tried->has_outcome = true;
}

static int
try_endpoint (struct watching *watching, size_t i, struct dc_error *err)
{
  const struct dc_promise_endpoint *endpoints =
      watching->promise->endpoints.items;
  struct dc_tried *tried = &watching->tried[i];
  const struct dc_probe probe = {
    .transport = (enum dc_transport) endpoints[i].transport,
    .address = endpoints[i].address,
    .port = (uint16_t) endpoints[i].port,
    .path = endpoints[i].path,
    .protocol = endpoints[i].protocol,
    .is_guess = endpoints[i].is_guess,
    .http_path = endpoints[i].http_path,
    .wants_body = watching->options.wants_bodies,
  };
  struct dc_outcome outcome;

  if (probe.transport == DC_OVER_UNIX && probe.protocol == NULL) {
    leave_alone (tried);
    return 0;
  }
  if (dc_probe (&probe, &outcome, err) < 0)
    return -1;
  if (tried->has_outcome)
    dc_outcome_release (&tried->outcome);
  tried->outcome = outcome;
  tried->has_outcome = true;
  tried->last_ms = now_ms ();
  if (tried->first_ms == 0)
    tried->first_ms = tried->last_ms;
  return 0;
}

/* Is there no use in waiting for it: it answers for long, or the service that
 * would is not there?
 */
static bool
is_hopeless (const struct watching *watching, size_t i)
{
  const struct dc_promise_endpoint *endpoints =
      watching->promise->endpoints.items;
  const struct dc_promise_service *services = watching->promise->services.items;
  const struct dc_tried *tried = &watching->tried[i];
  struct dc_finding_text text;

  if (tried->has_outcome && now_ms () - tried->first_ms > PATIENCE_MS)
    return true;
  for (size_t j = 0; j < watching->promise->services.count; j++)
    if (strcmp (services[j].unit, endpoints[i].service) == 0)
      return !tried->listens &&
             dc_check_service (watching->promise, j, &watching->seen,
                               watching->tried, &text) == DC_VERDICT_BROKEN;
  return false;
}

/* Probe what listens and is not known to be well; in *IS_SETTLED whether there
 * is nothing left to wait for.
 */
static int
try_endpoints (struct watching *watching, bool *is_settled,
               struct dc_error *err)
{
  const struct dc_promise_endpoint *endpoints =
      watching->promise->endpoints.items;
  struct dc_finding_text text;

  *is_settled = true;
  for (size_t i = 0; i < watching->promise->endpoints.count; i++) {
    struct dc_tried *tried = &watching->tried[i];
    const bool is_due = now_ms () - tried->last_ms > TRY_AGAIN_MS;
    if (dc_check_endpoint (&endpoints[i], tried, &text) == DC_VERDICT_KEPT)
      continue;
    if (tried->listens && is_due && try_endpoint (watching, i, err) < 0)
      return -1;
    if (dc_check_endpoint (&endpoints[i], tried, &text) == DC_VERDICT_COMING &&
        !is_hopeless (watching, i))
      *is_settled = false;
  }
  return 0;
}

static bool
are_services_settled (const struct watching *watching)
{
  struct dc_finding_text text;

  for (size_t i = 0; i < watching->promise->services.count; i++)
    if (dc_check_service (watching->promise, i, &watching->seen,
                          watching->tried, &text) == DC_VERDICT_COMING)
      return false;
  return true;
}

static int
wait_for_all (struct watching *watching, struct dc_error *err)
{
  const int64_t end_ms = watching->start_ms + watching->options.timeout_ms;

  while (!watching->has_ended) {
    bool is_settled = false;
    if (look (watching, err) < 0 ||
        (!watching->has_ended &&
         try_endpoints (watching, &is_settled, err) < 0))
      return -1;
    if (is_settled && are_services_settled (watching)) {
      watching->ready_ms = now_ms () - watching->start_ms;
      (void) poll (NULL, 0, SETTLE_MS);
      return look (watching, err);
    }
    if (now_ms () >= end_ms)
      return 0;
    (void) poll (NULL, 0, LOOK_MS);
  }
  return 0;
}

static void
add_reason (json_t **reasons, const char *what, const char *where,
            const char *text)
{
  json_t *reason = json_sprintf ("%s: %s%s%s", dc_quote (what).text, where,
                                 where[0] != '\0' ? ": " : "", text);

  dc_json_push (reasons, reason);
}

static json_t *
service_json (const struct watching *watching, size_t i, json_t **reasons)
{
  const struct dc_promise_service *services = watching->promise->services.items;
  const struct dc_process *process =
      dc_check_process (&services[i], &watching->seen);
  struct dc_finding_text text, user = { "" };
  json_t *json = json_object ();

  const enum dc_verdict verdict = dc_check_service (
      watching->promise, i, &watching->seen, watching->tried, &text);
  const enum dc_verdict runs_as =
      dc_check_user (&services[i], &watching->seen, &user);
  dc_json_put_text (&json, "unit", services[i].unit);
  dc_json_put_text (
      &json, "expected",
      dc_promise_state_name ((enum dc_promise_state) services[i].state));
  dc_json_put_bool (&json, "kept",
                    verdict == DC_VERDICT_KEPT && runs_as == DC_VERDICT_KEPT);
  dc_json_put_text (&json, "text",
                    verdict == DC_VERDICT_KEPT && runs_as != DC_VERDICT_KEPT
                        ? user.text
                        : text.text);
  if (services[i].application != NULL)
    dc_json_put_text (&json, "application", services[i].application);
  if (services[i].user != NULL)
    dc_json_put_text (&json, "user", services[i].user);
  if (process != NULL) {
    dc_json_put_number (&json, "uid", process->uid);
    dc_json_put_number (&json, "pid", (uint64_t) process->pid);
  }
  if (verdict != DC_VERDICT_KEPT)
    add_reason (reasons, services[i].unit, "", text.text);
  if (runs_as != DC_VERDICT_KEPT)
    add_reason (reasons, services[i].unit, "", user.text);
  return json;
}

static json_t *
endpoint_json (const struct watching *watching, size_t i, json_t **reasons)
{
  const struct dc_promise_endpoint *endpoint =
      &((const struct dc_promise_endpoint *)
            watching->promise->endpoints.items)[i];
  const struct dc_tried *tried = &watching->tried[i];
  struct dc_finding_text text, name;
  json_t *json = json_object ();

  (void) dc_check_endpoint (endpoint, tried, &text);
  dc_check_name (endpoint, &name);
  const bool is_kept =
      tried->has_outcome && dc_probe_is_kept (tried->outcome.state);
  dc_json_put_text (&json, "service", endpoint->service);
  dc_json_put_text (&json, "endpoint", name.text);
  dc_json_put_text (&json, "transport",
                    dc_transport_name (endpoint->transport));
  if (endpoint->port != 0)
    dc_json_put_number (&json, "port", (uint64_t) endpoint->port);
  if (endpoint->address != NULL)
    dc_json_put_text (&json, "address", endpoint->address);
  if (endpoint->path != NULL)
    dc_json_put_text (&json, "path", endpoint->path);
  if (endpoint->http_path != NULL)
    dc_json_put_text (&json, "http_path", endpoint->http_path);
  if (endpoint->is_guess)
    dc_json_put_bool (&json, "guess", true);
  if (endpoint->protocol != NULL)
    dc_json_put_text (&json, "protocol", endpoint->protocol);
  dc_json_put_bool (&json, "kept", is_kept);
  dc_json_put_text (&json, "state",
                    tried->has_outcome
                        ? dc_probe_state_name (tried->outcome.state)
                        : dc_probe_state_name (DC_PROBE_REFUSED));
  dc_json_put_text (&json, "text", text.text);
  if (tried->has_outcome && tried->outcome.facts != NULL)
    dc_json_put (&json, "facts", json_incref (tried->outcome.facts));
  if (!is_kept)
    add_reason (reasons, endpoint->service, name.text, text.text);
  return json;
}

/* Listeners that nobody promised. */
static json_t *
unexpected_json (const struct watching *watching)
{
  const struct dc_promise_endpoint *endpoints =
      watching->promise->endpoints.items;
  json_t *list = json_array ();

  for (size_t i = 0; i < watching->seen.listeners.count; i++) {
    const struct dc_listener *listener = &watching->seen.listeners.items[i];
    const struct dc_promise_endpoint endpoint = {
      .transport = listener->transport,
      .address = (char *) (uintptr_t) listener->address,
      .port = listener->port,
      .path = listener->path,
    };
    struct dc_finding_text name;
    bool is_expected =
        json_array_size (list) >= UNEXPECTED_MAX ||
        (listener->path != NULL &&
         strncmp (listener->path, OWN_SOCKETS, strlen (OWN_SOCKETS)) == 0);
    for (size_t j = 0; j < watching->promise->endpoints.count && !is_expected;
         j++)
      is_expected = dc_listener_fits (listener, &endpoints[j]);
    dc_check_name (&endpoint, &name);
    if (!is_expected)
      dc_json_push (&list, dc_json_bytes (name.text));
  }
  return list;
}

static int
observation (const struct watching *watching, json_t **result,
             struct dc_error *err)
{
  json_t *json = json_object (), *list = json_array ();
  json_t *reasons = json_array ();

  if (watching->has_ended)
    dc_json_push (&reasons, json_string ("the container has ended by itself"));
  for (size_t i = 0; i < watching->promise->services.count; i++)
    dc_json_push (&list, service_json (watching, i, &reasons));
  dc_json_put (&json, "services", list);
  list = json_array ();
  for (size_t i = 0; i < watching->promise->endpoints.count; i++)
    dc_json_push (&list, endpoint_json (watching, i, &reasons));
  dc_json_put (&json, "endpoints", list);
  dc_json_put (&json, "unexpected", unexpected_json (watching));
  dc_json_put_number (&json, "processes", watching->seen.processes.count);
  dc_json_put_bool (&json, "has_ended", watching->has_ended);
  if (watching->ready_ms >= 0)
    dc_json_put_number (&json, "ready_ms", (uint64_t) watching->ready_ms);
  dc_json_put (&json, "reasons", reasons);
  if (json == NULL)
    return dc_json_no_memory (err);
  *result = json;
  return 0;
}

static void
release_watching (struct watching *watching)
{
  for (size_t i = 0; watching->promise != NULL && watching->tried != NULL &&
                     i < watching->promise->endpoints.count;
       i++)
    if (watching->tried[i].has_outcome)
      dc_outcome_release (&watching->tried[i].outcome);
  free (watching->tried);
  dc_promise_free (watching->promise);
  dc_listeners_release (&watching->seen.listeners);
  dc_processes_release (&watching->seen.processes);
  dc_states_release (&watching->seen.states);
}

static int
watch (void *arg, const struct dc_report *report, json_t **result,
       struct dc_error *err)
{
  struct watching *watching = arg;

  (void) report;
  watching->start_ms = now_ms ();
  watching->ready_ms = -1;
  int status = load_promise (watching, err);
  if (status == 0)
    status = wait_for_all (watching, err);
  if (status == 0)
    status = observation (watching, result, err);
  release_watching (watching);
  return status;
}

/* O_NOFOLLOW: a link of the image would lead to our own files. */
static int
open_folder (int pid, const char *name, struct dc_error *err)
{
  char path[64];

  (void) snprintf (path, sizeof path, "/proc/%d/root/%s", pid, name);
  const int fd = open (path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0)
    return fd;
  if (errno == ENOENT || errno == ESRCH)
    return dc_fail (err, DC_ERR_NOTFOUND,
                    "the image has no folder '/%s', so it carries no promise",
                    name);
  return dc_fail_errno (err, "cannot open '%s'", path);
}

int
dc_observe (int pid, const struct dc_observe_options *options,
            const struct dc_report *report, json_t **out, struct dc_error *err)
{
  AUTO_CLOSE int pid_fd = (int) syscall (SYS_pidfd_open, pid, 0);
  if (pid_fd < 0)
    return dc_fail (err, DC_ERR_NOTFOUND, "it has ended");
  AUTO_CLOSE int proc = open_folder (pid, "proc", err);
  AUTO_CLOSE int decant = proc < 0 ? -1 : open_folder (pid, ".decant", err);
  if (decant < 0)
    return -1;
  struct watching watching = { .options = *options,
                               .pid_fd = pid_fd,
                               .dirs = { proc, decant } };
  const struct dc_confine confine = { .name = "looking at the container",
                                      .keep_fds = &pid_fd,
                                      .keep_fd_count = 1,
                                      .read_dirs = watching.dirs,
                                      .read_dir_count = 2,
                                      .enter = enter,
                                      .connects = 1 };
  return dc_confined (&confine, watch, &watching, report, out, err);
}
