/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "lib/yamltext.h"
#include "transform/plan/plannotes.h"
#include "transform/plan/planrows.h"

#define NOTE_COLUMN 44 /* where comments behind a line begin, if they can */
#define NOTE_SIZE_MAX ((size_t) 16 * 1024)
#define DEPTH_MAX 8 /* of our own tables */

struct writer {
  struct dc_buffer *yaml;
  struct dc_plan_place place;
  bool has_helped; /* what keys mean is said in the first image alone */
};

static int write_rows (struct writer *writer, const struct dc_yaml_row *rows,
                       const void *target, unsigned indent,
                       struct dc_error *err);

static const void *
at_row (const struct dc_yaml_row *row, const void *target)
{
  return (const char *) target + row->target;
}

static bool has_values (const struct dc_yaml_row *rows, const void *target);

/* Is there nothing to say? */
static bool
is_empty (const struct dc_yaml_row *row, const void *at)
{
  switch (row->kind) {
  case DC_YAML_TEXT:
    return *(char *const *) at == NULL;
  case DC_YAML_NUMBER:
    return *(const int64_t *) at == 0;
  case DC_YAML_BOOL:
    return !*(const bool *) at;
  case DC_YAML_CHOICE:
    return *(const int *) at == 0;
  case DC_YAML_TEXTS:
    return ((const struct dc_yaml_texts *) at)->count == 0;
  case DC_YAML_STRUCT:
    return !has_values (row->rows, at);
  case DC_YAML_LIST:
  case DC_YAML_NAMED:
    return ((const struct dc_yaml_list *) at)->count == 0;
  }
  return true;
}

static bool
is_said (const struct dc_yaml_row *row, const void *target)
{
  return row->need == DC_YAML_REQUIRED || !is_empty (row, at_row (row, target));
}

static bool
has_values (const struct dc_yaml_row *rows, const void *target)
{
  for (size_t i = 0; rows[i].key != NULL; i++)
    if (!is_empty (&rows[i], at_row (&rows[i], target)))
      return true;
  return false;
}

static int
put (struct writer *writer, const char *text, struct dc_error *err)
{
  return dc_buffer_append (writer->yaml, text, strlen (text), err);
}

static int
put_indent (struct writer *writer, unsigned indent, struct dc_error *err)
{
  return dc_buffer_print (writer->yaml, err, "%*s", (int) indent, "");
}

/* Each line of TEXT as a comment. */
static int
put_comment (struct writer *writer, const char *text, unsigned indent,
             struct dc_error *err)
{
  while (text[0] != '\0') {
    const size_t size = strcspn (text, "\n");
    if (put_indent (writer, indent, err) < 0 || put (writer, "# ", err) < 0 ||
        dc_buffer_append (writer->yaml, text, size, err) < 0 ||
        put (writer, "\n", err) < 0)
      return -1;
    text += size + (text[size] == '\n');
  }
  return 0;
}

/* NOTE behind the line that begins at START, and the line's end. */
static int
end_line (struct writer *writer, size_t start, const char *note,
          struct dc_error *err)
{
  const size_t width = writer->yaml->size - start;
  const int gap = width + 2 < NOTE_COLUMN ? (int) (NOTE_COLUMN - width) : 2;

  return note[0] == '\0'
             ? put (writer, "\n", err)
             : dc_buffer_print (writer->yaml, err, "%*s# %s\n", gap, "", note);
}

static int
put_scalar (struct writer *writer, const struct dc_yaml_row *row,
            const void *at, bool is_flow, struct dc_error *err)
{
  switch (row->kind) {
  case DC_YAML_TEXT: {
    const char *text = *(char *const *) at != NULL ? *(char *const *) at : "";
    return is_flow ? dc_yaml_text_write_flow (writer->yaml, text, err)
                   : dc_yaml_text_write (writer->yaml, text, err);
  }
  case DC_YAML_NUMBER:
    return dc_buffer_print (writer->yaml, err, "%lld",
                            (long long) *(const int64_t *) at);
  case DC_YAML_BOOL:
    return put (writer, *(const bool *) at ? "true" : "false", err);
  case DC_YAML_CHOICE:
    return put (writer, row->choices[*(const int *) at], err);
  case DC_YAML_TEXTS:
  case DC_YAML_STRUCT:
  case DC_YAML_LIST:
  case DC_YAML_NAMED:
    break;
  }
  return dc_fail (err, DC_ERR_INVALID, "'%s' is no plain value", row->key);
}

/* {key: value, ...} */
static int
put_flow (struct writer *writer, const struct dc_yaml_row *rows,
          const void *element, struct dc_error *err)
{
  const char *before = "{";

  for (size_t i = 0; rows[i].key != NULL; i++) {
    if (!is_said (&rows[i], element))
      continue;
    if (dc_buffer_print (writer->yaml, err, "%s%s: ", before, rows[i].key) <
            0 ||
        put_scalar (writer, &rows[i], at_row (&rows[i], element), true, err) <
            0)
      return -1;
    before = ", ";
  }
  return put (writer, "}", err);
}

/* The note about ELEMENT behind the line that begins at START. */
static int
write_note (struct writer *writer, const struct dc_plan_style *style,
            const void *element, size_t start, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer note = DC_BUFFER_INIT (NOTE_SIZE_MAX);

  writer->place.element = element;
  if (style != NULL && style->note != NULL && writer->place.profile != NULL &&
      style->note (&writer->place, &note, err) < 0)
    return -1;
  return end_line (writer, start, dc_buffer_text (&note), err);
}

/* One element, its first key behind the dash. */
static int
write_element (struct writer *writer, const struct dc_yaml_row *row,
               const struct dc_plan_style *style, const void *element,
               unsigned indent, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer note = DC_BUFFER_INIT (NOTE_SIZE_MAX);
  const size_t start = writer->yaml->size;

  writer->place.element = element;
  if (style != NULL && style->note != NULL && writer->place.profile != NULL &&
      style->note (&writer->place, &note, err) < 0)
    return -1;
  if (style != NULL && style->is_flow) {
    if (put_indent (writer, indent, err) < 0 || put (writer, "- ", err) < 0 ||
        put_flow (writer, row->rows, element, err) < 0)
      return -1;
    return end_line (writer, start, dc_buffer_text (&note), err);
  }
  if (write_rows (writer, row->rows, element, indent + 2, err) < 0)
    return -1;
  writer->yaml->data[start + indent] = '-';
  writer->has_helped = true;
  if (note.size == 0)
    return 0;
  /* The note belongs behind the first line, which is already there. */
  const char *line = writer->yaml->data + start;
  const size_t first = strcspn (line, "\n");
  AUTO_BUFFER struct dc_buffer rest = DC_BUFFER_INIT (DC_PLAN_SIZE_MAX);
  if (dc_buffer_append (&rest, line + first + 1,
                        writer->yaml->size - start - first - 1, err) < 0)
    return -1;
  writer->yaml->size = start + first;
  if (end_line (writer, start, dc_buffer_text (&note), err) < 0)
    return -1;
  return dc_buffer_append (writer->yaml, dc_buffer_text (&rest), rest.size,
                           err);
}

static int
write_list (struct writer *writer, const struct dc_yaml_row *row,
            const struct dc_plan_style *style, const struct dc_yaml_list *list,
            unsigned indent, struct dc_error *err)
{
  if (list->count == 0)
    return put (writer, " []\n", err);
  if (put (writer, "\n", err) < 0)
    return -1;
  for (size_t i = 0; i < list->count; i++)
    if (write_element (writer, row, style,
                       (const char *) list->items + i * row->element_size,
                       indent + 2, err) < 0)
      return -1;
  return 0;
}

static int
write_texts (struct writer *writer, const struct dc_yaml_texts *texts,
             unsigned indent, struct dc_error *err)
{
  if (texts->count == 0)
    return put (writer, " []\n", err);
  if (put (writer, "\n", err) < 0)
    return -1;
  for (size_t i = 0; i < texts->count; i++)
    if (put_indent (writer, indent + 2, err) < 0 ||
        put (writer, "- ", err) < 0 ||
        dc_yaml_text_write (writer->yaml, texts->items[i], err) < 0 ||
        put (writer, "\n", err) < 0)
      return -1;
  return 0;
}

static int
write_plain (struct writer *writer, const struct dc_yaml_row *row,
             const struct dc_plan_style *style, const void *at, size_t start,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer note = DC_BUFFER_INIT (NOTE_SIZE_MAX);

  if (put (writer, " ", err) < 0 ||
      put_scalar (writer, row, at, false, err) < 0)
    return -1;
  if (style != NULL && style->is_size &&
      dc_plan_size_text ((uint64_t) * (const int64_t *) at, &note, err) < 0)
    return -1;
  if (style != NULL && style->help != NULL && !writer->has_helped)
    return end_line (writer, start, style->help, err);
  return end_line (writer, start, dc_buffer_text (&note), err);
}

static int
write_value (struct writer *writer, const struct dc_yaml_row *row,
             const void *target, unsigned indent, struct dc_error *err)
{
  const struct dc_plan_style *style = dc_plan_style (row->key);
  const void *at = at_row (row, target);

  if (style != NULL && style->head != NULL &&
      (put (writer, "\n", err) < 0 ||
       put_comment (writer, style->head, indent, err) < 0))
    return -1;
  const size_t start = writer->yaml->size;
  if (put_indent (writer, indent, err) < 0 ||
      dc_buffer_print (writer->yaml, err, "%s:", row->key) < 0)
    return -1;
  switch (row->kind) {
  case DC_YAML_TEXTS:
    return write_texts (writer, at, indent, err);
  case DC_YAML_LIST:
  case DC_YAML_NAMED:
    return write_list (writer, row, style, at, indent, err);
  case DC_YAML_STRUCT:
    if (write_note (writer, style, at, start, err) < 0)
      return -1;
    return write_rows (writer, row->rows, at, indent + 2, err);
  case DC_YAML_TEXT:
  case DC_YAML_NUMBER:
  case DC_YAML_BOOL:
  case DC_YAML_CHOICE:
    return write_plain (writer, row, style, at, start, err);
  }
  return 0;
}

static int
write_rows (struct writer *writer, const struct dc_yaml_row *rows,
            const void *target, unsigned indent, struct dc_error *err)
{
  assert (indent < 4 * DEPTH_MAX);
  for (size_t i = 0; rows[i].key != NULL; i++)
    if (is_said (&rows[i], target) &&
        write_value (writer, &rows[i], target, indent, err) < 0)
      return -1;
  return 0;
}

int
dc_plan_write (const struct dc_plan *plan, const struct dc_profile *profile,
               struct dc_buffer *yaml, struct dc_error *err)
{
  struct writer writer = { .yaml = yaml, .place = { plan, profile, NULL } };
  AUTO_BUFFER struct dc_buffer title = DC_BUFFER_INIT (NOTE_SIZE_MAX);

  if (dc_plan_title (&writer.place, &title, err) < 0 ||
      put_comment (&writer, dc_buffer_text (&title), 0, err) < 0)
    return -1;
  return write_rows (&writer, dc_plan_rows, plan, 0, err);
}
