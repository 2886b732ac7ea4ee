/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/endpoint/conflines.h"
#include "lib/buffer.h"
#include "lib/span.h"

int
dc_conflines_note (struct dc_conflines *lines, struct dc_proof proof,
                   const char *text, struct dc_error *err)
{
  lines->is_incomplete = true;
  return dc_daemon_note (lines->daemon, proof, err, "%s", text);
}

/* Append LINE to TEXT, less the backslash that joins the next: 1 when there
 * is one, 0, -1.
 */
static int
add_line (const struct dc_conflines *lines, struct dc_span line,
          struct dc_buffer *text, struct dc_error *err)
{
  while (line.size > 0 && line.text[line.size - 1] == '\r')
    line.size--;
  const bool is_alone = lines->is_comment_alone && text->size == 0 &&
                        dc_span_starts (dc_span_trim (line), "#");
  const bool is_open = lines->is_joined && !is_alone && line.size > 0 &&
                       line.text[line.size - 1] == '\\';
  return dc_buffer_append (text, line.text, line.size - is_open, err) < 0
             ? -1
             : is_open;
}

static int
read_lines (struct dc_conflines *lines, struct dc_span rest, const char *path,
            struct dc_error *err)
{
  struct dc_proof proof = { path, 1 };
  struct dc_span line;
  unsigned number = 0;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);

  while (dc_span_line (&rest, &line)) {
    number++;
    int status = add_line (lines, line, &text, err);
    if (status < 0)
      return -1;
    if (status > 0 && rest.size > 0)
      continue;
    status = lines->read (lines->self, dc_buffer_text (&text), proof, err);
    if (status <= 0)
      return status;
    dc_buffer_clear (&text);
    proof.line = number + 1;
  }
  return 0;
}

int
dc_conflines_read (struct dc_conflines *lines, const char *path,
                   struct dc_proof proof, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);

  if (lines->depth == DC_CONF_DEPTH_MAX) {
    const bool is_told = lines->is_too_deep;
    lines->is_too_deep = true;
    return is_told
               ? 0
               : dc_conflines_note (lines, proof,
                                    "files include each other too deeply", err);
  }
  const int status = dc_daemon_read (lines->daemon, path, proof, &b, err);
  if (status <= 0) {
    lines->is_incomplete = true;
    return status;
  }
  if (dc_words_add (&lines->files, path, err) < 0)
    return -1;
  const char *kept = lines->files.items[lines->files.count - 1];
  lines->depth++;
  const int read = read_lines (
      lines, (struct dc_span){ dc_buffer_text (&b), b.size }, kept, err);
  lines->depth--;
  return read;
}

int
dc_conflines_include (struct dc_conflines *lines, const char *pattern,
                      struct dc_proof proof, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  const int status =
      dc_daemon_include (lines->daemon, pattern, proof, &paths, err);

  if (status < 0)
    return -1;
  lines->is_incomplete = lines->is_incomplete || status == 0;
  for (size_t i = 0; i < paths.count; i++)
    if (dc_conflines_read (lines, paths.items[i], proof, err) < 0)
      return -1;
  return 0;
}
