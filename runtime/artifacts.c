/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/oci/ref.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"
#include "runtime/artifacts.h"

#define ROW(key, kind, need, type, member)                                     \
  DC_YAML_ROW (key, DC_YAML_##kind, DC_YAML_##need, struct type, member)
#define NUMBER(k, need_, type, member, low, high)                              \
  {                                                                            \
    .key = (k), .kind = DC_YAML_NUMBER, .need = DC_YAML_##need_,               \
    .target = offsetof (struct type, member), .min = (low), .max = (high)      \
  }

static const struct dc_yaml_row volume_rows[] = {
  ROW ("name", TEXT, REQUIRED, dc_artifact_volume, name),
  ROW ("path", TEXT, REQUIRED, dc_artifact_volume, path),
  ROW ("digest", TEXT, OPTIONAL, dc_artifact_volume, digest),
  NUMBER ("size", OPTIONAL, dc_artifact_volume, size, 0, LONG_MAX),
  DC_YAML_END,
};

static const struct dc_yaml_row secret_rows[] = {
  ROW ("name", TEXT, REQUIRED, dc_artifact_secret, name),
  ROW ("path", TEXT, REQUIRED, dc_artifact_secret, path),
  ROW ("kind", TEXT, OPTIONAL, dc_artifact_secret, kind),
  NUMBER ("uid", REQUIRED, dc_artifact_secret, uid, 0, UINT32_MAX - 1),
  NUMBER ("gid", REQUIRED, dc_artifact_secret, gid, 0, UINT32_MAX - 1),
  NUMBER ("mode", REQUIRED, dc_artifact_secret, mode, 0, 07777),
  DC_YAML_END,
};

static const struct dc_yaml_row port_rows[] = {
  NUMBER ("port", REQUIRED, dc_artifact_port, port, 1, 65535),
  ROW ("protocol", TEXT, REQUIRED, dc_artifact_port, protocol),
  DC_YAML_END,
};

static const struct dc_yaml_row resource_rows[] = {
  NUMBER ("memory_bytes", OPTIONAL, dc_artifact_resources, memory_bytes, 0,
          LONG_MAX),
  NUMBER ("milli_cpus", OPTIONAL, dc_artifact_resources, milli_cpus, 0,
          1000 * 1000),
  NUMBER ("pids", OPTIONAL, dc_artifact_resources, pids, 0, INT_MAX),
  DC_YAML_END,
};

static const struct dc_yaml_row image_rows[] = {
  ROW ("name", TEXT, REQUIRED, dc_artifact_image, name),
  ROW ("digest", TEXT, REQUIRED, dc_artifact_image, digest),
  ROW ("init", TEXT, OPTIONAL, dc_artifact_image, init),
  DC_YAML_NEST ("volumes", DC_YAML_LIST, DC_YAML_OPTIONAL,
                struct dc_artifact_image, volumes, volume_rows,
                struct dc_artifact_volume),
  DC_YAML_NEST ("secrets", DC_YAML_LIST, DC_YAML_OPTIONAL,
                struct dc_artifact_image, secrets, secret_rows,
                struct dc_artifact_secret),
  DC_YAML_NEST ("ports", DC_YAML_LIST, DC_YAML_OPTIONAL,
                struct dc_artifact_image, ports, port_rows,
                struct dc_artifact_port),
  ROW ("hosts", TEXTS, OPTIONAL, dc_artifact_image, hosts),
  ROW ("sysctls", TEXTS, OPTIONAL, dc_artifact_image, sysctls),
  ROW ("capabilities", TEXTS, OPTIONAL, dc_artifact_image, capabilities),
  ROW ("devices", TEXTS, OPTIONAL, dc_artifact_image, devices),
  DC_YAML_NEST ("resources", DC_YAML_STRUCT, DC_YAML_OPTIONAL,
                struct dc_artifact_image, resources, resource_rows,
                struct dc_artifact_resources),
  NUMBER ("stop_timeout_s", OPTIONAL, dc_artifact_image, stop_timeout_s, 0,
          7 * 24 * 3600),
  DC_YAML_END,
};

static const struct dc_yaml_row pod_rows[] = {
  ROW ("name", TEXT, REQUIRED, dc_artifact_pod, name),
  ROW ("images", TEXTS, REQUIRED, dc_artifact_pod, images),
  DC_YAML_END,
};

/* JSON is read by the walker for YAML, of which it is a part: it knows the
 * tables, the limits and the place of a mistake.
 */
static const struct dc_yaml_row rows[] = {
  NUMBER ("version", REQUIRED, dc_artifacts, version, DC_ARTIFACTS_VERSION,
          DC_ARTIFACTS_VERSION),
  DC_YAML_NEST ("images", DC_YAML_LIST, DC_YAML_REQUIRED, struct dc_artifacts,
                images, image_rows, struct dc_artifact_image),
  DC_YAML_NEST ("pods", DC_YAML_LIST, DC_YAML_OPTIONAL, struct dc_artifacts,
                pods, pod_rows, struct dc_artifact_pod),
  DC_YAML_END,
};

#define NAME_BYTES                                                             \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static bool
is_name (const char *text)
{
  const size_t size = strlen (text);

  return size > 0 && size <= DC_ARTIFACTS_NAME_MAX &&
         strchr ("_.-", text[0]) == NULL && strspn (text, NAME_BYTES) == size;
}

static bool
is_dots (struct dc_span name)
{
  return dc_span_is (name, ".") || dc_span_is (name, "..");
}

/* As dc_ref_parse() has it. */
static bool
is_tag (const char *text)
{
  const size_t size = strlen (text);

  return size > 0 && size <= DC_REF_TAG_MAX &&
         strspn (text, NAME_BYTES "/:@+") == size;
}

/* What a bind mount may stand at: whatever could mean something else to a
 * tool's option, or lead elsewhere, is refused.
 */
static bool
is_place (const char *text)
{
  struct dc_span rest = dc_span_of (text), name;

  if (text[0] != '/' || text[1] == '\0' || rest.size >= PATH_MAX ||
      strpbrk (text, ":,\"\\") != NULL)
    return false;
  for (const char *s = text; *s != '\0'; s++)
    if ((unsigned char) *s < ' ' || *s == 127)
      return false;
  rest = dc_span_skip (rest, 1);
  while (dc_span_field (&rest, '/', &name))
    if (name.size == 0 || is_dots (name))
      return false;
  return true;
}

/* Those that belong to a container's namespaces: runc refuses others, too. */
static bool
is_sysctl (const char *text)
{
  static const char *const own[] = {
    "net.",           "fs.mqueue.",
    "kernel.msgmax=", "kernel.msgmnb=",
    "kernel.msgmni=", "kernel.sem=",
    "kernel.shmall=", "kernel.shmmax=",
    "kernel.shmmni=", "kernel.shm_rmid_forced=",
  };
  const char *value = strchr (text, '=');

  if (value == NULL || strlen (text) > 1024 ||
      strpbrk (text, "\n\r\"\\") != NULL ||
      strspn (text, NAME_BYTES "/") != (size_t) (value - text))
    return false;
  for (size_t i = 0; i < DC_COUNT (own); i++)
    if (strncmp (text, own[i], strlen (own[i])) == 0)
      return true;
  return false;
}

static bool
is_capability (const char *text)
{
  return strncmp (text, "CAP_", 4) == 0 && strlen (text) < 64 &&
         strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen (text);
}

static bool
is_device (const char *text)
{
  return is_place (text) && strncmp (text, "/dev/", 5) == 0;
}

/* "ADDRESS NAME...", words of a hosts file. */
static bool
is_host (const char *text)
{
  return strlen (text) < 1024 &&
         strspn (text, NAME_BYTES ": ") == strlen (text) && text[0] != ' ' &&
         strchr (text, ' ') != NULL;
}

static int
check_texts (const struct dc_yaml_texts *texts, const char *what,
             bool (*is_good) (const char *text), struct dc_error *err)
{
  if (texts->count > DC_ARTIFACTS_LIST_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d in '%s'",
                    DC_ARTIFACTS_LIST_MAX, what);
  for (size_t i = 0; i < texts->count; i++)
    if (!is_good (texts->items[i]))
      return dc_fail (err, DC_ERR_INVALID, "'%s' cannot be one of '%s'",
                      dc_quote (texts->items[i]).text, what);
  return 0;
}

static int
check_place (const char *name, const char *path, struct dc_error *err)
{
  if (!is_name (name))
    return dc_fail (err, DC_ERR_INVALID, "'%s' cannot be a name",
                    dc_quote (name).text);
  if (!is_place (path))
    return dc_fail (err, DC_ERR_INVALID, "nothing can be mounted at '%s'",
                    dc_quote (path).text);
  return 0;
}

static int
check_lists (const struct dc_artifact_image *image, struct dc_error *err)
{
  const struct dc_artifact_volume *volumes = image->volumes.items;
  const struct dc_artifact_secret *secrets = image->secrets.items;
  const struct dc_artifact_port *ports = image->ports.items;

  if (image->volumes.count > DC_ARTIFACTS_LIST_MAX ||
      image->secrets.count > DC_ARTIFACTS_LIST_MAX ||
      image->ports.count > DC_ARTIFACTS_LIST_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a list of more than %d",
                    DC_ARTIFACTS_LIST_MAX);
  for (size_t i = 0; i < image->volumes.count; i++)
    if (check_place (volumes[i].name, volumes[i].path, err) < 0)
      return -1;
    else if (volumes[i].digest != NULL &&
             !dc_digest_is_valid (volumes[i].digest))
      return dc_fail (err, DC_ERR_INVALID, "'%s' is no sha256 digest",
                      dc_quote (volumes[i].digest).text);
  for (size_t i = 0; i < image->secrets.count; i++)
    if (check_place (secrets[i].name, secrets[i].path, err) < 0)
      return -1;
  for (size_t i = 0; i < image->ports.count; i++)
    if (strcmp (ports[i].protocol, "tcp") != 0 &&
        strcmp (ports[i].protocol, "udp") != 0)
      return dc_fail (err, DC_ERR_INVALID, "'%s' is neither tcp nor udp",
                      dc_quote (ports[i].protocol).text);
  return 0;
}

static int
check_image (const struct dc_artifact_image *image, struct dc_error *err)
{
  if (!is_tag (image->name))
    return dc_fail (err, DC_ERR_INVALID, "'%s' cannot be a tag",
                    dc_quote (image->name).text);
  if (!dc_digest_is_valid (image->digest))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no sha256 digest",
                    dc_quote (image->digest).text);
  if (check_lists (image, err) < 0 ||
      check_texts (&image->hosts, "hosts", is_host, err) < 0 ||
      check_texts (&image->sysctls, "sysctls", is_sysctl, err) < 0 ||
      check_texts (&image->capabilities, "capabilities", is_capability, err) <
          0)
    return -1;
  return check_texts (&image->devices, "devices", is_device, err);
}

static int
check (const struct dc_artifacts *artifacts, struct dc_error *err)
{
  const struct dc_artifact_image *images = artifacts->images.items;
  const struct dc_artifact_pod *pods = artifacts->pods.items;

  if (artifacts->images.count > DC_ARTIFACTS_IMAGE_MAX ||
      artifacts->pods.count > DC_ARTIFACTS_IMAGE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d images",
                    DC_ARTIFACTS_IMAGE_MAX);
  for (size_t i = 0; i < artifacts->images.count; i++)
    if (check_image (&images[i], err) < 0)
      return -1;
  for (size_t i = 0; i < artifacts->pods.count; i++)
    if (!is_name (pods[i].name))
      return dc_fail (err, DC_ERR_INVALID, "'%s' cannot be a name",
                      dc_quote (pods[i].name).text);
    else if (check_texts (&pods[i].images, "images", is_tag, err) < 0)
      return -1;
  return 0;
}

int
dc_artifacts_parse (const char *text, size_t size, const char *file,
                    struct dc_artifacts **out, struct dc_error *err)
{
  DC_AUTO (dc_artifacts) *artifacts = calloc (1, sizeof *artifacts);

  if (artifacts == NULL)
    return dc_fail_errno (err, "cannot keep artifacts");
  artifacts->dir_fd = -1;
  if (size > DC_ARTIFACTS_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%s: %zu bytes, limit %zu", file, size,
                    DC_ARTIFACTS_SIZE_MAX);
  if (dc_yaml_read (text, size, file, rows, artifacts, err) < 0)
    return -1;
  if (check (artifacts, err) < 0)
    return dc_context (err, "%s", file);
  *out = DC_TAKE (artifacts);
  return 0;
}

static int
open_folder (const char *path, struct dc_artifacts **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_ARTIFACTS_SIZE_MAX);
  DC_AUTO (dc_artifacts) *artifacts = NULL;
  AUTO_CLOSE int dir_fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (dir_fd < 0 && errno == ENOENT)
    return dc_fail (err, DC_ERR_NOTFOUND, "there are none");
  if (dir_fd < 0)
    return dc_fail_errno (err, "cannot open them");
  AUTO_CLOSE int fd =
      dc_file_open_in_root (dir_fd, DC_ARTIFACTS_FILE, O_RDONLY, err);
  if (fd < 0)
    return -1;
  if (dc_file_read_all (fd, &text, err) < 0)
    return dc_context (err, "%s", DC_ARTIFACTS_FILE);
  if (dc_artifacts_parse (dc_buffer_text (&text), text.size, DC_ARTIFACTS_FILE,
                          &artifacts, err) < 0 ||
      dc_text_copy (path, &artifacts->path, err) < 0)
    return -1;
  artifacts->dir_fd = DC_TAKE_FD (dir_fd);
  *out = DC_TAKE (artifacts);
  return 0;
}

int
dc_artifacts_open (const char *path, struct dc_artifacts **out,
                   struct dc_error *err)
{
  return open_folder (path, out, err) < 0
             ? dc_context (err, "artifacts '%s'", dc_quote (path).text)
             : 0;
}

int
dc_artifacts_path (const char *layout_path, const char *tag, char **out,
                   struct dc_error *err)
{
  size_t size = strlen (layout_path);
  const bool is_default = strcmp (tag, DC_REF_TAG_DEFAULT) == 0;
  AUTO_FREE char *path = NULL;

  while (size > 1 && layout_path[size - 1] == '/')
    size--;
  if (dc_text_print (&path, err, "%.*s%s%s" DC_ARTIFACTS_SUFFIX, (int) size,
                     layout_path, is_default ? "" : ".",
                     is_default ? "" : tag) < 0)
    return -1;
  for (char *s = path + size; *s != '\0'; s++)
    if (*s == '/')
      *s = '-';
  *out = DC_TAKE (path);
  return 0;
}

/* The folder of TAG, or that of a run that made several images at once. */
int
dc_artifacts_beside (const char *layout_path, const char *tag,
                     const char *digest, struct dc_artifacts **out,
                     struct dc_error *err)
{
  const char *const tags[] = { tag, DC_REF_TAG_DEFAULT };

  for (size_t i = 0; i < DC_COUNT (tags); i++) {
    AUTO_FREE char *path = NULL;
    DC_AUTO (dc_artifacts) *artifacts = NULL;
    if (dc_artifacts_path (layout_path, tags[i], &path, err) < 0)
      return -1;
    if (dc_artifacts_open (path, &artifacts, err) < 0) {
      if (err->code != DC_ERR_NOTFOUND)
        return -1;
      continue;
    }
    if (dc_artifacts_image (artifacts, digest) == NULL)
      continue;
    *out = DC_TAKE (artifacts);
    return 1;
  }
  return 0;
}

const struct dc_artifact_image *
dc_artifacts_image (const struct dc_artifacts *artifacts, const char *digest)
{
  const struct dc_artifact_image *images = artifacts->images.items;

  for (size_t i = 0; i < artifacts->images.count; i++)
    if (strcmp (images[i].digest, digest) == 0)
      return &images[i];
  return NULL;
}

/* A regular file below the folder, never through a link that leads out. */
static int
open_file (const struct dc_artifacts *artifacts, const char *path,
           struct dc_error *err)
{
  struct stat st;
  AUTO_CLOSE int fd = dc_file_open_in_root (artifacts->dir_fd, path,
                                            O_RDONLY | O_NONBLOCK, err);

  if (fd < 0)
    return dc_context (err, "artifacts '%s'", dc_quote (artifacts->path).text);
  if (fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot look at '%s'", dc_quote (path).text);
  if (!S_ISREG (st.st_mode))
    return dc_fail (err, DC_ERR_INVALID, "artifacts '%s': '%s' is no file",
                    dc_quote (artifacts->path).text, dc_quote (path).text);
  return DC_TAKE_FD (fd);
}

int
dc_artifacts_volume (const struct dc_artifacts *artifacts,
                     const struct dc_artifact_volume *volume,
                     struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  return dc_text_print (&path, err, "volumes/%s.tar", volume->name) < 0
             ? -1
             : open_file (artifacts, path, err);
}

int
dc_artifacts_secret (const struct dc_artifacts *artifacts,
                     const struct dc_artifact_secret *secret,
                     struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  struct stat st;

  if (dc_text_print (&path, err, "secrets/%s", secret->name) < 0)
    return -1;
  AUTO_CLOSE int fd = open_file (artifacts, path, err);
  if (fd < 0)
    return -1;
  if (fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot look at '%s'", dc_quote (path).text);
  if ((uint64_t) st.st_size > DC_ARTIFACTS_SECRET_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "the secret '%s' has %llu bytes",
                    dc_quote (secret->name).text,
                    (unsigned long long) st.st_size);
  return DC_TAKE_FD (fd);
}

void
dc_artifacts_free (struct dc_artifacts *artifacts)
{
  if (artifacts == NULL)
    return;
  dc_yaml_release (rows, artifacts);
  dc_close_auto (&artifacts->dir_fd);
  free (artifacts->path);
  free (artifacts);
}
