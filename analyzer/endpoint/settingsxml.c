/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/endpoint/settings.h"
#include "lib/xml.h"

/* The dialect of XML: an element is a block, whose own path has its text; an
 * attribute is "element.name".
 */

static int
open_element (struct dc_settings_text *text,
              const struct dc_xml_element *element, struct dc_error *err)
{
  if (dc_settings_open (text, dc_span_of (element->name), dc_span_of (""),
                        element->line, err) < 0)
    return -1;
  for (size_t i = 0; i < element->attribute_count; i++)
    if (dc_settings_add (text, dc_span_of (element->attributes[i].name),
                         dc_span_of (element->attributes[i].value),
                         element->line, err) < 0)
      return -1;
  const struct dc_span own = { dc_buffer_text (&element->text),
                               element->text.size };
  return own.size == 0
             ? 0
             : dc_settings_add (text, dc_span_of (""), own, element->line, err);
}

int
dc_settings_xml (struct dc_settings_text *text, struct dc_error *err)
{
  DC_AUTO (dc_xml_element) *root = NULL;

  if (dc_xml_parse (text->text.text, text->text.size, &root, err) < 0)
    return -1;
  const struct dc_xml_element *element = root;
  while (element != NULL) {
    if (open_element (text, element, err) < 0)
      return -1;
    if (element->first_child != NULL) {
      element = element->first_child;
      continue;
    }
    dc_settings_close (text);
    while (element != NULL && element->next == NULL) {
      element = element->parent;
      if (element != NULL)
        dc_settings_close (text);
    }
    element = element != NULL ? element->next : NULL;
  }
  return 0;
}
