/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"

/* database: PostgreSQL, MySQL and MariaDB, Redis.
 *
 *   PostgreSQL  type(1) length(4, includes itself) content
 *   MySQL       length(3, little-endian) sequence(1) content
 *
 * Source: PostgreSQL 15, chapter 55 (55.7 Message Formats, 55.8 fields of
 * errors); MariaDB's "Connection" and MySQL's "Protocol::HandshakeV10",
 * "ERR_Packet"; redis.io, "Redis serialization protocol".
 */

#define POSTGRES_MESSAGE_MAX 65536u /* bytes */
#define POSTGRES_MESSAGES_MAX 64
#define MYSQL_PACKET_MAX 4096u
#define MYSQL_HANDSHAKE 10
#define MYSQL_ERROR 0xff

/* The C string that begins BYTES, if it ends there. */
static bool
take_string (struct dc_span *bytes, struct dc_span *string)
{
  return dc_span_has (*bytes, '\0') && dc_span_field (bytes, '\0', string);
}

/* An error's fields: a letter and a string each, then a NUL. */
static int
say_postgres_error (struct dc_span body, struct dc_probe_answer *answer)
{
  struct dc_span field, message = { "", 0 }, code = { "", 0 };

  while (body.size > 1 && *body.text != '\0') {
    const char kind = *body.text;
    body = dc_span_skip (body, 1);
    if (!take_string (&body, &field))
      break;
    if (kind == 'M')
      message = field;
    if (kind == 'C')
      code = field;
  }
  const struct dc_quoted sqlstate =
      dc_quote_bytes (code.text, code.size < 5 ? code.size : 5);
  dc_json_put_text (&answer->facts, "sqlstate", sqlstate.text);
  /* Class 57: shutting down, starting up; 53: no resources. */
  answer->is_unwell =
      dc_span_starts (code, "57") || dc_span_starts (code, "53");
  return dc_answer_say (answer, "PostgreSQL: %s",
                        dc_quote_bytes (message.text, message.size).text);
}

static void
keep_parameter (struct dc_span body, struct dc_probe_answer *answer)
{
  struct dc_span name, value;

  if (take_string (&body, &name) && take_string (&body, &value) &&
      dc_span_is (name, "server_version"))
    dc_json_put_text (&answer->facts, "version",
                      dc_quote_bytes (value.text, value.size).text);
}

/* Without a password it goes on until the server is ready ('Z') and has told
 * its version; else it asks for one, and that is all we hear.
 */
int
dc_postgres_judge (const struct dc_question *question,
                   const struct dc_said *said, struct dc_probe_answer *answer,
                   struct dc_error *err)
{
  struct dc_span rest = said->bytes;

  for (unsigned i = 0; i < POSTGRES_MESSAGES_MAX; i++) {
    if (rest.size > 0 && strchr ("RESKZNv", *rest.text) == NULL)
      return dc_answer_refuse (question, said, err);
    if (rest.size < 5)
      return 0;
    const uint32_t size = dc_said_number (rest, 1, 4);
    if (size < 4 || size > POSTGRES_MESSAGE_MAX)
      return dc_answer_refuse (question, said, err);
    if (rest.size - 1 < size)
      return 0;
    const struct dc_span body = { rest.text + 5, size - 4 };
    const char kind = *rest.text;
    if (kind == 'E')
      return say_postgres_error (body, answer);
    if (kind == 'R' && body.size >= 4 && dc_said_number (body, 0, 4) != 0)
      return dc_answer_say (answer, "PostgreSQL: asks for a password");
    if (kind == 'S')
      keep_parameter (body, answer);
    if (kind == 'Z')
      break;
    rest = dc_span_skip (rest, 1 + size);
  }
  const char *version =
      json_string_value (json_object_get (answer->facts, "version"));
  return dc_answer_say (answer, "PostgreSQL %s",
                        version != NULL ? version : "is ready");
}

static int
say_mysql_error (struct dc_span body, struct dc_probe_answer *answer)
{
  const uint32_t code = body.size < 2
                            ? 0
                            : (uint32_t) ((unsigned char) body.text[0] |
                                          (unsigned char) body.text[1] << 8);

  dc_json_put_number (&answer->facts, "error", code);
  body = dc_span_skip (body, body.size < 2 ? body.size : 2);
  return dc_answer_say (answer, "MySQL: %s",
                        dc_quote_bytes (body.text, body.size).text);
}

int
dc_mysql_judge (const struct dc_question *question, const struct dc_said *said,
                struct dc_probe_answer *answer, struct dc_error *err)
{
  const struct dc_span all = said->bytes;
  struct dc_span version;

  if (all.size < 5)
    return 0;
  const uint32_t size = (uint32_t) ((unsigned char) all.text[0] |
                                    (unsigned char) all.text[1] << 8 |
                                    (unsigned char) all.text[2] << 16);
  const unsigned kind = (unsigned char) all.text[4];
  if (size == 0 || size > MYSQL_PACKET_MAX || all.text[3] != 0 ||
      (kind != MYSQL_HANDSHAKE && kind != MYSQL_ERROR))
    return dc_answer_refuse (question, said, err);
  if (all.size - 4 < size)
    return 0;
  struct dc_span body = { all.text + 5, size - 1 };
  if (kind == MYSQL_ERROR)
    return say_mysql_error (body, answer);
  if (!take_string (&body, &version))
    return dc_answer_refuse (question, said, err);
  const struct dc_quoted text = dc_quote_bytes (version.text, version.size);
  dc_json_put_text (&answer->facts, "version", text.text);
  return dc_answer_say (answer, "MySQL %s", text.text);
}

/* The version out of INFO's lines. */
static void
keep_redis_version (struct dc_span lines, struct dc_probe_answer *answer)
{
  static const char key[] = "redis_version:";
  struct dc_span line;

  while (dc_span_line (&lines, &line)) {
    line = dc_span_trim (line);
    if (!dc_span_starts (line, key))
      continue;
    line = dc_span_skip (line, strlen (key));
    dc_json_put_text (&answer->facts, "version",
                      dc_quote_bytes (line.text, line.size).text);
  }
}

/* Is the answer to INFO there: a text of stated length, or one line? */
static bool
has_info (const struct dc_said *said)
{
  struct dc_span line = { "", 0 }, ignored_line, text = said->bytes;
  struct dc_error ignored; /* no length: not a text that we wait for */
  uint64_t size = 0;

  const int has_line = dc_said_line (said, &line);
  if (has_line <= 0 || !dc_span_starts (line, "$"))
    return has_line != 0;
  (void) dc_span_line (&text, &ignored_line);
  return dc_number_parse_bytes (line.text + 1, line.size - 1, 0,
                                DC_HTTP_HEAD_MAX, &size, &ignored) < 0 ||
         text.size >= size;
}

/* Two answers: to PING, then to INFO, of which the first decides. */
int
dc_redis_judge (const struct dc_question *question, const struct dc_said *said,
                struct dc_probe_answer *answer, struct dc_error *err)
{
  struct dc_said rest = *said;
  struct dc_span line = { "", 0 }, ignored;
  const int has_line = dc_said_line (said, &line);

  if (has_line == 0)
    return 0;
  const bool is_well = dc_span_is (line, "+PONG");
  if (has_line < 0 || (!is_well && !dc_span_starts (line, "-")))
    return dc_answer_refuse (question, said, err);
  (void) dc_span_line (&rest.bytes, &ignored);
  if (is_well && !said->is_over && !has_info (&rest))
    return 0;
  keep_redis_version (rest.bytes, answer);
  answer->is_unwell =
      dc_span_starts (line, "-LOADING") || dc_span_starts (line, "-MISCONF");
  return dc_answer_say (answer, "%s",
                        dc_quote_bytes (line.text, line.size).text);
}
