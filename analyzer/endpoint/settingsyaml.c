/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <yaml.h>

#include "analyzer/endpoint/settings.h"
#include "lib/buffer.h"
#include "lib/quote.h"

/* The dialects of YAML and JSON.  A mapping is a block; each element of a
 * sequence has the path of the sequence.  JSON is read as the YAML that it
 * is, so that its lines are known; the comments that some programs allow in
 * it are blanked first.
 */

struct walk {
  struct dc_settings_text *text;
  yaml_parser_t parser;
  unsigned depth; /* of mappings and sequences */
};

static void
release_event (yaml_event_t *event)
{
  yaml_event_delete (event);
}
#define AUTO_EVENT __attribute__ ((__cleanup__ (release_event))) yaml_event_t

static int
next (struct walk *walk, yaml_event_t *event, struct dc_error *err)
{
  *event = (yaml_event_t){ .type = YAML_NO_EVENT };
  if (yaml_parser_parse (&walk->parser, event) != 0)
    return 0;
  if (walk->parser.error == YAML_MEMORY_ERROR)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to read YAML");
  return dc_fail (err, DC_ERR_INVALID, "line %zu: %s",
                  walk->parser.problem_mark.line + 1,
                  dc_quote (walk->parser.problem).text);
}

static struct dc_span
scalar_of (const yaml_event_t *event)
{
  return (struct dc_span){ (const char *) event->data.scalar.value,
                           event->data.scalar.length };
}

static unsigned
line_of (const yaml_event_t *event)
{
  return (unsigned) event->start_mark.line + 1;
}

static int read_node (struct walk *walk, const yaml_event_t *event,
                      struct dc_span key, struct dc_error *err);

static int
read_mapping (struct walk *walk, struct dc_error *err)
{
  for (;;) {
    AUTO_EVENT key = { .type = YAML_NO_EVENT };
    AUTO_EVENT value = { .type = YAML_NO_EVENT };
    if (next (walk, &key, err) < 0)
      return -1;
    if (key.type == YAML_MAPPING_END_EVENT)
      return 0;
    if (key.type != YAML_SCALAR_EVENT)
      return dc_fail (err, DC_ERR_INVALID, "line %u: a key that is no word",
                      line_of (&key));
    if (next (walk, &value, err) < 0 ||
        read_node (walk, &value, scalar_of (&key), err) < 0)
      return -1;
  }
}

static int
read_sequence (struct walk *walk, struct dc_span key, struct dc_error *err)
{
  for (;;) {
    AUTO_EVENT element = { .type = YAML_NO_EVENT };
    if (next (walk, &element, err) < 0)
      return -1;
    if (element.type == YAML_SEQUENCE_END_EVENT)
      return 0;
    if (read_node (walk, &element, key, err) < 0)
      return -1;
  }
}

/* The whole is a block without a name, which is there already. */
static int
read_block (struct walk *walk, const yaml_event_t *event, struct dc_span key,
            struct dc_error *err)
{
  if (key.size == 0)
    return read_mapping (walk, err);
  if (dc_settings_open (walk->text, key, dc_span_of (""), line_of (event),
                        err) < 0 ||
      read_mapping (walk, err) < 0)
    return -1;
  dc_settings_close (walk->text);
  return 0;
}

/* An alias is kept as it is written, for whoever needs that value to see that
 * he cannot understand it.
 */
static int
read_node (struct walk *walk, const yaml_event_t *event, struct dc_span key,
           struct dc_error *err)
{
  int status = 0;

  if (event->type == YAML_SCALAR_EVENT)
    return dc_settings_add (walk->text, key, scalar_of (event), line_of (event),
                            err);
  if (event->type == YAML_ALIAS_EVENT)
    return dc_settings_add (walk->text, key, dc_span_of ("${alias}"),
                            line_of (event), err);
  if (walk->depth++ >= DC_SETTINGS_DEPTH_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "line %u: nested deeper than %d",
                    line_of (event), DC_SETTINGS_DEPTH_MAX);
  if (event->type == YAML_MAPPING_START_EVENT)
    status = read_block (walk, event, key, err);
  else if (event->type == YAML_SEQUENCE_START_EVENT)
    status = read_sequence (walk, key, err);
  walk->depth--;
  return status;
}

/* All documents of the stream, one after another. */
static int
read_stream (struct walk *walk, struct dc_error *err)
{
  for (;;) {
    AUTO_EVENT event = { .type = YAML_NO_EVENT };
    if (next (walk, &event, err) < 0)
      return -1;
    if (event.type == YAML_STREAM_END_EVENT)
      return 0;
    const bool is_node = event.type != YAML_STREAM_START_EVENT &&
                         event.type != YAML_DOCUMENT_START_EVENT &&
                         event.type != YAML_DOCUMENT_END_EVENT;
    if (is_node && read_node (walk, &event, dc_span_of (""), err) < 0)
      return -1;
  }
}

int
dc_settings_yaml (struct dc_settings_text *text, struct dc_error *err)
{
  struct walk walk = { .text = text };

  if (yaml_parser_initialize (&walk.parser) == 0)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to read YAML");
  yaml_parser_set_input_string (
      &walk.parser, (const unsigned char *) text->text.text, text->text.size);
  yaml_parser_set_encoding (&walk.parser, YAML_UTF8_ENCODING);
  const int status = read_stream (&walk, err);
  yaml_parser_delete (&walk.parser);
  return status;
}

/* Where the comment that begins at S ends, or S itself. */
static char *
comment_end (char *s, const char *end)
{
  if (*s == '#' || (*s == '/' && s + 1 < end && s[1] == '/')) {
    char *newline = memchr (s, '\n', (size_t) (end - s));
    return newline != NULL ? newline : s + (end - s);
  }
  if (*s != '/' || s + 1 >= end || s[1] != '*')
    return s;
  for (char *p = s + 2; p + 1 < end; p++)
    if (p[0] == '*' && p[1] == '/')
      return p + 2;
  return s + (end - s);
}

static void
blank_comments (char *s, const char *end)
{
  bool is_quoted = false;

  while (s < end) {
    if (*s == '"')
      is_quoted = !is_quoted;
    char *const behind = is_quoted ? s : comment_end (s, end);
    const bool is_escape = is_quoted && *s == '\\' && s + 1 < end;
    if (behind == s) {
      s += is_escape ? 2 : 1;
      continue;
    }
    for (; s < behind; s++)
      *s = *s == '\n' ? '\n' : ' ';
  }
}

int
dc_settings_json (struct dc_settings_text *text, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (text->text.size);

  if (dc_buffer_append (&b, text->text.text, text->text.size, err) < 0)
    return -1;
  if (b.size == 0)
    return 0;
  blank_comments (b.data, b.data + b.size);
  struct dc_settings_text blanked = *text;
  blanked.text = (struct dc_span){ b.data, b.size };
  return dc_settings_yaml (&blanked, err);
}
