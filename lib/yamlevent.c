/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/quote.h"
#include "lib/yamlevent.h"

int
dc_yaml_at (const struct dc_yaml_walker *walker, yaml_mark_t mark,
            struct dc_error *err)
{
  return dc_context (err, "%s:%zu:%zu", walker->file, mark.line + 1,
                     mark.column + 1);
}

static int
syntax_error (const struct dc_yaml_walker *walker, struct dc_error *err)
{
  const yaml_parser_t *parser = &walker->parser;

  if (parser->error == YAML_MEMORY_ERROR)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to read '%s'", walker->file);
  (void) dc_fail (err, DC_ERR_INVALID, "%s", dc_quote (parser->problem).text);
  const bool is_reader = parser->error == YAML_READER_ERROR;
  return dc_yaml_at (walker, is_reader ? parser->mark : parser->problem_mark,
                     err);
}

int
dc_yaml_next (struct dc_yaml_walker *walker, yaml_event_t *event,
              struct dc_error *err)
{
  *event = (yaml_event_t){ .type = YAML_NO_EVENT };
  if (yaml_parser_parse (&walker->parser, event) == 0)
    return syntax_error (walker, err);

  const yaml_char_t *anchor = NULL, *tag = NULL;
  if (event->type == YAML_SCALAR_EVENT) {
    anchor = event->data.scalar.anchor;
    tag = event->data.scalar.tag;
  } else if (event->type == YAML_SEQUENCE_START_EVENT) {
    anchor = event->data.sequence_start.anchor;
    tag = event->data.sequence_start.tag;
  } else if (event->type == YAML_MAPPING_START_EVENT) {
    anchor = event->data.mapping_start.anchor;
    tag = event->data.mapping_start.tag;
  }
  if (event->type == YAML_ALIAS_EVENT || anchor != NULL)
    (void) dc_fail (err, DC_ERR_INVALID, "anchors and aliases are refused");
  else if (tag != NULL && !walker->is_foreign)
    (void) dc_fail (err, DC_ERR_INVALID, "tags are refused");
  else
    return 0;
  return dc_yaml_at (walker, event->start_mark, err);
}

static const char *
event_name (const yaml_event_t *event)
{
  switch ((int) event->type) {
  case YAML_MAPPING_START_EVENT:
    return "a mapping";
  case YAML_SEQUENCE_START_EVENT:
    return "a sequence";
  case YAML_SCALAR_EVENT:
    return "a plain value";
  default:
    return "nothing";
  }
}

int
dc_yaml_expect (const struct dc_yaml_walker *walker, const yaml_event_t *event,
                yaml_event_type_t type, const char *wanted,
                struct dc_error *err)
{
  if (event->type == type)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID, "expected %s, found %s", wanted,
                  event_name (event));
  return dc_yaml_at (walker, event->start_mark, err);
}

int
dc_yaml_scalar (const struct dc_yaml_walker *walker, const yaml_event_t *event,
                const char *wanted, const char **text, struct dc_error *err)
{
  if (dc_yaml_expect (walker, event, YAML_SCALAR_EVENT, wanted, err) < 0)
    return -1;
  const char *value = (const char *) event->data.scalar.value;
  if (strlen (value) != event->data.scalar.length) {
    (void) dc_fail (err, DC_ERR_INVALID, "a NUL byte in a value");
    return dc_yaml_at (walker, event->start_mark, err);
  }
  *text = value;
  return 0;
}

int
dc_yaml_skip (struct dc_yaml_walker *walker, const yaml_event_t *start,
              struct dc_error *err)
{
  const bool is_nest = start->type == YAML_SEQUENCE_START_EVENT ||
                       start->type == YAML_MAPPING_START_EVENT;

  for (size_t depth = is_nest; depth > 0;) {
    AUTO_EVENT event = { .type = YAML_NO_EVENT };
    if (dc_yaml_next (walker, &event, err) < 0)
      return -1;
    if (event.type == YAML_SEQUENCE_START_EVENT ||
        event.type == YAML_MAPPING_START_EVENT)
      depth++;
    else if (event.type == YAML_SEQUENCE_END_EVENT ||
             event.type == YAML_MAPPING_END_EVENT)
      depth--;
  }
  return 0;
}
