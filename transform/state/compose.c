/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/buffer.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/span.h"
#include "lib/text.h"
#include "transform/state/compose.h"

#define TEXT_MAX ((size_t) 64 * 1024 * 1024)
#define STOP_DEFAULT_S 100 /* as `decant stop` gives */

/* What fills volume NAME: an attempt that was killed left no mark, so all that
 * it left goes first.  GNU tar needs to be asked for attributes, other tars
 * do not know of them.
 */
#define SEED                                                                   \
  "if [ ! -e /decant/done/$$v ]; then"                                         \
  " find /decant/data/$$v -mindepth 1 -delete;"                                \
  " tar --xattrs --xattrs-include=* --numeric-owner -xpf"                      \
  " /decant/tar/$$v.tar -C /decant/data/$$v 2>/dev/null ||"                    \
  " tar -xpf /decant/tar/$$v.tar -C /decant/data/$$v || exit 1;"               \
  " : >/decant/done/$$v; fi"

/* TEXT as a JSON string, "$" doubled. */
static int
add_text (struct dc_buffer *b, const char *text, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer doubled = DC_BUFFER_INIT (TEXT_MAX);

  for (const char *s = text; *s != '\0'; s++)
    if (dc_buffer_append (&doubled, *s == '$' ? "$$" : s, *s == '$' ? 2 : 1,
                          err) < 0)
      return -1;
  json_auto_t *json = dc_json_bytes (dc_buffer_text (&doubled));
  AUTO_FREE char *dumped = json_dumps (json, JSON_ENCODE_ANY);
  return dumped == NULL ? dc_json_no_memory (err)
                        : dc_buffer_append (b, dumped, strlen (dumped), err);
}

/* "INDENT- TEXT" or "INDENT KEY: TEXT". */
static int
add_line (struct dc_buffer *b, const char *before, const char *text,
          struct dc_error *err)
{
  return dc_buffer_print (b, err, "%s", before) < 0 ||
                 add_text (b, text, err) < 0 ||
                 dc_buffer_append (b, "\n", 1, err) < 0
             ? -1
             : 0;
}

static int
add_texts (struct dc_buffer *b, const char *key,
           const struct dc_yaml_texts *texts, size_t skip, struct dc_error *err)
{
  if (texts->count > 0 && dc_buffer_print (b, err, "    %s:\n", key) < 0)
    return -1;
  for (size_t i = 0; i < texts->count; i++)
    if (add_line (b, "      - ", texts->items[i] + skip, err) < 0)
      return -1;
  return 0;
}

/* "10.0.0.1 db db.example" is "db:10.0.0.1", "db.example:10.0.0.1". */
static int
add_hosts (struct dc_buffer *b, const struct dc_artifact_image *image,
           struct dc_error *err)
{
  if (image->hosts.count > 0 &&
      dc_buffer_print (b, err, "    extra_hosts:\n") < 0)
    return -1;
  for (size_t i = 0; i < image->hosts.count; i++) {
    struct dc_span rest = dc_span_of (image->hosts.items[i]), address, name;
    if (!dc_span_word (&rest, &address))
      continue;
    while (dc_span_word (&rest, &name)) {
      AUTO_FREE char *text = NULL;
      if (dc_text_print (&text, err, "%.*s:%.*s", (int) name.size, name.text,
                         (int) address.size, address.text) < 0 ||
          add_line (b, "      - ", text, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
add_ports (struct dc_buffer *b, const struct dc_artifact_image *image,
           struct dc_error *err)
{
  const struct dc_artifact_port *ports = image->ports.items;

  if (image->ports.count > 0 && dc_buffer_print (b, err, "    ports:\n") < 0)
    return -1;
  for (size_t i = 0; i < image->ports.count; i++)
    if (dc_buffer_print (b, err, "      - \"127.0.0.1:%lld:%lld/%s\"\n",
                         (long long) ports[i].port, (long long) ports[i].port,
                         ports[i].protocol) < 0)
      return -1;
  return 0;
}

static bool
has_content (const struct dc_artifact_image *image)
{
  const struct dc_artifact_volume *volumes = image->volumes.items;

  for (size_t i = 0; i < image->volumes.count; i++)
    if (volumes[i].digest != NULL)
      return true;
  return false;
}

static int
add_mounts (struct dc_buffer *b, const struct dc_artifact_image *image,
            struct dc_error *err)
{
  const struct dc_artifact_volume *volumes = image->volumes.items;
  const struct dc_artifact_secret *secrets = image->secrets.items;

  if (image->volumes.count + image->secrets.count > 0 &&
      dc_buffer_print (b, err, "    volumes:\n") < 0)
    return -1;
  for (size_t i = 0; i < image->volumes.count; i++)
    if (dc_buffer_print (b, err,
                         "      - type: volume\n        source: \"%s\"\n",
                         volumes[i].name) < 0 ||
        add_line (b, "        target: ", volumes[i].path, err) < 0)
      return -1;
  for (size_t i = 0; i < image->secrets.count; i++)
    if (dc_buffer_print (b, err,
                         "      - type: bind\n"
                         "        source: \"./secrets/%s\"\n"
                         "        read_only: true\n",
                         secrets[i].name) < 0 ||
        add_line (b, "        target: ", secrets[i].path, err) < 0)
      return -1;
  return 0;
}

static int
add_resources (struct dc_buffer *b, const struct dc_artifact_image *image,
               struct dc_error *err)
{
  const struct dc_artifact_resources *resources = &image->resources;

  if (resources->memory_bytes > 0 &&
      dc_buffer_print (b, err, "    mem_limit: %lld\n",
                       (long long) resources->memory_bytes) < 0)
    return -1;
  if (resources->milli_cpus > 0 &&
      dc_buffer_print (b, err, "    cpus: %lld.%03lld\n",
                       (long long) resources->milli_cpus / 1000,
                       (long long) resources->milli_cpus % 1000) < 0)
    return -1;
  if (resources->pids > 0 && dc_buffer_print (b, err, "    pids_limit: %lld\n",
                                              (long long) resources->pids) < 0)
    return -1;
  return 0;
}

/* Where a container of a pod has its network: in that of the pod's first. */
static const char *
network_of (const struct dc_artifacts *artifacts,
            const struct dc_artifact_image *image)
{
  const struct dc_artifact_pod *pods = artifacts->pods.items;

  for (size_t i = 0; i < artifacts->pods.count; i++)
    for (size_t j = 1; j < pods[i].images.count; j++)
      if (strcmp (pods[i].images.items[j], image->name) == 0)
        return pods[i].images.items[0];
  return NULL;
}

/* The name of the image in the tools' own storage, without what is the
 * layout's folder.
 */
static int
add_image (struct dc_buffer *b, const char *repository, const char *tag,
           struct dc_error *err)
{
  return dc_buffer_print (b, err, "    image: \"localhost/%s:%s\"\n",
                          repository, tag);
}

static int
add_seed (struct dc_buffer *b, const char *repository,
          const struct dc_artifact_image *image, struct dc_error *err)
{
  const struct dc_artifact_volume *volumes = image->volumes.items;

  if (!has_content (image))
    return 0;
  if (dc_buffer_print (b, err, "  \"%s-seed\":\n", image->name) < 0 ||
      add_image (b, repository, image->name, err) < 0 ||
      dc_buffer_print (b, err,
                       "    user: \"0:0\"\n"
                       "    network_mode: none\n"
                       "    restart: \"no\"\n"
                       "    entrypoint:\n"
                       "      - /bin/sh\n"
                       "      - -c\n"
                       "      - \"for v in") < 0)
    return -1;
  for (size_t i = 0; i < image->volumes.count; i++)
    if (volumes[i].digest != NULL &&
        dc_buffer_print (b, err, " %s", volumes[i].name) < 0)
      return -1;
  if (dc_buffer_print (b, err, "; do " SEED "; done\"\n    volumes:\n") < 0 ||
      dc_buffer_print (b, err, "      - \"decant-done:/decant/done\"\n") < 0)
    return -1;
  for (size_t i = 0; i < image->volumes.count; i++)
    if (volumes[i].digest != NULL &&
        dc_buffer_print (b, err,
                         "      - \"%s:/decant/data/%s\"\n"
                         "      - \"./volumes/%s.tar:/decant/tar/%s.tar:ro\"\n",
                         volumes[i].name, volumes[i].name, volumes[i].name,
                         volumes[i].name) < 0)
      return -1;
  return 0;
}

/* decant-init knows whether its services are ready. */
static int
add_health (struct dc_buffer *b, const struct dc_artifact_image *image,
            struct dc_error *err)
{
  if (image->init == NULL || strcmp (image->init, "decant-init") != 0)
    return 0;
  return dc_buffer_print (b, err,
                          "    healthcheck:\n"
                          "      test: [CMD, /.decant/init, ready]\n"
                          "      interval: 10s\n"
                          "      start_period: 60s\n");
}

static int
add_service (struct dc_buffer *b, const struct dc_artifacts *artifacts,
             const struct dc_artifact_image *image, const char *repository,
             struct dc_error *err)
{
  const char *network = network_of (artifacts, image);

  if (add_seed (b, repository, image, err) < 0 ||
      dc_buffer_print (b, err, "  \"%s\":\n", image->name) < 0 ||
      add_image (b, repository, image->name, err) < 0 ||
      dc_buffer_print (b, err,
                       "    restart: unless-stopped\n"
                       "    stop_grace_period: %llds\n",
                       (long long) (image->stop_timeout_s > 0
                                        ? image->stop_timeout_s
                                        : STOP_DEFAULT_S)) < 0)
    return -1;
  if (network != NULL &&
      dc_buffer_print (b, err, "    network_mode: \"service:%s\"\n", network) <
          0)
    return -1;
  if (has_content (image) &&
      dc_buffer_print (b, err,
                       "    depends_on:\n      \"%s-seed\":\n"
                       "        condition: service_completed_successfully\n",
                       image->name) < 0)
    return -1;
  /* Of a container in another's network that one says these. */
  if (network == NULL &&
      (add_ports (b, image, err) < 0 || add_hosts (b, image, err) < 0))
    return -1;
  return add_mounts (b, image, err) < 0 ||
                 add_texts (b, "sysctls", &image->sysctls, 0, err) < 0 ||
                 add_texts (b, "cap_add", &image->capabilities, strlen ("CAP_"),
                            err) < 0 ||
                 add_texts (b, "devices", &image->devices, 0, err) < 0 ||
                 add_resources (b, image, err) < 0
             ? -1
             : add_health (b, image, err);
}

static bool
is_first (const struct dc_artifacts *artifacts, size_t image, const char *name)
{
  const struct dc_artifact_image *images = artifacts->images.items;

  for (size_t i = 0; i < image; i++) {
    const struct dc_artifact_volume *volumes = images[i].volumes.items;
    for (size_t j = 0; j < images[i].volumes.count; j++)
      if (strcmp (volumes[j].name, name) == 0)
        return false;
  }
  return true;
}

static int
add_volumes (struct dc_buffer *b, const struct dc_artifacts *artifacts,
             struct dc_error *err)
{
  const struct dc_artifact_image *images = artifacts->images.items;
  bool has_seed = false, has_any = false;

  for (size_t i = 0; i < artifacts->images.count; i++) {
    has_seed = has_seed || has_content (&images[i]);
    has_any = has_any || images[i].volumes.count > 0;
  }
  if (has_any && dc_buffer_print (b, err, "volumes:\n") < 0)
    return -1;
  if (has_seed && dc_buffer_print (b, err, "  decant-done: {}\n") < 0)
    return -1;
  for (size_t i = 0; i < artifacts->images.count; i++) {
    const struct dc_artifact_volume *volumes = images[i].volumes.items;
    for (size_t j = 0; j < images[i].volumes.count; j++)
      if (is_first (artifacts, i, volumes[j].name) &&
          dc_buffer_print (b, err, "  \"%s\": {}\n", volumes[j].name) < 0)
        return -1;
  }
  return 0;
}

/* A name for podman's or docker's storage: lower case, else '-'. */
static int
repository_name (const char *layout_path, char **out, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;
  size_t size = strlen (layout_path), used = 0;

  while (size > 0 && layout_path[size - 1] == '/')
    size--;
  size_t begin = size;
  while (begin > 0 && layout_path[begin - 1] != '/')
    begin--;
  if (dc_text_print (&copy, err, "%.*s", (int) (size - begin),
                     layout_path + begin) < 0)
    return -1;
  for (const char *s = copy; *s != '\0'; s++) {
    const bool is_upper = *s >= 'A' && *s <= 'Z';
    const bool is_plain = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');
    if (is_upper || is_plain || (used > 0 && copy[used - 1] != '-'))
      copy[used++] = (char) (is_upper ? *s - 'A' + 'a' : is_plain ? *s : '-');
  }
  while (used > 0 && copy[used - 1] == '-')
    used--;
  copy[used] = '\0';
  return dc_text_copy (used > 0 ? copy : "image", out, err);
}

static int
write_readme (const char *layout_path, const char *repository, const char *tag,
              int dir_fd, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (TEXT_MAX);

  if (dc_buffer_print (
          &b, err,
          "What belongs to the images of this layout and does not lie in "
          "them; decant.json says what is mounted where.\n"
          "Run it:           decant run 'oci:%s:%s'\n"
          "or with compose:  skopeo copy 'oci:%s:%s' "
          "docker-daemon:localhost/%s:%s && docker compose up -d\n"
          "volumes/*.tar     content of volumes: podman volume import NAME "
          "volumes/NAME.tar, or any tar\n"
          "secrets/*         keys and passwords, with mode 0600: keep this "
          "folder as safe as the guest's disk\n",
          layout_path, tag, layout_path, tag, repository, tag) < 0)
    return -1;
  return dc_output_replace (dir_fd, "README", b.data, b.size, err);
}

int
dc_compose_write (const struct dc_artifacts *artifacts, const char *layout_path,
                  int dir_fd, struct dc_error *err)
{
  const struct dc_artifact_image *images = artifacts->images.items;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (TEXT_MAX);
  AUTO_FREE char *repository = NULL;

  if (repository_name (layout_path, &repository, err) < 0 ||
      dc_buffer_print (&b, err,
                       "# Made by decant; README says how to load the images."
                       "\nservices:\n") < 0)
    return -1;
  for (size_t i = 0; i < artifacts->images.count; i++)
    if (add_service (&b, artifacts, &images[i], repository, err) < 0)
      return -1;
  if (add_volumes (&b, artifacts, err) < 0 ||
      dc_output_replace (dir_fd, "compose.yaml", b.data, b.size, err) < 0)
    return -1;
  return artifacts->images.count == 0
             ? 0
             : write_readme (layout_path, repository, images[0].name, dir_fd,
                             err);
}
