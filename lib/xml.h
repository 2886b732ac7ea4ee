/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_XML_H
#define DC_LIB_XML_H

/* xml: foreign XML as a small tree of elements.
 *
 * Read by expat, which opens nothing: no network, no other files.  Entities
 * other than the five of XML itself are refused, also when they are only
 * declared.  Names lose their namespace prefix ("rasd:Address" is "Address").
 *
 * Source: XML 1.0, fifth edition; expat's reference.
 */

#include <stddef.h>

#include "lib/buffer.h"
#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_XML_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes of a document */
#define DC_XML_DEPTH_MAX 100                        /* elements in each other */
#define DC_XML_ELEMENT_MAX 100000
#define DC_XML_ATTRIBUTE_MAX 1000 /* of one element */

struct dc_xml_attribute {
  char *name;
  char *value;
};

struct dc_xml_element {
  char *name;
  struct dc_buffer text; /* its own, less the blanks at both ends */
  unsigned line;         /* where it begins */
  struct dc_xml_attribute *attributes;
  size_t attribute_count;
  struct dc_xml_element *parent; /* NULL: the root */
  struct dc_xml_element *first_child, *last_child, *next;
};

/* The root element of SIZE bytes at TEXT for the caller.  0, or -1 with ERR:
 * DC_ERR_INVALID "line 7: ..." (broken, an entity, a strange encoding),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_xml_parse (const char *text, size_t size, struct dc_xml_element **out,
                  struct dc_error *err);
/* The value of the first attribute of this name; NULL when there is none. */
const char *dc_xml_value (const struct dc_xml_element *element,
                          const char *name);
/* The first child, or the next sibling, of this name; NULL: of any. */
const struct dc_xml_element *dc_xml_child (const struct dc_xml_element *element,
                                           const char *name);
const struct dc_xml_element *dc_xml_next (const struct dc_xml_element *element,
                                          const char *name);
/* The element and all below it; for the root. */
void dc_xml_element_free (struct dc_xml_element *element);
DC_DEFINE_AUTO (dc_xml_element)

#endif
