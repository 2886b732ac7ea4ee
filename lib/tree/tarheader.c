/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/tree/tarheader.h"
#include "lib/utf8.h"

/* Numbers are octal digits, less by one than the field has bytes, and a NUL.
 * Texts end at a NUL or with the field.  The path is PREFIX, if that is not
 * empty with a '/', and NAME.
 */
struct ustar {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8]; /* the sum of all bytes, these taken for spaces */
  char type;
  char linkname[100];
  char magic[6]; /* "ustar", NUL */
  char version[2];
  char uname[32];
  char gname[32];
  char devmajor[8];
  char devminor[8];
  char prefix[155];
  char padding[12];
};
_Static_assert(sizeof (struct ustar) == DC_TAR_BLOCK_SIZE, "no gaps");

#define RECORDS 'x' /* the type of an extended header */

/* VALUE into a field of SIZE bytes; false, and zero there, if it is larger
 * than that can hold.
 */
static bool
put_octal (char *field, size_t size, uint64_t value)
{
  const bool fits = value < UINT64_C (1) << 3 * (size - 1);

  if (!fits)
    value = 0;
  for (size_t i = size - 1; i-- > 0; value >>= 3)
    field[i] = (char) ('0' + (value & 7));
  field[size - 1] = '\0';
  return fits;
}

/* At most SIZE bytes of TEXT; the field was zero. */
static void
put_text (char *field, size_t size, const char *text)
{
  memcpy (field, text, strnlen (text, size));
}

/* The path into its two fields; false if it does not fit. */
static bool
put_path (struct ustar *ustar, const char *path)
{
  const size_t size = strlen (path);

  if (size <= sizeof ustar->name) {
    put_text (ustar->name, sizeof ustar->name, path);
    return true;
  }
  /* The first slash that leaves a name short enough leaves also the shortest
   * prefix.
   */
  const char *slash = strchr (path + size - sizeof ustar->name - 1, '/');
  if (slash == NULL || slash[1] == '\0' ||
      (size_t) (slash - path) > sizeof ustar->prefix) {
    put_text (ustar->name, sizeof ustar->name, path);
    return false;
  }
  put_text (ustar->name, sizeof ustar->name, slash + 1);
  memcpy (ustar->prefix, path, (size_t) (slash - path));
  return true;
}

static bool
put_target (struct ustar *ustar, const char *target)
{
  put_text (ustar->linkname, sizeof ustar->linkname, target);
  return strlen (target) <= sizeof ustar->linkname;
}

/* The record "SIZE KEY=VALUE\n", in which SIZE counts its own digits, too. */
static int
add_record (struct dc_buffer *records, const char *key, const void *value,
            size_t value_size, struct dc_error *err)
{
  const size_t rest = strlen (key) + value_size + strlen (" =\n");
  size_t digits = 1;

  for (size_t limit = 10; rest + digits >= limit; limit *= 10)
    digits++;
  if (dc_buffer_print (records, err, "%zu %s=", rest + digits, key) < 0 ||
      dc_buffer_append (records, value, value_size, err) < 0)
    return -1;
  return dc_buffer_append (records, "\n", 1, err);
}

static int
add_text (struct dc_buffer *records, const char *key, const char *text,
          struct dc_error *err)
{
  return add_record (records, key, text, strlen (text), err);
}

static bool
is_ascii (const char *text)
{
  while (*text > 0)
    text++;
  return *text == '\0';
}

/* A reader that does not know of holes gets a file of this name, with the map
 * before the data.
 */
#define SPARSE_NAME "GNUSparseFile.0/data"

/* Records are UTF-8 unless the first says that they are not.  GNU tar warns
 * about that one, so a name of other bytes stays in its field if it fits
 * there, where all readers take it as it is.
 */
static int
add_names (const struct dc_tarheader *header, struct ustar *ustar,
           struct dc_buffer *records, struct dc_error *err)
{
  const char *target = header->target != NULL ? header->target : "";
  const struct {
    const char *key, *text;
    bool fits, is_utf8;
  } names[] = {
    { header->sparse_size > 0 ? "GNU.sparse.name" : "path", header->path,
      header->sparse_size == 0 && put_path (ustar, header->path),
      dc_utf8_is_valid (header->path, strlen (header->path)) },
    { "linkpath", target, put_target (ustar, target),
      dc_utf8_is_valid (target, strlen (target)) },
  };
  const bool is_binary = (!names[0].fits && !names[0].is_utf8) ||
                         (!names[1].fits && !names[1].is_utf8);

  if (is_binary && add_text (records, "hdrcharset", "BINARY", err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (names); i++) {
    const bool is_foreign = names[i].is_utf8 && !is_ascii (names[i].text);
    if ((!names[i].fits || is_foreign) &&
        add_text (records, names[i].key, names[i].text, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_sparse (const struct dc_tarheader *header, struct ustar *ustar,
            struct dc_buffer *records, struct dc_error *err)
{
  char digits[24]; /* of 64 bits */

  if (header->sparse_size == 0)
    return 0;
  put_text (ustar->name, sizeof ustar->name, SPARSE_NAME);
  (void) snprintf (digits, sizeof digits, "%ju",
                   (uintmax_t) header->sparse_size);
  if (add_text (records, "GNU.sparse.major", "1", err) < 0 ||
      add_text (records, "GNU.sparse.minor", "0", err) < 0)
    return -1;
  return add_text (records, "GNU.sparse.realsize", digits, err);
}

static int
add_numbers (const struct dc_tarheader *header, struct ustar *ustar,
             struct dc_buffer *records, struct dc_error *err)
{
  const bool is_early = header->mtime < 0;
  const uint64_t mtime = (uint64_t) header->mtime;
  const struct {
    const char *key, *sign;
    uint64_t value;
    bool fits;
  } numbers[] = {
    { "size", "", header->size,
      put_octal (ustar->size, sizeof ustar->size, header->size) },
    { "uid", "", header->uid,
      put_octal (ustar->uid, sizeof ustar->uid, header->uid) },
    { "gid", "", header->gid,
      put_octal (ustar->gid, sizeof ustar->gid, header->gid) },
    /* A negative one is large as uint64_t and does not fit. */
    { "mtime", is_early ? "-" : "", is_early ? -mtime : mtime,
      put_octal (ustar->mtime, sizeof ustar->mtime, mtime) },
  };

  for (size_t i = 0; i < DC_COUNT (numbers); i++) {
    char digits[24]; /* of 64 bits, and a sign */
    if (numbers[i].fits)
      continue;
    (void) snprintf (digits, sizeof digits, "%s%ju", numbers[i].sign,
                     (uintmax_t) numbers[i].value);
    if (add_text (records, numbers[i].key, digits, err) < 0)
      return -1;
  }
  return 0;
}

/* A key ends at the first '=': GNU tar's "%3D" for one in an attribute's name
 * is the only form that a reader takes back.
 */
static int
add_xattr (const struct dc_xattr *xattr, struct dc_buffer *records,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer key = DC_BUFFER_INIT (DC_TAR_RECORDS_SIZE_MAX);

  if (dc_buffer_print (&key, err, "SCHILY.xattr.") < 0)
    return -1;
  for (const char *s = xattr->name; *s != '\0'; s++) {
    const char *piece = *s == '=' ? "%3D" : s;
    if (dc_buffer_append (&key, piece, *s == '=' ? 3 : 1, err) < 0)
      return -1;
  }
  return add_record (records, key.data, xattr->value, xattr->size, err);
}

/* Give USTAR what all have and its sum, and append it. */
static int
append_ustar (struct ustar *ustar, char type, unsigned mode,
              struct dc_buffer *out, struct dc_error *err)
{
  unsigned sum = 0;

  ustar->type = type;
  (void) put_octal (ustar->mode, sizeof ustar->mode, mode & 07777);
  (void) put_octal (ustar->devmajor, sizeof ustar->devmajor, 0);
  (void) put_octal (ustar->devminor, sizeof ustar->devminor, 0);
  memcpy (ustar->magic, "ustar", sizeof ustar->magic);
  memcpy (ustar->version, "00", sizeof ustar->version);

  memset (ustar->checksum, ' ', sizeof ustar->checksum);
  for (size_t i = 0; i < sizeof *ustar; i++)
    sum += ((const unsigned char *) ustar)[i];
  /* Six digits, a NUL, and the space that stands there. */
  (void) put_octal (ustar->checksum, sizeof ustar->checksum - 1, sum);
  return dc_buffer_append (out, ustar, sizeof *ustar, err);
}

/* The extended header; its name is for readers that do not know it. */
static int
append_records (const struct dc_buffer *records, struct dc_buffer *out,
                struct dc_error *err)
{
  static const char zeros[DC_TAR_BLOCK_SIZE];
  struct ustar ustar = { .name = "././@PaxHeader" };

  (void) put_octal (ustar.uid, sizeof ustar.uid, 0);
  (void) put_octal (ustar.gid, sizeof ustar.gid, 0);
  (void) put_octal (ustar.mtime, sizeof ustar.mtime, 0);
  (void) put_octal (ustar.size, sizeof ustar.size, records->size);
  if (append_ustar (&ustar, RECORDS, 0644, out, err) < 0 ||
      dc_buffer_append (out, records->data, records->size, err) < 0)
    return -1;
  return dc_buffer_append (out, zeros, dc_tar_padding (records->size), err);
}

int
dc_tarheader_encode (const struct dc_tarheader *header, struct dc_buffer *out,
                     struct dc_error *err)
{
  struct ustar ustar = { .name = "" };
  AUTO_BUFFER struct dc_buffer records =
      DC_BUFFER_INIT (DC_TAR_RECORDS_SIZE_MAX);

  if (add_names (header, &ustar, &records, err) < 0 ||
      add_sparse (header, &ustar, &records, err) < 0 ||
      add_numbers (header, &ustar, &records, err) < 0)
    return -1;
  for (size_t i = 0; header->xattrs != NULL && i < header->xattrs->count; i++)
    if (add_xattr (&header->xattrs->items[i], &records, err) < 0)
      return dc_context (err, "extended attributes");
  if (records.size > 0 && append_records (&records, out, err) < 0)
    return -1;
  return append_ustar (&ustar, (char) header->type, header->mode, out, err);
}
