/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/xml.h"

static const char blanks[] = " \t\r\n";

/* What the handlers share; once one has failed, expat calls no more. */
struct builder {
  XML_Parser parser;
  struct dc_xml_element *root, *current;
  size_t count, depth;
  bool has_failed;
  struct dc_error *err;
};

static unsigned
line_of (const struct builder *builder)
{
  return (unsigned) XML_GetCurrentLineNumber (builder->parser);
}

/* A handler's result; -1 ends the parse. */
static void
check (struct builder *builder, int status)
{
  if (status == 0)
    return;
  builder->has_failed = true;
  (void) XML_StopParser (builder->parser, XML_FALSE); /* it is running */
}

static const char *
local_name (const char *name)
{
  const char *colon = strrchr (name, ':');
  return colon != NULL ? colon + 1 : name;
}

static int
copy (const char *text, char **out, struct dc_error *err)
{
  *out = strdup (text);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep XML");
}

static int
add_attributes (struct dc_xml_element *element, const char **pairs,
                struct dc_error *err)
{
  for (; pairs[0] != NULL; pairs += 2) {
    if (DC_ARRAY_GROW (element->attributes, element->attribute_count,
                       DC_XML_ATTRIBUTE_MAX, "attributes", err) < 0)
      return -1;
    struct dc_xml_attribute *attribute =
        &element->attributes[element->attribute_count++];
    if (copy (local_name (pairs[0]), &attribute->name, err) < 0 ||
        copy (pairs[1], &attribute->value, err) < 0)
      return -1;
  }
  return 0;
}

/* A new element at the end of the current one's children, or the root. */
static int
add_element (struct builder *builder, struct dc_xml_element **out,
             struct dc_error *err)
{
  struct dc_xml_element *element = calloc (1, sizeof *element);
  struct dc_xml_element *parent = builder->current;

  if (element == NULL)
    return dc_fail_errno (err, "cannot keep XML");
  element->parent = parent;
  element->line = line_of (builder);
  element->text = (struct dc_buffer) DC_BUFFER_INIT (2 * DC_XML_SIZE_MAX);
  if (parent == NULL)
    builder->root = element;
  else if (parent->last_child == NULL)
    parent->first_child = element;
  else
    parent->last_child->next = element;
  if (parent != NULL)
    parent->last_child = element;
  *out = element;
  return 0;
}

static int
begin (struct builder *builder, const char *name, const char **pairs,
       struct dc_error *err)
{
  struct dc_xml_element *element = NULL;

  if (builder->count++ == DC_XML_ELEMENT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "line %u: more than %d elements",
                    line_of (builder), DC_XML_ELEMENT_MAX);
  if (builder->depth++ == DC_XML_DEPTH_MAX)
    return dc_fail (err, DC_ERR_LIMIT,
                    "line %u: elements lie in each other too deeply",
                    line_of (builder));
  if (add_element (builder, &element, err) < 0)
    return -1;
  builder->current = element;
  return copy (local_name (name), &element->name, err) < 0
             ? -1
             : add_attributes (element, pairs, err);
}

static void
on_begin (void *self, const char *name, const char **pairs)
{
  struct builder *builder = self;

  check (builder, begin (builder, name, pairs, builder->err));
}

/* Drop the blanks around the text, which is mostly indentation. */
static void
trim (struct dc_buffer *text)
{
  const size_t before = strspn (dc_buffer_text (text), blanks);

  if (text->data == NULL)
    return;
  text->size -= before;
  memmove (text->data, text->data + before, text->size + 1);
  while (text->size > 0 && strchr (blanks, text->data[text->size - 1]) != NULL)
    text->data[--text->size] = '\0';
}

static void
on_end (void *self, const char *name)
{
  struct builder *builder = self;

  (void) name; /* expat has compared it */
  trim (&builder->current->text);
  builder->current = builder->current->parent;
  builder->depth--;
}

static void
on_text (void *self, const char *text, int size)
{
  struct builder *builder = self;

  check (builder, dc_buffer_append (&builder->current->text, text,
                                    (size_t) size, builder->err));
}

static void
refuse_entity (struct builder *builder)
{
  check (builder,
         dc_fail (builder->err, DC_ERR_INVALID,
                  "line %u: entities are not read", line_of (builder)));
}

static void
on_declaration (void *self, const char *name, int is_parameter,
                const char *value, int size, const char *base,
                const char *system, const char *public, const char *notation)
{
  (void) name;
  (void) is_parameter;
  (void) value;
  (void) size;
  (void) base;
  (void) system;
  (void) public;
  (void) notation;
  refuse_entity (self);
}

static void
on_skipped_entity (void *self, const char *name, int is_parameter)
{
  (void) name;
  (void) is_parameter;
  refuse_entity (self);
}

static int
parse (struct builder *builder, const char *text, size_t size,
       struct dc_error *err)
{
  XML_Parser parser = builder->parser;

  XML_SetUserData (parser, builder);
  XML_SetElementHandler (parser, on_begin, on_end);
  XML_SetCharacterDataHandler (parser, on_text);
  XML_SetEntityDeclHandler (parser, on_declaration);
  XML_SetSkippedEntityHandler (parser, on_skipped_entity);
  if (XML_Parse (parser, text, (int) size, XML_TRUE) != XML_STATUS_ERROR)
    return 0;
  if (builder->has_failed)
    return -1;
  const enum XML_Error error = XML_GetErrorCode (parser);
  errno = ENOMEM;
  if (error == XML_ERROR_NO_MEMORY)
    return dc_fail_errno (err, "cannot parse XML");
  return dc_fail (err, DC_ERR_INVALID, "line %u: %s", line_of (builder),
                  XML_ErrorString (error));
}

int
dc_xml_parse (const char *text, size_t size, struct dc_xml_element **out,
              struct dc_error *err)
{
  /* Ours, so that tests can let them fail. */
  const XML_Memory_Handling_Suite memory = { malloc, realloc, free };
  struct builder builder = { .err = err };

  assert (text != NULL);
  if (size > DC_XML_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "XML of %zu bytes, limit %zu", size,
                    DC_XML_SIZE_MAX);
  builder.parser = XML_ParserCreate_MM (NULL, &memory, NULL);
  if (builder.parser == NULL) {
    errno = ENOMEM;
    return dc_fail_errno (err, "cannot parse XML");
  }
  const int status = parse (&builder, text, size, err);
  XML_ParserFree (builder.parser);
  if (status < 0)
    dc_xml_element_free (builder.root);
  else
    *out = builder.root;
  return status;
}

const char *
dc_xml_value (const struct dc_xml_element *element, const char *name)
{
  for (size_t i = 0; i < element->attribute_count; i++)
    if (strcmp (element->attributes[i].name, name) == 0)
      return element->attributes[i].value;
  return NULL;
}

static const struct dc_xml_element *
find (const struct dc_xml_element *element, const char *name)
{
  while (element != NULL && name != NULL && strcmp (element->name, name) != 0)
    element = element->next;
  return element;
}

const struct dc_xml_element *
dc_xml_child (const struct dc_xml_element *element, const char *name)
{
  return find (element->first_child, name);
}

const struct dc_xml_element *
dc_xml_next (const struct dc_xml_element *element, const char *name)
{
  return find (element->next, name);
}

/* Calls itself no deeper than DC_XML_DEPTH_MAX. */
void
dc_xml_element_free (struct dc_xml_element *element)
{
  if (element == NULL)
    return;
  struct dc_xml_element *child = element->first_child;
  while (child != NULL) {
    struct dc_xml_element *next = child->next;
    dc_xml_element_free (child);
    child = next;
  }
  for (size_t i = 0; i < element->attribute_count; i++) {
    free (element->attributes[i].name);
    free (element->attributes[i].value);
  }
  free (element->attributes);
  free (element->name);
  dc_buffer_release (&element->text);
  free (element);
}
