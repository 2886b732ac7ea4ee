/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/settings.h"
#include "lib/array.h"
#include "lib/buffer.h"

static dc_settings_parser *const parsers[] = {
  [DC_DIALECT_WORDS] = dc_settings_words,
  [DC_DIALECT_INI] = dc_settings_ini,
  [DC_DIALECT_BLOCKS] = dc_settings_blocks,
  [DC_DIALECT_YAML] = dc_settings_yaml,
  [DC_DIALECT_JSON] = dc_settings_json,
  [DC_DIALECT_XML] = dc_settings_xml,
  [DC_DIALECT_TAGS] = dc_settings_tags,
  [DC_DIALECT_PHRASES] = dc_settings_phrases,
  [DC_DIALECT_VALUE] = dc_settings_value,
};

/* The path of KEY in the open block, in lower case unless it is an option. */
static int
make_path (const struct dc_settings *settings, struct dc_span key, char **out,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SETTINGS_PATH_MAX);
  const char *outer = settings->blocks[settings->current].path;

  if (dc_buffer_append (&b, outer, strlen (outer), err) < 0 ||
      (b.size > 0 && key.size > 0 && dc_buffer_append (&b, ".", 1, err) < 0) ||
      dc_buffer_append (&b, key.text, key.size, err) < 0)
    return -1;
  const bool is_option = key.size > 0 && key.text[0] == '-';
  for (size_t i = 0; i < b.size && !is_option; i++)
    if (b.data[i] >= 'A' && b.data[i] <= 'Z')
      b.data[i] = (char) (b.data[i] - 'A' + 'a');
  *out = dc_buffer_take (&b);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a setting");
}

int
dc_settings_add (struct dc_settings_text *text, struct dc_span key,
                 struct dc_span value, unsigned line, struct dc_error *err)
{
  struct dc_settings *settings = text->settings;
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *copy = NULL;

  if (make_path (settings, key, &path, err) < 0 ||
      dc_span_copy (value, &copy, err) < 0 ||
      DC_ARRAY_GROW (settings->items, settings->count, DC_SETTINGS_ITEM_MAX,
                     "settings", err) < 0)
    return -1;
  settings->items[settings->count++] = (struct dc_settings_item){
    DC_TAKE (path), DC_TAKE (copy), { text->file, line }, settings->layer
  };
  if (settings->added == NULL)
    return 0;
  const struct dc_settings_item item = settings->items[settings->count - 1];
  return settings->added (settings->self, &item, err);
}

static int
open_block (struct dc_settings *settings, struct dc_span name,
            struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  const bool is_whole = settings->block_count == 0;

  if (settings->depth >= DC_SETTINGS_DEPTH_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "blocks are nested deeper than %d",
                    DC_SETTINGS_DEPTH_MAX);
  if (is_whole) {
    path = strdup ("");
    if (path == NULL)
      return dc_fail_errno (err, "cannot keep a setting");
  } else if (make_path (settings, name, &path, err) < 0) {
    return -1;
  }
  if (DC_ARRAY_GROW (settings->blocks, settings->block_count,
                     DC_SETTINGS_BLOCK_MAX, "blocks of settings", err) < 0)
    return -1;
  settings->blocks[settings->block_count] =
      (struct dc_settings_block){ DC_TAKE (path), settings->count,
                                  settings->count, settings->current };
  settings->current = settings->block_count++;
  settings->depth += !is_whole;
  return 0;
}

int
dc_settings_open (struct dc_settings_text *text, struct dc_span name,
                  struct dc_span label, unsigned line, struct dc_error *err)
{
  if (open_block (text->settings, name, err) < 0)
    return -1;
  return label.size == 0
             ? 0
             : dc_settings_add (text, dc_span_of ("@"), label, line, err);
}

void
dc_settings_close_to (struct dc_settings *settings, size_t block)
{
  while (settings->current != block && settings->current != 0) {
    struct dc_settings_block *open = &settings->blocks[settings->current];
    open->end = settings->count;
    settings->current = open->parent;
    settings->depth--;
  }
}

void
dc_settings_close (struct dc_settings_text *text)
{
  struct dc_settings *settings = text->settings;

  if (settings->current != text->outside)
    dc_settings_close_to (settings, settings->blocks[settings->current].parent);
}

int
dc_settings_parse (struct dc_settings *settings, enum dc_app_dialect dialect,
                   const char *text, size_t size, const char *file,
                   struct dc_error *err)
{
  assert ((size_t) dialect < DC_COUNT (parsers));
  if (settings->block_count == 0 &&
      open_block (settings, dc_span_of (""), err) < 0)
    return -1;
  if (dc_words_add (&settings->files, file, err) < 0)
    return -1;
  struct dc_settings_text one = {
    .settings = settings,
    .text = { text, size },
    .file = settings->files.items[settings->files.count - 1],
    .outside = settings->current,
  };
  const int status = parsers[dialect](&one, err);
  dc_settings_close_to (settings, one.outside);
  settings->blocks[0].end = settings->count;
  return status;
}

void
dc_settings_release (struct dc_settings *settings)
{
  for (size_t i = 0; i < settings->count; i++) {
    free (settings->items[i].path);
    free (settings->items[i].value);
  }
  for (size_t i = 0; i < settings->block_count; i++)
    free (settings->blocks[i].path);
  free (settings->items);
  free (settings->blocks);
  dc_words_release (&settings->files);
  *settings = (struct dc_settings){ .count = 0 };
}

static bool
is_blank (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r';
}

struct dc_span
dc_settings_uncomment (struct dc_span text, char mark)
{
  char quote = '\0';

  for (size_t i = 0; i < text.size; i++) {
    const char byte = text.text[i];
    if (quote != '\0') {
      quote = byte == quote ? '\0' : quote;
    } else if (byte == '"' || byte == '\'') {
      quote = byte;
    } else if ((byte == '#' || byte == mark) &&
               (i == 0 || is_blank (text.text[i - 1]))) {
      text.size = i;
    }
  }
  return dc_span_trim (text);
}

struct dc_span
dc_settings_word (struct dc_span text, struct dc_span *rest)
{
  size_t size = 0;

  text = dc_span_trim (text);
  if (text.size > 0 && (text.text[0] == '"' || text.text[0] == '\'')) {
    const char *end = memchr (text.text + 1, text.text[0], text.size - 1);
    if (end != NULL) {
      size = (size_t) (end - text.text);
      *rest = dc_span_skip (text, size + 1);
      return (struct dc_span){ text.text + 1, size - 1 };
    }
  }
  while (size < text.size && !is_blank (text.text[size]))
    size++;
  *rest = dc_span_skip (text, size);
  return (struct dc_span){ text.text, size };
}
