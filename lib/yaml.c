/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/cleanup.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/yaml.h"

struct walker {
  yaml_parser_t parser;
  const char *file; /* for messages */
};

static void
release_event (yaml_event_t *event)
{
  yaml_event_delete (event);
}
#define AUTO_EVENT __attribute__ ((__cleanup__ (release_event))) yaml_event_t

static int read_mapping (struct walker *walker, const yaml_event_t *start,
                         const struct dc_yaml_row *rows, char *target,
                         unsigned depth, struct dc_error *err);

/* Put the place before what ERR says. */
static int
at (const struct walker *walker, yaml_mark_t mark, struct dc_error *err)
{
  return dc_context (err, "%s:%zu:%zu", walker->file, mark.line + 1,
                     mark.column + 1);
}

static int
syntax_error (const struct walker *walker, struct dc_error *err)
{
  const yaml_parser_t *parser = &walker->parser;

  if (parser->error == YAML_MEMORY_ERROR)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to read '%s'", walker->file);
  (void) dc_fail (err, DC_ERR_INVALID, "%s", dc_quote (parser->problem).text);
  const bool is_reader = parser->error == YAML_READER_ERROR;
  return at (walker, is_reader ? parser->mark : parser->problem_mark, err);
}

/* The next event, for the caller to delete, also on failure. */
static int
next (struct walker *walker, yaml_event_t *event, struct dc_error *err)
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
  else if (tag != NULL)
    (void) dc_fail (err, DC_ERR_INVALID, "tags are refused");
  else
    return 0;
  return at (walker, event->start_mark, err);
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

static int
expect (const struct walker *walker, const yaml_event_t *event,
        yaml_event_type_t type, const char *wanted, struct dc_error *err)
{
  if (event->type == type)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID, "expected %s, found %s", wanted,
                  event_name (event));
  return at (walker, event->start_mark, err);
}

/* The scalar's bytes as a C string, borrowed. */
static int
scalar_text (const struct walker *walker, const yaml_event_t *event,
             const char *wanted, const char **text, struct dc_error *err)
{
  if (expect (walker, event, YAML_SCALAR_EVENT, wanted, err) < 0)
    return -1;
  const char *value = (const char *) event->data.scalar.value;
  if (strlen (value) != event->data.scalar.length) {
    (void) dc_fail (err, DC_ERR_INVALID, "a NUL byte in a value");
    return at (walker, event->start_mark, err);
  }
  *text = value;
  return 0;
}

static int
read_text (const struct walker *walker, const yaml_event_t *event,
           char **target, struct dc_error *err)
{
  const char *text = NULL;

  if (scalar_text (walker, event, "a text", &text, err) < 0)
    return -1;
  char *copy = strdup (text);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a value of '%s'", walker->file);
  *target = copy;
  return 0;
}

static int
read_number (const struct walker *walker, const yaml_event_t *event,
             const struct dc_yaml_row *row, int64_t *target,
             struct dc_error *err)
{
  const char *text = NULL;
  uint64_t number = 0;
  const bool is_any = row->min == 0 && row->max == 0;

  assert (row->min >= 0);
  if (scalar_text (walker, event, "a number", &text, err) < 0)
    return -1;
  if (dc_number_parse (text, is_any ? 0 : (uint64_t) row->min,
                       is_any ? INT64_MAX : (uint64_t) row->max, &number,
                       err) < 0) {
    (void) dc_context (err, "%s", row->key);
    return at (walker, event->start_mark, err);
  }
  *target = (int64_t) number;
  return 0;
}

static int
read_bool (const struct walker *walker, const yaml_event_t *event, bool *target,
           struct dc_error *err)
{
  const char *text = NULL;

  if (scalar_text (walker, event, "true or false", &text, err) < 0)
    return -1;
  const bool is_true = strcmp (text, "true") == 0;
  if (!is_true && strcmp (text, "false") != 0) {
    (void) dc_fail (err, DC_ERR_INVALID, "expected true or false, found '%s'",
                    dc_quote (text).text);
    return at (walker, event->start_mark, err);
  }
  *target = is_true;
  return 0;
}

/* "a, b, c": what the names of a list are, as far as they fit. */
struct names {
  char text[512];
  size_t used;
};

static void
add_name (struct names *names, const char *name)
{
  const size_t room = sizeof names->text - names->used;

  if (names->used >= sizeof names->text)
    return;
  names->used += (size_t) snprintf (names->text + names->used, room, "%s%s",
                                    names->used > 0 ? ", " : "", name);
}

static int
read_choice (const struct walker *walker, const yaml_event_t *event,
             const struct dc_yaml_row *row, int *target, struct dc_error *err)
{
  const char *text = NULL;
  struct names names = { .used = 0 };

  if (scalar_text (walker, event, "a word", &text, err) < 0)
    return -1;
  for (int i = 0; row->choices[i] != NULL; i++) {
    if (strcmp (row->choices[i], text) == 0) {
      *target = i;
      return 0;
    }
    add_name (&names, row->choices[i]);
  }
  (void) dc_fail (err, DC_ERR_INVALID, "%s '%s' is none of: %s", row->key,
                  dc_quote (text).text, names.text);
  return at (walker, event->start_mark, err);
}

static int
read_texts (struct walker *walker, const yaml_event_t *start,
            struct dc_yaml_texts *target, struct dc_error *err)
{
  if (expect (walker, start, YAML_SEQUENCE_START_EVENT, "a sequence", err) < 0)
    return -1;
  for (;;) {
    AUTO_EVENT event;
    if (next (walker, &event, err) < 0)
      return -1;
    if (event.type == YAML_SEQUENCE_END_EVENT)
      return 0;
    char **items =
        reallocarray (target->items, target->count + 1, sizeof *items);
    if (items == NULL)
      return dc_fail_errno (err, "cannot keep a value of '%s'", walker->file);
    target->items = items;
    if (read_text (walker, &event, &items[target->count], err) < 0)
      return -1;
    target->count++;
  }
}

static int
read_list (struct walker *walker, const yaml_event_t *start,
           const struct dc_yaml_row *row, struct dc_yaml_list *target,
           unsigned depth, struct dc_error *err)
{
  if (expect (walker, start, YAML_SEQUENCE_START_EVENT, "a sequence", err) < 0)
    return -1;
  for (;;) {
    AUTO_EVENT event;
    if (next (walker, &event, err) < 0)
      return -1;
    if (event.type == YAML_SEQUENCE_END_EVENT)
      return 0;
    char *items =
        reallocarray (target->items, target->count + 1, row->element_size);
    if (items == NULL)
      return dc_fail_errno (err, "cannot keep a value of '%s'", walker->file);
    target->items = items;
    char *element = items + target->count * row->element_size;
    memset (element, 0, row->element_size);
    target->count++; /* so that a half-filled element is released too */
    if (read_mapping (walker, &event, row->rows, element, depth + 1, err) < 0)
      return -1;
  }
}

static int
read_value (struct walker *walker, const struct dc_yaml_row *row, char *target,
            unsigned depth, struct dc_error *err)
{
  void *const at_row = target + row->target;
  AUTO_EVENT event;

  if (next (walker, &event, err) < 0)
    return -1;
  switch (row->kind) {
  case DC_YAML_TEXT:
    return read_text (walker, &event, at_row, err);
  case DC_YAML_NUMBER:
    return read_number (walker, &event, row, at_row, err);
  case DC_YAML_BOOL:
    return read_bool (walker, &event, at_row, err);
  case DC_YAML_CHOICE:
    return read_choice (walker, &event, row, at_row, err);
  case DC_YAML_TEXTS:
    return read_texts (walker, &event, at_row, err);
  case DC_YAML_STRUCT:
    return read_mapping (walker, &event, row->rows, at_row, depth + 1, err);
  case DC_YAML_LIST:
    return read_list (walker, &event, row, at_row, depth, err);
  }
  return dc_fail (err, DC_ERR_INVALID, "no such kind of row");
}

/* Which row has KEY; -1 after naming those that exist. */
static int
find_row (const struct walker *walker, const struct dc_yaml_row *rows,
          const yaml_event_t *event, unsigned *index, struct dc_error *err)
{
  const char *key = NULL;

  if (scalar_text (walker, event, "a key", &key, err) < 0)
    return -1;
  for (unsigned i = 0; rows[i].key != NULL; i++)
    if (strcmp (rows[i].key, key) == 0) {
      *index = i;
      return 0;
    }
  struct names known = { .used = 0 };
  for (unsigned i = 0; rows[i].key != NULL; i++)
    add_name (&known, rows[i].key);
  (void) dc_fail (err, DC_ERR_INVALID, "unknown key '%s', expected one of: %s",
                  dc_quote (key).text, known.text);
  return at (walker, event->start_mark, err);
}

static int
check_required (const struct walker *walker, const yaml_event_t *start,
                const struct dc_yaml_row *rows, uint64_t seen,
                struct dc_error *err)
{
  for (unsigned i = 0; rows[i].key != NULL; i++)
    if (rows[i].need == DC_YAML_REQUIRED && (seen & UINT64_C (1) << i) == 0) {
      (void) dc_fail (err, DC_ERR_INVALID, "key '%s' is missing", rows[i].key);
      return at (walker, start->start_mark, err);
    }
  return 0;
}

static int
read_mapping (struct walker *walker, const yaml_event_t *start,
              const struct dc_yaml_row *rows, char *target, unsigned depth,
              struct dc_error *err)
{
  uint64_t seen = 0;

  if (expect (walker, start, YAML_MAPPING_START_EVENT, "a mapping", err) < 0)
    return -1;
  if (depth > DC_YAML_DEPTH_MAX) {
    (void) dc_fail (err, DC_ERR_LIMIT, "nested deeper than %d",
                    DC_YAML_DEPTH_MAX);
    return at (walker, start->start_mark, err);
  }
  for (;;) {
    AUTO_EVENT key;
    unsigned index = 0;
    if (next (walker, &key, err) < 0)
      return -1;
    if (key.type == YAML_MAPPING_END_EVENT)
      return check_required (walker, start, rows, seen, err);
    if (find_row (walker, rows, &key, &index, err) < 0)
      return -1;
    assert (index < 64);
    if ((seen & UINT64_C (1) << index) != 0) {
      (void) dc_fail (err, DC_ERR_INVALID, "key '%s' is given twice",
                      rows[index].key);
      return at (walker, key.start_mark, err);
    }
    seen |= UINT64_C (1) << index;
    if (read_value (walker, &rows[index], target, depth, err) < 0)
      return -1;
  }
}

static int
read_document (struct walker *walker, const struct dc_yaml_row *rows,
               void *target, struct dc_error *err)
{
  for (int i = 0; i < 2; i++) { /* the starts of stream and document */
    AUTO_EVENT start;
    if (next (walker, &start, err) < 0)
      return -1;
    if (start.type == YAML_STREAM_END_EVENT)
      return dc_fail (err, DC_ERR_INVALID, "%s: the file is empty",
                      walker->file);
  }
  AUTO_EVENT top;
  if (next (walker, &top, err) < 0 ||
      read_mapping (walker, &top, rows, target, 0, err) < 0)
    return -1;
  AUTO_EVENT end;
  AUTO_EVENT after;
  if (next (walker, &end, err) < 0 || next (walker, &after, err) < 0)
    return -1;
  if (after.type == YAML_STREAM_END_EVENT)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID, "a second document is refused");
  return at (walker, after.start_mark, err);
}

int
dc_yaml_read (const char *text, size_t size, const char *file,
              const struct dc_yaml_row *rows, void *target,
              struct dc_error *err)
{
  struct walker walker = { .file = file };

  if (size > DC_YAML_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%s: %zu bytes, limit %zu", file, size,
                    DC_YAML_SIZE_MAX);
  if (yaml_parser_initialize (&walker.parser) == 0)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to read '%s'", file);
  yaml_parser_set_input_string (&walker.parser, (const unsigned char *) text,
                                size);
  yaml_parser_set_encoding (&walker.parser, YAML_UTF8_ENCODING);
  const int status = read_document (&walker, rows, target, err);
  yaml_parser_delete (&walker.parser);
  if (status < 0)
    dc_yaml_release (rows, target);
  return status;
}

static void
release_row (const struct dc_yaml_row *row, void *at_row)
{
  struct dc_yaml_texts *texts = at_row;
  struct dc_yaml_list *list = at_row;

  if (row->kind == DC_YAML_TEXT) {
    dc_free_auto (at_row);
    memset (at_row, 0, sizeof (char *));
  } else if (row->kind == DC_YAML_TEXTS) {
    for (size_t i = 0; i < texts->count; i++)
      free (texts->items[i]);
    free (texts->items);
    *texts = (struct dc_yaml_texts){ 0 };
  } else if (row->kind == DC_YAML_STRUCT) {
    dc_yaml_release (row->rows, at_row);
  } else if (row->kind == DC_YAML_LIST) {
    for (size_t i = 0; i < list->count; i++)
      dc_yaml_release (row->rows, (char *) list->items + i * row->element_size);
    free (list->items);
    *list = (struct dc_yaml_list){ 0 };
  }
}

void
dc_yaml_release (const struct dc_yaml_row *rows, void *target)
{
  for (size_t i = 0; rows[i].key != NULL; i++)
    release_row (&rows[i], (char *) target + rows[i].target);
}
