/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "runtime/probe/protocol.h"

/* greeting: servers that are known by the beginning of one line.
 *
 * Source: RFC 5321, 4.2 (SMTP); RFC 3501, 7.1 (IMAP); RFC 1939, 4 (POP3);
 * RFC 5804, 1.8 (ManageSieve); RFC 959, 5.4 (FTP); RFC 3977, 5.1 (NNTP); RFC
 * 4253, 4.2 (SSH: lines of text may come before); RFC 6143, 7.1.1 (VNC); RFC
 * 6120, 4.2 (XMPP); RFC 3261, 7.2 (SIP); memcached's protocol.txt; rsync's
 * clientserver.c.
 */

#define LINES_BEFORE_MAX 32 /* of text that an SSH server may send */

static bool
starts_as (struct dc_span line, const char *const begins[4])
{
  for (size_t i = 0; i < 4 && begins[i] != NULL; i++)
    if (dc_span_starts (line, begins[i]))
      return true;
  return false;
}

static int
greet (struct dc_span line, bool is_unwell, struct dc_probe_answer *answer)
{
  const struct dc_quoted text = dc_quote_bytes (line.text, line.size);

  answer->is_unwell = is_unwell;
  dc_json_put_text (&answer->facts, "greeting", text.text);
  return dc_answer_say (answer, "%s", text.text);
}

int
dc_line_judge (const struct dc_question *question, const struct dc_said *said,
               struct dc_probe_answer *answer, struct dc_error *err)
{
  const struct dc_probe_protocol *protocol = question->protocol;
  struct dc_said rest = *said;
  struct dc_span line = { "", 0 };

  if (protocol->has_no_lines && starts_as (said->bytes, protocol->well))
    return greet (said->bytes, false, answer);
  for (unsigned i = 0; i < LINES_BEFORE_MAX; i++) {
    const int has_line = dc_said_line (&rest, &line);
    if (has_line == 0)
      return 0;
    const bool is_well = has_line > 0 && starts_as (line, protocol->well);
    if (is_well || (has_line > 0 && starts_as (line, protocol->unwell)))
      return greet (line, !is_well, answer);
    if (has_line < 0 || protocol->judge != dc_line_judge ||
        !dc_span_is (dc_span_of (protocol->name), "ssh"))
      break;
    (void) dc_span_line (&rest.bytes, &line);
  }
  return dc_answer_refuse (question, said, err);
}
