/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/yaml.h"
#include "lib/yamlevent.h"

static int read_mapping (struct dc_yaml_walker *walker,
                         const yaml_event_t *start,
                         const struct dc_yaml_row *rows, char *target,
                         unsigned depth, struct dc_error *err);

static int
read_text (const struct dc_yaml_walker *walker, const yaml_event_t *event,
           char **target, struct dc_error *err)
{
  const char *text = NULL;

  if (dc_yaml_scalar (walker, event, "a text", &text, err) < 0)
    return -1;
  char *copy = strdup (text);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a value of '%s'", walker->file);
  free (*target);
  *target = copy;
  return 0;
}

static int
read_number (const struct dc_yaml_walker *walker, const yaml_event_t *event,
             const struct dc_yaml_row *row, int64_t *target,
             struct dc_error *err)
{
  const char *text = NULL;
  uint64_t number = 0;
  const bool is_any = row->min == 0 && row->max == 0;

  assert (row->min >= 0);
  if (dc_yaml_scalar (walker, event, "a number", &text, err) < 0)
    return -1;
  if (dc_number_parse (text, is_any ? 0 : (uint64_t) row->min,
                       is_any ? INT64_MAX : (uint64_t) row->max, &number,
                       err) < 0) {
    (void) dc_context (err, "%s", row->key);
    return dc_yaml_at (walker, event->start_mark, err);
  }
  *target = (int64_t) number;
  return 0;
}

static int
read_bool (const struct dc_yaml_walker *walker, const yaml_event_t *event,
           bool *target, struct dc_error *err)
{
  const char *text = NULL;

  if (dc_yaml_scalar (walker, event, "true or false", &text, err) < 0)
    return -1;
  const bool is_true = strcmp (text, "true") == 0;
  if (!is_true && strcmp (text, "false") != 0) {
    (void) dc_fail (err, DC_ERR_INVALID, "expected true or false, found '%s'",
                    dc_quote (text).text);
    return dc_yaml_at (walker, event->start_mark, err);
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
read_choice (const struct dc_yaml_walker *walker, const yaml_event_t *event,
             const struct dc_yaml_row *row, int *target, struct dc_error *err)
{
  const char *text = NULL;
  struct names names = { .used = 0 };

  if (dc_yaml_scalar (walker, event, "a word", &text, err) < 0)
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
  return dc_yaml_at (walker, event->start_mark, err);
}

static int
add_text (const struct dc_yaml_walker *walker, const yaml_event_t *event,
          struct dc_yaml_texts *target, struct dc_error *err)
{
  char **items = reallocarray (target->items, target->count + 1, sizeof *items);

  if (items == NULL)
    return dc_fail_errno (err, "cannot keep a value of '%s'", walker->file);
  target->items = items;
  items[target->count] = NULL;
  if (read_text (walker, event, &items[target->count], err) < 0)
    return -1;
  target->count++;
  return 0;
}

/* A mapping where a text is wanted: its first key, the rest left out. */
static int
add_first_key (struct dc_yaml_walker *walker, const yaml_event_t *start,
               struct dc_yaml_texts *target, struct dc_error *err)
{
  AUTO_EVENT key = { .type = YAML_NO_EVENT };

  if (dc_yaml_next (walker, &key, err) < 0)
    return -1;
  if (key.type == YAML_MAPPING_END_EVENT)
    return 0;
  const int status = key.type == YAML_SCALAR_EVENT
                         ? add_text (walker, &key, target, err)
                         : dc_yaml_skip (walker, &key, err);
  return status < 0 ? -1 : dc_yaml_skip (walker, start, err);
}

static int
add_foreign_text (struct dc_yaml_walker *walker, const yaml_event_t *event,
                  struct dc_yaml_texts *target, struct dc_error *err)
{
  if (event->type == YAML_SCALAR_EVENT)
    return add_text (walker, event, target, err);
  if (event->type == YAML_MAPPING_START_EVENT)
    return add_first_key (walker, event, target, err);
  return dc_yaml_skip (walker, event, err);
}

static int
read_texts (struct dc_yaml_walker *walker, const yaml_event_t *start,
            struct dc_yaml_texts *target, struct dc_error *err)
{
  if (walker->is_foreign && start->type == YAML_SCALAR_EVENT)
    return add_text (walker, start, target, err);
  if (dc_yaml_expect (walker, start, YAML_SEQUENCE_START_EVENT, "a sequence",
                      err) < 0)
    return -1;
  for (;;) {
    AUTO_EVENT event = { .type = YAML_NO_EVENT };
    if (dc_yaml_next (walker, &event, err) < 0)
      return -1;
    if (event.type == YAML_SEQUENCE_END_EVENT)
      return 0;
    const int status = walker->is_foreign
                           ? add_foreign_text (walker, &event, target, err)
                           : add_text (walker, &event, target, err);
    if (status < 0)
      return -1;
  }
}

/* Room for one more element, all zero, which already counts so that it is
 * released if it is only half filled.
 */
static int
add_element (const struct dc_yaml_walker *walker, const struct dc_yaml_row *row,
             struct dc_yaml_list *target, char **element, struct dc_error *err)
{
  char *items =
      reallocarray (target->items, target->count + 1, row->element_size);

  if (items == NULL)
    return dc_fail_errno (err, "cannot keep a value of '%s'", walker->file);
  target->items = items;
  *element = items + target->count * row->element_size;
  memset (*element, 0, row->element_size);
  target->count++;
  return 0;
}

/* Is this nothing at all, or "null"? */
static bool
is_null (const yaml_event_t *event)
{
  return event->type == YAML_SCALAR_EVENT &&
         event->data.scalar.plain_implicit &&
         (event->data.scalar.length == 0 ||
          strcmp ((const char *) event->data.scalar.value, "~") == 0 ||
          strcmp ((const char *) event->data.scalar.value, "null") == 0);
}

static int
read_named (struct dc_yaml_walker *walker, const yaml_event_t *start,
            const struct dc_yaml_row *row, struct dc_yaml_list *target,
            unsigned depth, struct dc_error *err)
{
  if (dc_yaml_expect (walker, start, YAML_MAPPING_START_EVENT, "a mapping",
                      err) < 0)
    return -1;
  for (;;) {
    AUTO_EVENT key = { .type = YAML_NO_EVENT };
    AUTO_EVENT value = { .type = YAML_NO_EVENT };
    char *element = NULL;
    if (dc_yaml_next (walker, &key, err) < 0)
      return -1;
    if (key.type == YAML_MAPPING_END_EVENT)
      return 0;
    if (add_element (walker, row, target, &element, err) < 0)
      return -1;
    struct dc_yaml_name *name = (void *) element;
    name->line = (unsigned) key.start_mark.line + 1;
    if (read_text (walker, &key, &name->text, err) < 0 ||
        dc_yaml_next (walker, &value, err) < 0)
      return -1;
    if (walker->is_foreign && value.type != YAML_MAPPING_START_EVENT) {
      if (dc_yaml_skip (walker, &value, err) < 0)
        return -1;
      continue;
    }
    if (read_mapping (walker, &value, row->rows, element, depth + 1, err) < 0)
      return -1;
  }
}

static int
read_list (struct dc_yaml_walker *walker, const yaml_event_t *start,
           const struct dc_yaml_row *row, struct dc_yaml_list *target,
           unsigned depth, struct dc_error *err)
{
  if (dc_yaml_expect (walker, start, YAML_SEQUENCE_START_EVENT, "a sequence",
                      err) < 0)
    return -1;
  for (;;) {
    AUTO_EVENT event = { .type = YAML_NO_EVENT };
    if (dc_yaml_next (walker, &event, err) < 0)
      return -1;
    if (event.type == YAML_SEQUENCE_END_EVENT)
      return 0;
    char *element = NULL;
    if (walker->is_foreign && event.type != YAML_MAPPING_START_EVENT) {
      if (dc_yaml_skip (walker, &event, err) < 0)
        return -1;
      continue;
    }
    if (add_element (walker, row, target, &element, err) < 0)
      return -1;
    if (read_mapping (walker, &event, row->rows, element, depth + 1, err) < 0)
      return -1;
  }
}

/* Does what begins with EVENT suit a row of this kind? */
static bool
suits (const yaml_event_t *event, enum dc_yaml_kind kind)
{
  switch (kind) {
  case DC_YAML_TEXT:
  case DC_YAML_NUMBER:
  case DC_YAML_BOOL:
  case DC_YAML_CHOICE:
    return event->type == YAML_SCALAR_EVENT;
  case DC_YAML_TEXTS:
    return event->type != YAML_MAPPING_START_EVENT && !is_null (event);
  case DC_YAML_LIST:
    return event->type == YAML_SEQUENCE_START_EVENT;
  case DC_YAML_STRUCT:
  case DC_YAML_NAMED:
    return event->type == YAML_MAPPING_START_EVENT;
  }
  return false;
}

static int
read_value (struct dc_yaml_walker *walker, const struct dc_yaml_row *row,
            char *target, unsigned depth, struct dc_error *err)
{
  void *const at_row = target + row->target;
  AUTO_EVENT event = { .type = YAML_NO_EVENT };

  if (dc_yaml_next (walker, &event, err) < 0)
    return -1;
  if (walker->is_foreign && !suits (&event, row->kind))
    return dc_yaml_skip (walker, &event, err);
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
  case DC_YAML_NAMED:
    return read_named (walker, &event, row, at_row, depth, err);
  }
  return dc_fail (err, DC_ERR_INVALID, "no such kind of row");
}

/* Which row has KEY; -1 after naming those that exist. */
static int
find_row (const struct dc_yaml_walker *walker, const struct dc_yaml_row *rows,
          const yaml_event_t *event, unsigned *index, struct dc_error *err)
{
  const char *key = NULL;

  if (dc_yaml_scalar (walker, event, "a key", &key, err) < 0)
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
  return dc_yaml_at (walker, event->start_mark, err);
}

static bool
has_row (const struct dc_yaml_row *rows, const yaml_event_t *key)
{
  if (key->type != YAML_SCALAR_EVENT)
    return false;
  for (unsigned i = 0; rows[i].key != NULL; i++)
    if (strcmp (rows[i].key, (const char *) key->data.scalar.value) == 0)
      return true;
  return false;
}

static int
skip_next (struct dc_yaml_walker *walker, struct dc_error *err)
{
  AUTO_EVENT event = { .type = YAML_NO_EVENT };

  return dc_yaml_next (walker, &event, err) < 0
             ? -1
             : dc_yaml_skip (walker, &event, err);
}

static int
check_required (const struct dc_yaml_walker *walker, const yaml_event_t *start,
                const struct dc_yaml_row *rows, uint64_t seen,
                struct dc_error *err)
{
  for (unsigned i = 0; rows[i].key != NULL; i++)
    if (rows[i].need == DC_YAML_REQUIRED && (seen & UINT64_C (1) << i) == 0) {
      (void) dc_fail (err, DC_ERR_INVALID, "key '%s' is missing", rows[i].key);
      return dc_yaml_at (walker, start->start_mark, err);
    }
  return 0;
}

static int
read_mapping (struct dc_yaml_walker *walker, const yaml_event_t *start,
              const struct dc_yaml_row *rows, char *target, unsigned depth,
              struct dc_error *err)
{
  uint64_t seen = 0;

  if (dc_yaml_expect (walker, start, YAML_MAPPING_START_EVENT, "a mapping",
                      err) < 0)
    return -1;
  if (depth > DC_YAML_DEPTH_MAX) {
    (void) dc_fail (err, DC_ERR_LIMIT, "nested deeper than %d",
                    DC_YAML_DEPTH_MAX);
    return dc_yaml_at (walker, start->start_mark, err);
  }
  for (;;) {
    AUTO_EVENT key = { .type = YAML_NO_EVENT };
    unsigned index = 0;
    if (dc_yaml_next (walker, &key, err) < 0)
      return -1;
    if (key.type == YAML_MAPPING_END_EVENT)
      return check_required (walker, start, rows, seen, err);
    if (walker->is_foreign && !has_row (rows, &key)) {
      if (dc_yaml_skip (walker, &key, err) < 0 || skip_next (walker, err) < 0)
        return -1;
      continue;
    }
    if (find_row (walker, rows, &key, &index, err) < 0)
      return -1;
    assert (index < 64);
    if (!walker->is_foreign && (seen & UINT64_C (1) << index) != 0) {
      (void) dc_fail (err, DC_ERR_INVALID, "key '%s' is given twice",
                      rows[index].key);
      return dc_yaml_at (walker, key.start_mark, err);
    }
    seen |= UINT64_C (1) << index;
    if (read_value (walker, &rows[index], target, depth, err) < 0)
      return -1;
  }
}

static int
read_document (struct dc_yaml_walker *walker, const struct dc_yaml_row *rows,
               void *target, struct dc_error *err)
{
  for (int i = 0; i < 2; i++) { /* the starts of stream and document */
    AUTO_EVENT start = { .type = YAML_NO_EVENT };
    if (dc_yaml_next (walker, &start, err) < 0)
      return -1;
    if (start.type == YAML_STREAM_END_EVENT)
      return dc_fail (err, DC_ERR_INVALID, "%s: the file is empty",
                      walker->file);
  }
  AUTO_EVENT top = { .type = YAML_NO_EVENT };
  if (dc_yaml_next (walker, &top, err) < 0 ||
      read_mapping (walker, &top, rows, target, 0, err) < 0)
    return -1;
  AUTO_EVENT end = { .type = YAML_NO_EVENT };
  AUTO_EVENT after = { .type = YAML_NO_EVENT };
  if (dc_yaml_next (walker, &end, err) < 0 ||
      dc_yaml_next (walker, &after, err) < 0)
    return -1;
  if (after.type == YAML_STREAM_END_EVENT)
    return 0;
  (void) dc_fail (err, DC_ERR_INVALID, "a second document is refused");
  return dc_yaml_at (walker, after.start_mark, err);
}

static int
read_text_of (struct dc_yaml_walker *walker, const char *text, size_t size,
              const struct dc_yaml_row *rows, void *target,
              struct dc_error *err)
{
  if (size > DC_YAML_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%s: %zu bytes, limit %zu", walker->file,
                    size, DC_YAML_SIZE_MAX);
  if (yaml_parser_initialize (&walker->parser) == 0)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to read '%s'", walker->file);
  yaml_parser_set_input_string (&walker->parser, (const unsigned char *) text,
                                size);
  yaml_parser_set_encoding (&walker->parser, YAML_UTF8_ENCODING);
  const int status = read_document (walker, rows, target, err);
  yaml_parser_delete (&walker->parser);
  return status;
}

int
dc_yaml_read (const char *text, size_t size, const char *file,
              const struct dc_yaml_row *rows, void *target,
              struct dc_error *err)
{
  struct dc_yaml_walker walker = { .file = file };
  const int status = read_text_of (&walker, text, size, rows, target, err);

  if (status < 0)
    dc_yaml_release (rows, target);
  return status;
}

int
dc_yaml_read_foreign (const char *text, size_t size, const char *file,
                      const struct dc_yaml_row *rows, void *target,
                      struct dc_error *err)
{
  struct dc_yaml_walker walker = { .file = file, .is_foreign = true };

  return read_text_of (&walker, text, size, rows, target, err);
}
