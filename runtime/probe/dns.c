/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"

/* dns: asked for its version, which needs no zone and no other server; every
 * answer with our number is one, also a refusal.
 *
 *   [length(2) over TCP] id(2) flags(2) questions(2) answers(2) ... records
 *   record: name type(2) class(2) ttl(4) size(2) content
 *
 * Source: RFC 1035, section 4; RFC 4892 (version.bind).
 */

#define HEADER_SIZE 12
#define RECORD_SIZE 10 /* behind the name */
#define IS_ANSWER 0x8000u
#define CODE_MASK 0x000fu
#define POINTER 0xc0u
#define TYPE_TXT 16
#define QUERY_ID 0xdecau

static const char query[] = "\xde\xca\0\0\0\1\0\0\0\0\0\0" /* no recursion */
                            "\7version\4bind\0\0\x10\0\3";
#define QUERY_SIZE (sizeof query - 1)
#define QUESTION_SIZE (QUERY_SIZE - HEADER_SIZE)

/* Codes of RFC 1035 and what people call them. */
static const char *const codes[] = {
  "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
};

int
dc_dns_ask (const struct dc_question *question, struct dc_buffer *out,
            struct dc_error *err)
{
  const char size[] = { 0, (char) QUERY_SIZE };

  if (question->transport != DC_OVER_UDP &&
      dc_buffer_append (out, size, sizeof size, err) < 0)
    return -1;
  return dc_buffer_append (out, query, QUERY_SIZE, err);
}

/* The first string of the first record, if that is a text. */
static struct dc_span
first_text (struct dc_span message)
{
  const struct dc_span none = { "", 0 };
  size_t at = HEADER_SIZE + QUESTION_SIZE;

  if (dc_said_number (message, 4, 2) != 1 ||
      dc_said_number (message, 6, 2) == 0 || message.size <= at)
    return none;
  if (((unsigned char) message.text[at] & POINTER) == POINTER) {
    at += 2;
  } else {
    while (at < message.size && message.text[at] != 0)
      at += (size_t) (unsigned char) message.text[at] + 1;
    at++;
  }
  if (message.size < at + RECORD_SIZE + 1 ||
      dc_said_number (message, at, 2) != TYPE_TXT)
    return none;
  at += RECORD_SIZE;
  const size_t size = (unsigned char) message.text[at];
  return message.size - at - 1 < size
             ? none
             : (struct dc_span){ message.text + at + 1, size };
}

/* The message in what was said: 1; 0 while it is not complete, -1 when there
 * is none.
 */
static int
unwrap (const struct dc_question *question, const struct dc_said *said,
        struct dc_span *message)
{
  *message = said->bytes;
  if (question->transport == DC_OVER_UDP)
    return message->size < HEADER_SIZE ? -1 : 1;
  if (message->size < 2 + HEADER_SIZE)
    return 0;
  const uint32_t size = dc_said_number (*message, 0, 2);
  *message = dc_span_skip (*message, 2);
  if (size < HEADER_SIZE || dc_said_number (*message, 0, 2) != QUERY_ID)
    return -1;
  if (message->size < size)
    return 0;
  message->size = size;
  return 1;
}

int
dc_dns_judge (const struct dc_question *question, const struct dc_said *said,
              struct dc_probe_answer *answer, struct dc_error *err)
{
  struct dc_span message;
  const int is_complete = unwrap (question, said, &message);

  if (is_complete == 0)
    return 0;
  if (is_complete < 0 || dc_said_number (message, 0, 2) != QUERY_ID ||
      (dc_said_number (message, 2, 2) & IS_ANSWER) == 0)
    return dc_answer_refuse (question, said, err);
  const uint32_t code = dc_said_number (message, 2, 2) & CODE_MASK;
  const struct dc_span version = first_text (message);
  const struct dc_quoted text = dc_quote_bytes (version.text, version.size);
  dc_json_put_number (&answer->facts, "code", code);
  if (version.size > 0)
    dc_json_put_text (&answer->facts, "version", text.text);
  return dc_answer_say (
      answer, "DNS %s%s%s", code < DC_COUNT (codes) ? codes[code] : "answer",
      version.size > 0 ? ", version " : "", version.size > 0 ? text.text : "");
}
