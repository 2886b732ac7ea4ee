/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/language/zip.h"
#include "lib/cleanup.h"

#define END_SIZE 22 /* of the end record without its comment */
#define COMMENT_MAX 65535
#define ENTRY_SIZE 46 /* of an entry of the directory without its texts */
#define LOCAL_SIZE 30 /* of a local header without its texts */

enum method { STORED = 0, DEFLATED = 8 };

static uint32_t
number (const unsigned char *p, size_t size)
{
  uint32_t value = 0;

  while (size-- > 0)
    value = value << 8 | p[size];
  return value;
}

/* The last end record in TAIL, or NULL. */
static const unsigned char *
find_end (const unsigned char *tail, size_t size)
{
  for (size_t i = size; i-- >= END_SIZE;) {
    const unsigned char *p = tail + (i + 1 - END_SIZE);
    if (memcmp (p, "PK\5\6", 4) == 0)
      return p;
  }
  return NULL;
}

/* The end record, most often without a comment behind it: 1 and its place; 0;
 * -1.
 */
static int
read_end (const struct dc_excerpt *excerpt, unsigned char *record,
          uint64_t *place, struct dc_error *err)
{
  const uint64_t sizes[] = { END_SIZE, END_SIZE + COMMENT_MAX };

  for (size_t i = 0; i < DC_COUNT (sizes); i++) {
    AUTO_FREE unsigned char *tail = NULL;
    const uint64_t size = sizes[i] < excerpt->size ? sizes[i] : excerpt->size;
    const int status = dc_excerpt_load (excerpt, excerpt->size - size, size,
                                        END_SIZE + COMMENT_MAX, &tail, err);
    if (status <= 0)
      return status;
    const unsigned char *found = find_end (tail, (size_t) size);
    if (found == NULL)
      continue;
    memcpy (record, found, END_SIZE);
    *place = excerpt->size - size + (uint64_t) (found - tail);
    return 1;
  }
  return 0;
}

int
dc_zip_open (const struct dc_excerpt *excerpt, struct dc_zip *out,
             struct dc_error *err)
{
  unsigned char end[END_SIZE];
  struct dc_zip zip = { .excerpt = *excerpt };
  uint64_t place = 0;

  const int found = read_end (excerpt, end, &place, err);
  if (found <= 0)
    return found;
  zip.size = number (end + 12, 4);
  const uint64_t offset = number (end + 16, 4);
  if (zip.size > place || offset > place - zip.size)
    return 0;
  zip.skew = place - zip.size - offset;
  const int status =
      dc_excerpt_load (excerpt, place - zip.size, zip.size,
                       DC_ZIP_DIRECTORY_MAX, &zip.directory, err);
  if (status > 0)
    *out = zip;
  return status;
}

bool
dc_zip_next (const struct dc_zip *zip, size_t *at, struct dc_zip_member *member)
{
  const unsigned char *p = zip->directory + *at;
  const size_t left = zip->size - *at;

  if (left < ENTRY_SIZE || memcmp (p, "PK\1\2", 4) != 0)
    return false;
  const size_t name = number (p + 28, 2);
  const size_t size =
      ENTRY_SIZE + name + number (p + 30, 2) + number (p + 32, 2);
  if (size > left)
    return false;
  const void *text = p + ENTRY_SIZE;
  *member = (struct dc_zip_member){ { text, name },
                                    number (p + 10, 2),
                                    number (p + 20, 4),
                                    number (p + 24, 4),
                                    number (p + 42, 4) + zip->skew };
  *at += size;
  return true;
}

/* Where the content begins, which only the local header tells: 1, 0, -1. */
static int
find_content (const struct dc_zip *zip, const struct dc_zip_member *member,
              uint64_t *offset, struct dc_error *err)
{
  unsigned char local[LOCAL_SIZE];

  const int status =
      dc_excerpt_read (&zip->excerpt, member->header, local, sizeof local, err);
  if (status <= 0)
    return status;
  *offset = member->header + LOCAL_SIZE + number (local + 26, 2) +
            number (local + 28, 2);
  return memcmp (local, "PK\3\4", 4) == 0;
}

/* PACKED_SIZE bytes at PACKED make exactly SIZE bytes at OUT: 1, 0, -1. */
static int
inflate (const unsigned char *packed, uint64_t packed_size, char *out,
         uint64_t size, struct dc_error *err)
{
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor ();

  if (d == NULL)
    return dc_fail_errno (err, "cannot unpack an archive");
  const enum libdeflate_result result = libdeflate_deflate_decompress (
      d, packed, (size_t) packed_size, out, (size_t) size, NULL);
  libdeflate_free_decompressor (d);
  return result == LIBDEFLATE_SUCCESS;
}

int
dc_zip_read (const struct dc_zip *zip, const struct dc_zip_member *member,
             char **out, struct dc_error *err)
{
  AUTO_FREE unsigned char *packed = NULL;
  uint64_t offset;

  if (member->size > DC_ZIP_MEMBER_MAX ||
      (member->method != STORED && member->method != DEFLATED) ||
      (member->method == STORED && member->packed != member->size))
    return 0;
  int status = find_content (zip, member, &offset, err);
  if (status > 0)
    status = dc_excerpt_load (&zip->excerpt, offset, member->packed,
                              DC_ZIP_MEMBER_MAX, &packed, err);
  if (status <= 0)
    return status;
  AUTO_FREE char *content = calloc ((size_t) member->size + 1, 1);
  if (content == NULL)
    return dc_fail_errno (err, "cannot unpack an archive");
  if (member->method == STORED)
    memcpy (content, packed, (size_t) member->size);
  else
    status = inflate (packed, member->packed, content, member->size, err);
  if (status > 0)
    *out = DC_TAKE (content);
  return status;
}

int
dc_zip_excerpt (const struct dc_zip *zip, const struct dc_zip_member *member,
                struct dc_excerpt *out, struct dc_error *err)
{
  const struct dc_excerpt *whole = &zip->excerpt;
  uint64_t offset;

  if (member->method != STORED)
    return 0;
  const int status = find_content (zip, member, &offset, err);
  if (status <= 0)
    return status;
  if (offset > whole->size || member->size > whole->size - offset)
    return 0;
  *out = (struct dc_excerpt){ whole->reader, whole->index, whole->base + offset,
                              member->size };
  return 1;
}

void
dc_zip_release (struct dc_zip *zip)
{
  free (zip->directory);
  *zip = (struct dc_zip){ .directory = NULL };
}
