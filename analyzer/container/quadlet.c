/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/container/containers.h"
#include "analyzer/unit/dropdir.h"
#include "analyzer/unit/unitgenerate.h"
#include "lib/text.h"

static int
keep_value (const struct dc_unit *unit, const char *section, const char *key,
            char **out, struct dc_error *err)
{
  return dc_containers_keep (dc_unit_value (unit, section, key, NULL), out,
                             err);
}

/* Its own name, or the one that podman gives it. */
static int
keep_name (const struct dc_unit *unit, const char *path, char **out,
           struct dc_error *err)
{
  const char *name = dc_unit_value (unit, "Container", "ContainerName", NULL);
  const char *file = strrchr (path, '/') + 1;

  if (name != NULL)
    return dc_containers_keep (name, out, err);
  return dc_text_print (out, err, "systemd-%.*s",
                        (int) (strlen (file) - strlen (".container")), file);
}

static int
fill (struct dc_container *container, const struct dc_unit *unit,
      const char *path, const char *user, struct dc_error *err)
{
  const struct dc_setting *setting = NULL;
  size_t position = 0;

  if (keep_name (unit, path, &container->name, err) < 0 ||
      keep_value (unit, "Container", "Image", &container->image, err) < 0 ||
      keep_value (unit, "Service", "Restart", &container->restart, err) < 0 ||
      dc_containers_keep (user, &container->user, err) < 0 ||
      dc_containers_keep (path, &container->evidence.file, err) < 0)
    return -1;
  while (dc_unit_next (unit, "Container", "PublishPort", &position, &setting) ==
         1)
    if (dc_words_add (&container->ports, setting->value, err) < 0)
      return -1;
  if (dc_unit_value (unit, "Container", "Image", &setting) != NULL)
    container->evidence.line = setting->line;
  return 0;
}

static int
read_quadlet (struct dc_tree *tree, struct dc_profile *profile,
              const char *path, const char *user, bool is_made,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);
  struct dc_container container = { .engine = DC_ENGINE_QUADLET };
  struct dc_unit unit = { .name = NULL };
  int status = dc_tree_read_file (tree, path, &b, err);

  if (status == 1)
    status = dc_unit_parse (&unit, dc_buffer_text (&b), b.size, path, err) < 0
                 ? -1
                 : 1;
  if (status == 1) {
    const bool is_wanted =
        dc_unit_value (&unit, "Install", "WantedBy", NULL) != NULL ||
        dc_unit_value (&unit, "Install", "RequiredBy", NULL) != NULL;
    container.start =
        is_made && is_wanted ? DC_CONTAINER_STARTED : DC_CONTAINER_IDLE;
    status = fill (&container, &unit, path, user, err);
    if (dc_containers_take (profile, &container, err) < 0)
      status = -1;
  }
  dc_unit_release (&unit);
  if (status >= 0 || err->code == DC_ERR_SYSTEM)
    return status < 0 ? -1 : 0;
  const struct dc_error fault = *err;
  return dc_profile_note (profile, "container.unreadable", path, 0, err, "%s",
                          fault.text);
}

/* Files of earlier folders go before later ones of their name. */
static int
read_folders (struct dc_tree *tree, struct dc_profile *profile,
              const char *const *folders, size_t count, const char *user,
              bool is_made, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  struct dc_dropdir files = { NULL, 0 };
  int status = 0;

  for (size_t i = 0; i < count && status == 0; i++)
    status = dc_dropdir_add (&files, tree, folders[i], ".container", err);
  if (status == 0)
    status = dc_dropdir_paths (&files, &paths, err);
  dc_dropdir_release (&files);
  for (size_t i = 0; i < paths.count && status == 0; i++)
    status = read_quadlet (tree, profile, paths.items[i], user, is_made, err);
  return status;
}

/* A user's quadlets start at boot when he lingers. */
static int
read_of_user (struct dc_tree *tree, struct dc_profile *profile,
              const struct dc_user *user, struct dc_error *err)
{
  AUTO_FREE char *folder = NULL;
  AUTO_FREE char *linger = NULL;

  if (dc_text_print (&folder, err, "%s/.config/containers/systemd",
                     user->home) < 0 ||
      dc_text_print (&linger, err, "/var/lib/systemd/linger/%s", user->name) <
          0)
    return -1;
  if (user->uid == 0 || dc_tree_resolve (tree, folder) == DC_TREE_NONE)
    return 0;
  const char *const folders[] = { folder };
  return read_folders (tree, profile, folders, 1, user->name,
                       dc_tree_resolve (tree, linger) != DC_TREE_NONE, err);
}

int
dc_quadlets_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  static const char *const folders[] = { "/etc/containers/systemd",
                                         "/usr/share/containers/systemd" };
  const bool is_made =
      dc_generator_runs (tree, "podman-system-generator", false);
  const struct dc_users *users = profile->users;

  if (read_folders (tree, profile, folders, DC_COUNT (folders), "root", is_made,
                    err) < 0)
    return -1;
  for (size_t i = 0; i < users->user_count; i++)
    if (read_of_user (tree, profile, &users->users[i], err) < 0)
      return -1;
  return 0;
}
