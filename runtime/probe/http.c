/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/digest.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"

/* http: asked as an HTTP/1.0 client, so that the body comes as it is and ends
 * with the connection.
 *
 * Source: RFC 9112; RFC 9110, section 15; "ICY" is Icecast's.
 */

#define SERVER_ERROR 500

/* Headers that tell servers and their answers apart. */
static const struct {
  const char *header, *fact;
} kept[] = {
  { "content-type", "content_type" },
  { "location", "location" },
  { "server", "server" },
  { "www-authenticate", "authenticate" },
  { "x-powered-by", "powered_by" },
};

int
dc_http_ask (const struct dc_question *question, struct dc_buffer *out,
             struct dc_error *err)
{
  return dc_buffer_print (out, err,
                          "GET %s HTTP/1.0\r\nHost: localhost\r\n"
                          "User-Agent: decant-verify\r\nAccept: */*\r\n"
                          "Connection: close\r\n\r\n",
                          question->path != NULL ? question->path : "/");
}

/* "HTTP/1.1 200 OK": its number, or 0. */
static unsigned
read_status (struct dc_span line)
{
  struct dc_span version, code;
  struct dc_error ignored;
  uint64_t number = 0;

  if ((!dc_span_starts (line, "HTTP/") && !dc_span_starts (line, "ICY ")) ||
      !dc_span_word (&line, &version) || !dc_span_word (&line, &code) ||
      dc_number_parse_bytes (code.text, code.size, 100, 999, &number,
                             &ignored) < 0)
    return 0;
  return (unsigned) number;
}

static bool
is_header (struct dc_span name, const char *wanted)
{
  return name.size == strlen (wanted) &&
         strncasecmp (name.text, wanted, name.size) == 0;
}

/* Keep the headers that count; in *LENGTH that of the body, if it is told. */
static void
read_headers (struct dc_span head, uint64_t *length,
              struct dc_probe_answer *answer)
{
  struct dc_error ignored; /* a length that is none is not told */
  struct dc_span line, name;

  while (dc_span_line (&head, &line)) {
    if (!dc_span_field (&line, ':', &name) || line.text == NULL)
      continue;
    line = dc_span_trim (line);
    if (is_header (name, "content-length"))
      (void) dc_number_parse_bytes (line.text, line.size, 0, INT64_MAX, length,
                                    &ignored);
    for (size_t i = 0; i < DC_COUNT (kept); i++)
      if (is_header (name, kept[i].header))
        dc_json_put_text (&answer->facts, kept[i].fact,
                          dc_quote_bytes (line.text, line.size).text);
  }
}

/* Where the head of SAID ends, 0 if it does not yet. */
static size_t
head_size (struct dc_span said)
{
  const char *crlf = memmem (said.text, said.size, "\r\n\r\n", 4);
  const char *lf = memmem (said.text, said.size, "\n\n", 2);

  if (crlf != NULL && (lf == NULL || crlf < lf))
    return (size_t) (crlf - said.text) + 4;
  return lf != NULL ? (size_t) (lf - said.text) + 2 : 0;
}

/* 1, or 0 while the body is not there. */
static int
keep_body (struct dc_span body, bool is_over, uint64_t length,
           struct dc_probe_answer *answer, struct dc_error *err)
{
  char digest[DC_DIGEST_TEXT_SIZE];
  const uint64_t wanted = length < DC_HTTP_BODY_MAX ? length : DC_HTTP_BODY_MAX;

  if (body.size < wanted && !is_over)
    return 0;
  if (body.size > wanted)
    body.size = (size_t) wanted;
  if (dc_digest_bytes (body.text, body.size, digest, err) < 0)
    return -1;
  dc_json_put_number (&answer->facts, "body_bytes", body.size);
  dc_json_put_text (&answer->facts, "body_digest", digest);
  return 1;
}

int
dc_http_judge (const struct dc_question *question, const struct dc_said *said,
               struct dc_probe_answer *answer, struct dc_error *err)
{
  struct dc_span line = { "", 0 };
  uint64_t length = UINT64_MAX;
  const int has_line = dc_said_line (said, &line);

  if (has_line == 0)
    return 0;
  const unsigned status = has_line > 0 ? read_status (line) : 0;
  if (status == 0)
    return dc_answer_refuse (question, said, err);
  const size_t head = head_size (said->bytes);
  if (head == 0 && !said->is_over && said->bytes.size < DC_HTTP_HEAD_MAX)
    return 0;
  const size_t end = head != 0 ? head : said->bytes.size;
  json_t *before = answer->facts; /* what a first look at half of it kept */
  (void) json_object_clear (before);
  read_headers ((struct dc_span){ said->bytes.text, end }, &length, answer);
  dc_json_put_number (&answer->facts, "status", status);
  if (question->wants_body) {
    const int has_body = keep_body (dc_span_skip (said->bytes, end),
                                    said->is_over, length, answer, err);
    if (has_body <= 0)
      return has_body;
  }
  answer->is_unwell = status >= SERVER_ERROR;
  return dc_answer_say (answer, "%s",
                        dc_quote_bytes (line.text, line.size).text);
}
