/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "lib/tree/tarheader.h"
#include "lib/tree/tarsparse.h"
#include "lib/tree/tarwriter.h"

/* Files asked of the tree in one call: enough to keep a network disk busy,
 * and nothing beside the tree in memory.
 */
#define BATCH_COUNT 4096

/* Room for a path in all its forms beside the records. */
#define HEADER_SIZE_MAX (DC_TAR_RECORDS_SIZE_MAX + 4 * DC_TAR_BLOCK_SIZE)

/* A name whose content is carried by a name that is not in the archive. */
struct orphan {
  uint32_t carrier, index;
};

struct writer {
  struct dc_tree *tree;
  const uint32_t *indexes;
  size_t count, next; /* indexes[next] is the next member to write */
  struct dc_pipeline *pipeline;
  const struct dc_tar_options *options;
  struct dc_tarsparse sparse; /* of the file of which there is a SPARSE_FILE */
  uint32_t sparse_file;       /* index; DC_TREE_NONE */
  const void *room;           /* that was given out last */
  size_t root_size;           /* bytes of the root's path, and its slash */
  struct orphan *orphans;     /* sorted */
  size_t orphan_count;
  uint32_t file; /* whose content is being written */
  uint64_t left; /* bytes of it that have not come yet */
  struct dc_buffer path, target, header; /* kept for their memory */
};

static int
compare_indexes (const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  return (x > y) - (x < y);
}

static bool
is_member (const struct writer *writer, uint32_t index)
{
  return bsearch (&index, writer->indexes, writer->count, sizeof index,
                  compare_indexes) != NULL;
}

static int
compare_orphans (const void *a, const void *b)
{
  const struct orphan *x = a, *y = b;

  return x->carrier != y->carrier
             ? (x->carrier > y->carrier) - (x->carrier < y->carrier)
             : (x->index > y->index) - (x->index < y->index);
}

static int
find_orphans (struct writer *writer, struct dc_error *err)
{
  for (size_t i = 0; i < writer->count; i++) {
    const uint32_t index = writer->indexes[i];
    const uint32_t carrier = writer->tree->entries[index].hardlink;
    if (carrier == index || is_member (writer, carrier))
      continue;
    if (DC_ARRAY_GROW (writer->orphans, writer->orphan_count, DC_TREE_ENTRY_MAX,
                       "hard links", err) < 0)
      return -1;
    writer->orphans[writer->orphan_count++] =
        (struct orphan){ .carrier = carrier, .index = index };
  }
  if (writer->orphan_count > 0)
    qsort (writer->orphans, writer->orphan_count, sizeof *writer->orphans,
           compare_orphans);
  return 0;
}

/* The member that carries the content of member INDEX, often itself. */
static uint32_t
carrier_of (const struct writer *writer, uint32_t index)
{
  const uint32_t carrier = writer->tree->entries[index].hardlink;
  size_t low = 0, high = writer->orphan_count;

  if (carrier == index || is_member (writer, carrier))
    return carrier;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (writer->orphans[middle].carrier < carrier)
      low = middle + 1;
    else
      high = middle;
  }
  return writer->orphans[low].index;
}

static bool
has_content (const struct writer *writer, uint32_t index)
{
  const struct dc_entry *entry = &writer->tree->entries[index];

  return S_ISREG (entry->mode) && entry->size > 0 &&
         carrier_of (writer, index) == index;
}

static enum dc_tartype
type_of (const struct dc_entry *entry)
{
  if (S_ISDIR (entry->mode))
    return DC_TAR_FOLDER;
  if (S_ISLNK (entry->mode))
    return DC_TAR_SYMLINK;
  return S_ISFIFO (entry->mode) ? DC_TAR_FIFO : DC_TAR_FILE;
}

/* The path as archives have it: "./" for the root, "etc/" for a folder. */
static int
member_path (const struct writer *writer, uint32_t index, struct dc_buffer *b,
             struct dc_error *err)
{
  if (dc_tree_path (writer->tree, index, b, err) < 0)
    return -1;
  if (index == writer->options->root) {
    dc_buffer_clear (b);
    return dc_buffer_append (b, "./", 2, err);
  }
  b->size -= writer->root_size;
  memmove (b->data, b->data + writer->root_size, b->size + 1);
  return S_ISDIR (writer->tree->entries[index].mode)
             ? dc_buffer_append (b, "/", 1, err)
             : 0;
}

static uint64_t
content_size (const struct writer *writer, uint32_t index)
{
  if (!has_content (writer, index))
    return 0;
  return writer->sparse_file == index ? writer->sparse.size
                                      : writer->tree->entries[index].size;
}

static int
write_header (struct writer *writer, uint32_t index, struct dc_error *err)
{
  const struct dc_entry *entry = &writer->tree->entries[index];
  const uint32_t carrier = carrier_of (writer, index);
  struct dc_tarheader header = {
    .type = carrier == index ? type_of (entry) : DC_TAR_HARDLINK,
    .target = entry->target,
    /* A link has them, too: who sets its owner clears a capability. */
    .xattrs = entry->xattrs,
    .size = content_size (writer, index),
    .sparse_size = writer->sparse_file == index ? entry->size : 0,
    .mtime = entry->mtime,
    .uid = entry->uid,
    .gid = entry->gid,
    .mode = entry->mode,
  };

  if (member_path (writer, index, &writer->path, err) < 0)
    return -1;
  header.path = dc_buffer_text (&writer->path);
  if (carrier != index) {
    if (member_path (writer, carrier, &writer->target, err) < 0)
      return -1;
    header.target = dc_buffer_text (&writer->target);
  }

  dc_buffer_clear (&writer->header);
  if (dc_tarheader_encode (&header, &writer->header, err) < 0)
    return dc_context (err, "'%s'", dc_quote (header.path).text);
  return dc_pipeline_add (writer->pipeline, writer->header.data,
                          writer->header.size, err);
}

/* Write the headers up to that of INDEX, all if that is DC_TREE_NONE. */
static int
write_headers (struct writer *writer, uint32_t index, struct dc_error *err)
{
  while (writer->next < writer->count) {
    const uint32_t next = writer->indexes[writer->next++];
    assert (next == index || !has_content (writer, next));
    if (write_header (writer, next, err) < 0)
      return -1;
    if (next == index)
      break;
  }
  return 0;
}

static int
end_file (struct writer *writer, struct dc_error *err)
{
  static const char zeros[DC_TAR_BLOCK_SIZE];

  if (writer->file == DC_TREE_NONE)
    return 0;
  assert (writer->left == 0); /* a backend gives all bytes, or fails */
  return dc_pipeline_add (
      writer->pipeline, zeros,
      dc_tar_padding (writer->tree->entries[writer->file].size), err);
}

static int
tap_begin (const struct writer *writer, uint32_t index, struct dc_error *err)
{
  const struct dc_tar_tap *tap = writer->options->tap;

  return tap != NULL ? tap->begin (tap->self, index, err) : 0;
}

static int
begin_file (void *self, uint32_t index, struct dc_error *err)
{
  struct writer *writer = self;

  if (end_file (writer, err) < 0 || write_headers (writer, index, err) < 0)
    return -1;
  writer->file = index;
  writer->left = writer->tree->entries[index].size;
  return tap_begin (writer, index, err);
}

/* The pipeline's own memory, so that content is never copied. */
static int
room (void *self, void **bytes, size_t *size, struct dc_error *err)
{
  struct writer *writer = self;

  if (dc_pipeline_room (writer->pipeline, bytes, size, err) < 0)
    return -1;
  writer->room = *bytes;
  return 0;
}

/* The tap looks while the bytes are warm and still ours. */
static int
pass_on (struct writer *writer, size_t size, struct dc_error *err)
{
  const struct dc_tar_tap *tap = writer->options->tap;

  if (tap != NULL && tap->bytes (tap->self, writer->room, size, err) < 0)
    return -1;
  return dc_pipeline_commit (writer->pipeline, size, err);
}

static int
commit (void *self, size_t size, struct dc_error *err)
{
  struct writer *writer = self;

  assert (size <= writer->left);
  writer->left -= size;
  return pass_on (writer, size, err);
}

/* Bytes of the sparse file from BEGIN up to END. */
static int
write_segment (struct writer *writer, const struct dc_tree_range *range,
               struct dc_error *err)
{
  for (uint64_t offset = range->begin; offset < range->end;) {
    void *bytes;
    size_t size;
    if (room (writer, &bytes, &size, err) < 0)
      return -1;
    const uint64_t left = range->end - offset;
    const size_t n = size < left ? size : (size_t) left;
    if (dc_tree_read (writer->tree, writer->sparse_file, offset, bytes, n,
                      err) < 0 ||
        pass_on (writer, n, err) < 0)
      return -1;
    offset += n;
  }
  return 0;
}

/* The file that writer->sparse tells of: header, map, data, padding. */
static int
write_sparse (struct writer *writer, uint32_t index, struct dc_error *err)
{
  static const char zeros[DC_TAR_BLOCK_SIZE];
  const struct dc_tarsparse *sparse = &writer->sparse;

  if (end_file (writer, err) < 0)
    return -1;
  writer->file = DC_TREE_NONE;
  writer->sparse_file = index;
  if (write_headers (writer, index, err) < 0 ||
      dc_pipeline_add (writer->pipeline, sparse->map.data, sparse->map.size,
                       err) < 0 ||
      tap_begin (writer, index, err) < 0)
    return -1;
  for (size_t i = 0; i < sparse->count; i++)
    if (write_segment (writer, &sparse->items[i], err) < 0)
      return -1;
  writer->sparse_file = DC_TREE_NONE;
  return dc_pipeline_add (writer->pipeline, zeros,
                          dc_tar_padding (sparse->size), err);
}

struct batch {
  uint32_t indexes[BATCH_COUNT];
  size_t count;
};

static int
write_batch (struct writer *writer, struct batch *batch, struct dc_error *err)
{
  const struct dc_tree_sink sink = { begin_file, room, commit, writer };
  const size_t count = batch->count;

  batch->count = 0;
  return count == 0
             ? 0
             : dc_tree_stream (writer->tree, batch->indexes, count, &sink, err);
}

/* Write the members that have content, and those between them, by batches; a
 * file with holes alone.
 */
static int
write_contents (struct writer *writer, struct dc_error *err)
{
  struct batch batch = { .count = 0 };

  for (size_t i = 0; i < writer->count; i++) {
    const uint32_t index = writer->indexes[i];
    if (!has_content (writer, index))
      continue;
    const int is_sparse =
        writer->options->keeps_holes
            ? dc_tarsparse_find (writer->tree, index, &writer->sparse, err)
            : 0;
    if (is_sparse < 0 ||
        ((is_sparse > 0 || batch.count == BATCH_COUNT) &&
         write_batch (writer, &batch, err) < 0) ||
        (is_sparse > 0 && write_sparse (writer, index, err) < 0))
      return -1;
    if (is_sparse == 0)
      batch.indexes[batch.count++] = index;
  }
  return write_batch (writer, &batch, err);
}

static int
write_archive (struct writer *writer, struct dc_error *err)
{
  static const char end[2 * DC_TAR_BLOCK_SIZE];

  if (dc_tree_path (writer->tree, writer->options->root, &writer->path, err) <
      0)
    return -1;
  writer->root_size = writer->path.size + (writer->options->root != 0);

  if (find_orphans (writer, err) < 0 || write_contents (writer, err) < 0 ||
      end_file (writer, err) < 0 ||
      write_headers (writer, DC_TREE_NONE, err) < 0)
    return -1;
  return dc_pipeline_add (writer->pipeline, end, sizeof end, err);
}

int
dc_tar_write (struct dc_tree *tree, const uint32_t *indexes, size_t count,
              struct dc_pipeline *pipeline, struct dc_error *err)
{
  const struct dc_tar_options plain = { .tap = NULL };

  return dc_tar_write_as (tree, indexes, count, &plain, pipeline, err);
}

int
dc_tar_write_as (struct dc_tree *tree, const uint32_t *indexes, size_t count,
                 const struct dc_tar_options *options,
                 struct dc_pipeline *pipeline, struct dc_error *err)
{
  struct writer writer = {
    .tree = tree,
    .indexes = indexes,
    .count = count,
    .pipeline = pipeline,
    .options = options,
    .file = DC_TREE_NONE,
    .sparse_file = DC_TREE_NONE,
    .path = DC_BUFFER_INIT (DC_TREE_PATH_MAX + 2),
    .target = DC_BUFFER_INIT (DC_TREE_PATH_MAX + 2),
    .header = DC_BUFFER_INIT (HEADER_SIZE_MAX),
  };

  const int status = write_archive (&writer, err);
  free (writer.orphans);
  dc_tarsparse_release (&writer.sparse);
  dc_buffer_release (&writer.path);
  dc_buffer_release (&writer.target);
  dc_buffer_release (&writer.header);
  return status;
}
