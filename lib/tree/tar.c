/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/quote.h"
#include "lib/tree/backends.h"
#include "lib/tree/tarmember.h"

#define READ_SIZE ((size_t) 64 * 1024)

struct tar_tree {
  struct dc_tree head;
  int spool_fd; /* borrowed; an entry's cookie is where its content begins */
};

/* The spool ends with the last byte that was written; behind it is a hole. */
static int
read_tar (struct dc_tree *tree, const struct dc_entry *entry, uint64_t offset,
          void *bytes, size_t size, struct dc_error *err)
{
  const struct tar_tree *tar = (const struct tar_tree *) tree;
  char *to = bytes;

  while (size > 0) {
    const ssize_t n =
        pread (tar->spool_fd, to, size, (off_t) (entry->cookie + offset));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return dc_fail_errno (err, "cannot read what was kept of it");
    if (n == 0) {
      memset (to, 0, size);
      break;
    }
    to += n;
    size -= (size_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

static int
data_tar (struct dc_tree *tree, const struct dc_entry *entry, uint64_t offset,
          struct dc_tree_range *range, struct dc_error *err)
{
  const struct tar_tree *tar = (const struct tar_tree *) tree;

  if (dc_file_data (tar->spool_fd, entry->cookie + offset,
                    entry->cookie + entry->size, &range->begin, &range->end,
                    err) < 0)
    return -1;
  range->begin -= entry->cookie;
  range->end -= entry->cookie;
  return 0;
}

static void
free_tar (struct dc_tree *tree)
{
  dc_tree_release (tree);
  free (tree);
}

static const struct dc_tree_ops tar_ops = {
  .name = "tar",
  .read = read_tar,
  .data = data_tar,
  .free = free_tar,
};

static void
free_archive (struct archive **archive)
{
  (void) archive_read_free (*archive); /* NULL is allowed */
}
#define AUTO_ARCHIVE __attribute__ ((__cleanup__ (free_archive)))

/* Those filters that are inside libarchive: the others (grzip, lrzip, lzop)
 * would start a program because the archive says so.
 */
static int
open_archive (int fd, struct archive **out, struct dc_error *err)
{
  static int (*const filters[]) (struct archive *) = {
    archive_read_support_filter_bzip2, archive_read_support_filter_compress,
    archive_read_support_filter_gzip,  archive_read_support_filter_lz4,
    archive_read_support_filter_lzip,  archive_read_support_filter_lzma,
    archive_read_support_filter_xz,    archive_read_support_filter_zstd,
  };
  AUTO_ARCHIVE struct archive *archive = archive_read_new ();

  if (archive == NULL)
    return dc_fail_errno (err, "cannot read an archive");
  for (size_t i = 0; i < DC_COUNT (filters); i++)
    if (filters[i](archive) != ARCHIVE_OK)
      return dc_fail (err, DC_ERR_UNSUPPORTED,
                      "libarchive lacks a compression: %s",
                      dc_quote (archive_error_string (archive)).text);
  if (archive_read_support_format_tar (archive) != ARCHIVE_OK ||
      archive_read_open_fd (archive, fd, READ_SIZE) != ARCHIVE_OK)
    return dc_tar_fail (archive, err);
  *out = DC_TAKE (archive);
  return 0;
}

/* What libarchive made no sense of, but for names that it could not turn into
 * the locale's characters: it then gives the bytes, which we want.
 */
static int
note_warning (struct dc_tar_reader *reader, struct archive_entry *entry,
              struct dc_error *err)
{
  const char *text = archive_error_string (reader->archive);
  const char *path = archive_entry_pathname (entry);

  if (text == NULL || strstr (text, "can't be converted") != NULL)
    return 0;
  return dc_builder_note (reader->builder, 0, path, err, "%s",
                          dc_quote (text).text);
}

static int
read_members (struct dc_tar_reader *reader, struct dc_error *err)
{
  for (int is_first = 1;; is_first = 0) {
    struct archive_entry *entry;
    const int status = archive_read_next_header (reader->archive, &entry);
    /* A file of zeros, or one that begins with enough of them as some disks
     * do, is an archive of nothing to libarchive; nobody means that.
     */
    if (status == ARCHIVE_EOF && is_first)
      return dc_fail (err, DC_ERR_INVALID, "is an archive without files");
    if (status == ARCHIVE_EOF)
      return 0;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      return dc_tar_fail (reader->archive, err);
    if (status == ARCHIVE_WARN && note_warning (reader, entry, err) < 0)
      return -1;
    if (dc_tar_member (reader, entry, err) < 0)
      return -1;
  }
}

/* So that whoever writes to a pipe is not killed for its last zeros. */
static int
drain (int fd, struct dc_error *err)
{
  char bytes[4096];

  for (;;) {
    const ssize_t n = read (fd, bytes, sizeof bytes);
    if (n == 0)
      return 0;
    if (n < 0 && errno != EINTR)
      return dc_fail_errno (err, "cannot read the archive");
  }
}

/* Notes about the archive as a whole, kept with its root. */
static int
note_whole (struct dc_tar_reader *reader, struct dc_error *err)
{
  const int64_t read = archive_filter_bytes (reader->archive, 0);

  if (reader->absolute_count > 0 &&
      dc_builder_note (reader->builder, 0, NULL, err,
                       "%llu names begin with '/', taken as inside the root",
                       (unsigned long long) reader->absolute_count) < 0)
    return -1;
  if (reader->dotdot_count > 0 &&
      dc_builder_note (reader->builder, 0, NULL, err,
                       "%llu names hold '..', taken as inside the root",
                       (unsigned long long) reader->dotdot_count) < 0)
    return -1;
  if (read == archive_read_header_position (reader->archive))
    return dc_builder_note (reader->builder, 0, NULL, err,
                            "the archive has no end mark, files may be "
                            "missing");
  return 0;
}

static int
read_archive (int fd, int spool_fd, struct dc_builder *builder,
              struct dc_error *err)
{
  AUTO_ARCHIVE struct archive *archive = NULL;
  struct dc_tar_reader reader;

  if (dc_builder_index (builder, err) < 0 ||
      open_archive (fd, &archive, err) < 0)
    return -1;
  dc_tar_reader_init (&reader, archive, builder, spool_fd);
  int status = read_members (&reader, err);
  if (status == 0)
    status = note_whole (&reader, err);
  if (status == 0)
    status = drain (fd, err);
  dc_tar_reader_release (&reader);
  return status;
}

int
dc_tree_tar (int fd, int spool_fd, struct dc_tree **out, struct dc_error *err)
{
  DC_AUTO (dc_builder) *builder = NULL;

  if (dc_builder_new (&builder, err) < 0)
    return -1;
  /* In any other locale libarchive would convert the names of pax records. */
  const locale_t plain = newlocale (LC_CTYPE_MASK, "C", (locale_t) 0);
  if (plain == (locale_t) 0)
    return dc_fail_errno (err, "cannot set a locale");
  const locale_t before = uselocale (plain);
  const int status = read_archive (fd, spool_fd, builder, err);
  (void) uselocale (before); /* the one that was there */
  freelocale (plain);
  if (status < 0)
    return -1;

  AUTO_FREE struct tar_tree *tree = calloc (1, sizeof *tree);
  if (tree == NULL)
    return dc_fail_errno (err, "cannot make a tree");
  if (dc_builder_finish (builder, &tree->head, err) < 0)
    return -1;
  tree->head.ops = &tar_ops;
  tree->spool_fd = spool_fd;
  *out = &DC_TAKE (tree)->head;
  return 0;
}
