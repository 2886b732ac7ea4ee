/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/json.h"
#include "lib/lastline.h"
#include "lib/quote.h"
#include "runtime/probe/probe.h"
#include "runtime/verify/equivalence.h"

#define MEMORY_MB 1024
#define LOOK_MS 1000
#define NETWORK_MS 30000
#define PROBE_MS 5000 /* software emulation is slow */
#define STAYS_MS 3000
/* After the last that answered came up, or as long as that took. */
#define QUIET_MS 45000
#define CONSOLE_MAX ((size_t) 64 * 1024)

/* What the worker is given: endpoints of the report that may be compared. */
struct asking {
  int pid_fd;
  bool is_mapped; /* a user's namespace comes with the network */
  json_t *endpoints;
  unsigned timeout_s;
};

static int64_t
now_ms (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail */
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
enter (void *arg, struct dc_error *err)
{
  const struct asking *asking = arg;
  struct ifreq request = { .ifr_name = "lo" };
  const int users = asking->is_mapped ? CLONE_NEWUSER : 0;

  if (setns (asking->pid_fd, CLONE_NEWNET | users) < 0)
    return dc_fail_errno (err, "cannot enter the network of the source");
  AUTO_CLOSE int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_flags = IFF_UP;
  return fd < 0 || ioctl (fd, SIOCSIFFLAGS, &request) < 0
             ? dc_fail_errno (err, "cannot raise the loopback")
             : 0;
}

static const char *
text_of (json_t *json, const char *key)
{
  return json_string_value (json_object_get (json, key));
}

static bool
is_udp (json_t *endpoint)
{
  const char *transport = text_of (endpoint, "transport");

  return transport != NULL && strcmp (transport, "udp") == 0;
}

/* Can it be reached from outside, and does it answer in the result? */
static bool
is_comparable (json_t *endpoint)
{
  const char *transport = text_of (endpoint, "transport");
  const char *address = text_of (endpoint, "address");

  return transport != NULL && strcmp (transport, "unix") != 0 &&
         (address == NULL ||
          (strncmp (address, "127.", 4) != 0 && strcmp (address, "::1") != 0 &&
           strcmp (address, "localhost") != 0));
}

static int
ask (json_t *endpoint, struct dc_outcome *outcome, struct dc_error *err)
{
  const struct dc_probe probe = {
    .transport = is_udp (endpoint) ? DC_OVER_UDP : DC_OVER_TCP,
    .address = "127.0.0.1",
    .port = (uint16_t) json_integer_value (json_object_get (endpoint, "port")),
    .protocol = text_of (endpoint, "protocol"),
    .is_guess = json_is_true (json_object_get (endpoint, "guess")),
    .http_path = text_of (endpoint, "http_path"),
    .wants_body = true,
    .timeout_ms = PROBE_MS,
    .stays_ms = STAYS_MS,
  };

  return dc_probe (&probe, outcome, err);
}

/* Will it get no better by waiting?  QEMU accepts every connection, whether
 * or not the guest is up: what was only seen to be open counts where the result
 * was not more, and once somebody has really answered.
 */
static bool
is_final (const struct dc_outcome *outcome, json_t *endpoint, bool is_up)
{
  const char *state = text_of (endpoint, "state");

  return outcome->state == DC_PROBE_ANSWERED ||
         (is_up && dc_probe_is_kept (outcome->state) && state != NULL &&
          strcmp (state, dc_probe_state_name (outcome->state)) == 0);
}

/* The body of a page that changes by itself is no fact. */
static int
drop_volatile (json_t *endpoint, json_t *facts, struct dc_error *err)
{
  static const char *const bodies[] = { "body_digest", "body_bytes" };
  struct dc_outcome again;

  if (json_object_get (facts, "body_digest") == NULL)
    return 0;
  if (ask (endpoint, &again, err) < 0)
    return -1;
  const bool is_stable =
      again.facts != NULL &&
      json_equal (json_object_get (facts, "body_digest"),
                  json_object_get (again.facts, "body_digest"));
  for (size_t i = 0; i < DC_COUNT (bodies) && !is_stable; i++)
    (void) json_object_del (facts, bodies[i]); /* it may not be there */
  if (!is_stable)
    (void) json_object_set_new (facts, "body", json_string ("changes"));
  dc_outcome_release (&again);
  return 0;
}

static json_t *
answer_json (const struct dc_outcome *outcome)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "state", dc_probe_state_name (outcome->state));
  dc_json_put_text (&json, "text", outcome->text);
  if (outcome->facts != NULL)
    dc_json_put (&json, "facts", json_incref (outcome->facts));
  return json;
}

/* Has one really answered? */
static bool
has_any (json_t *answers)
{
  json_t *answer = NULL;
  size_t i = 0;

  json_array_foreach (answers, i, answer)
  {
    const char *state = text_of (answer, "state");
    if (state != NULL &&
        strcmp (state, dc_probe_state_name (DC_PROBE_ANSWERED)) == 0)
      return true;
  }
  return false;
}

/* One round over those that have not answered; *MISSING counts them. */
static int
ask_round (const struct asking *asking, json_t *answers, size_t *missing,
           struct dc_error *err)
{
  const bool is_up = has_any (answers);
  json_t *endpoint = NULL;
  size_t i = 0;

  *missing = 0;
  json_array_foreach (asking->endpoints, i, endpoint)
  {
    json_t *before = json_array_get (answers, i);
    struct dc_outcome outcome;
    if (json_is_true (json_object_get (before, "final")))
      continue;
    if (ask (endpoint, &outcome, err) < 0)
      return -1;
    const bool is_done = is_final (&outcome, endpoint, is_up);
    if (is_done && outcome.facts != NULL &&
        drop_volatile (endpoint, outcome.facts, err) < 0) {
      dc_outcome_release (&outcome);
      return -1;
    }
    json_t *json = answer_json (&outcome);
    dc_outcome_release (&outcome);
    dc_json_put_bool (&json, "final", is_done);
    if (json == NULL || json_array_set_new (answers, i, json) < 0)
      return dc_json_no_memory (err);
    *missing += !is_done;
  }
  return 0;
}

static bool
is_quiet (int64_t start_ms, int64_t progress_ms)
{
  const int64_t took_ms = progress_ms - start_ms;

  return now_ms () - progress_ms > (took_ms > QUIET_MS ? took_ms : QUIET_MS);
}

/* Until all have answered; or some have, and no more for a while; or the time
 * is over.
 */
static int
ask_all (void *arg, const struct dc_report *report, json_t **result,
         struct dc_error *err)
{
  const struct asking *asking = arg;
  const size_t count = json_array_size (asking->endpoints);
  const int64_t start_ms = now_ms ();
  json_auto_t *answers = json_array ();
  size_t missing = count, before = count;
  int64_t progress_ms = start_ms;

  (void) report;
  for (size_t i = 0; i < count; i++)
    if (json_array_append_new (answers, json_object ()) < 0)
      return dc_json_no_memory (err);
  while (missing > 0) {
    if (ask_round (asking, answers, &missing, err) < 0)
      return -1;
    if (missing < before)
      progress_ms = now_ms ();
    before = missing;
    if (missing == 0 ||
        now_ms () - start_ms > (int64_t) asking->timeout_s * 1000 ||
        (missing < count && is_quiet (start_ms, progress_ms)))
      break;
    (void) poll (NULL, 0, LOOK_MS);
  }
  *result = json_pack ("{s:O, s:I}", "answers", answers, "boot_ms",
                       (json_int_t) (progress_ms - start_ms));
  return *result != NULL ? 0 : dc_json_no_memory (err);
}

static int
say_difference (json_t *differences, const char *key, json_t *source,
                json_t *result, struct dc_error *err)
{
  AUTO_FREE char *here = source != NULL ? json_dumps (source, JSON_ENCODE_ANY)
                                        : strdup ("nothing");
  AUTO_FREE char *there = result != NULL ? json_dumps (result, JSON_ENCODE_ANY)
                                         : strdup ("nothing");

  if (here == NULL || there == NULL ||
      json_array_append_new (differences,
                             json_sprintf ("%s: %s in the source, %s here", key,
                                           dc_quote (here).text,
                                           dc_quote (there).text)) < 0)
    return dc_json_no_memory (err);
  return 0;
}

/* A greeting may name the host: its words are compared but for the second. */
static bool
greets_alike (json_t *source, json_t *result)
{
  struct dc_span words[2], ends[2];
  json_t *both[2] = { source, result };

  for (int i = 0; i < 2; i++) {
    const char *text = json_string_value (both[i]);
    struct dc_span rest = dc_span_of (text != NULL ? text : ""), host;
    if (!dc_span_word (&rest, &words[i]))
      return false;
    (void) dc_span_word (&rest, &host); /* there may be none */
    ends[i] = dc_span_trim (rest);
  }
  return dc_span_compare (words[0], words[1]) == 0 && ends[0].size > 0 &&
         dc_span_compare (ends[0], ends[1]) == 0;
}

int
dc_facts_compare (json_t *source, json_t *result, json_t *differences,
                  struct dc_error *err)
{
  const bool changes = json_object_get (source, "body") != NULL;
  const char *key = NULL;
  json_t *value = NULL;

  json_object_foreach (source, key, value)
  {
    json_t *other = json_object_get (result, key);
    if (strcmp (key, "body") == 0 || json_equal (value, other) ||
        (strcmp (key, "greeting") == 0 && greets_alike (value, other)))
      continue;
    if (say_difference (differences, key, value, other, err) < 0)
      return -1;
  }
  json_object_foreach (result, key, value)
  {
    if (json_object_get (source, key) == NULL &&
        !(changes && strncmp (key, "body", 4) == 0) &&
        say_difference (differences, key, NULL, value, err) < 0)
      return -1;
  }
  return 0;
}

/* One that answers in neither is equal, too. */
static int
compare_endpoint (json_t *endpoint, json_t *answer, json_t *list, json_t *all,
                  struct dc_error *err)
{
  json_auto_t *differences = json_array ();
  json_t *state = json_object_get (endpoint, "state");
  json_t *was = json_object_get (answer, "state"), *one = NULL;
  size_t i = 0;

  if (!json_equal (state, was) &&
      say_difference (differences, "state", was, state, err) < 0)
    return -1;
  if (json_equal (state, was) &&
      dc_facts_compare (json_object_get (answer, "facts"),
                        json_object_get (endpoint, "facts"), differences,
                        err) < 0)
    return -1;
  json_array_foreach (differences, i, one)
  {
    if (json_array_append_new (
            all, json_sprintf ("%s: %s", text_of (endpoint, "endpoint"),
                               json_string_value (one))) < 0)
      return dc_json_no_memory (err);
  }
  (void) json_object_del (answer, "final");
  json_t *json = json_pack (
      "{s:O, s:b, s:O, s:{s:O, s:O*, s:O*}, s:O}", "endpoint",
      json_object_get (endpoint, "endpoint"), "equal",
      json_array_size (differences) == 0, "source", answer, "result", "state",
      state, "text", json_object_get (endpoint, "text"), "facts",
      json_object_get (endpoint, "facts"), "differences", differences);
  return json == NULL || json_array_append_new (list, json) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static int
pick_endpoints (json_t *verified, json_t *picked, json_t *left,
                struct dc_boot_port *ports, size_t *port_count,
                struct dc_error *err)
{
  json_t *endpoint = NULL;
  size_t i = 0;

  json_array_foreach (json_object_get (verified, "endpoints"), i, endpoint)
  {
    const uint16_t port =
        (uint16_t) json_integer_value (json_object_get (endpoint, "port"));
    bool is_known = false;
    for (size_t j = 0; j < *port_count; j++)
      is_known |= ports[j].port == port && ports[j].is_udp == is_udp (endpoint);
    const bool is_picked =
        is_comparable (endpoint) && !is_known && *port_count < DC_BOOT_PORT_MAX;
    if (is_picked)
      ports[(*port_count)++] = (struct dc_boot_port){ port, is_udp (endpoint) };
    json_t *list = is_picked ? picked : left;
    if (!is_known &&
        json_array_append (
            list,
            is_picked ? endpoint : json_object_get (endpoint, "endpoint")) < 0)
      return dc_json_no_memory (err);
  }
  return *port_count > 0
             ? 0
             : dc_fail (err, DC_ERR_UNSUPPORTED,
                        "the result promises no port that could be reached "
                        "from outside");
}

/* Nobody at all has answered: what the console said last is all we know. */
static int
fail_mute (struct dc_boot *boot, unsigned timeout_s, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer console = DC_BUFFER_INIT (CONSOLE_MAX);
  struct dc_lastline line = { .size = 0 };

  if (dc_boot_has_ended (boot, err))
    return dc_context (err, "the copy of the source");
  dc_boot_console (boot, &console);
  dc_lastline_add (&line, dc_buffer_text (&console), console.size);
  const struct dc_span last = dc_lastline_text (&line);
  return dc_fail (
      err, DC_ERR_TOOL,
      "the copy of the source answers on none of its ports within %u s: it "
      "has not booted, or wants another address than DHCP gives it, or a "
      "firewall is before them; its console says last: '%s'",
      timeout_s, dc_quote_bytes (last.text, last.size).text);
}

static int
compare (json_t *picked, json_t *answers, json_t **list, json_t **all,
         struct dc_error *err)
{
  json_t *endpoint = NULL;
  size_t i = 0;

  *list = json_array ();
  *all = json_array ();
  json_array_foreach (picked, i, endpoint)
  {
    if (compare_endpoint (endpoint, json_array_get (answers, i), *list, *all,
                          err) < 0)
      return -1;
  }
  return 0;
}

/* Until unshare(1) has made it: before that its network is ours, in which
 * nobody must be asked anything.
 */
static int
wait_for_network (struct dc_boot *boot, struct dc_error *err)
{
  char path[64];
  struct stat own, its;

  (void) snprintf (path, sizeof path, "/proc/%d/ns/net",
                   (int) dc_boot_pid (boot));
  for (int i = 0; i < NETWORK_MS / 100; i++) {
    if (dc_boot_has_ended (boot, err))
      return dc_context (err, "the copy of the source");
    if (stat ("/proc/self/ns/net", &own) < 0 || stat (path, &its) < 0)
      return dc_fail_errno (err, "cannot see the network of the source");
    if (own.st_ino != its.st_ino)
      return 0;
    (void) poll (NULL, 0, 100);
  }
  return dc_fail (err, DC_ERR_TOOL, "QEMU did not get a network of its own");
}

static int
boot_and_ask (const struct dc_equivalence_options *options,
              const struct dc_boot_port *ports, size_t port_count,
              json_t *picked, const struct dc_report *report,
              struct dc_boot **boot, json_t **result, struct dc_error *err)
{
  const struct dc_boot_options how = { .disks = options->disks,
                                       .disk_count = options->disk_count,
                                       .ports = ports,
                                       .port_count = port_count,
                                       .memory_mb = MEMORY_MB };

  dc_info (report, "booting a throw-away copy of the source");
  if (dc_boot_start (&how, report, boot, err) < 0)
    return -1;
  AUTO_CLOSE int pid_fd =
      (int) syscall (SYS_pidfd_open, dc_boot_pid (*boot), 0);
  if (pid_fd < 0)
    return dc_fail_errno (err, "cannot watch the copy of the source");
  struct asking asking = { .pid_fd = pid_fd,
                           .is_mapped = geteuid () != 0,
                           .endpoints = picked,
                           .timeout_s = options->timeout_s };
  const struct dc_confine confine = { .name = "asking the source",
                                      .keep_fds = &pid_fd,
                                      .keep_fd_count = 1,
                                      .enter = enter,
                                      .connects = 1 };
  if (wait_for_network (*boot, err) < 0)
    return -1;
  return dc_confined (&confine, ask_all, &asking, report, result, err);
}

int
dc_equivalence (json_t *verified, const struct dc_equivalence_options *options,
                const struct dc_report *report, json_t **out,
                struct dc_error *err)
{
  struct dc_boot_port ports[DC_BOOT_PORT_MAX];
  size_t port_count = 0;
  DC_AUTO (dc_boot) *boot = NULL;
  json_auto_t *picked = json_array (), *left = json_array ();
  json_auto_t *result = NULL, *list = NULL, *all = NULL;

  if (pick_endpoints (verified, picked, left, ports, &port_count, err) < 0 ||
      boot_and_ask (options, ports, port_count, picked, report, &boot, &result,
                    err) < 0)
    return -1;
  json_t *answers = json_object_get (result, "answers");
  if (!has_any (answers))
    return fail_mute (boot, options->timeout_s, err);
  if (compare (picked, answers, &list, &all, err) < 0)
    return -1;
  json_t *json = json_pack (
      "{s:i, s:s, s:O, s:O, s:{s:s, s:s, s:O}, s:O, s:O, s:O, s:b}", "version",
      1, "source", options->source, "image",
      json_object_get (verified, "image"), "tag",
      json_object_get (verified, "tag"), "boot", "accelerator",
      dc_boot_accel (boot), "firmware", dc_boot_firmware (boot), "ms",
      json_object_get (result, "boot_ms"), "endpoints", list, "differences",
      all, "not_compared", left, "equivalent", json_array_size (all) == 0);
  if (json == NULL)
    return dc_json_no_memory (err);
  *out = json;
  return 0;
}
