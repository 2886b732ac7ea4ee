/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/unit/unitloader.h"
#include "analyzer/unit/unitscript.h"
#include "lib/array.h"
#include "lib/text.h"

/* Units of scripts in /etc/init.d, as a generator makes them at each boot.
 *
 * Source: systemd-sysv-generator(8), systemd-rc-local-generator(8).
 */

#define SCRIPT_FOLDER "/etc/init.d"

/* Folders with the start links of a run level, and what wants them. */
static const struct {
  const char *path, *target;
} levels[] = {
  { "/etc/rc2.d", "multi-user.target" },
  { "/etc/rc3.d", "multi-user.target" },
  { "/etc/rc4.d", "multi-user.target" },
  { "/etc/rc5.d", "graphical.target" },
  { "/etc/rc.d/rc2.d", "multi-user.target" },
  { "/etc/rc.d/rc3.d", "multi-user.target" },
  { "/etc/rc.d/rc4.d", "multi-user.target" },
  { "/etc/rc.d/rc5.d", "graphical.target" },
};

/* What packagers and editors leave beside scripts. */
static const char *const leftovers[] = {
  "~",         ".bak",     ".dpkg-bak", ".dpkg-dist", ".dpkg-new", ".dpkg-old",
  ".dpkg-tmp", ".new",     ".old",      ".rpmnew",    ".rpmorig",  ".rpmsave",
  ".swp",      ".ucf-new", ".ucf-old",  ".ucf-dist",
};

static bool
is_script (const struct dc_tree *tree, const char *name, uint32_t index)
{
  const size_t size = strlen (name);

  for (size_t i = 0; i < DC_COUNT (leftovers); i++) {
    const size_t n = strlen (leftovers[i]);
    if (size >= n && strcmp (name + size - n, leftovers[i]) == 0)
      return false;
  }
  return name[0] != '.' && index != DC_TREE_NONE &&
         S_ISREG (tree->entries[index].mode) &&
         (tree->entries[index].mode & S_IXUSR) != 0;
}

/* A unit that a script wants to be known by too. */
struct provide {
  uint32_t unit;
  struct dc_words names;
};

struct provides {
  struct provide *items;
  size_t count;
};

/* Make a unit of the script NAME unless there is a native one. */
static int
add_script (struct dc_loader *loader, const char *name,
            struct provides *provides, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *unit = NULL;
  uint32_t index;

  if (dc_text_print (&path, err, SCRIPT_FOLDER "/%s", name) < 0)
    return -1;
  if (!is_script (loader->tree, name, dc_tree_resolve (loader->tree, path)))
    return 0;
  const int status = dc_script_unit_name (dc_span_of (name), &unit, err);
  if (status <= 0)
    return status;
  if (dc_loader_find (loader, unit) != DC_TREE_NONE)
    return 0;
  if (DC_ARRAY_GROW (provides->items, provides->count, DC_UNIT_COUNT_MAX,
                     "init scripts", err) < 0 ||
      dc_loader_add (loader, unit, &index, err) < 0)
    return -1;
  loader->units->items[index].state = DC_UNIT_GENERATED;
  struct provide *provide = &provides->items[provides->count++];
  provide->unit = index;
  return dc_script_read (loader, index, path, &provide->names, err);
}

static int
add_each (struct dc_loader *loader, struct provides *provides,
          struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;
  const uint32_t folder = dc_tree_resolve (tree, SCRIPT_FOLDER);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling)
    if (add_script (loader, tree->entries[i].name, provides, err) < 0)
      return -1;
  /* A script of a name goes before one that only provides it. */
  for (size_t i = 0; i < provides->count; i++)
    for (size_t k = 0; k < provides->items[i].names.count; k++)
      if (dc_loader_add_alias (loader, provides->items[i].unit,
                               provides->items[i].names.items[k], err) < 0)
        return -1;
  return 0;
}

/* S01nginx: the target of the run level wants nginx. */
static int
add_start_link (struct dc_loader *loader, size_t level, const char *link,
                struct dc_error *err)
{
  AUTO_FREE char *unit = NULL;
  AUTO_FREE char *path = NULL;

  if (link[0] != 'S' || strlen (link) < 4 ||
      strspn (link + 1, "0123456789") < 2)
    return 0;
  const int status = dc_script_unit_name (dc_span_of (link + 3), &unit, err);
  if (status <= 0)
    return status;
  const uint32_t index = dc_loader_find (loader, unit);
  if (index == DC_TREE_NONE ||
      loader->units->items[index].state != DC_UNIT_GENERATED)
    return 0;
  if (dc_text_print (&path, err, "%s/%s", levels[level].path, link) < 0)
    return -1;
  return dc_unit_map_add_link (&loader->map, levels[level].target, unit, path,
                               err);
}

static int
add_start_links (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;

  for (size_t level = 0; level < DC_COUNT (levels); level++) {
    const uint32_t folder = dc_tree_resolve (tree, levels[level].path);
    if (folder == DC_TREE_NONE)
      continue;
    for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
         i = tree->entries[i].next_sibling)
      if (add_start_link (loader, level, tree->entries[i].name, err) < 0)
        return -1;
  }
  return 0;
}

/* rc.local is not a script of init.d: its unit is native, its link is not. */
static int
add_rc_local (struct dc_loader *loader, struct dc_error *err)
{
  static const char *const paths[] = { "/etc/rc.local", "/etc/rc.d/rc.local" };

  for (size_t i = 0; i < DC_COUNT (paths); i++)
    if (is_script (loader->tree, "rc.local",
                   dc_tree_resolve (loader->tree, paths[i])))
      return dc_unit_map_add_link (&loader->map, "multi-user.target",
                                   "rc-local.service", paths[i], err);
  return 0;
}

int
dc_sysv_add_scripts (struct dc_loader *loader, struct dc_error *err)
{
  struct provides provides = { NULL, 0 };

  const int status = add_each (loader, &provides, err);
  for (size_t i = 0; i < provides.count; i++)
    dc_words_release (&provides.items[i].names);
  free (provides.items);
  return status;
}

int
dc_sysv_load (struct dc_loader *loader, struct dc_error *err)
{
  if (loader->map.folder_count == 0)
    return 0; /* no systemd, no generator */
  if (dc_sysv_add_scripts (loader, err) < 0 ||
      add_start_links (loader, err) < 0)
    return -1;
  return add_rc_local (loader, err);
}
