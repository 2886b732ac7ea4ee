/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/yaml.h"
#include "lib/yamlevent.h"
#include "lib/yamltext.h"

/* 1 at the value, 0 at another event, -1 at the end. */
static int
find_next (yaml_parser_t *parser, const char *value, size_t *nth,
           struct dc_yaml_spot *spot)
{
  AUTO_EVENT event = { .type = YAML_NO_EVENT };

  if (yaml_parser_parse (parser, &event) == 0 ||
      event.type == YAML_STREAM_END_EVENT)
    return -1;
  if (event.type != YAML_SCALAR_EVENT)
    return 0;
  char *text = (char *) event.data.scalar.value;
  dc_yaml_text_decode (text);
  if (strcmp (text, value) != 0 || (*nth)-- > 0)
    return 0;
  *spot = (struct dc_yaml_spot){ event.start_mark.line + 1,
                                 event.start_mark.column + 1 };
  return 1;
}

int
dc_yaml_find (const char *text, size_t size, const char *value, size_t nth,
              struct dc_yaml_spot *spot)
{
  yaml_parser_t parser;
  int status = 0;

  if (yaml_parser_initialize (&parser) == 0)
    return 0;
  yaml_parser_set_input_string (&parser, (const unsigned char *) text, size);
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  while (status == 0)
    status = find_next (&parser, value, &nth, spot);
  yaml_parser_delete (&parser);
  return status > 0;
}

int
dc_yaml_texts_add (struct dc_yaml_texts *texts, const char *text,
                   struct dc_error *err)
{
  char **items = reallocarray (texts->items, texts->count + 1, sizeof *items);

  if (items == NULL)
    return dc_fail_errno (err, "cannot keep %zu texts", texts->count + 1);
  texts->items = items;
  items[texts->count] = strdup (text);
  if (items[texts->count] == NULL)
    return dc_fail_errno (err, "cannot keep a text");
  texts->count++;
  return 0;
}

void *
dc_yaml_list_add (struct dc_yaml_list *list, size_t element_size,
                  struct dc_error *err)
{
  char *items = reallocarray (list->items, list->count + 1, element_size);

  if (items == NULL) {
    (void) dc_fail_errno (err, "cannot keep %zu items", list->count + 1);
    return NULL;
  }
  list->items = items;
  return memset (items + list->count++ * element_size, 0, element_size);
}

static int
visit_row (const struct dc_yaml_row *row, void *at_row,
           int (*visit) (void *self, char *text), void *self)
{
  const struct dc_yaml_texts *texts = at_row;
  const struct dc_yaml_list *list = at_row;
  int status = 0;

  if (row->kind == DC_YAML_TEXT) {
    char *text = *(char **) at_row;
    return text != NULL ? visit (self, text) : 0;
  }
  if (row->kind == DC_YAML_TEXTS)
    for (size_t i = 0; i < texts->count && status == 0; i++)
      status = visit (self, texts->items[i]);
  if (row->kind == DC_YAML_STRUCT)
    return dc_yaml_each_text (row->rows, at_row, visit, self);
  if (row->kind == DC_YAML_LIST || row->kind == DC_YAML_NAMED)
    for (size_t i = 0; i < list->count && status == 0; i++) {
      char *element = (char *) list->items + i * row->element_size;
      if (row->kind == DC_YAML_NAMED)
        status = visit (self, ((struct dc_yaml_name *) (void *) element)->text);
      if (status == 0)
        status = dc_yaml_each_text (row->rows, element, visit, self);
    }
  return status;
}

int
dc_yaml_each_text (const struct dc_yaml_row *rows, void *target,
                   int (*visit) (void *self, char *text), void *self)
{
  int status = 0;

  for (size_t i = 0; rows[i].key != NULL && status == 0; i++)
    status =
        visit_row (&rows[i], (char *) target + rows[i].target, visit, self);
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
  } else if (row->kind == DC_YAML_LIST || row->kind == DC_YAML_NAMED) {
    for (size_t i = 0; i < list->count; i++) {
      char *element = (char *) list->items + i * row->element_size;
      dc_yaml_release (row->rows, element);
      if (row->kind == DC_YAML_NAMED)
        free (((struct dc_yaml_name *) (void *) element)->text);
    }
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
