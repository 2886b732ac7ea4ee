/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/language/ecosystem.h"
#include "analyzer/language/place.h"
#include "lib/cleanup.h"

#define COMPONENT_MAX 5

/* The first row that fits counts; a NULL ends the components. */
static const struct {
  const char *path[COMPONENT_MAX];
  enum dc_answer system;
} places[] = {
  { { "usr", "local", NULL }, DC_ANSWER_NO },
  { { "usr", "lib", "node_modules", NULL }, DC_ANSWER_UNKNOWN },
  { { "usr", "lib", "ruby", "gems", NULL }, DC_ANSWER_UNKNOWN },
  { { "usr", "lib64", "ruby", "gems", NULL }, DC_ANSWER_UNKNOWN },
  { { "usr", NULL }, DC_ANSWER_YES },
  { { "bin", NULL }, DC_ANSWER_YES },
  { { "sbin", NULL }, DC_ANSWER_YES },
  { { "lib", NULL }, DC_ANSWER_YES },
  { { "lib64", NULL }, DC_ANSWER_YES },
  { { "boot", NULL }, DC_ANSWER_YES },
};

/* Below folders of these names, one in the other, wherever they are. */
static const struct {
  const char *outer, *inner, *first;
} stores[] = {
  { "var", "lib", "docker" },      { "var", "lib", "containerd" },
  { "var", "lib", "containers" },  { "var", "lib", "lxc" },
  { "var", "lib", "machines" },    { ".local", "share", "containers" },
  { ".local", "share", "docker" },
};

/* The names from the root on, at most COMPONENT_MAX; how many there are. */
static size_t
first_names (const struct dc_tree *tree, uint32_t index, const char **names)
{
  size_t depth = 0;

  for (uint32_t i = index; i != 0; i = tree->entries[i].parent)
    depth++;
  size_t at = depth;
  for (uint32_t i = index; i != 0; i = tree->entries[i].parent)
    if (--at < COMPONENT_MAX)
      names[at] = tree->entries[i].name;
  return depth < COMPONENT_MAX ? depth : COMPONENT_MAX;
}

enum dc_answer
dc_place_system (const struct dc_tree *tree, uint32_t index)
{
  const char *names[COMPONENT_MAX];
  const size_t count = first_names (tree, index, names);

  for (size_t i = 0; i < DC_COUNT (places); i++) {
    size_t same = 0;
    while (same < count && places[i].path[same] != NULL &&
           strcmp (names[same], places[i].path[same]) == 0)
      same++;
    if (places[i].path[same] == NULL)
      return places[i].system;
  }
  return DC_ANSWER_NO;
}

bool
dc_place_is_inside (const struct dc_tree *tree, uint32_t index)
{
  for (uint32_t i = index; i != 0; i = tree->entries[i].parent) {
    const struct dc_entry *entry = &tree->entries[i];
    for (size_t k = 0; k < DC_COUNT (stores); k++)
      if (strcmp (entry->name, stores[k].first) == 0 &&
          dc_language_is_in (tree, i, 0, stores[k].inner) &&
          dc_language_is_in (tree, i, 1, stores[k].outer))
        return true;
    /* flatpak/app/ID/ARCH/BRANCH/COMMIT/files */
    if (strcmp (entry->name, "files") == 0 &&
        dc_language_is_in (tree, i, 5, "flatpak"))
      return true;
  }
  return false;
}
