/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/container/containers.h"
#include "lib/json.h"
#include "lib/text.h"

/* The record's first name, and the image from the text in its metadata. */
static int
add_container (struct dc_profile *profile, const char *path, const char *user,
               const json_t *record, struct dc_error *err)
{
  struct dc_container container = { .engine = DC_ENGINE_PODMAN,
                                    .start = DC_CONTAINER_UNKNOWN };
  const char *name =
      json_string_value (json_array_get (json_object_get (record, "names"), 0));
  const char *text = json_string_value (json_object_get (record, "metadata"));
  json_auto_t *metadata = NULL;
  struct dc_error ignored; /* no metadata, no image */

  if (text != NULL)
    (void) dc_json_parse (text, strlen (text), "metadata", &metadata, &ignored);
  int status = dc_containers_keep (name, &container.name, err);
  if (status == 0)
    status = dc_containers_keep (
        json_string_value (json_object_get (metadata, "image-name")),
        &container.image, err);
  if (status == 0)
    status = dc_containers_keep (user, &container.user, err);
  if (status == 0)
    status = dc_containers_keep (path, &container.evidence.file, err);
  return dc_containers_take (profile, &container, err) < 0 ? -1 : status;
}

static int
read_store (struct dc_tree *tree, struct dc_profile *profile, const char *root,
            const char *user, struct dc_error *err)
{
  static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs" };

  for (size_t d = 0; d < DC_COUNT (drivers); d++) {
    AUTO_FREE char *path = NULL;
    json_auto_t *json = NULL;
    if (dc_text_print (&path, err, "%s/%s-containers/containers.json", root,
                       drivers[d]) < 0 ||
        dc_containers_file (tree, profile, path, DC_CONTAINER_STORE_MAX, &json,
                            err) < 0)
      return -1;
    for (size_t i = 0; i < json_array_size (json); i++)
      if (add_container (profile, path, user, json_array_get (json, i), err) <
          0)
        return -1;
  }
  return 0;
}

int
dc_podman_read (struct dc_tree *tree, struct dc_profile *profile,
                struct dc_error *err)
{
  const struct dc_users *users = profile->users;

  if (read_store (tree, profile, "/var/lib/containers/storage", "root", err) <
      0)
    return -1;
  for (size_t i = 0; i < users->user_count; i++) {
    const struct dc_user *user = &users->users[i];
    AUTO_FREE char *root = NULL;
    if (dc_text_print (&root, err, "%s/.local/share/containers/storage",
                       user->home) < 0)
      return -1;
    if (user->uid != 0 && dc_tree_resolve (tree, root) != DC_TREE_NONE &&
        read_store (tree, profile, root, user->name, err) < 0)
      return -1;
  }
  return 0;
}
