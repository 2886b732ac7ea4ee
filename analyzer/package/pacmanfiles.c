/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/package/pacman.h"
#include "analyzer/package/pagefile.h"
#include "lib/quote.h"

struct lister {
  const struct dc_packages *packages;
  struct dc_tree *tree;
  const struct dc_file_sink *sink;
  size_t package;
  size_t room; /* bytes that may still be read */
  struct dc_buffer path, target;
};

/* A file beside the package's desc: 1, 0 when there is none. */
static int
read_beside (struct lister *lister, const char *name, struct dc_buffer *b,
             struct dc_error *err)
{
  const char *desc = lister->packages->items[lister->package].file;
  const size_t folder = strlen (desc) - strlen ("desc");
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  b->max =
      lister->room < DC_PACKAGE_LIST_MAX ? lister->room : DC_PACKAGE_LIST_MAX;
  if (dc_buffer_append (&path, desc, folder, err) < 0 ||
      dc_buffer_append (&path, name, strlen (name), err) < 0)
    return -1;
  const int found =
      dc_tree_read_file (lister->tree, dc_buffer_text (&path), b, err);
  lister->room -= found > 0 ? b->size : 0;
  return found;
}

static int
list_files (struct lister *lister, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_span value;

  if (read_beside (lister, "files", &b, err) < 0)
    return -1;
  struct dc_pacman_reader reader = { { dc_buffer_text (&b), b.size },
                                     { NULL, 0 },
                                     0 };
  while (dc_pacman_next (&reader, &value)) {
    const struct dc_packaged_file file = { .path = value };
    if (dc_span_is (reader.key, "FILES") &&
        lister->sink->file (lister->sink->self, lister->package, &file, err) <
            0)
      return -1;
  }
  return 0;
}

/* The bytes that a gzip file says it holds (RFC 1952, 2.3.1: ISIZE): 1, 0 when
 * they are not.
 */
static int
inflate (const struct dc_buffer *packed, size_t max, struct dc_buffer *out,
         struct dc_error *err)
{
  if (packed->size < 18)
    return 0;
  const size_t size =
      (size_t) dc_get_little (packed->data + packed->size - 4, 4);
  if (size > max)
    return 0;
  out->max = size;
  if (dc_buffer_reserve (out, size, err) < 0)
    return -1;
  struct libdeflate_decompressor *decompressor =
      libdeflate_alloc_decompressor ();
  if (decompressor == NULL)
    return dc_fail_errno (err, "cannot decompress a list of files");
  const enum libdeflate_result result = libdeflate_gzip_decompress (
      decompressor, packed->data, packed->size, out->data, size, &out->size);
  libdeflate_free_decompressor (decompressor);
  return result == LIBDEFLATE_SUCCESS;
}

static bool
is_octal (char digit)
{
  return digit >= '0' && digit <= '7';
}

/* "\040" is a blank: vis(3). */
static int
unescape (struct dc_span text, struct dc_buffer *b, struct dc_error *err)
{
  dc_buffer_clear (b);
  for (size_t i = 0; i < text.size; i++) {
    char byte = text.text[i];
    if (byte == '\\' && text.size - i > 3 && is_octal (text.text[i + 1]) &&
        is_octal (text.text[i + 2]) && is_octal (text.text[i + 3])) {
      byte = (char) ((text.text[i + 1] - '0') << 6 |
                     (text.text[i + 2] - '0') << 3 | (text.text[i + 3] - '0'));
      i += 3;
    }
    if (dc_buffer_append (b, &byte, 1, err) < 0)
      return -1;
  }
  return 0;
}

/* "./usr/bin/sh mode=777 type=link link=bash" */
static int
list_line (struct lister *lister, struct dc_span line, struct dc_error *err)
{
  struct dc_packaged_file file = { .path = { NULL, 0 } };
  struct dc_span name, word, key;

  if (!dc_span_word (&line, &name) || !dc_span_starts (name, "./") ||
      name.size > DC_TREE_PATH_MAX)
    return 0; /* "#mtree", "/set ..." */
  if (dc_span_starts (name, "./."))
    return 0; /* .PKGINFO and the like: of the archive, not of the system */
  if (unescape (dc_span_skip (name, 1), &lister->path, err) < 0)
    return -1;
  file.path =
      (struct dc_span){ dc_buffer_text (&lister->path), lister->path.size };
  while (dc_span_word (&line, &word)) {
    if (!dc_span_field (&word, '=', &key) || word.text == NULL)
      continue;
    if (dc_span_is (key, "sha256digest"))
      file.sum = dc_checksum_hex (DC_CHECKSUM_SHA256, word);
    if (dc_span_is (key, "link") && word.size <= DC_TREE_PATH_MAX) {
      if (unescape (word, &lister->target, err) < 0)
        return -1;
      file.target = (struct dc_span){ dc_buffer_text (&lister->target),
                                      lister->target.size };
    }
  }
  return lister->sink->file (lister->sink->self, lister->package, &file, err);
}

/* 1, 0 when there is none that can be read. */
static int
list_mtree (struct lister *lister, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer packed = DC_BUFFER_INIT (0);
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (0);
  struct dc_span line;

  int status = read_beside (lister, "mtree", &packed, err);
  if (status > 0)
    status = inflate (&packed, DC_PACKAGE_LIST_MAX, &text, err);
  if (status <= 0)
    return status;
  struct dc_span rest = { dc_buffer_text (&text), text.size };
  while (dc_span_line (&rest, &line))
    if (list_line (lister, line, err) < 0)
      return -1;
  return 1;
}

static int
list_package (struct lister *lister, struct dc_error *err)
{
  const int found = lister->sink->wants_sums ? list_mtree (lister, err) : 0;

  return found == 0 ? list_files (lister, err) : (found < 0 ? -1 : 0);
}

int
dc_pacman_list (const struct dc_packages *packages, size_t db,
                struct dc_tree *tree, const struct dc_file_sink *sink,
                struct dc_error *err)
{
  struct lister lister = {
    .packages = packages,
    .tree = tree,
    .sink = sink,
    .room = DC_PACKAGE_LISTS_MAX,
    .path = DC_BUFFER_INIT (DC_TREE_PATH_MAX),
    .target = DC_BUFFER_INIT (DC_TREE_PATH_MAX),
  };
  int status = 0;

  for (size_t i = 0; i < packages->dbs[db].count && status == 0; i++) {
    lister.package = packages->dbs[db].first + i;
    status = list_package (&lister, err);
    if (status < 0)
      status =
          dc_context (err, "the files of package '%s'",
                      dc_quote (packages->items[lister.package].name).text);
  }
  dc_buffer_release (&lister.path);
  dc_buffer_release (&lister.target);
  return status;
}
