/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/container/containers.h"
#include "lib/json.h"
#include "lib/text.h"

#define DAEMON "/etc/docker/daemon.json"

/* The text of KEY in OBJECT, NULL without. */
static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

/* "80/tcp" and where it is reached from outside. */
static int
add_port (struct dc_words *ports, const char *inner, const json_t *binding,
          struct dc_error *err)
{
  const char *address = text_of (binding, "HostIp");
  const char *port = text_of (binding, "HostPort");
  char *text = NULL;

  if (port == NULL)
    return 0;
  const bool has_address = address != NULL && *address != '\0';
  if (dc_text_print (&text, err, "%s%s%s:%s", has_address ? address : "",
                     has_address ? ":" : "", port, inner) < 0)
    return -1;
  return dc_words_take (ports, text, err);
}

static int
add_ports (struct dc_words *ports, json_t *bindings, struct dc_error *err)
{
  const char *inner;
  json_t *list;

  json_object_foreach (bindings, inner, list)
  {
    for (size_t i = 0; i < json_array_size (list); i++)
      if (add_port (ports, inner, json_array_get (list, i), err) < 0)
        return -1;
  }
  dc_words_sort (ports);
  return 0;
}

/* Docker starts what has one of two policies, one of them unless somebody
 * stopped it by hand.
 */
static bool
is_started (const char *policy, const json_t *config)
{
  if (policy == NULL)
    return false;
  if (strcmp (policy, "always") == 0)
    return true;
  return strcmp (policy, "unless-stopped") == 0 &&
         !json_is_true (json_object_get (config, "HasBeenManuallyStopped"));
}

static int
add_container (struct dc_profile *profile, const char *path, json_t *config,
               json_t *host, bool is_docker_started, struct dc_error *err)
{
  const char *name = text_of (config, "Name");
  const char *policy =
      text_of (json_object_get (host, "RestartPolicy"), "Name");
  struct dc_container container = { .engine = DC_ENGINE_DOCKER };

  if (host == NULL)
    container.start = DC_CONTAINER_UNKNOWN;
  else if (is_docker_started && is_started (policy, config))
    container.start = DC_CONTAINER_STARTED;
  if (name != NULL && *name == '/')
    name++;
  if (policy != NULL && *policy == '\0')
    policy = "no";
  int status = dc_containers_keep (name, &container.name, err);
  if (status == 0)
    status = dc_containers_keep (
        text_of (json_object_get (config, "Config"), "Image"), &container.image,
        err);
  if (status == 0)
    status = dc_containers_keep (policy, &container.restart, err);
  if (status == 0)
    status = dc_containers_keep ("root", &container.user, err);
  if (status == 0)
    status = dc_containers_keep (path, &container.evidence.file, err);
  if (status == 0)
    status = add_ports (&container.ports,
                        json_object_get (host, "PortBindings"), err);
  return dc_containers_take (profile, &container, err) < 0 ? -1 : status;
}

static int
read_container (struct dc_tree *tree, struct dc_profile *profile,
                const char *folder, bool is_docker_started,
                struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *host_path = NULL;
  json_auto_t *config = NULL, *host = NULL;

  if (dc_text_print (&path, err, "%s/config.v2.json", folder) < 0 ||
      dc_text_print (&host_path, err, "%s/hostconfig.json", folder) < 0)
    return -1;
  const int found = dc_containers_file (tree, profile, path,
                                        DC_CONTAINER_FILE_MAX, &config, err);
  if (found <= 0)
    return found;
  if (dc_containers_file (tree, profile, host_path, DC_CONTAINER_FILE_MAX,
                          &host, err) < 0)
    return -1;
  return add_container (profile, path, config, host, is_docker_started, err);
}

int
dc_docker_read (struct dc_tree *tree, struct dc_profile *profile,
                struct dc_error *err)
{
  static const char *const daemons[] = { "docker.service", "dockerd.service",
                                         NULL };
  const bool is_docker_started = dc_jobs_has_daemon (profile, daemons);
  AUTO_FREE char *folder = NULL;
  json_auto_t *daemon = NULL;

  if (dc_containers_file (tree, profile, DAEMON, DC_CONTAINER_FILE_MAX, &daemon,
                          err) < 0)
    return -1;
  const char *root = text_of (daemon, "data-root");
  if (root == NULL)
    root = text_of (daemon, "graph"); /* its name before Docker 17.05 */
  if (dc_text_print (&folder, err, "%s/containers",
                     root != NULL ? root : "/var/lib/docker") < 0)
    return -1;
  const uint32_t index = dc_tree_resolve (tree, folder);
  if (index == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[index].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *path = NULL;
    if (dc_text_print (&path, err, "%s/%s", folder, tree->entries[i].name) <
            0 ||
        read_container (tree, profile, path, is_docker_started, err) < 0)
      return -1;
  }
  return 0;
}
