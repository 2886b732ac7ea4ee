/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/repositories.h"
#include "lib/array.h"
#include "lib/text.h"

/* A file, or all files of a folder whose names end in SUFFIX. */
static const struct place {
  const char *manager, *path, *suffix;
  int (*parse) (const struct dc_repository_file *file, struct dc_error *err);
} places[] = {
  { "dpkg", "/etc/apt/sources.list", NULL, dc_repositories_apt },
  { "dpkg", "/etc/apt/sources.list.d", ".list", dc_repositories_apt },
  { "dpkg", "/etc/apt/sources.list.d", ".sources", dc_repositories_apt822 },
  { "apk", "/etc/apk/repositories", NULL, dc_repositories_apk },
  { "pacman", "/etc/pacman.conf", NULL, dc_repositories_ini },
  { "rpm", "/etc/yum.conf", NULL, dc_repositories_ini },
  { "rpm", "/etc/yum.repos.d", ".repo", dc_repositories_ini },
  { "rpm", "/etc/distro.repos.d", ".repo", dc_repositories_ini },
  { "rpm", "/etc/zypp/repos.d", ".repo", dc_repositories_ini },
};

struct loader {
  struct dc_tree *tree;
  struct dc_repositories *repositories;
  size_t room; /* bytes that may still be read */
};

static void
release (struct dc_repository *repository)
{
  free (repository->name);
  free (repository->location);
  free (repository->components);
  free (repository->evidence.file);
}

static int
copy (struct dc_span value, char **out, struct dc_error *err)
{
  return value.text == NULL ? 0 : dc_span_copy (value, out, err);
}

int
dc_repositories_add (const struct dc_repository_file *file, unsigned line,
                     const struct dc_repository_words *words, bool is_enabled,
                     struct dc_error *err)
{
  struct dc_repositories *repositories = file->repositories;
  struct dc_repository made = { .manager = file->manager,
                                .is_enabled = is_enabled,
                                .evidence = { NULL, line } };

  if (dc_span_has (words->name, '\0') || dc_span_has (words->location, '\0') ||
      dc_span_has (words->components, '\0'))
    return 0;
  if (DC_ARRAY_GROW (repositories->items, repositories->count,
                     DC_REPOSITORY_MAX, "repositories", err) < 0)
    return -1;
  if (copy (words->name, &made.name, err) < 0 ||
      copy (words->location, &made.location, err) < 0 ||
      copy (words->components, &made.components, err) < 0 ||
      copy (dc_span_of (file->file), &made.evidence.file, err) < 0) {
    release (&made);
    return -1;
  }
  repositories->items[repositories->count++] = made;
  return 0;
}

static int
load_file (struct loader *loader, const struct place *place, const char *path,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (loader->room);

  const int found = dc_tree_read_file (loader->tree, path, &b, err);
  if (found <= 0)
    return found;
  loader->room -= b.size;
  const struct dc_repository_file file = {
    loader->repositories, place->manager, path, { dc_buffer_text (&b), b.size }
  };
  return place->parse (&file, err) < 0 ? dc_context (err, "%s", path) : 0;
}

static bool
has_suffix (const char *name, const char *suffix)
{
  const size_t size = strlen (name), end = strlen (suffix);

  return size > end && strcmp (name + size - end, suffix) == 0;
}

static int
load_folder (struct loader *loader, const struct place *place,
             struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;
  const uint32_t folder = dc_tree_resolve (tree, place->path);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *path = NULL;
    if (!has_suffix (tree->entries[i].name, place->suffix))
      continue;
    if (dc_text_print (&path, err, "%s/%s", place->path,
                       tree->entries[i].name) < 0 ||
        load_file (loader, place, path, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_repositories_load (struct dc_tree *tree,
                      struct dc_repositories *repositories,
                      struct dc_error *err)
{
  struct loader loader = { tree, repositories, DC_REPOSITORIES_SIZE_MAX };

  for (size_t i = 0; i < DC_COUNT (places); i++) {
    const int status =
        places[i].suffix != NULL
            ? load_folder (&loader, &places[i], err)
            : load_file (&loader, &places[i], places[i].path, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

void
dc_repositories_release (struct dc_repositories *repositories)
{
  for (size_t i = 0; i < repositories->count; i++)
    release (&repositories->items[i]);
  free (repositories->items);
  *repositories = (struct dc_repositories){ NULL, 0 };
}
