/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "runtime/grant.h"
#include "runtime/ocistate.h"
#include "runtime/unpack.h"
#include "runtime/volumes.h"

#define PATH_SIZE_MAX ((size_t) 4096)
#define SECRETS "secrets"
#define CPU_PERIOD_US 100000

static int
volume_path (const struct dc_kept_volume *volume, struct dc_buffer *path,
             struct dc_error *err)
{
  return dc_volume_folder (volume->container, volume->volume, path, err);
}

static int
open_folder (const char *path, struct dc_error *err)
{
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  return fd >= 0
             ? fd
             : dc_fail_errno (err, "cannot open '%s'", dc_quote (path).text);
}

int
dc_ocistate_fill (const struct dc_runner *runner,
                  const struct dc_kept_volume *volume, int fd,
                  const char *digest, const struct dc_report *report,
                  struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);

  (void) runner; /* the same for all */
  if (volume_path (volume, &path, err) < 0)
    return -1;
  if (mkdir (path.data, 0755) < 0)
    return dc_fail_errno (err, "cannot make '%s'", dc_quote (path.data).text);
  if (fd < 0)
    return 0;
  AUTO_CLOSE int dir_fd = open_folder (path.data, err);
  if (dir_fd < 0 || dc_unpack_archive (fd, digest, dir_fd, report, err) < 0)
    return -1;
  /* The record will say that all of it is there, also after a power cut. */
  return syncfs (dir_fd) == 0 ? 0 : dc_fail_errno (err, "cannot write it");
}

int
dc_ocistate_find (const struct dc_runner *runner,
                  const struct dc_kept_volume *volume,
                  const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);

  (void) runner;
  (void) report; /* nothing is run */
  if (volume_path (volume, &path, err) < 0)
    return -1;
  return faccessat (AT_FDCWD, path.data, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int
dc_ocistate_drop (const struct dc_runner *runner,
                  const struct dc_kept_volume *volume,
                  const struct dc_report *report, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);

  (void) runner;
  (void) report; /* nothing is run */
  return volume_path (volume, &path, err) < 0
             ? -1
             : dc_file_remove_tree (AT_FDCWD, path.data, err);
}

static int
write_secret (const struct dc_start *start,
              const struct dc_artifact_secret *secret, int dir_fd,
              struct dc_error *err)
{
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  AUTO_BUFFER struct dc_buffer bytes =
      DC_BUFFER_INIT (DC_ARTIFACTS_SECRET_SIZE_MAX);
  AUTO_CLOSE int from = dc_artifacts_secret (start->artifacts, secret, err);

  if (from < 0 || dc_file_read_all (from, &bytes, err) < 0)
    return -1;
  AUTO_CLOSE int fd = openat (dir_fd, secret->name, flags, 0600);
  if (fd < 0)
    return dc_fail_errno (err, "cannot make its file");
  if (bytes.size > 0 && dc_file_write (fd, bytes.data, bytes.size, err) < 0)
    return -1;
  explicit_bzero (bytes.data, bytes.size);
  /* The owner first: changing it clears bits of the mode. */
  return fchown (fd, (uid_t) secret->uid, (gid_t) secret->gid) == 0 &&
                 fchmod (fd, (mode_t) secret->mode) == 0
             ? 0
             : dc_fail_errno (err, "cannot give it to %lld:%lld",
                              (long long) secret->uid, (long long) secret->gid);
}

int
dc_ocistate_secrets (const struct dc_start *start, int bundle_fd,
                     struct dc_error *err)
{
  if (start->wants == NULL || start->wants->secrets.count == 0)
    return 0;
  const struct dc_artifact_secret *secrets = start->wants->secrets.items;
  if (mkdirat (bundle_fd, SECRETS, 0700) < 0)
    return dc_fail_errno (err, "cannot make a folder for secrets");
  AUTO_CLOSE int dir_fd = openat (
      bundle_fd, SECRETS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir_fd < 0)
    return dc_fail_errno (err, "cannot open the folder for secrets");
  for (size_t i = 0; i < start->wants->secrets.count; i++)
    if (write_secret (start, &secrets[i], dir_fd, err) < 0)
      return dc_context (err, "secret '%s'", secrets[i].name);
  return 0;
}

/* What is not in the image is made as root's. */
static int
adopt (const struct dc_start *start, const struct dc_artifact_volume *volume,
       int root_fd, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);
  struct stat st;
  AUTO_CLOSE int from =
      dc_file_open_in_root (root_fd, volume->path, O_RDONLY | O_DIRECTORY, err);

  if (from < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  if (dc_volume_folder (start->name, volume->name, &path, err) < 0)
    return -1;
  AUTO_CLOSE int to = open_folder (path.data, err);
  if (to < 0)
    return -1;
  return fstat (from, &st) == 0 && fchown (to, st.st_uid, st.st_gid) == 0 &&
                 fchmod (to, st.st_mode & 07777) == 0
             ? 0
             : dc_fail_errno (err, "cannot give it its owner");
}

int
dc_ocistate_adopt (const struct dc_start *start, int root_fd,
                   struct dc_error *err)
{
  if (start->wants == NULL)
    return 0;
  const struct dc_artifact_volume *volumes = start->wants->volumes.items;
  for (size_t i = 0; i < start->wants->volumes.count; i++)
    if (volumes[i].digest == NULL &&
        adopt (start, &volumes[i], root_fd, err) < 0)
      return dc_context (err, "volume '%s'", volumes[i].name);
  return 0;
}

static json_t *
mount_json (const char *target, const char *source, const char *access)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "destination", target);
  dc_json_put_text (&json, "type", "bind");
  dc_json_put_text (&json, "source", source);
  dc_json_put (&json, "options", json_pack ("[s, s]", "rbind", access));
  return json;
}

static int
add_mounts (const struct dc_start *start, const char *bundle, json_t *spec,
            struct dc_error *err)
{
  const struct dc_artifact_volume *volumes = start->wants->volumes.items;
  const struct dc_artifact_secret *secrets = start->wants->secrets.items;
  json_t *list = json_object_get (spec, "mounts");

  for (size_t i = 0; i < start->wants->volumes.count; i++) {
    AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);
    if (dc_volume_folder (start->name, volumes[i].name, &path, err) < 0)
      return -1;
    if (json_array_append_new (
            list, mount_json (volumes[i].path, path.data, "rw")) < 0)
      return dc_json_no_memory (err);
  }
  for (size_t i = 0; i < start->wants->secrets.count; i++) {
    AUTO_FREE char *path = NULL;
    if (dc_text_print (&path, err, "%s/" SECRETS "/%s", bundle,
                       secrets[i].name) < 0)
      return -1;
    if (json_array_append_new (list, mount_json (secrets[i].path, path, "ro")) <
        0)
      return dc_json_no_memory (err);
  }
  return 0;
}

static int
add_sysctls (const struct dc_start *start, const struct dc_report *report,
             json_t *native, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  json_auto_t *json = json_object ();

  if (dc_grant_sysctls (start, report, &words, err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++) {
    const char *text = words.items[i];
    const char *value = strchr (text, '=');
    AUTO_FREE char *key = strndup (text, strcspn (text, "="));
    if (key == NULL || value == NULL)
      return dc_fail_errno (err, "cannot keep a kernel parameter");
    dc_json_put_text (&json, key, value + 1);
  }
  return json == NULL || json_object_set (native, "sysctl", json) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static json_t *
resources_json (const struct dc_artifact_resources *wanted)
{
  json_t *json = json_object ();

  if (wanted->memory_bytes > 0)
    dc_json_put (
        &json, "memory",
        json_pack ("{s:I}", "limit", (json_int_t) wanted->memory_bytes));
  if (wanted->milli_cpus > 0)
    dc_json_put (
        &json, "cpu",
        json_pack ("{s:I, s:I}", "quota",
                   (json_int_t) wanted->milli_cpus * CPU_PERIOD_US / 1000,
                   "period", (json_int_t) CPU_PERIOD_US));
  if (wanted->pids > 0)
    dc_json_put (&json, "pids",
                 json_pack ("{s:I}", "limit", (json_int_t) wanted->pids));
  return json;
}

static int
add_capabilities (const struct dc_start *start, const struct dc_report *report,
                  json_t *spec, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  json_t *sets =
      json_object_get (json_object_get (spec, "process"), "capabilities");
  json_t *set = NULL;
  const char *name = NULL;
  void *next = NULL;

  if (dc_grant_capabilities (start, report, &words, err) < 0)
    return -1;
  json_object_foreach_safe (sets, next, name, set)
  {
    json_t *all = json_copy (set); /* the three may be one list */
    for (size_t i = 0; i < words.count; i++)
      dc_json_push (&all, json_string (words.items[i]));
    if (json_object_set_new (sets, name, all) < 0)
      return dc_json_no_memory (err);
  }
  return 0;
}

/* The runtime makes the node, and lets the container's group use it. */
static int
add_device (const char *path, json_t *devices, json_t *allowed,
            struct dc_error *err)
{
  struct stat st;

  if (stat (path, &st) < 0)
    return dc_fail_errno (err, "device '%s'", path);
  const bool is_block = S_ISBLK (st.st_mode);
  if (!is_block && !S_ISCHR (st.st_mode))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no device", path);
  const json_int_t major = major (st.st_rdev), minor = minor (st.st_rdev);
  const char *type = is_block ? "b" : "c";
  return json_array_append_new (
             devices, json_pack ("{s:s, s:s, s:I, s:I, s:i}", "path", path,
                                 "type", type, "major", major, "minor", minor,
                                 "fileMode", st.st_mode & 0777)) < 0 ||
                 json_array_append_new (
                     allowed, json_pack ("{s:b, s:s, s:I, s:I, s:s}", "allow",
                                         1, "type", type, "major", major,
                                         "minor", minor, "access", "rwm")) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static int
add_devices (const struct dc_start *start, const struct dc_report *report,
             json_t *native, json_t *resources, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  json_auto_t *devices = json_array (), *allowed = json_array ();

  if (dc_grant_devices (start, report, &words, err) < 0)
    return -1;
  for (size_t i = 0; i < words.count; i++)
    if (add_device (words.items[i], devices, allowed, err) < 0)
      return -1;
  return words.count > 0 &&
                 (json_object_set (native, "devices", devices) < 0 ||
                  json_object_set (resources, "devices", allowed) < 0)
             ? dc_json_no_memory (err)
             : 0;
}

int
dc_ocistate_extend (const struct dc_start *start, const char *bundle,
                    const struct dc_report *report, json_t *spec,
                    struct dc_error *err)
{
  json_t *native = json_object_get (spec, "linux");

  if (start->wants == NULL)
    return 0;
  json_auto_t *resources = resources_json (&start->wants->resources);
  if (resources == NULL || json_object_set (native, "resources", resources) < 0)
    return dc_json_no_memory (err);
  if (add_sysctls (start, report, native, err) < 0 ||
      add_mounts (start, bundle, spec, err) < 0 ||
      add_capabilities (start, report, spec, err) < 0)
    return -1;
  return add_devices (start, report, native, resources, err);
}
