/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"

/* binary: LDAP, AMQP, MQTT, FastCGI and NTP, of which a few bytes tell all. */

/* LDAPMessage ::= SEQUENCE { messageID INTEGER (1), protocolOp }, of which we
 * expect an entry, the end of a search, or a notice of disconnection.
 * Source: RFC 4511, section 4; X.690, 8.1.3 (lengths).
 */
#define LDAP_ENTRY 0x64u
#define LDAP_DONE 0x65u
#define LDAP_EXTENDED 0x78u

int
dc_ldap_judge (const struct dc_question *question, const struct dc_said *said,
               struct dc_probe_answer *answer, struct dc_error *err)
{
  const struct dc_span all = said->bytes;

  if (all.size > 0 && *all.text != 0x30)
    return dc_answer_refuse (question, said, err);
  if (all.size < 2)
    return 0;
  const unsigned first = (unsigned char) all.text[1];
  const size_t at = first < 0x80 ? 2 : 2 + (first & 0x7fu);
  if (at > 6)
    return dc_answer_refuse (question, said, err);
  if (all.size < at + 4)
    return 0;
  const unsigned operation = (unsigned char) all.text[at + 3];
  if (all.text[at] != 2 || all.text[at + 1] != 1 ||
      (operation != LDAP_ENTRY && operation != LDAP_DONE &&
       operation != LDAP_EXTENDED))
    return dc_answer_refuse (question, said, err);
  answer->is_unwell = operation == LDAP_EXTENDED;
  const char *text = operation == LDAP_ENTRY  ? "shows its root entry"
                     : operation == LDAP_DONE ? "shows nothing to strangers"
                                              : "ends the connection";
  dc_json_put_text (&answer->facts, "search", text);
  return dc_answer_say (answer, "LDAP: %s", text);
}

/* The first frame is Connection.Start (class 10, method 10) on channel 0; a
 * server of another version sends its own header.
 * Source: AMQP 0-9-1, sections 2.3.5, 4.2.2 and 4.2.5.5 (field tables).
 */
#define AMQP_START_SIZE 11

static void
keep_amqp_text (struct dc_span table, const char *key,
                struct dc_probe_answer *answer)
{
  char wanted[32];
  const size_t size = strlen (key);

  wanted[0] = (char) size;
  memcpy (wanted + 1, key, size);
  wanted[size + 1] = 'S';
  const char *found = memmem (table.text, table.size, wanted, size + 2);
  if (found == NULL)
    return;
  table = dc_span_skip (table, (size_t) (found - table.text) + size + 2);
  if (table.size < 4 || dc_said_number (table, 0, 4) > table.size - 4)
    return;
  dc_json_put_text (
      &answer->facts, key,
      dc_quote_bytes (table.text + 4, dc_said_number (table, 0, 4)).text);
}

int
dc_amqp_judge (const struct dc_question *question, const struct dc_said *said,
               struct dc_probe_answer *answer, struct dc_error *err)
{
  const struct dc_span all = said->bytes;

  if (dc_span_starts (all, "AMQP"))
    return dc_answer_say (answer, "AMQP of another version");
  if (all.size > 0 && *all.text != 1 && *all.text != 'A')
    return dc_answer_refuse (question, said, err);
  if (all.size < AMQP_START_SIZE)
    return 0;
  const uint32_t size = dc_said_number (all, 3, 4);
  if (*all.text != 1 || size > DC_HTTP_HEAD_MAX ||
      dc_said_number (all, 7, 4) != 0x000a000a)
    return dc_answer_refuse (question, said, err);
  if (all.size - 7 < size && !said->is_over)
    return 0;
  keep_amqp_text (all, "product", answer);
  keep_amqp_text (all, "version", answer);
  const char *product =
      json_string_value (json_object_get (answer->facts, "product"));
  const char *version =
      json_string_value (json_object_get (answer->facts, "version"));
  return dc_answer_say (answer, "AMQP: %s %s",
                        product != NULL ? product : "a server",
                        version != NULL ? version : "");
}

/* CONNACK: 0x20 2 flags code.  Source: MQTT 3.1.1, section 3.2. */
int
dc_mqtt_judge (const struct dc_question *question, const struct dc_said *said,
               struct dc_probe_answer *answer, struct dc_error *err)
{
  static const char *const codes[] = {
    "accepts",          "wants another version", "refuses the name",
    "is not available", "refuses the password",  "asks for a password",
  };
  const struct dc_span all = said->bytes;

  if (all.size > 0 && *all.text != 0x20)
    return dc_answer_refuse (question, said, err);
  if (all.size < 4)
    return 0;
  const unsigned code = (unsigned char) all.text[3];
  if (all.text[1] != 2 || code >= DC_COUNT (codes))
    return dc_answer_refuse (question, said, err);
  answer->is_unwell = code == 3;
  dc_json_put_number (&answer->facts, "code", code);
  return dc_answer_say (answer, "MQTT: %s", codes[code]);
}

/* A record of version 1 and type FCGI_GET_VALUES_RESULT, or
 * FCGI_UNKNOWN_TYPE from one that knows no such question.
 * Source: FastCGI specification 1.0, sections 4.1 and 4.2.
 */
int
dc_fastcgi_judge (const struct dc_question *question,
                  const struct dc_said *said, struct dc_probe_answer *answer,
                  struct dc_error *err)
{
  const struct dc_span all = said->bytes;

  if (all.size < 8)
    return all.size > 0 && *all.text != 1
               ? dc_answer_refuse (question, said, err)
               : 0;
  if (all.text[0] != 1 || (all.text[1] != 10 && all.text[1] != 11) ||
      dc_said_number (all, 2, 2) != 0)
    return dc_answer_refuse (question, said, err);
  return dc_answer_say (answer, "FastCGI: tells its limits");
}

/* Mode 4, and our transmit time as its originate time.  A stratum of 0 is a
 * refusal, 16 a clock that is not set yet.
 * Source: RFC 5905, 7.3 and 7.4.
 */
int
dc_ntp_judge (const struct dc_question *question, const struct dc_said *said,
              struct dc_probe_answer *answer, struct dc_error *err)
{
  const struct dc_span all = said->bytes;
  const struct dc_span request = question->protocol->request;

  if (all.size < request.size || (*all.text & 7) != 4 ||
      memcmp (all.text + 24, request.text + 40, 8) != 0)
    return dc_answer_refuse (question, said, err);
  const unsigned stratum = (unsigned char) all.text[1];
  return dc_answer_say (answer, "NTP: %s",
                        stratum == 0 || stratum >= 16
                            ? "its clock is not set by another"
                            : "serves time");
}
