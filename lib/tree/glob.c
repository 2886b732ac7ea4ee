/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/buffer.h"
#include "lib/glob.h"
#include "lib/quote.h"
#include "lib/tree/glob.h"

struct search {
  const struct dc_tree *tree;
  struct dc_words found;
  uint64_t looks;
  unsigned depth;
};

static int search_below (struct search *search, const char *base,
                         const char *rest, struct dc_error *err);

/* BASE and NAME with what stood between them in the pattern. */
static int
join (const char *base, const char *name, size_t size, struct dc_buffer *b,
      struct dc_error *err)
{
  dc_buffer_clear (b);
  return dc_buffer_append (b, base, strlen (base), err) < 0
             ? -1
             : dc_buffer_append (b, name, size, err);
}

/* Every entry of folder BASE ("/etc/" or "") whose name fits PATTERN. */
static int
search_folder (struct search *search, const char *base, const char *pattern,
               const char *rest, struct dc_error *err)
{
  const struct dc_tree *tree = search->tree;
  const uint32_t folder = dc_tree_resolve (tree, base);
  if (folder == DC_TREE_NONE || !S_ISDIR (tree->entries[folder].mode))
    return 0;
  const bool shows_hidden = pattern[pattern[0] == '\\'] == '.';

  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *name = tree->entries[i].name;
    if (++search->looks > DC_GLOB_LOOK_MAX)
      return dc_fail (err, DC_ERR_LIMIT, "more than %d names to look at",
                      DC_GLOB_LOOK_MAX);
    if ((name[0] == '.' && !shows_hidden) || !dc_glob_match (pattern, name))
      continue;
    if (join (base, name, strlen (name), &path, err) < 0 ||
        search_below (search, path.data, rest, err) < 0)
      return -1;
  }
  return 0;
}

static int
keep (struct search *search, const char *path, struct dc_error *err)
{
  if (path[0] == '\0' || dc_tree_resolve (search->tree, path) == DC_TREE_NONE)
    return 0;
  if (search->found.count >= DC_GLOB_PATH_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d files", DC_GLOB_PATH_MAX);
  return dc_words_add (&search->found, path, err);
}

/* What fits REST ("/conf.d/" "*") below BASE, whose text is in every path. */
static int
search_below (struct search *search, const char *base, const char *rest,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  AUTO_BUFFER struct dc_buffer part = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (join (base, "", 0, &path, err) < 0)
    return -1;
  for (;;) {
    const size_t slashes = strspn (rest, "/");
    if (dc_buffer_append (&path, rest, slashes, err) < 0)
      return -1;
    rest += slashes;
    const size_t size = strcspn (rest, "/");
    if (join ("", rest, size, &part, err) < 0)
      return -1;
    rest += size;
    if (dc_glob_is_pattern (part.data))
      break;
    if (dc_buffer_append (&path, part.data, size, err) < 0)
      return -1;
    if (*rest == '\0')
      return keep (search, path.data, err);
  }
  if (search->depth == DC_GLOB_DEPTH_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d folders are patterns",
                    DC_GLOB_DEPTH_MAX);
  search->depth++;
  const int status = search_folder (search, path.data, part.data, rest, err);
  search->depth--;
  return status;
}

int
dc_tree_glob (const struct dc_tree *tree, const char *pattern,
              struct dc_words *paths, struct dc_error *err)
{
  struct search search = { .tree = tree };

  int status = search_below (&search, "", pattern, err);
  dc_words_sort (&search.found);
  for (size_t i = 0; i < search.found.count && status == 0; i++)
    status = dc_words_add (paths, search.found.items[i], err);
  dc_words_release (&search.found);
  return status < 0 ? dc_context (err, "'%s'", dc_quote (pattern).text) : 0;
}
