/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/buffer.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/oci/layout.h"
#include "lib/quote.h"

#define BLOBS "blobs/sha256"

static const char marker[] = "{\"imageLayoutVersion\":\"1.0.0\"}";

struct dc_layout {
  char *path;               /* as the user wrote it, for messages */
  int fd;                   /* the folder: staging or final */
  json_t *index;            /* index.json as it was when opened */
  struct dc_output *output; /* of a new layout, else NULL */
};

static int
fail (const struct dc_layout *layout, struct dc_error *err)
{
  return dc_context (err, "OCI layout '%s'", dc_quote (layout->path).text);
}

static int
new_layout (const char *path, struct dc_layout **out, struct dc_error *err)
{
  struct dc_layout *layout = calloc (1, sizeof *layout);

  if (layout == NULL)
    return dc_fail_errno (err, "cannot keep an OCI layout");
  layout->fd = -1;
  layout->path = strdup (path);
  *out = layout;
  return layout->path != NULL ? 0 : dc_fail_errno (err, "cannot keep a path");
}

static int
read_json_file (int dir_fd, const char *name, json_t **out,
                struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_OCI_DOCUMENT_MAX);
  AUTO_CLOSE int fd = dc_file_open_in_root (dir_fd, name, O_RDONLY, err);

  if (fd < 0)
    return -1;
  if (dc_file_read_all (fd, &text, err) < 0)
    return dc_context (err, "'%s'", name);
  return dc_json_parse (dc_buffer_text (&text), text.size, name, out, err);
}

static int
read_index (struct dc_layout *layout, struct dc_error *err)
{
  const char *version = NULL;
  json_auto_t *mark = NULL;

  if (read_json_file (layout->fd, "oci-layout", &mark, err) < 0 ||
      dc_json_unpack (mark, "oci-layout", err, "{s:s}", "imageLayoutVersion",
                      &version) < 0)
    return -1;
  if (strncmp (version, "1.", 2) != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "version '%s'",
                    dc_quote (version).text);
  json_auto_t *index = NULL;
  json_t *manifests = NULL;
  if (read_json_file (layout->fd, "index.json", &index, err) < 0 ||
      dc_json_unpack (index, "index.json", err, "{s:o}", "manifests",
                      &manifests) < 0)
    return -1;
  if (!json_is_array (manifests))
    return dc_fail (err, DC_ERR_INVALID, "index.json: no list of manifests");
  json_decref (layout->index);
  layout->index = DC_TAKE (index);
  return 0;
}

static int
open_folder (struct dc_layout *layout, struct dc_error *err)
{
  layout->fd = open (layout->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (layout->fd >= 0)
    return read_index (layout, err);
  if (errno == ENOENT)
    return dc_fail (err, DC_ERR_NOTFOUND, "there is none");
  return dc_fail_errno (err, "cannot open it");
}

int
dc_layout_open (const char *path, struct dc_layout **out, struct dc_error *err)
{
  DC_AUTO (dc_layout) *layout = NULL;

  if (new_layout (path, &layout, err) < 0)
    return -1;
  if (open_folder (layout, err) < 0)
    return fail (layout, err);
  *out = DC_TAKE (layout);
  return 0;
}

static int
begin_new (struct dc_layout *layout, enum dc_output_policy policy,
           struct dc_error *err)
{
  if (dc_output_begin (layout->path, DC_OUTPUT_FOLDER, policy, &layout->output,
                       err) < 0)
    return -1;
  layout->fd = fcntl (dc_output_fd (layout->output), F_DUPFD_CLOEXEC, 0);
  if (layout->fd < 0 || fchmod (layout->fd, 0755) < 0 ||
      mkdirat (layout->fd, "blobs", 0755) < 0 ||
      mkdirat (layout->fd, BLOBS, 0755) < 0)
    return dc_fail_errno (err, "cannot make its folders");
  layout->index = json_pack ("{s:i, s:s, s:[]}", "schemaVersion", 2,
                             "mediaType", DC_OCI_INDEX, "manifests");
  if (layout->index == NULL)
    return dc_json_no_memory (err);
  return dc_output_replace (layout->fd, "oci-layout", marker, sizeof marker - 1,
                            err);
}

/* Is there an OCI layout at the path?  1, 0, or -1. */
static int
has_layout (const struct dc_layout *layout, struct dc_error *err)
{
  AUTO_CLOSE int fd = open (layout->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
    return dc_fail_errno (err, "cannot open it");
  return fd >= 0 && faccessat (fd, "oci-layout", F_OK, 0) == 0;
}

int
dc_layout_begin (const char *path, enum dc_output_policy policy,
                 struct dc_layout **out, struct dc_error *err)
{
  DC_AUTO (dc_layout) *layout = NULL;

  if (new_layout (path, &layout, err) < 0)
    return -1;
  const int is_there = has_layout (layout, err);
  const int status = is_there < 0    ? -1
                     : is_there == 1 ? open_folder (layout, err)
                                     : begin_new (layout, policy, err);
  if (status < 0)
    return fail (layout, err);
  *out = DC_TAKE (layout);
  return 0;
}

int
dc_layout_blob_new (struct dc_layout *layout, struct dc_error *err)
{
  const int fd =
      openat (layout->fd, BLOBS, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);

  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
    (void) dc_fail (err, DC_ERR_UNSUPPORTED,
                    "its file system has no unnamed files (O_TMPFILE)");
  else if (fd < 0)
    (void) dc_fail_errno (err, "cannot make a blob");
  return fd >= 0 ? fd : fail (layout, err);
}

static int
blob_path (const char *digest, char path[128], struct dc_error *err)
{
  if (!dc_digest_is_valid (digest))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no sha256 digest",
                    dc_quote (digest).text);
  (void) snprintf (path, 128, BLOBS "/%s", digest + strlen ("sha256:"));
  return 0;
}

int
dc_layout_blob_keep (struct dc_layout *layout, int fd, const char *digest,
                     struct dc_error *err)
{
  char path[128], self[64];

  if (blob_path (digest, path, err) < 0)
    return -1;
  if (fchmod (fd, 0644) < 0 || fdatasync (fd) < 0) {
    (void) dc_fail_errno (err, "cannot write blob '%s'", digest);
    return fail (layout, err);
  }
  (void) snprintf (self, sizeof self, "/proc/self/fd/%d", fd);
  if (linkat (AT_FDCWD, self, layout->fd, path, AT_SYMLINK_FOLLOW) == 0 ||
      errno == EEXIST)
    return 0;
  (void) dc_fail_errno (err, "cannot name blob '%s'", digest);
  return fail (layout, err);
}

int
dc_layout_put (struct dc_layout *layout, const char *media_type,
               const json_t *json, json_t **descriptor, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  char digest[DC_DIGEST_TEXT_SIZE];
  size_t size = 0;

  if (dc_json_canonical (json, &text, &size, err) < 0 ||
      dc_digest_bytes (text, size, digest, err) < 0)
    return -1;
  AUTO_CLOSE int fd = dc_layout_blob_new (layout, err);
  if (fd < 0)
    return -1;
  if (dc_file_write (fd, text, size, err) < 0)
    return fail (layout, err);
  if (dc_layout_blob_keep (layout, fd, digest, err) < 0)
    return -1;
  return dc_oci_descriptor (media_type, digest, size, descriptor, err);
}

static const char *
tag_of (const json_t *descriptor)
{
  return json_string_value (json_object_get (
      json_object_get (descriptor, "annotations"), DC_OCI_REF_NAME));
}

/* The place of TAG in the list, or its length. */
static size_t
find_tag (const json_t *manifests, const char *tag)
{
  size_t i = 0;

  for (; i < json_array_size (manifests); i++) {
    const char *name = tag_of (json_array_get (manifests, i));
    if (name != NULL && strcmp (name, tag) == 0)
      break;
  }
  return i;
}

/* Put TAG into the index. */
static int
set_tag (struct dc_layout *layout, struct dc_layout_tag *tag,
         struct dc_error *err)
{
  json_t *manifests = json_object_get (layout->index, "manifests");
  json_auto_t *entry = json_copy (tag->descriptor);
  const size_t i = find_tag (manifests, tag->name);
  struct dc_oci_target target;

  tag->old[0] = '\0';
  if (i < json_array_size (manifests) &&
      dc_oci_read_descriptor (json_array_get (manifests, i), &target, err) == 0)
    memcpy (tag->old, target.digest, DC_DIGEST_TEXT_SIZE);
  if (json_object_set_new (entry, "annotations",
                           json_pack ("{s:s}", DC_OCI_REF_NAME, tag->name)) < 0)
    return dc_json_no_memory (err);
  const int status = i < json_array_size (manifests)
                         ? json_array_set (manifests, i, entry)
                         : json_array_append (manifests, entry);
  return status == 0 ? 0 : dc_json_no_memory (err);
}

static int
publish (struct dc_layout *layout, struct dc_layout_tag *tags, size_t count,
         struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  size_t size = 0;

  /* Somebody else may have added a tag since we opened it. */
  if (layout->output == NULL && read_index (layout, err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++)
    if (set_tag (layout, &tags[i], err) < 0)
      return -1;
  if (dc_json_canonical (layout->index, &text, &size, err) < 0)
    return -1;
  AUTO_CLOSE int blobs =
      openat (layout->fd, BLOBS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (blobs < 0 || fsync (blobs) < 0)
    return dc_fail_errno (err, "cannot sync its blobs");
  if (dc_output_replace (layout->fd, "index.json", text, size, err) < 0)
    return -1;
  return layout->output != NULL ? dc_output_publish (layout->output, err) : 0;
}

int
dc_layout_publish (struct dc_layout *layout, struct dc_layout_tag *tags,
                   size_t count, struct dc_error *err)
{
  /* A descriptor of our own: a lock lasts until it is closed. */
  AUTO_CLOSE int lock =
      openat (layout->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (lock < 0 || (layout->output == NULL && flock (lock, LOCK_EX) < 0)) {
    (void) dc_fail_errno (err, "cannot lock it");
    return fail (layout, err);
  }
  return publish (layout, tags, count, err) < 0 ? fail (layout, err) : 0;
}

static int
unknown_tag (const struct dc_layout *layout, const char *tag,
             struct dc_error *err)
{
  const json_t *manifests = json_object_get (layout->index, "manifests");
  AUTO_BUFFER struct dc_buffer tags = DC_BUFFER_INIT (200);
  struct dc_error ignored; /* a long list is cut */

  for (size_t i = 0; i < json_array_size (manifests); i++) {
    const char *name = tag_of (json_array_get (manifests, i));
    if (name != NULL)
      (void) dc_buffer_print (&tags, &ignored, "%s%s",
                              tags.size > 0 ? ", " : "", dc_quote (name).text);
  }
  return dc_fail (err, DC_ERR_NOTFOUND, "no tag '%s', only: %s",
                  dc_quote (tag).text,
                  tags.size > 0 ? dc_buffer_text (&tags) : "none");
}

static int
read_document (const struct dc_layout *layout,
               const struct dc_oci_target *target, json_t **out,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_OCI_DOCUMENT_MAX);
  char digest[DC_DIGEST_TEXT_SIZE];
  AUTO_CLOSE int fd =
      dc_layout_blob (layout, target->digest, target->size, err);

  if (fd < 0 || dc_file_read_all (fd, &text, err) < 0 ||
      dc_digest_bytes (dc_buffer_text (&text), text.size, digest, err) < 0)
    return -1;
  if (strcmp (digest, target->digest) != 0)
    return dc_fail (err, DC_ERR_INVALID, "blob '%s' has digest '%s'",
                    target->digest, digest);
  return dc_json_parse (text.data, text.size, target->digest, out, err);
}

static int
read_image (struct dc_layout *layout, const char *tag, struct dc_image *out,
            struct dc_error *err)
{
  json_t *manifests = json_object_get (layout->index, "manifests");
  const size_t i = find_tag (manifests, tag);
  struct dc_oci_target config;
  json_t *config_descriptor = NULL;

  if (i == json_array_size (manifests))
    return unknown_tag (layout, tag, err);
  if (dc_oci_read_descriptor (json_array_get (manifests, i), &out->target,
                              err) < 0)
    return -1;
  if (strcmp (out->target.media_type, DC_OCI_MANIFEST) != 0 &&
      strcmp (out->target.media_type,
              "application/vnd.docker.distribution.manifest.v2+json") != 0)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "media type '%s' is no manifest",
                    dc_quote (out->target.media_type).text);
  if (read_document (layout, &out->target, &out->manifest, err) < 0 ||
      dc_json_unpack (out->manifest, "manifest", err, "{s:o}", "config",
                      &config_descriptor) < 0 ||
      dc_oci_read_descriptor (config_descriptor, &config, err) < 0)
    return -1;
  return read_document (layout, &config, &out->config, err);
}

int
dc_layout_image (struct dc_layout *layout, const char *tag,
                 struct dc_image *out, struct dc_error *err)
{
  struct dc_image image = { .manifest = NULL };

  if (read_image (layout, tag, &image, err) < 0) {
    dc_image_release (&image);
    return fail (layout, err);
  }
  *out = image;
  return 0;
}

void
dc_image_release (struct dc_image *image)
{
  json_decref (image->manifest);
  json_decref (image->config);
  image->manifest = image->config = NULL;
}

int
dc_layout_blob (const struct dc_layout *layout, const char *digest,
                uint64_t size, struct dc_error *err)
{
  char path[128];
  uint64_t real_size = 0;

  if (blob_path (digest, path, err) < 0)
    return -1;
  AUTO_CLOSE int fd = dc_file_open_in_root (layout->fd, path, O_RDONLY, err);
  if (fd < 0 || dc_file_size (fd, &real_size, err) < 0)
    return -1;
  if (real_size != size)
    return dc_fail (err, DC_ERR_INVALID, "blob '%s' has %llu bytes, not %llu",
                    digest, (unsigned long long) real_size,
                    (unsigned long long) size);
  return DC_TAKE_FD (fd);
}

void
dc_layout_free (struct dc_layout *layout)
{
  if (layout == NULL)
    return;
  if (layout->fd >= 0)
    (void) close (layout->fd); /* only a folder */
  json_decref (layout->index);
  dc_output_free (layout->output);
  free (layout->path);
  free (layout);
}
