/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/probe/dialog.h"
#include "runtime/probe/probe.h"

#define STAYS_OPEN_MS 200 /* a server that turns us away does it at once */
#define DATAGRAM_MS 1000

static const char *const state_names[] = {
  [DC_PROBE_ANSWERED] = "answered", [DC_PROBE_UNWELL] = "unwell",
  [DC_PROBE_OPEN] = "open",         [DC_PROBE_UNKNOWN] = "unknown",
  [DC_PROBE_OTHER] = "other",       [DC_PROBE_SILENT] = "silent",
  [DC_PROBE_CLOSED] = "closed",     [DC_PROBE_REFUSED] = "refused",
};

/* What is asked of whom, once. */
struct attempt {
  const struct dc_probe *probe;
  const struct dc_probe_protocol *protocol; /* NULL: only whether it connects */
  struct dc_place place;
  bool is_tls;
  unsigned timeout_ms;
};

const char *
dc_probe_state_name (enum dc_probe_state state)
{
  return state_names[state];
}

bool
dc_probe_is_kept (enum dc_probe_state state)
{
  return state <= DC_PROBE_UNKNOWN;
}

void
dc_outcome_release (struct dc_outcome *outcome)
{
  json_decref (outcome->facts);
  outcome->facts = NULL;
}

static void
say (struct dc_outcome *out, enum dc_probe_state state, const char *text)
{
  out->state = state;
  (void) snprintf (out->text, sizeof out->text, "%s", text);
}

/* What a failed call means for whom we ask: 0, or -1 for our own failures.
 */
static int
tell (enum dc_probe_state otherwise, struct dc_outcome *out,
      const struct dc_error *err)
{
  static const struct {
    enum dc_code code;
    enum dc_probe_state state;
  } meanings[] = {
    { DC_ERR_NOTFOUND, DC_PROBE_REFUSED },
    { DC_ERR_BUSY, DC_PROBE_SILENT },
    { DC_ERR_INVALID, DC_PROBE_OTHER },
    { DC_ERR_LIMIT, DC_PROBE_OTHER },
  };

  if (err->sys_errno == ENOMEM)
    return -1;
  for (size_t i = 0; i < DC_COUNT (meanings); i++)
    if (err->code == meanings[i].code)
      otherwise = meanings[i].state;
  say (out, otherwise, err->text);
  return 0;
}

static int
send_question (const struct dc_question *question, struct dc_dialog *dialog,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer request = DC_BUFFER_INIT (DC_SAID_LINE_MAX);
  const struct dc_probe_protocol *protocol = question->protocol;

  if (protocol->ask != NULL) {
    if (protocol->ask (question, &request, err) < 0)
      return -1;
    return dc_dialog_say (dialog, request.data, request.size, err);
  }
  return dc_dialog_say (dialog, protocol->request.text, protocol->request.size,
                        err);
}

/* Hear until the judge is content. */
static int
hear_answer (const struct dc_question *question, struct dc_dialog *dialog,
             struct dc_probe_answer *answer, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer bytes = DC_BUFFER_INIT (DC_SAID_MAX);

  for (int more = 1; more > 0;) {
    more = dc_dialog_hear (dialog, &bytes, err);
    if (more < 0)
      return -1;
    const struct dc_said said = { { dc_buffer_text (&bytes), bytes.size },
                                  more == 0 };
    const int is_answer =
        question->protocol->judge (question, &said, answer, err);
    if (is_answer != 0)
      return is_answer;
  }
  return 0;
}

static int
converse (const struct attempt *attempt, struct dc_dialog *dialog,
          struct dc_outcome *out, struct dc_error *err)
{
  const struct dc_question question = {
    .protocol = attempt->protocol,
    .transport = attempt->probe->transport,
    .path = attempt->probe->http_path,
    .wants_body = attempt->probe->wants_body,
  };
  struct dc_probe_answer answer = { .facts = json_object () };
  struct dc_error ignored; /* it has answered; how it ends is all the same */

  int status = send_question (&question, dialog, err);
  if (status == 0)
    status = hear_answer (&question, dialog, &answer, err);
  if (answer.facts == NULL) {
    return dc_json_no_memory (err);
  }
  out->facts = answer.facts;
  if (status < 0)
    return tell (DC_PROBE_CLOSED, out, err);
  if (status == 0) {
    say (out, DC_PROBE_CLOSED, "it ended the connection without an answer");
    return 0;
  }
  say (out, answer.is_unwell ? DC_PROBE_UNWELL : DC_PROBE_ANSWERED,
       answer.text);
  const char *farewell = attempt->protocol->farewell;
  if (farewell != NULL)
    (void) dc_dialog_say (dialog, farewell, strlen (farewell), &ignored);
  return 0;
}

/* Who turns strangers away (TCP wrappers, a service that cannot be started)
 * does it at once.
 */
static int
see_whether_it_stays (struct dc_dialog *dialog, struct dc_outcome *out,
                      struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer bytes = DC_BUFFER_INIT (DC_SAID_MAX);

  const int more = dc_dialog_hear (dialog, &bytes, err);
  if (more < 0 && err->code != DC_ERR_BUSY)
    return tell (DC_PROBE_CLOSED, out, err);
  if (more == 0)
    say (out, DC_PROBE_CLOSED, "it ends every connection at once");
  else
    say (out, DC_PROBE_OPEN, "connected");
  return 0;
}

static int
try_once (const struct attempt *attempt, struct dc_outcome *out,
          struct dc_error *err)
{
  const unsigned stays_ms = attempt->probe->stays_ms;
  const unsigned timeout_ms = attempt->protocol != NULL ? attempt->timeout_ms
                              : stays_ms != 0           ? stays_ms
                                                        : STAYS_OPEN_MS;
  DC_AUTO (dc_dialog) *dialog = NULL;

  *out = (struct dc_outcome){ .is_tls = attempt->is_tls };
  if (dc_dialog_open (&attempt->place, timeout_ms, &dialog, err) < 0)
    return tell (DC_PROBE_REFUSED, out, err);
  if (attempt->is_tls && dc_dialog_secure (dialog, err) < 0)
    return tell (DC_PROBE_CLOSED, out, err);
  const int status = attempt->protocol == NULL
                         ? see_whether_it_stays (dialog, out, err)
                         : converse (attempt, dialog, out, err);
  if (status < 0)
    return -1;
  if (out->facts == NULL)
    out->facts = json_object ();
  if (attempt->is_tls)
    dc_json_put (&out->facts, "tls", dc_dialog_tls (dialog));
  return out->facts != NULL ? 0 : dc_json_no_memory (err);
}

/* Nothing came back: that is no refusal.  Without a protocol a single NUL is
 * sent, for the ICMP message that says that nobody is there.
 */
static int
try_datagram (const struct attempt *attempt, struct dc_outcome *out,
              struct dc_error *err)
{
  static const struct dc_probe_protocol nothing = { .name = "udp",
                                                    .title = "UDP",
                                                    .request = { "", 1 },
                                                    .judge =
                                                        dc_anything_judge };
  struct attempt one = *attempt;

  one.timeout_ms = one.timeout_ms < DATAGRAM_MS ? one.timeout_ms : DATAGRAM_MS;
  if (one.protocol == NULL)
    one.protocol = &nothing;
  if (try_once (&one, out, err) < 0)
    return -1;
  if (out->state == DC_PROBE_SILENT)
    say (out, DC_PROBE_UNKNOWN, "sent; nothing came back");
  return 0;
}

/* Any answer is one. */
int
dc_anything_judge (const struct dc_question *question,
                   const struct dc_said *said, struct dc_probe_answer *answer,
                   struct dc_error *err)
{
  (void) question;
  (void) said;
  (void) err;
  return dc_answer_say (answer, "it answers");
}

static void
replace (struct dc_outcome *out, struct dc_outcome *better)
{
  dc_outcome_release (out);
  *out = *better;
  better->facts = NULL;
}

/* With and without TLS, the likelier first; then, where the protocol is only
 * a guess, whether it connects at all.
 */
static int
try_stream (struct attempt *attempt, struct dc_outcome *out,
            struct dc_error *err)
{
  struct dc_outcome second = { .facts = NULL };

  if (attempt->protocol == NULL)
    return try_once (attempt, out, err);
  if (try_once (attempt, out, err) < 0)
    return -1;
  if (dc_probe_is_kept (out->state) || out->state == DC_PROBE_REFUSED)
    return 0;
  if (attempt->probe->transport == DC_OVER_TCP) {
    attempt->is_tls = !attempt->is_tls;
    if (try_once (attempt, &second, err) < 0)
      return -1;
    if (dc_probe_is_kept (second.state))
      replace (out, &second);
    dc_outcome_release (&second);
  }
  if (dc_probe_is_kept (out->state) || !attempt->probe->is_guess)
    return 0;
  attempt->protocol = NULL;
  attempt->is_tls = false;
  if (try_once (attempt, &second, err) < 0)
    return -1;
  replace (out, &second);
  return 0;
}

static int
make_place (const struct dc_probe *probe, const char *address,
            struct dc_place *place, struct dc_error *err)
{
  *place = (struct dc_place){ .type = probe->transport == DC_OVER_UDP
                                          ? SOCK_DGRAM
                                          : SOCK_STREAM };
  if (probe->transport == DC_OVER_UNIX)
    return dc_place_local (probe->path, place, err);
  if (inet_pton (AF_INET, address, &place->at.v4.sin_addr) == 1) {
    place->at.v4.sin_family = AF_INET;
    place->at.v4.sin_port = htons (probe->port);
    place->size = sizeof place->at.v4;
    return 0;
  }
  if (inet_pton (AF_INET6, address, &place->at.v6.sin6_addr) != 1)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no IP address",
                    dc_quote (address).text);
  place->at.v6.sin6_family = AF_INET6;
  place->at.v6.sin6_port = htons (probe->port);
  place->size = sizeof place->at.v6;
  return 0;
}

/* A datagram or packet socket has a path, too; the first that fits is taken. */
static int
try_local (struct attempt *attempt, struct dc_outcome *out,
           struct dc_error *err)
{
  static const int others[] = { SOCK_DGRAM, SOCK_SEQPACKET };

  if (try_stream (attempt, out, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (others); i++) {
    if (strstr (out->text, strerror (EPROTOTYPE)) == NULL)
      return 0;
    attempt->place.type = others[i];
    attempt->protocol = NULL;
    dc_outcome_release (out);
    if (try_once (attempt, out, err) < 0)
      return -1;
  }
  return 0;
}

/* The addresses by which a server that listens on ADDRESS is reached from its
 * own host, the likelier first.
 */
static void
choose_addresses (const char *address, const char *chosen[2])
{
  static const char *const any[] = { "", "*", "0.0.0.0", "localhost" };

  chosen[0] = address;
  chosen[1] = NULL;
  for (size_t i = 0; i < DC_COUNT (any); i++)
    if (address == NULL || strcmp (address, any[i]) == 0) {
      chosen[0] = "127.0.0.1";
      chosen[1] = "::1";
      return;
    }
  if (strcmp (address, "::") == 0) {
    chosen[0] = "::1";
    chosen[1] = "127.0.0.1";
  }
}

static int
probe_address (const struct dc_probe *probe, const char *address,
               struct attempt attempt, struct dc_outcome *out,
               struct dc_error *err)
{
  if (make_place (probe, address, &attempt.place, err) < 0)
    return -1;
  switch (probe->transport) {
  case DC_OVER_TCP:
    return try_stream (&attempt, out, err);
  case DC_OVER_UDP:
    return try_datagram (&attempt, out, err);
  case DC_OVER_UNIX:
    break;
  }
  return try_local (&attempt, out, err);
}

static int
make_attempt (const struct dc_probe *probe, struct attempt *attempt,
              struct dc_error *err)
{
  *attempt = (struct attempt){
    .probe = probe,
    .timeout_ms =
        probe->timeout_ms != 0 ? probe->timeout_ms : DC_PROBE_TIMEOUT_MS,
  };
  if (probe->protocol == NULL)
    return 0;
  attempt->protocol = dc_protocol_find (probe->protocol);
  if (attempt->protocol == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND, "no probe for '%s'",
                    dc_quote (probe->protocol).text);
  if (probe->transport == DC_OVER_TCP)
    (void) dc_protocol_of_port (DC_OVER_TCP, probe->port, &attempt->is_tls);
  return 0;
}

int
dc_probe (const struct dc_probe *probe, struct dc_outcome *out,
          struct dc_error *err)
{
  struct attempt attempt;
  struct dc_outcome outcome = { .state = DC_PROBE_REFUSED };
  const char *addresses[2];
  int status = make_attempt (probe, &attempt, err);

  choose_addresses (probe->address, addresses);
  for (size_t i = 0; i < 2 && status == 0 && addresses[i] != NULL &&
                     outcome.state == DC_PROBE_REFUSED;
       i++) {
    dc_outcome_release (&outcome);
    status = probe_address (probe, addresses[i], attempt, &outcome, err);
  }
  if (status < 0) {
    dc_outcome_release (&outcome);
    return -1;
  }
  *out = outcome;
  return 0;
}
