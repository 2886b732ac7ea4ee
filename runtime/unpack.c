/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/file.h"
#include "lib/quote.h"
#include "runtime/unpack.h"

#define READ_SIZE ((size_t) 256 * 1024)
#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"
#define ENTRY_MAX ((uint64_t) 10 * 1000 * 1000) /* of one layer */

struct unpacking {
  const struct dc_oci_layer *layers;
  const int *fds; /* of the layers' blobs */
  size_t count;
  int dir_fd;
  const struct dc_report *report;
};

/* What is done with one entry; PATH is without "./". */
typedef int visit_entry (struct archive *in, struct archive *out,
                         struct archive_entry *entry, const char *path,
                         const struct unpacking *unpacking,
                         struct dc_error *err);

/* A blob on its way to libarchive, digested as it passes. */
struct blob {
  int fd;
  struct dc_digest *digest;
  struct dc_error *err;
  char bytes[READ_SIZE];
};

static la_ssize_t
read_blob (struct archive *archive, void *data, const void **bytes)
{
  struct blob *blob = data;
  const ssize_t size = read (blob->fd, blob->bytes, sizeof blob->bytes);

  *bytes = blob->bytes;
  if (size < 0 ||
      dc_digest_add (blob->digest, blob->bytes, (size_t) size, blob->err) < 0) {
    archive_set_error (archive, errno, "cannot read the blob");
    return -1;
  }
  return size;
}

/* A full or broken disk is not the archive's fault. */
static int
archive_failed (struct archive *archive, const char *path, struct dc_error *err)
{
  const char *text = archive_error_string (archive);
  const int number = archive_errno (archive);

  if (number == ENOSPC || number == EDQUOT || number == EIO) {
    errno = number;
    return dc_fail_errno (err, "'%s'", dc_quote (path).text);
  }
  return dc_fail (err, DC_ERR_INVALID, "'%s': %s", dc_quote (path).text,
                  dc_quote (text != NULL ? text : "unknown failure").text);
}

/* The folder of PATH below DIR_FD, never through a link that leads out. */
static int
open_parent (int dir_fd, const char *path, const char **name,
             struct dc_error *err)
{
  const char *slash = strrchr (path, '/');

  *name = slash != NULL ? slash + 1 : path;
  if (slash == NULL)
    return dc_file_open_in_root (dir_fd, ".", O_RDONLY | O_DIRECTORY, err);
  AUTO_FREE char *parent = strndup (path, (size_t) (slash - path));
  if (parent == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  return dc_file_open_in_root (dir_fd, parent[0] != '\0' ? parent : ".",
                               O_RDONLY | O_DIRECTORY, err);
}

static int
remove_entry (int dir_fd, const char *name, struct dc_error *err)
{
  if (unlinkat (dir_fd, name, 0) == 0 || errno == ENOENT)
    return 0;
  if (errno == EISDIR)
    return dc_file_remove_tree (dir_fd, name, err);
  return dc_fail_errno (err, "cannot remove '%s'", dc_quote (name).text);
}

static void
close_dir_auto (DIR **dir)
{
  if (*dir != NULL)
    (void) closedir (*dir); /* it was only read */
}

/* A folder that was read while entries went may have kept some from us. */
static int
empty_folder (int dir_fd, struct dc_error *err)
{
  AUTO_CLOSE int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return dc_fail_errno (err, "cannot list a folder");
  __attribute__ ((__cleanup__ (close_dir_auto))) DIR *dir = fdopendir (fd);
  if (dir == NULL)
    return dc_fail_errno (err, "cannot list a folder");
  fd = -1; /* now DIR's */
  for (bool is_empty = false; !is_empty;) {
    const struct dirent *entry;
    is_empty = true;
    rewinddir (dir);
    while ((entry = readdir (dir)) != NULL) {
      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      is_empty = false;
      if (remove_entry (dir_fd, entry->d_name, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* Do what the whiteout at PATH says; a missing target is no fault. */
static int
apply_whiteout (int dir_fd, const char *path, struct dc_error *err)
{
  const char *name = NULL;
  AUTO_CLOSE int parent = open_parent (dir_fd, path, &name, err);

  if (parent < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  if (strcmp (name, OPAQUE) == 0)
    return empty_folder (parent, err);
  const char *target = name + strlen (WHITEOUT);
  if (target[0] == '\0' || strcmp (target, ".") == 0 ||
      strcmp (target, "..") == 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no whiteout",
                    dc_quote (path).text);
  return remove_entry (parent, target, err);
}

static bool
is_whiteout (const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;

  return strncmp (name, WHITEOUT, strlen (WHITEOUT)) == 0;
}

static int
copy_data (struct archive *in, struct archive *out, const char *path,
           struct dc_error *err)
{
  const void *bytes = NULL;
  size_t size = 0;
  la_int64_t offset = 0;

  for (;;) {
    const int status = archive_read_data_block (in, &bytes, &size, &offset);
    if (status == ARCHIVE_EOF)
      return 0;
    if (status < ARCHIVE_WARN)
      return archive_failed (in, path, err);
    if (archive_write_data_block (out, bytes, size, offset) < ARCHIVE_OK)
      return archive_failed (out, path, err);
  }
}

/* What stands at PATH goes, unless a folder comes to a folder: they become
 * one.  A folder that comes to a link does not go through it.
 */
static int
make_way (int dir_fd, const char *path, bool is_folder, struct dc_error *err)
{
  const char *name = NULL;
  struct stat st;
  AUTO_CLOSE int parent = open_parent (dir_fd, path, &name, err);

  if (parent < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  if (strcmp (name, "..") == 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' leads out of the image",
                    dc_quote (path).text);
  if (name[0] == '\0' || strcmp (name, ".") == 0 ||
      fstatat (parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return 0; /* what it is, libarchive will find out */
  return is_folder && S_ISDIR (st.st_mode) ? 0
                                           : remove_entry (parent, name, err);
}

/* libarchive's warnings are about owners, times and attributes. */
static int
check_status (struct archive *archive, int status, const char *path,
              const struct unpacking *unpacking, struct dc_error *err)
{
  if (status < ARCHIVE_WARN)
    return archive_failed (archive, path, err);
  if (status == ARCHIVE_WARN) {
    const char *text = archive_error_string (archive);
    dc_warn (unpacking->report, "'%s': %s, going on", dc_quote (path).text,
             dc_quote (text != NULL ? text : "unknown trouble").text);
  }
  return 0;
}

static int
extract_entry (struct archive *in, struct archive *out,
               struct archive_entry *entry, const char *path,
               const struct unpacking *unpacking, struct dc_error *err)
{
  const bool is_folder = archive_entry_filetype (entry) == AE_IFDIR;

  if (is_whiteout (path))
    return 0;
  if (make_way (unpacking->dir_fd, path, is_folder, err) < 0 ||
      check_status (out, archive_write_header (out, entry), path, unpacking,
                    err) < 0)
    return -1;
  if (archive_entry_size (entry) > 0 && copy_data (in, out, path, err) < 0)
    return -1;
  return check_status (out, archive_write_finish_entry (out), path, unpacking,
                       err);
}

static int
white_out (struct archive *in, struct archive *out, struct archive_entry *entry,
           const char *path, const struct unpacking *unpacking,
           struct dc_error *err)
{
  (void) in;
  (void) out;
  (void) entry; /* the path says all */
  return is_whiteout (path) ? apply_whiteout (unpacking->dir_fd, path, err) : 0;
}

static int
each_entry (struct archive *in, struct archive *out, visit_entry *visit,
            const struct unpacking *unpacking, struct dc_error *err)
{
  struct archive_entry *entry = NULL;

  for (uint64_t count = 0;; count++) {
    const int status = archive_read_next_header (in, &entry);
    if (status == ARCHIVE_EOF)
      return 0;
    if (status < ARCHIVE_WARN)
      return archive_failed (in, "the archive", err);
    if (count == ENTRY_MAX)
      return dc_fail (err, DC_ERR_LIMIT, "more than %llu entries",
                      (unsigned long long) ENTRY_MAX);
    const char *path = archive_entry_pathname (entry);
    if (path == NULL)
      return dc_fail (err, DC_ERR_INVALID, "an entry without a name");
    if (strspn (path, "/") == strlen (path)) {
      archive_entry_set_pathname (entry, "."); /* umoci calls the root "/" */
      path = ".";
    }
    while (strncmp (path, "./", 2) == 0)
      path += 2;
    if (visit (in, out, entry, path, unpacking, err) < 0)
      return -1;
  }
}

/* What stands behind the archive counts for the digest too. */
static int
check_digest (struct archive *in, struct blob *blob,
              const struct dc_oci_layer *layer, struct dc_error *err)
{
  char digest[DC_DIGEST_TEXT_SIZE];
  const void *unused = NULL;
  la_ssize_t size = 1;

  while (size > 0)
    size = read_blob (in, blob, &unused);
  if (size < 0)
    return archive_failed (in, "the archive", err);
  if (dc_digest_end (blob->digest, digest, err) < 0)
    return -1;
  return strcmp (digest, layer->digest) == 0
             ? 0
             : dc_fail (err, DC_ERR_INVALID, "blob '%s' has digest '%s'",
                        layer->digest, digest);
}

/* Without ARCHIVE_EXTRACT_UNLINK, which would turn a link that an entry leads
 * through into a folder.
 */
#define EXTRACT_FLAGS                                                          \
  (ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |       \
   ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_SECURE_NODOTDOT |                   \
   ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS)

static void
read_free_auto (struct archive **archive)
{
  (void) archive_read_free (*archive); /* only read; NULL is allowed */
}

static void
write_free_auto (struct archive **archive)
{
  (void) archive_write_free (*archive); /* closed with a check before */
}

/* Show all entries of a layer to VISIT, from the blob's first byte on. */
static int
walk_layer (size_t i, struct archive *out, visit_entry *visit,
            const struct unpacking *unpacking, struct dc_error *err)
{
  AUTO_FREE struct blob *blob = calloc (1, sizeof *blob);
  DC_AUTO (dc_digest) *digest = NULL;
  __attribute__ ((__cleanup__ (read_free_auto))) struct archive *in =
      archive_read_new ();

  if (blob == NULL || in == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to unpack");
  if (dc_digest_new (&digest, err) < 0)
    return -1;
  *blob =
      (struct blob){ .fd = unpacking->fds[i], .digest = digest, .err = err };
  if (lseek (blob->fd, 0, SEEK_SET) < 0)
    return dc_fail_errno (err, "cannot read the blob from its start");
  (void) archive_read_support_filter_gzip (in); /* warns at the worst */
  (void) archive_read_support_filter_zstd (in);
  (void) archive_read_support_format_tar (in);
  (void) archive_read_set_options (in, "hdrcharset=BINARY");
  if (archive_read_open (in, blob, NULL, read_blob, NULL) != ARCHIVE_OK)
    return archive_failed (in, "the archive", err);
  if (each_entry (in, out, visit, unpacking, err) < 0)
    return -1;
  return check_digest (in, blob, &unpacking->layers[i], err);
}

/* Whiteouts are about the layers below, wherever they stand in their own: so
 * they come first.  The lowest layer has nothing to take away.
 */
static int
unpack_layer (size_t i, const struct unpacking *unpacking, struct dc_error *err)
{
  if (i > 0 && walk_layer (i, NULL, white_out, unpacking, err) < 0)
    return -1;
  __attribute__ ((__cleanup__ (write_free_auto))) struct archive *out =
      archive_write_disk_new ();
  if (out == NULL)
    return dc_fail (err, DC_ERR_SYSTEM, "no memory to unpack");
  (void) archive_write_disk_set_options (out, EXTRACT_FLAGS);
  if (walk_layer (i, out, extract_entry, unpacking, err) < 0)
    return -1;
  return check_status (out, archive_write_close (out), "the last entries",
                       unpacking, err);
}

static int
unpack_all (void *arg, const struct dc_report *report, json_t **result,
            struct dc_error *err)
{
  struct unpacking *unpacking = arg;
  struct dc_progress progress;

  (void) result; /* the folder is all there is */
  if (fchdir (unpacking->dir_fd) < 0)
    return dc_fail_errno (err, "cannot enter the folder");
  (void) umask (0); /* the layers say all modes */
  unpacking->report = report;
  dc_progress_begin (&progress, report, "unpacking", unpacking->count);
  for (size_t i = 0; i < unpacking->count; i++) {
    if (unpack_layer (i, unpacking, err) < 0)
      return dc_context (err, "layer %zu", i + 1);
    dc_progress_add (&progress, 1);
  }
  dc_progress_end (&progress);
  return 0;
}

static int
open_blobs (struct dc_layout *layout, const struct dc_oci_layer *layers,
            size_t count, int *fds, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++) {
    fds[i] = dc_layout_blob (layout, layers[i].digest, layers[i].size, err);
    if (fds[i] < 0)
      return -1;
  }
  return 0;
}

/* FDS are the blobs, and behind them the folder. */
static int
unpack_confined (const struct dc_oci_layer *layers, const int *fds,
                 size_t count, const char *name, const struct dc_report *report,
                 struct dc_error *err)
{
  const int dir_fd = fds[count];
  json_t *result = NULL;
  struct unpacking unpacking = { layers, fds, count, dir_fd, report };
  const struct dc_confine confine = { .name = name,
                                      .keep_fds = fds,
                                      .keep_fd_count = count + 1,
                                      .write_dirs = &dir_fd,
                                      .write_dir_count = 1 };

  return dc_confined (&confine, unpack_all, &unpacking, report, &result, err);
}

int
dc_unpack (struct dc_layout *layout, const struct dc_image *image, int dir_fd,
           const struct dc_report *report, struct dc_error *err)
{
  struct dc_oci_layer layers[DC_OCI_LAYER_MAX];
  int fds[DC_OCI_LAYER_MAX + 1];
  size_t count = 0;

  if (dc_oci_read_layers (image->manifest, image->config, layers, &count, err) <
      0)
    return -1;
  for (size_t i = 0; i < count; i++)
    fds[i] = -1;
  fds[count] = dir_fd;
  int status = open_blobs (layout, layers, count, fds, err);
  if (status == 0)
    status = unpack_confined (layers, fds, count, "unpacking the image", report,
                              err);
  for (size_t i = 0; i < count; i++)
    dc_close_auto (&fds[i]);
  return status;
}

int
dc_unpack_archive (int fd, const char *digest, int dir_fd,
                   const struct dc_report *report, struct dc_error *err)
{
  struct dc_oci_layer layer = { .title = NULL };
  const int fds[] = { fd, dir_fd };

  (void) snprintf (layer.digest, sizeof layer.digest, "%s", digest);
  return unpack_confined (&layer, fds, 1, "unpacking a volume", report, err);
}
