/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "runtime/artifacts.h"
#include "transform/state/compose.h"
#include "transform/state/output.h"

#define VOLUMES "volumes"
#define SECRETS "secrets"

struct dc_state_output {
  struct dc_output *folder;
  int fd;
  struct dc_state_files files;
  json_t *document;               /* decant.json */
  struct dc_artifacts *artifacts; /* the same, as it will be read */
};

/* May PATH be replaced?  Only what is ours. */
static int
check_path (const char *path, struct dc_error *err)
{
  struct stat st;
  AUTO_FREE char *file = NULL;

  if (lstat (path, &st) < 0)
    return errno == ENOENT ? 0 : dc_fail_errno (err, "cannot look at it");
  if (dc_text_print (&file, err, "%s/" DC_ARTIFACTS_FILE, path) < 0)
    return -1;
  if (S_ISDIR (st.st_mode) && faccessat (AT_FDCWD, file, F_OK, 0) == 0)
    return 0;
  return dc_fail (err, DC_ERR_EXISTS,
                  "it exists and holds no artifacts; --force replaces it, "
                  "--artifacts names another folder");
}

static int
new_file (int dir_fd, struct dc_error *err)
{
  const int fd = openat (dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  return fd >= 0 ? fd
                 : dc_fail_errno (err, "cannot make a file in the folder of "
                                       "artifacts");
}

static int
open_files (struct dc_state_output *output, struct dc_error *err)
{
  for (size_t i = 0; i < DC_PLAN_VOLUME_MAX; i++) {
    output->files.volumes[i] = new_file (output->fd, err);
    if (output->files.volumes[i] < 0)
      return -1;
  }
  output->files.secrets = new_file (output->fd, err);
  return output->files.secrets < 0 ? -1 : 0;
}

static int
begin (const char *path, bool is_forced, struct dc_state_output *output,
       struct dc_error *err)
{
  if (!is_forced && check_path (path, err) < 0)
    return -1;
  if (dc_output_begin (path, DC_OUTPUT_FOLDER, DC_OUTPUT_REPLACE,
                       &output->folder, err) < 0)
    return -1;
  output->fd = dc_output_fd (output->folder);
  return open_files (output, err);
}

int
dc_state_output_begin (const char *path, bool is_forced,
                       struct dc_state_output **out, struct dc_error *err)
{
  DC_AUTO (dc_state_output) *output = calloc (1, sizeof *output);

  if (output == NULL)
    return dc_fail_errno (err, "cannot keep artifacts");
  for (size_t i = 0; i < DC_PLAN_VOLUME_MAX; i++)
    output->files.volumes[i] = -1;
  output->files.secrets = -1;
  if (begin (path, is_forced, output, err) < 0)
    return dc_context (err, "artifacts '%s'", dc_quote (path).text);
  *out = DC_TAKE (output);
  return 0;
}

const struct dc_state_files *
dc_state_output_files (const struct dc_state_output *output)
{
  return &output->files;
}

bool
dc_state_is_needed (const json_t *result)
{
  static const char *const lists[] = { VOLUMES,   SECRETS,        "hosts",
                                       "sysctls", "capabilities", "devices" };
  const json_t *image = NULL;
  size_t i = 0;

  json_array_foreach (json_object_get (result, "images"), i, image)
  {
    const json_t *state = json_object_get (image, "state");
    for (size_t j = 0; j < DC_COUNT (lists); j++)
      if (json_array_size (json_object_get (state, lists[j])) > 0)
        return true;
  }
  return false;
}

/* A copy of LIST, whose items have KEYS no more: they are between us and the
 * worker.
 */
static json_t *
without (const json_t *list, const char *const *keys)
{
  json_t *copy = json_deep_copy (list);
  json_t *item = NULL;
  size_t i = 0;

  json_array_foreach (copy, i, item)
  {
    for (size_t k = 0; keys[k] != NULL; k++)
      (void) json_object_del (item, keys[k]); /* it may not be there */
  }
  return copy;
}

static json_t *
image_json (const json_t *state, const struct dc_image_tag *tag)
{
  static const char *const volume_keys[] = { "file", NULL };
  static const char *const secret_keys[] = { "offset", "size", NULL };
  json_t *json = json_object ();

  dc_json_put_text (&json, "name", tag->name);
  dc_json_put_text (&json, "digest", tag->digest);
  if (json != NULL && json_object_update_missing (json, json_deep_copy (state)))
    return NULL;
  dc_json_put (&json, VOLUMES,
               without (json_object_get (state, VOLUMES), volume_keys));
  dc_json_put (&json, SECRETS,
               without (json_object_get (state, SECRETS), secret_keys));
  return json;
}

/* The document, and the same read again with all checks. */
static int
make_document (struct dc_state_output *output, const json_t *images,
               const struct dc_image_tag *tags, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  json_t *list = json_array ();
  size_t size = 0;

  for (size_t i = 0; i < json_array_size (images); i++)
    dc_json_push (&list, image_json (json_object_get (
                                         json_array_get (images, i), "state"),
                                     &tags[i]));
  output->document = json_object ();
  dc_json_put_number (&output->document, "version", DC_ARTIFACTS_VERSION);
  dc_json_put (&output->document, "images", list);
  if (output->document == NULL)
    return dc_json_no_memory (err);
  if (dc_json_pretty (output->document, &text, &size, err) < 0 ||
      dc_artifacts_parse (text, size, DC_ARTIFACTS_FILE, &output->artifacts,
                          err) < 0)
    return -1;
  return dc_output_replace (output->fd, DC_ARTIFACTS_FILE, text, size, err);
}

static int
make_folder (int dir_fd, const char *name, mode_t mode, struct dc_error *err)
{
  if (mkdirat (dir_fd, name, mode) < 0)
    return dc_fail_errno (err, "cannot make the folder '%s'", name);
  const int fd =
      openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd >= 0 ? fd : dc_fail_errno (err, "cannot open '%s'", name);
}

/* Give FD its name; of a volume that two images mount once. */
static int
name_file (int dir_fd, int fd, const char *name, struct dc_error *err)
{
  char self[64];

  if (fdatasync (fd) < 0)
    return dc_fail_errno (err, "cannot write '%s'", dc_quote (name).text);
  (void) snprintf (self, sizeof self, "/proc/self/fd/%d", fd);
  if (linkat (AT_FDCWD, self, dir_fd, name, AT_SYMLINK_FOLLOW) == 0 ||
      errno == EEXIST)
    return 0;
  return dc_fail_errno (err, "cannot name '%s'", dc_quote (name).text);
}

static int
name_volumes (struct dc_state_output *output, const json_t *images, int dir_fd,
              struct dc_error *err)
{
  const struct dc_artifact_image *checked = output->artifacts->images.items;

  for (size_t i = 0; i < output->artifacts->images.count; i++) {
    const struct dc_artifact_volume *volumes = checked[i].volumes.items;
    const json_t *list = json_object_get (
        json_object_get (json_array_get (images, i), "state"), VOLUMES);
    for (size_t j = 0; j < checked[i].volumes.count; j++) {
      AUTO_FREE char *name = NULL;
      const json_int_t file = json_integer_value (
          json_object_get (json_array_get (list, j), "file"));
      if (volumes[j].digest == NULL)
        continue;
      if (file < 0 || file >= DC_PLAN_VOLUME_MAX)
        return dc_fail (err, DC_ERR_INVALID, "the worker wrote no file %lld",
                        (long long) file);
      if (dc_text_print (&name, err, "%s.tar", volumes[j].name) < 0 ||
          name_file (dir_fd, output->files.volumes[file], name, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
write_secret (struct dc_state_output *output, const json_t *json, int dir_fd,
              const struct dc_artifact_secret *secret, struct dc_error *err)
{
  const json_int_t offset =
      json_integer_value (json_object_get (json, "offset"));
  const json_int_t size = json_integer_value (json_object_get (json, "size"));
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

  if (offset < 0 || size < 0 || (uint64_t) size > DC_ARTIFACTS_SECRET_SIZE_MAX)
    return dc_fail (err, DC_ERR_INVALID, "the worker says its size wrongly");
  AUTO_FREE char *bytes = malloc ((size_t) size + 1);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep it");
  if (dc_file_read_at (output->files.secrets, (uint64_t) offset, bytes,
                       (size_t) size, err) < 0)
    return -1;
  AUTO_CLOSE int fd = openat (dir_fd, secret->name, flags, 0600);
  if (fd < 0 && errno == EEXIST)
    return 0; /* another image's too */
  if (fd < 0)
    return dc_fail_errno (err, "cannot make its file");
  if (dc_file_write (fd, bytes, (size_t) size, err) < 0)
    return -1;
  explicit_bzero (bytes, (size_t) size);
  return dc_file_close (&fd, err);
}

static int
write_secrets (struct dc_state_output *output, const json_t *images, int dir_fd,
               struct dc_error *err)
{
  const struct dc_artifact_image *checked = output->artifacts->images.items;

  for (size_t i = 0; i < output->artifacts->images.count; i++) {
    const struct dc_artifact_secret *secrets = checked[i].secrets.items;
    const json_t *list = json_object_get (
        json_object_get (json_array_get (images, i), "state"), SECRETS);
    for (size_t j = 0; j < checked[i].secrets.count; j++)
      if (write_secret (output, json_array_get (list, j), dir_fd, &secrets[j],
                        err) < 0)
        return dc_context (err, "secret '%s'", dc_quote (secrets[j].name).text);
  }
  return 0;
}

static int
finish (struct dc_state_output *output, const json_t *result,
        const char *layout_path, const struct dc_image_tag *tags, size_t count,
        struct dc_error *err)
{
  const json_t *images = json_object_get (result, "images");

  if (json_array_size (images) != count)
    return dc_fail (err, DC_ERR_INVALID, "the worker made %zu images, not %zu",
                    json_array_size (images), count);
  if (fchmod (output->fd, 0755) < 0)
    return dc_fail_errno (err, "cannot set its mode");
  if (make_document (output, images, tags, err) < 0)
    return -1;
  AUTO_CLOSE int volumes = make_folder (output->fd, VOLUMES, 0700, err);
  if (volumes < 0 || name_volumes (output, images, volumes, err) < 0)
    return -1;
  AUTO_CLOSE int secrets = make_folder (output->fd, SECRETS, 0700, err);
  if (secrets < 0 || write_secrets (output, images, secrets, err) < 0)
    return -1;
  if (fsync (volumes) < 0 || fsync (secrets) < 0)
    return dc_fail_errno (err, "cannot write it");
  return dc_compose_write (output->artifacts, layout_path, output->fd, err);
}

int
dc_state_output_finish (struct dc_state_output *output, const json_t *result,
                        const char *layout_path,
                        const struct dc_image_tag *tags, size_t count,
                        struct dc_error *err)
{
  return finish (output, result, layout_path, tags, count, err) < 0
             ? dc_context (err, "artifacts")
             : 0;
}

int
dc_state_output_publish (struct dc_state_output *output, struct dc_error *err)
{
  return dc_output_publish (output->folder, err);
}

void
dc_state_output_free (struct dc_state_output *output)
{
  if (output == NULL)
    return;
  for (size_t i = 0; i < DC_PLAN_VOLUME_MAX; i++)
    dc_close_auto (&output->files.volumes[i]);
  dc_close_auto (&output->files.secrets);
  json_decref (output->document);
  dc_artifacts_free (output->artifacts);
  dc_output_free (output->folder);
  free (output);
}
