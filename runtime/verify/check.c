/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/quote.h"
#include "lib/status.h"
#include "runtime/verify/check.h"

#define RESTARTS_MAX 3 /* more than that is no accident */

static void say (struct dc_finding_text *text, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 2, 3)));
static void
say (struct dc_finding_text *text, const char *fmt, ...)
{
  va_list args;

  va_start (args, fmt);
  (void) vsnprintf (text->text, sizeof text->text, fmt, args);
  va_end (args);
}

/* "failed (exit-code, exited with status 1)" */
static void
say_failure (const struct dc_state *state, struct dc_finding_text *text)
{
  struct dc_error how = { .text = "" };

  if (state->status > 0 && state->status <= 0xffff)
    (void) dc_status_fail ((int) state->status, "its program", &how);
  say (text, "failed (%s)%s%s", dc_quote (state->result).text,
       how.text[0] != '\0' ? ": " : "", how.text);
}

static enum dc_verdict
check_state (const struct dc_promise_service *service,
             const struct dc_state *state, struct dc_finding_text *text)
{
  const bool is_running = service->state == DC_PROMISE_UP;

  switch (state->kind) {
  case DC_STATE_COMING:
    say (text, state->restarts > 0 ? "starts again and again"
                                   : "has not come up in time");
    return DC_VERDICT_COMING;
  case DC_STATE_UP:
  case DC_STATE_IDLE:
    if (state->restarts > RESTARTS_MAX) {
      say (text, "was started %lld times", (long long) state->restarts + 1);
      return DC_VERDICT_BROKEN;
    }
    say (text, state->kind == DC_STATE_UP ? "up" : "done");
    return DC_VERDICT_KEPT;
  case DC_STATE_ENDED:
    say (text, is_running ? "has ended by itself" : "done");
    return is_running ? DC_VERDICT_BROKEN : DC_VERDICT_KEPT;
  case DC_STATE_DOWN:
    if (state->is_on_demand || service->state == DC_PROMISE_ON_DEMAND) {
      say (text, "waits for its trigger");
      return DC_VERDICT_KEPT;
    }
    say (text, "was not started");
    return DC_VERDICT_BROKEN;
  case DC_STATE_FAILED:
    break;
  }
  say_failure (state, text);
  return DC_VERDICT_BROKEN;
}

const struct dc_process *
dc_check_process (const struct dc_promise_service *service,
                  const struct dc_seen *seen)
{
  const struct dc_state *state =
      seen->has_states ? dc_states_find (&seen->states, service->unit) : NULL;
  const struct dc_process *found = NULL;

  for (size_t i = 0; i < seen->processes.count; i++) {
    const struct dc_process *process = &seen->processes.items[i];
    if (state != NULL && state->main_pid > 0 && process->pid == state->main_pid)
      return process;
    if (found == NULL && service->program != NULL &&
        dc_process_runs (process, service->program))
      found = process;
  }
  return state != NULL && state->main_pid > 0 ? NULL : found;
}

/* Without an init that tells: it runs if its program does, or if somebody
 * answers in its place.
 */
static enum dc_verdict
guess_service (const struct dc_promise *promise, size_t i,
               const struct dc_seen *seen, const struct dc_tried *tried,
               struct dc_finding_text *text)
{
  const struct dc_promise_service *services = promise->services.items;
  const struct dc_promise_endpoint *endpoints = promise->endpoints.items;

  for (size_t j = 0; j < promise->endpoints.count; j++)
    if (strcmp (endpoints[j].service, services[i].unit) == 0 &&
        tried[j].listens) {
      say (text, "up");
      return DC_VERDICT_KEPT;
    }
  if (services[i].state != DC_PROMISE_UP || services[i].program == NULL) {
    say (text, "cannot be told");
    return DC_VERDICT_KEPT;
  }
  if (dc_check_process (&services[i], seen) != NULL) {
    say (text, "up");
    return DC_VERDICT_KEPT;
  }
  say (text, "no process of it runs");
  return DC_VERDICT_COMING;
}

/* What a trigger starts is told, and no failure: a job of a timer may want a
 * network, which it does not have here.
 */
static enum dc_verdict
check_on_demand (const struct dc_promise_service *service,
                 const struct dc_state *state, struct dc_finding_text *text)
{
  if (check_state (service, state, text) == DC_VERDICT_COMING)
    say (text, "runs");
  return DC_VERDICT_KEPT;
}

enum dc_verdict
dc_check_service (const struct dc_promise *promise, size_t i,
                  const struct dc_seen *seen, const struct dc_tried *tried,
                  struct dc_finding_text *text)
{
  const struct dc_promise_service *services = promise->services.items;

  if (!seen->has_states)
    return guess_service (promise, i, seen, tried, text);
  const struct dc_state *state =
      dc_states_find (&seen->states, services[i].unit);
  if (state != NULL)
    return services[i].state == DC_PROMISE_ON_DEMAND
               ? check_on_demand (&services[i], state, text)
               : check_state (&services[i], state, text);
  say (text, "its init does not know it");
  return DC_VERDICT_BROKEN;
}

enum dc_verdict
dc_check_user (const struct dc_promise_service *service,
               const struct dc_seen *seen, struct dc_finding_text *text)
{
  const struct dc_process *process = dc_check_process (service, seen);

  if (service->user == NULL || process == NULL ||
      process->uid == (uint32_t) service->uid)
    return DC_VERDICT_KEPT;
  /* One whose main process is not known may be any of several. */
  for (size_t i = 0; i < seen->processes.count; i++)
    if (service->program != NULL &&
        seen->processes.items[i].uid == (uint32_t) service->uid &&
        dc_process_runs (&seen->processes.items[i], service->program))
      return DC_VERDICT_KEPT;
  say (text, "runs as user %u, not as '%s' (%lld)", process->uid,
       dc_quote (service->user).text, (long long) service->uid);
  return DC_VERDICT_BROKEN;
}

enum dc_verdict
dc_check_endpoint (const struct dc_promise_endpoint *endpoint,
                   const struct dc_tried *tried, struct dc_finding_text *text)
{
  (void) endpoint;
  if (!tried->has_outcome) {
    say (text, "nobody listens");
    return DC_VERDICT_COMING;
  }
  say (text, "%s", tried->outcome.text);
  if (!dc_probe_is_kept (tried->outcome.state))
    return DC_VERDICT_COMING;
  return tried->outcome.state == DC_PROBE_UNWELL ? DC_VERDICT_COMING
                                                 : DC_VERDICT_KEPT;
}

void
dc_check_name (const struct dc_promise_endpoint *endpoint,
               struct dc_finding_text *text)
{
  const char *transport = dc_transport_name (endpoint->transport);
  const char *address = endpoint->address != NULL ? endpoint->address : "";
  const bool is_v6 = strchr (address, ':') != NULL;

  if (endpoint->transport == DC_OVER_UNIX)
    say (text, "%s %s", transport, dc_quote (endpoint->path).text);
  else
    say (text, "%s %s%s%s:%lld", transport, is_v6 ? "[" : "",
         address[0] != '\0' ? dc_quote (address).text : "*", is_v6 ? "]" : "",
         (long long) endpoint->port);
}
