/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/disk/lvmtext.h"
#include "lib/number.h"
#include "lib/quote.h"

/* What a name or a number consists of: lvm(8), "VALID NAMES". */
static const char word_bytes[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.+-";

struct parser {
  struct dc_lvmtext *text;
  char *at; /* what is not read yet; there is a NUL behind the last byte */
  char *end;
  unsigned line;
  unsigned depth;
  uint32_t parents[DC_LVMTEXT_DEPTH_MAX]; /* of what is read now */
  uint32_t last[DC_LVMTEXT_DEPTH_MAX];    /* their newest child; 0: none */
};

static void
skip_blanks (struct parser *parser)
{
  for (; parser->at < parser->end; parser->at++) {
    if (*parser->at == '#')
      parser->at += strcspn (parser->at, "\n");
    if (*parser->at == '\n')
      parser->line++;
    else if (*parser->at != ' ' && *parser->at != '\t' && *parser->at != '\r')
      return;
  }
}

static char
peek (struct parser *parser)
{
  skip_blanks (parser);
  return *parser->at;
}

/* Is BYTE what comes next?  Then it is taken. */
static bool
take (struct parser *parser, char byte)
{
  if (byte == '\0' || peek (parser) != byte)
    return false;
  parser->at++;
  return true;
}

/* A new node, the newest child of the present parent. */
static int
add_node (struct parser *parser, const char *key, struct dc_lvmtext_node **out,
          struct dc_error *err)
{
  struct dc_lvmtext *text = parser->text;

  if (DC_ARRAY_GROW (text->nodes, text->count, DC_LVMTEXT_NODE_MAX, "entries",
                     err) < 0)
    return -1;
  const uint32_t index = (uint32_t) text->count++;
  struct dc_lvmtext_node *node = &text->nodes[index];
  *node = (struct dc_lvmtext_node){ .key = key, .string = "" };
  if (parser->depth > 0) {
    const uint32_t parent = parser->parents[parser->depth - 1];
    uint32_t *last = &parser->last[parser->depth - 1];
    *(*last != 0 ? &text->nodes[*last].next : &text->nodes[parent].first) =
        index;
    *last = index;
  }
  *out = node;
  return 0;
}

/* What follows are the children of the newest node. */
static int
descend (struct parser *parser, struct dc_error *err)
{
  if (parser->depth == DC_LVMTEXT_DEPTH_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d levels",
                    DC_LVMTEXT_DEPTH_MAX);
  parser->parents[parser->depth] = (uint32_t) (parser->text->count - 1);
  parser->last[parser->depth] = 0;
  parser->depth++;
  return 0;
}

/* A text in quotes, which becomes a string where it stands. */
static int
take_string (struct parser *parser, const char **out, struct dc_error *err)
{
  char *from = parser->at + 1, *to = from;

  *out = to;
  for (; from < parser->end && *from != '"' && *from != '\n'; from++) {
    if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
      from++;
    *to++ = *from;
  }
  if (from == parser->end || *from != '"')
    return dc_fail (err, DC_ERR_INVALID, "a text has no end");
  *to = '\0';
  parser->at = from + 1;
  return 0;
}

/* A text or a number, into NODE. */
static int
read_scalar (struct parser *parser, struct dc_lvmtext_node *node,
             struct dc_error *err)
{
  struct dc_error ignored; /* then it is a text */

  if (peek (parser) == '"') {
    node->kind = DC_LVMTEXT_STRING;
    return take_string (parser, &node->string, err);
  }
  const char *word = parser->at;
  const size_t size = strspn (word, word_bytes);
  if (size == 0)
    return dc_fail (err, DC_ERR_INVALID, "there is no value");
  parser->at += size;
  node->kind = DC_LVMTEXT_NUMBER;
  if (dc_number_parse_bytes (word, size, 0, UINT64_MAX, &node->number,
                             &ignored) < 0)
    node->kind = DC_LVMTEXT_STRING;
  return 0;
}

static int
read_list (struct parser *parser, struct dc_error *err)
{
  if (descend (parser, err) < 0)
    return -1;
  while (!take (parser, ']')) {
    struct dc_lvmtext_node *node;
    if (add_node (parser, "", &node, err) < 0 ||
        read_scalar (parser, node, err) < 0)
      return -1;
    if (!take (parser, ',') && peek (parser) != ']')
      return dc_fail (err, DC_ERR_INVALID, "a list has no end");
  }
  parser->depth--;
  return 0;
}

/* KEY = VALUE, or KEY { and then what is in it. */
static int
read_entry (struct parser *parser, struct dc_error *err)
{
  struct dc_lvmtext_node *node;
  char *const key = parser->at;
  char *const end = key + strspn (key, word_bytes);

  parser->at = end;
  if (key == end)
    return dc_fail (err, DC_ERR_INVALID, "there is no name");
  if (add_node (parser, key, &node, err) < 0)
    return -1;
  const bool is_section = take (parser, '{');
  if (!is_section && !take (parser, '='))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is followed by no value",
                    dc_quote_bytes (key, (size_t) (end - key)).text);
  *end = '\0'; /* at a byte that has been read */
  if (is_section) {
    node->kind = DC_LVMTEXT_SECTION;
    return descend (parser, err);
  }
  if (!take (parser, '['))
    return read_scalar (parser, node, err);
  node->kind = DC_LVMTEXT_LIST;
  return read_list (parser, err);
}

static int
read_all (struct parser *parser, struct dc_error *err)
{
  struct dc_lvmtext_node *root;

  if (add_node (parser, "", &root, err) < 0 || descend (parser, err) < 0)
    return -1;
  for (;;) {
    skip_blanks (parser);
    if (parser->at == parser->end)
      break;
    if (take (parser, '}')) {
      if (parser->depth == 1)
        return dc_fail (err, DC_ERR_INVALID, "a '}' too many");
      parser->depth--;
    } else if (read_entry (parser, err) < 0) {
      return -1;
    }
  }
  return parser->depth == 1 ? 0
                            : dc_fail (err, DC_ERR_INVALID, "a '}' is missing");
}

int
dc_lvmtext_parse (const char *bytes, size_t size, struct dc_lvmtext **out,
                  struct dc_error *err)
{
  if (size > DC_LVMTEXT_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "LVM metadata of %zu bytes, limit %zu",
                    size, DC_LVMTEXT_SIZE_MAX);
  DC_AUTO (dc_lvmtext) *text = calloc (1, sizeof *text);
  if (text == NULL || (text->bytes = malloc (size + 1)) == NULL)
    return dc_fail_errno (err, "cannot keep LVM metadata");
  memcpy (text->bytes, bytes, size);
  text->bytes[size] = '\0';
  /* On the disk the text ends with a NUL. */
  struct parser parser = { .text = text,
                           .at = text->bytes,
                           .end = text->bytes + strlen (text->bytes),
                           .line = 1 };
  if (read_all (&parser, err) < 0)
    return dc_context (err, "LVM metadata line %u", parser.line);
  *out = DC_TAKE (text);
  return 0;
}

void
dc_lvmtext_free (struct dc_lvmtext *text)
{
  if (text == NULL)
    return;
  free (text->nodes);
  free (text->bytes);
  free (text);
}

const struct dc_lvmtext_node *
dc_lvmtext_first (const struct dc_lvmtext *text,
                  const struct dc_lvmtext_node *node)
{
  return node == NULL || node->first == 0 ? NULL : &text->nodes[node->first];
}

const struct dc_lvmtext_node *
dc_lvmtext_next (const struct dc_lvmtext *text,
                 const struct dc_lvmtext_node *node)
{
  return node->next == 0 ? NULL : &text->nodes[node->next];
}

const struct dc_lvmtext_node *
dc_lvmtext_find (const struct dc_lvmtext *text,
                 const struct dc_lvmtext_node *node, const char *key,
                 enum dc_lvmtext_kind kind)
{
  const struct dc_lvmtext_node *child = dc_lvmtext_first (text, node);

  while (child != NULL &&
         (child->kind != kind || strcmp (child->key, key) != 0))
    child = dc_lvmtext_next (text, child);
  return child;
}

const char *
dc_lvmtext_string (const struct dc_lvmtext *text,
                   const struct dc_lvmtext_node *node, const char *key)
{
  const struct dc_lvmtext_node *child =
      dc_lvmtext_find (text, node, key, DC_LVMTEXT_STRING);

  return child != NULL ? child->string : "";
}

uint64_t
dc_lvmtext_number (const struct dc_lvmtext *text,
                   const struct dc_lvmtext_node *node, const char *key,
                   uint64_t otherwise)
{
  const struct dc_lvmtext_node *child =
      dc_lvmtext_find (text, node, key, DC_LVMTEXT_NUMBER);

  return child != NULL ? child->number : otherwise;
}

int
dc_lvmtext_lists (const struct dc_lvmtext *text,
                  const struct dc_lvmtext_node *node, const char *key,
                  const char *word)
{
  const struct dc_lvmtext_node *item = dc_lvmtext_first (
      text, dc_lvmtext_find (text, node, key, DC_LVMTEXT_LIST));

  while (item != NULL && strcmp (item->string, word) != 0)
    item = dc_lvmtext_next (text, item);
  return item != NULL;
}
