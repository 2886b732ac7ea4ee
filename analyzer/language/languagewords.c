/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/language/ecosystem.h"

bool
dc_language_is_in (const struct dc_tree *tree, uint32_t index, unsigned level,
                   const char *name)
{
  for (;; level--) {
    index = tree->entries[index].parent;
    if (index == 0 || level == 0)
      break;
  }
  return index != 0 && strcmp (tree->entries[index].name, name) == 0;
}

bool
dc_language_is_file (const struct dc_tree *tree, uint32_t index)
{
  return index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode);
}

struct dc_span
dc_language_folder (const struct dc_language_reader *reader)
{
  const char *slash = strrchr (reader->path, '/');

  return (struct dc_span){ reader->path, (size_t) (slash - reader->path) };
}

struct dc_span
dc_language_text (const json_t *object, const char *key)
{
  const char *text = json_string_value (json_object_get (object, key));

  return text != NULL ? dc_span_of (text) : (struct dc_span){ NULL, 0 };
}

bool
dc_language_split (struct dc_span text, struct dc_span *name,
                   struct dc_span *version)
{
  size_t at = text.size;

  for (size_t i = 1; i + 1 < text.size; i++)
    if (text.text[i] == '-' && isdigit ((unsigned char) text.text[i + 1])) {
      struct dc_span rest = dc_span_skip (text, i + 1), word;
      at = i;
      if (dc_span_field (&rest, '-', &word) && dc_span_has (word, '.'))
        break;
    }
  *name = (struct dc_span){ text.text, at };
  *version = at < text.size ? dc_span_skip (text, at + 1)
                            : (struct dc_span){ NULL, 0 };
  return at < text.size;
}
