/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/ext/extio.h"

#define BUCKETS 512 /* a power of two */
#define NONE UINT16_MAX
#define BATCH 64 /* reads handed to the disk at once */

struct piece {
  uint64_t number; /* its offset in pieces */
  unsigned char *bytes;
  uint32_t size;  /* bytes; 0: empty */
  uint16_t next;  /* in its bucket */
  bool is_recent; /* used since the hand came by */
};

struct dc_extio {
  struct dc_disk *disk;
  uint64_t offset, size;
  struct dc_extjournal *journal;
  uint32_t block_size; /* of the journal's blocks */
  uint16_t hand;
  uint16_t buckets[BUCKETS];
  struct piece pieces[DC_EXTIO_PIECES];
  struct dc_error error;
};

/* Put COPY over what of its block lies in [OFFSET, OFFSET + SIZE). */
static int
patch (struct dc_extio *io, const struct dc_extjournal_copy *copy,
       uint64_t offset, unsigned char *bytes, size_t size, struct dc_error *err)
{
  const uint64_t start = copy->block * io->block_size;
  const uint64_t from = start > offset ? start : offset;
  const uint64_t end = start + io->block_size < offset + size
                           ? start + io->block_size
                           : offset + size;
  unsigned char *target = bytes + (from - offset);
  const uint64_t source = copy->place * io->block_size + (from - start);

  assert (from < end);
  if (source > io->size || end - from > io->size - source)
    return dc_fail (err, DC_ERR_INVALID,
                    "the journal's copy of block %llu is beyond the end",
                    (unsigned long long) copy->block);
  if (dc_disk_read (io->disk, io->offset + source, target, end - from, err) < 0)
    return -1;
  const uint32_t magic = htobe32 (DC_EXTLOG_MAGIC);
  for (uint64_t at = from; copy->is_escaped && at < start + 4 && at < end; at++)
    bytes[at - offset] = ((const unsigned char *) &magic)[at - start];
  return 0;
}

static int
apply_journal (struct dc_extio *io, uint64_t offset, void *bytes, size_t size,
               struct dc_error *err)
{
  const struct dc_extjournal *journal = io->journal;

  if (journal == NULL || size == 0)
    return 0;
  const uint64_t last = (offset + size - 1) / io->block_size;
  for (size_t i = dc_extjournal_find (journal, offset / io->block_size);
       i < journal->count && journal->copies[i].block <= last; i++)
    if (patch (io, &journal->copies[i], offset, bytes, size, err) < 0)
      return -1;
  return 0;
}

static int
check_range (const struct dc_extio *io, uint64_t offset, size_t size,
             struct dc_error *err)
{
  if (offset > io->size || size > io->size - offset)
    return dc_fail (err, DC_ERR_INVALID,
                    "%zu bytes at offset %llu are beyond the end of the file "
                    "system",
                    size, (unsigned long long) offset);
  return 0;
}

int
dc_extio_read_many (struct dc_extio *io, const struct dc_disk_read *reads,
                    size_t count, struct dc_error *err)
{
  struct dc_disk_read batch[BATCH];

  for (size_t done = 0, n; done < count; done += n) {
    n = count - done < BATCH ? count - done : BATCH;
    for (size_t i = 0; i < n; i++) {
      batch[i] = reads[done + i];
      if (check_range (io, batch[i].offset, batch[i].size, err) < 0)
        return -1;
      batch[i].offset += io->offset;
    }
    if (dc_disk_read_many (io->disk, batch, n, err) < 0)
      return -1;
  }
  for (size_t i = 0; i < count && io->journal != NULL; i++)
    if (apply_journal (io, reads[i].offset, reads[i].bytes, reads[i].size,
                       err) < 0)
      return -1;
  return 0;
}

static uint16_t *
bucket_of (struct dc_extio *io, uint64_t number)
{
  return &io->buckets[number & (BUCKETS - 1)];
}

/* The index of the piece, or NONE. */
static uint16_t
find_piece (struct dc_extio *io, uint64_t number)
{
  uint16_t i = *bucket_of (io, number);

  while (i != NONE && io->pieces[i].number != number)
    i = io->pieces[i].next;
  return i;
}

static void
empty_piece (struct dc_extio *io, uint16_t index)
{
  struct piece *piece = &io->pieces[index];

  if (piece->size == 0)
    return;
  uint16_t *link = bucket_of (io, piece->number);
  while (*link != index)
    link = &io->pieces[*link].next;
  *link = piece->next;
  piece->size = 0;
}

/* The first that was not used since the hand was there before. */
static uint16_t
choose_victim (struct dc_extio *io)
{
  for (;;) {
    const uint16_t index = io->hand;
    struct piece *piece = &io->pieces[index];
    io->hand = (uint16_t) ((io->hand + 1) % DC_EXTIO_PIECES);
    if (piece->size == 0 || !piece->is_recent)
      return index;
    piece->is_recent = false;
  }
}

static int
load_piece (struct dc_extio *io, uint64_t number, uint16_t *out,
            struct dc_error *err)
{
  const uint16_t index = choose_victim (io);
  struct piece *piece = &io->pieces[index];
  const uint64_t offset = number * DC_EXTIO_PIECE;
  const size_t size = io->size - offset < DC_EXTIO_PIECE
                          ? (size_t) (io->size - offset)
                          : DC_EXTIO_PIECE;

  empty_piece (io, index);
  if (piece->bytes == NULL)
    piece->bytes = malloc (DC_EXTIO_PIECE);
  if (piece->bytes == NULL)
    return dc_fail_errno (err, "cannot keep %zu bytes of a disk",
                          DC_EXTIO_PIECE);
  const struct dc_disk_read read = { offset, size, piece->bytes };
  if (dc_extio_read_many (io, &read, 1, err) < 0)
    return -1;
  uint16_t *bucket = bucket_of (io, number);
  piece->number = number;
  piece->size = (uint32_t) size;
  piece->is_recent = false; /* until it is used again */
  piece->next = *bucket;
  *bucket = index;
  *out = index;
  return 0;
}

int
dc_extio_read (struct dc_extio *io, uint64_t offset, void *bytes, size_t size,
               struct dc_error *err)
{
  unsigned char *target = bytes;

  if (check_range (io, offset, size, err) < 0)
    return -1;
  while (size > 0) {
    const uint64_t number = offset / DC_EXTIO_PIECE;
    const size_t at = offset % DC_EXTIO_PIECE;
    const size_t n = size < DC_EXTIO_PIECE - at ? size : DC_EXTIO_PIECE - at;
    uint16_t i = find_piece (io, number);
    if (i != NONE)
      io->pieces[i].is_recent = true;
    else if (load_piece (io, number, &i, err) < 0) {
      /* One bad sector must not take the whole piece with it. */
      const struct dc_disk_read rest = { offset, size, target };
      return dc_extio_is_local (err) ? dc_extio_read_many (io, &rest, 1, err)
                                     : dc_context (err, "metadata");
    }
    memcpy (target, io->pieces[i].bytes + at, n);
    target += n;
    offset += n;
    size -= n;
  }
  return 0;
}

bool
dc_extio_is_local (const struct dc_error *err)
{
  return err->code == DC_ERR_INVALID ||
         (err->code == DC_ERR_SYSTEM && err->sys_errno == EIO);
}

void
dc_extio_take_journal (struct dc_extio *io, struct dc_extjournal *journal,
                       uint32_t block_size)
{
  for (uint16_t i = 0; i < DC_EXTIO_PIECES; i++)
    empty_piece (io, i);
  dc_extjournal_free (io->journal);
  io->journal = journal;
  io->block_size = block_size;
}

void
dc_extio_forget (struct dc_extio *io)
{
  for (uint16_t i = 0; i < DC_EXTIO_PIECES; i++) {
    empty_piece (io, i);
    free (io->pieces[i].bytes);
    io->pieces[i].bytes = NULL;
  }
}

int
dc_extio_new (struct dc_disk *disk, uint64_t offset, uint64_t size,
              struct dc_extio **out, struct dc_error *err)
{
  struct dc_extio *io = calloc (1, sizeof *io);
  if (io == NULL)
    return dc_fail_errno (err, "cannot keep a file system");
  if (offset > disk->size)
    offset = disk->size;
  io->disk = disk;
  io->offset = offset;
  io->size = size < disk->size - offset ? size : disk->size - offset;
  for (size_t i = 0; i < BUCKETS; i++)
    io->buckets[i] = NONE;
  *out = io;
  return 0;
}

void
dc_extio_keep_error (struct dc_extio *io, const struct dc_error *err)
{
  io->error = *err;
}

const struct dc_error *
dc_extio_error (const struct dc_extio *io)
{
  return &io->error;
}

uint64_t
dc_extio_size (const struct dc_extio *io)
{
  return io->size;
}

void
dc_extio_free (struct dc_extio *io)
{
  if (io == NULL)
    return;
  dc_extio_forget (io);
  dc_extjournal_free (io->journal);
  free (io);
}
