/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "lib/tree/taracl.h"
#include "lib/tree/tarmember.h"

#define SPOOL_ALIGNMENT ((uint64_t) 4096)
#define XATTR_MAX ((size_t) 1024 * 1024) /* libarchive has 1 MiB for all */

static const char *const acl_names[] = {
  [DC_TAR_ACL_ACCESS] = "system.posix_acl_access",
  [DC_TAR_ACL_DEFAULT] = "system.posix_acl_default",
};

void
dc_tar_reader_init (struct dc_tar_reader *reader, struct archive *archive,
                    struct dc_builder *builder, int spool_fd)
{
  memset (reader, 0, sizeof *reader);
  reader->archive = archive;
  reader->builder = builder;
  reader->spool_fd = spool_fd;
  reader->path.max = reader->other.max = DC_TREE_PATH_MAX;
  for (size_t i = 0; i < DC_COUNT (reader->acls); i++)
    reader->acls[i].max = DC_XATTR_SIZE_MAX;
}

void
dc_tar_reader_release (struct dc_tar_reader *reader)
{
  dc_buffer_release (&reader->path);
  dc_buffer_release (&reader->other);
  for (size_t i = 0; i < DC_COUNT (reader->acls); i++)
    dc_buffer_release (&reader->acls[i]);
  free (reader->xattrs);
}

int
dc_tar_fail (struct archive *archive, struct dc_error *err)
{
  const int number = archive_errno (archive);
  const char *text = archive_error_string (archive);
  const struct dc_quoted quoted = dc_quote (text != NULL ? text : "no reason");

  /* libarchive uses some errno values for faults of the archive. */
  if (number > 0 && number != EILSEQ && number != EINVAL) {
    errno = number;
    return dc_fail_errno (err, "cannot read the archive");
  }
  if (text != NULL && strstr (text, "Unrecognized archive format") != NULL)
    return dc_fail (err, DC_ERR_INVALID,
                    "is no tar archive, or compressed in a way that is not "
                    "known");
  return dc_fail (err, DC_ERR_INVALID, "damaged archive: %s", quoted.text);
}

/* Note what is wrong with the member, by its own name. */
static int
note (struct dc_tar_reader *reader, const char *text, struct dc_error *err)
{
  return dc_builder_note (reader->builder, 0, dc_buffer_text (&reader->path),
                          err, "%s", text);
}

/* Less the last component of B. */
static void
drop_last (struct dc_buffer *b)
{
  const char *slash = b->size == 0 ? NULL : strrchr (b->data, '/');

  b->size = slash == NULL ? 0 : (size_t) (slash - b->data);
  if (b->data != NULL)
    b->data[b->size] = '\0';
}

/* PATH without what does not count, into B.  1; 0: it is too long, which is
 * noted.
 */
static int
clean_path (struct dc_tar_reader *reader, const char *path, struct dc_buffer *b,
            struct dc_error *err)
{
  dc_buffer_clear (b);
  reader->absolute_count += path[0] == '/';
  if (strlen (path) > b->max) {
    if (dc_builder_note (reader->builder, 0, NULL, err,
                         "a member has a name over 64 KiB ('%s'), left out",
                         dc_quote (path).text) < 0)
      return -1;
    return 0;
  }
  int has_dotdot = 0;
  for (path += strspn (path, "/"); *path != '\0'; path += strspn (path, "/")) {
    const size_t size = strcspn (path, "/");
    const char *part = path;
    path += size;
    if (size == 1 && part[0] == '.')
      continue;
    if (size == 2 && part[0] == '.' && part[1] == '.') {
      drop_last (b);
      has_dotdot = 1;
    } else if ((b->size > 0 && dc_buffer_append (b, "/", 1, err) < 0) ||
               dc_buffer_append (b, part, size, err) < 0)
      return -1;
  }
  reader->dotdot_count += (unsigned) has_dotdot;
  return 1;
}

/* The folder NAME in FOLDER, made if it is missing.  DC_TREE_NONE in *OUT:
 * there is and can be none, which is noted.
 */
static int
enter_folder (struct dc_tar_reader *reader, uint32_t folder, const char *name,
              uint32_t *out, struct dc_error *err)
{
  const struct dc_tree *view = dc_builder_view (reader->builder);
  const struct dc_raw_entry raw = { .name = name,
                                    .name_size = strlen (name),
                                    .mode = S_IFDIR | 0755 };

  *out = dc_tree_resolve_at (view, folder, name);
  if (*out != DC_TREE_NONE && S_ISDIR (view->entries[*out].mode))
    return 0;
  if (*out == DC_TREE_NONE &&
      dc_tree_child (view, folder, name) == DC_TREE_NONE)
    return dc_builder_add (reader->builder, folder, &raw, out, err);
  const int is_file = *out != DC_TREE_NONE;
  *out = DC_TREE_NONE;
  return note (reader,
               is_file ? "is below something that is no folder, left out"
                       : "is below a symbolic link that leads nowhere, left "
                         "out",
               err);
}

/* The folder that the member is in, and its NAME there (in reader->path). */
static int
enter_folders (struct dc_tar_reader *reader, uint32_t *folder,
               const char **name, struct dc_error *err)
{
  char *part = reader->path.data, *slash;

  *folder = 0;
  for (; (slash = strchr (part, '/')) != NULL; part = slash + 1) {
    AUTO_FREE char *copy = strndup (part, (size_t) (slash - part));
    if (copy == NULL)
      return dc_fail_errno (err, "cannot keep a name");
    if (enter_folder (reader, *folder, copy, folder, err) < 0)
      return -1;
    if (*folder == DC_TREE_NONE)
      break;
  }
  *name = part;
  return 0;
}

static bool
is_zero (const char *bytes, size_t size)
{
  return size > 0 && bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0;
}

static int
write_at (int fd, uint64_t offset, const char *bytes, size_t size,
          struct dc_error *err)
{
  /* Some writers spell out the holes of gigabytes; the spool has them. */
  if (is_zero (bytes, size))
    return 0;
  while (size > 0) {
    const ssize_t n = pwrite (fd, bytes, size, (off_t) offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return dc_fail_errno (err, "cannot keep its content");
    bytes += n;
    size -= (size_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

/* The content of the member, SIZE bytes, into the spool. */
static int
spool (struct dc_tar_reader *reader, uint64_t size, uint64_t *cookie,
       struct dc_error *err)
{
  const uint64_t base =
      (reader->spool_end + SPOOL_ALIGNMENT - 1) & ~(SPOOL_ALIGNMENT - 1);

  if (size > INT64_MAX - base)
    return dc_fail (err, DC_ERR_LIMIT, "the files are too large together");
  for (;;) {
    const void *bytes;
    size_t n;
    int64_t offset;
    const int status =
        archive_read_data_block (reader->archive, &bytes, &n, &offset);
    if (status == ARCHIVE_EOF)
      break;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      return dc_tar_fail (reader->archive, err);
    if (offset < 0 || (uint64_t) offset > size || n > size - (uint64_t) offset)
      return dc_fail (err, DC_ERR_INVALID, "has data behind its end");
    if (write_at (reader->spool_fd, base + (uint64_t) offset, bytes, n, err) <
        0)
      return -1;
  }
  *cookie = base;
  reader->spool_end = base + size;
  return 0;
}

static int
add_xattr (struct dc_tar_reader *reader, const char *name, const void *value,
           size_t size, struct dc_error *err)
{
  if (DC_ARRAY_GROW (reader->xattrs, reader->xattr_count, XATTR_MAX,
                     "extended attributes", err) < 0)
    return -1;
  reader->xattrs[reader->xattr_count++] =
      (struct dc_xattr){ .name = name, .value = value, .size = size };
  return 0;
}

static const struct dc_xattr *
find_xattr (const struct dc_tar_reader *reader, const char *name)
{
  for (size_t i = 0; i < reader->xattr_count; i++)
    if (strcmp (reader->xattrs[i].name, name) == 0)
      return &reader->xattrs[i];
  return NULL;
}

/* An ACL that cannot be understood is left out.  One that is there as an
 * xattr, too, is not asked for: that has numbers where the text may have
 * names (GNU tar writes both).
 */
static int
add_acl (struct dc_tar_reader *reader, struct archive_entry *entry,
         enum dc_tar_acl_kind kind, struct dc_error *err)
{
  struct dc_buffer *b = &reader->acls[kind];
  struct dc_error acl_err;

  if (find_xattr (reader, acl_names[kind]) != NULL)
    return 0;
  dc_buffer_clear (b);
  const int status = dc_tar_acl (entry, kind, b, &acl_err);
  if (status == 1)
    return add_xattr (reader, acl_names[kind], b->data, b->size, err);
  if (status == 0)
    return 0;
  if (acl_err.code == DC_ERR_SYSTEM) {
    *err = acl_err;
    return -1;
  }
  (void) dc_context (&acl_err, "its ACL, left out");
  return note (reader, acl_err.text, err);
}

static int
collect_xattrs (struct dc_tar_reader *reader, struct archive_entry *entry,
                struct dc_error *err)
{
  const char *name;
  const void *value;
  size_t size;

  reader->xattr_count = 0;
  (void) archive_entry_xattr_reset (entry); /* returns how many */
  while (archive_entry_xattr_next (entry, &name, &value, &size) == ARCHIVE_OK)
    if (name != NULL && add_xattr (reader, name, value, size, err) < 0)
      return -1;
  if ((archive_entry_acl_types (entry) & ARCHIVE_ENTRY_ACL_TYPE_NFS4) != 0 &&
      note (reader, "its NFSv4 ACL, left out", err) < 0)
    return -1;
  if (add_acl (reader, entry, DC_TAR_ACL_ACCESS, err) < 0)
    return -1;
  return add_acl (reader, entry, DC_TAR_ACL_DEFAULT, err);
}

/* libarchive puts the sign of "-1.5" on the seconds alone.  It writes what it
 * would so read, and its "-2.5" for the same time is a second off here as for
 * every other reader (measured with 3.6).
 */
static int64_t
get_mtime (struct archive_entry *entry)
{
  const int64_t seconds = archive_entry_mtime (entry);

  return seconds < 0 && archive_entry_mtime_nsec (entry) > 0 ? seconds - 1
                                                             : seconds;
}

/* What ENTRY says, in RAW.  1; 0: it cannot be, which is noted. */
static int
collect (struct dc_tar_reader *reader, struct archive_entry *entry,
         struct dc_raw_entry *raw, struct dc_error *err)
{
  const int64_t uid = archive_entry_uid (entry);
  const int64_t gid = archive_entry_gid (entry);

  if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX) {
    if (note (reader, "has an impossible owner, left out", err) < 0)
      return -1;
    return 0;
  }
  if (collect_xattrs (reader, entry, err) < 0)
    return -1;
  raw->xattrs = reader->xattrs;
  raw->xattr_count = reader->xattr_count;
  raw->mtime = get_mtime (entry);
  raw->uid = (uint32_t) uid;
  raw->gid = (uint32_t) gid;
  raw->mode = (uint16_t) archive_entry_mode (entry);
  const struct dc_xattr *acl =
      find_xattr (reader, acl_names[DC_TAR_ACL_ACCESS]);
  if (acl != NULL)
    dc_tar_acl_mask (acl->value, acl->size, &raw->mode);
  if (S_ISLNK (raw->mode)) {
    raw->target = archive_entry_symlink (entry);
    raw->target_size = raw->target == NULL ? 0 : strlen (raw->target);
  }
  return 1;
}

static int
add_member (struct dc_tar_reader *reader, struct archive_entry *entry,
            uint32_t folder, const char *name, struct dc_error *err)
{
  struct dc_raw_entry raw = { .name = name, .name_size = strlen (name) };
  uint32_t id;

  const int status = collect (reader, entry, &raw, err);
  if (status <= 0)
    return status;
  const struct dc_tree *view = dc_builder_view (reader->builder);
  const uint32_t old = dc_tree_child (view, folder, name);
  if (old != DC_TREE_NONE) {
    if (S_ISDIR (raw.mode) && S_ISDIR (view->entries[old].mode))
      return dc_builder_update (reader->builder, old, &raw, err);
    dc_builder_remove (reader->builder, old);
  }
  if (S_ISREG (raw.mode)) {
    raw.size = (uint64_t) archive_entry_size (entry);
    if (raw.size <= INT64_MAX && spool (reader, raw.size, &raw.cookie, err) < 0)
      return -1;
  }
  return dc_builder_add (reader->builder, folder, &raw, &id, err);
}

/* What reader->other names, the last component not followed. */
static uint32_t
find_other (struct dc_tar_reader *reader)
{
  const struct dc_tree *view = dc_builder_view (reader->builder);
  char *path = reader->other.data;
  char *slash = reader->other.size == 0 ? NULL : strrchr (path, '/');

  if (reader->other.size == 0)
    return 0;
  if (slash == NULL)
    return dc_tree_child (view, 0, path);
  *slash = '\0';
  const uint32_t folder = dc_tree_resolve (view, path);
  *slash = '/';
  if (folder == DC_TREE_NONE)
    return folder;
  return dc_tree_child (view, folder, slash + 1);
}

static int
link_member (struct dc_tar_reader *reader, struct archive_entry *entry,
             uint32_t folder, const char *name, struct dc_error *err)
{
  const int status =
      clean_path (reader, archive_entry_hardlink (entry), &reader->other, err);
  if (status <= 0)
    return status;
  const struct dc_tree *view = dc_builder_view (reader->builder);
  const uint32_t target = find_other (reader);
  if (target == DC_TREE_NONE)
    return note (reader, "is a hard link to what is not there, left out", err);
  if (S_ISDIR (view->entries[target].mode))
    return note (reader, "is a hard link to a folder, left out", err);
  /* pax may repeat the content; it is the same by definition. */
  const uint64_t size = (uint64_t) archive_entry_size (entry);
  if (size > 0 && size != view->entries[target].size &&
      note (reader,
            "is a hard link with a content of its own, which is left "
            "out",
            err) < 0)
    return -1;
  const uint32_t old = dc_tree_child (view, folder, name);
  if (old == target)
    return 0;
  if (old != DC_TREE_NONE)
    dc_builder_remove (reader->builder, old);
  return dc_builder_link (reader->builder, folder, name, target, err);
}

/* The member named "." or "/". */
static int
set_root (struct dc_tar_reader *reader, struct archive_entry *entry,
          struct dc_error *err)
{
  struct dc_raw_entry raw = { .name = "" };

  const int status = collect (reader, entry, &raw, err);
  if (status <= 0)
    return status;
  if (!S_ISDIR (raw.mode))
    return note (reader, "a member for the root that is no folder, left out",
                 err);
  return dc_builder_root (reader->builder, &raw, err);
}

int
dc_tar_member (struct dc_tar_reader *reader, struct archive_entry *entry,
               struct dc_error *err)
{
  const char *path = archive_entry_pathname (entry), *name = NULL;
  uint32_t folder;

  if (path == NULL)
    return dc_builder_note (reader->builder, 0, NULL, err,
                            "a member has no name, left out");
  const int status = clean_path (reader, path, &reader->path, err);
  if (status <= 0)
    return status;
  if (reader->path.size == 0)
    return set_root (reader, entry, err);
  if (enter_folders (reader, &folder, &name, err) < 0)
    return -1;
  if (folder == DC_TREE_NONE)
    return 0;
  if (archive_entry_hardlink (entry) != NULL)
    return link_member (reader, entry, folder, name, err);
  if (add_member (reader, entry, folder, name, err) < 0)
    return dc_context (err, "'%s'", dc_quote (reader->path.data).text);
  return 0;
}
