/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/container/containers.h"
#include "analyzer/profilejson.h"
#include "lib/array.h"
#include "lib/json.h"

static void
release (struct dc_container *container)
{
  free (container->name);
  free (container->image);
  free (container->restart);
  free (container->user);
  free (container->evidence.file);
  dc_words_release (&container->ports);
}

int
dc_containers_keep (const char *text, char **out, struct dc_error *err)
{
  if (text == NULL)
    return 0;
  *out = strdup (text);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a container");
}

int
dc_containers_take (struct dc_profile *profile, struct dc_container *container,
                    struct dc_error *err)
{
  if (profile->container_count >= DC_CONTAINER_MAX) {
    profile->containers_lost++;
    release (container);
    return 0;
  }
  if (DC_ARRAY_GROW (profile->containers, profile->container_count,
                     DC_CONTAINER_MAX, "containers", err) < 0) {
    release (container);
    return -1;
  }
  profile->containers[profile->container_count++] = *container;
  return 0;
}

int
dc_containers_file (struct dc_tree *tree, struct dc_profile *profile,
                    const char *path, size_t max, json_t **out,
                    struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (max);
  int status = dc_tree_read_file (tree, path, &b, err);

  if (status == 1)
    status =
        dc_json_parse (dc_buffer_text (&b), b.size, "the file", out, err) < 0
            ? -1
            : 1;
  if (status >= 0 || err->code == DC_ERR_SYSTEM)
    return status;
  const struct dc_error fault = *err;
  return dc_profile_note (profile, "container.unreadable", path, 0, err, "%s",
                          fault.text);
}

int
dc_containers_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err)
{
  if (dc_docker_read (tree, profile, err) < 0 ||
      dc_podman_read (tree, profile, err) < 0 ||
      dc_quadlets_read (tree, profile, err) < 0)
    return -1;
  return profile->containers_lost == 0
             ? 0
             : dc_profile_note (profile, "containers.limit", NULL, 0, err,
                                "%llu further containers are left out",
                                (unsigned long long) profile->containers_lost);
}

static json_t *
container_json (const struct dc_container *container)
{
  static const char *const engines[] = { "docker", "podman", "quadlet" };
  json_t *json = json_object (), *ports = json_array ();

  for (size_t i = 0; i < container->ports.count; i++)
    dc_json_push (&ports, dc_json_bytes (container->ports.items[i]));
  dc_json_put_text (&json, "engine", engines[container->engine]);
  dc_json_put_text (&json, "name", container->name);
  dc_json_put_text (&json, "image", container->image);
  dc_json_put_text (&json, "restart", container->restart);
  dc_json_put_text (&json, "user", container->user);
  dc_json_put (&json, "ports", ports);
  dc_json_put (&json, "started",
               container->start == DC_CONTAINER_UNKNOWN
                   ? json_null ()
                   : json_boolean (container->start == DC_CONTAINER_STARTED));
  dc_json_put (
      &json, "evidence",
      dc_evidence_json (container->evidence.file, container->evidence.line));
  return json;
}

json_t *
dc_containers_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->container_count; i++)
    dc_json_push (&json, container_json (&profile->containers[i]));
  return json;
}

int
dc_containers_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "containers");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    const json_t *started = json_object_get (item, "started");
    const char *const cells[] = { dc_page_text (item, "name"),
                                  dc_page_text (item, "engine"),
                                  dc_page_text (item, "image"),
                                  json_is_true (started) ? "starts at boot"
                                  : json_is_false (started)
                                      ? "does not start at boot"
                                      : "may start at boot" };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Containers in the guest", &columns,
                        json_array_size (items), err);
}

void
dc_containers_forget (struct dc_profile *profile)
{
  for (size_t i = 0; i < profile->container_count; i++)
    release (&profile->containers[i]);
  free (profile->containers);
  profile->containers = NULL;
  profile->container_count = 0;
}
