/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/checksum.h"

#define PIECE_SIZE ((size_t) 64 * 1024) /* bytes read at a time */

static const struct {
  size_t size; /* bytes */
  const EVP_MD *(*algorithm) (void);
} kinds[] = {
  [DC_CHECKSUM_NONE] = { 0, EVP_md_null },
  [DC_CHECKSUM_MD5] = { 16, EVP_md5 },
  [DC_CHECKSUM_SHA1] = { 20, EVP_sha1 },
  [DC_CHECKSUM_SHA224] = { 28, EVP_sha224 },
  [DC_CHECKSUM_SHA256] = { 32, EVP_sha256 },
  [DC_CHECKSUM_SHA384] = { 48, EVP_sha384 },
  [DC_CHECKSUM_SHA512] = { 64, EVP_sha512 },
};

/* The value of DIGIT among DIGITS, or -1. */
static int
value_of (const char *digits, char digit)
{
  const char *at = digit != '\0' ? strchr (digits, digit) : NULL;

  return at == NULL ? -1 : (int) (at - digits);
}

static int
hex_value (char digit)
{
  const int value = value_of ("0123456789abcdef", digit);

  return value >= 0 ? value : value_of ("0123456789ABCDEF", digit);
}

struct dc_checksum
dc_checksum_hex (enum dc_checksum_kind kind, struct dc_span digits)
{
  const struct dc_checksum none = { DC_CHECKSUM_NONE, { 0 } };
  struct dc_checksum sum = { kind, { 0 } };

  if (digits.size != 2 * kinds[kind].size)
    return none;
  for (size_t i = 0; i < digits.size; i++) {
    const int value = hex_value (digits.text[i]);
    if (value < 0)
      return none;
    sum.bytes[i / 2] = (unsigned char) (sum.bytes[i / 2] << 4 | value);
  }
  return sum;
}

struct dc_checksum
dc_checksum_base64 (enum dc_checksum_kind kind, struct dc_span text)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";
  const struct dc_checksum none = { DC_CHECKSUM_NONE, { 0 } };
  struct dc_checksum sum = { kind, { 0 } };
  const size_t size = kinds[kind].size;
  uint32_t bits = 0;

  if (text.size != (size + 2) / 3 * 4)
    return none;
  for (size_t i = 0, have = 0; i < text.size; i++) {
    const bool is_padding = i >= (size * 8 + 5) / 6;
    const int value = is_padding ? 0 : value_of (digits, text.text[i]);
    if (value < 0 || (is_padding && text.text[i] != '='))
      return none;
    bits = bits << 6 | (uint32_t) value;
    for (; i % 4 == 3 && have < i / 4 * 3 + 3 && have < size; have++)
      sum.bytes[have] = (unsigned char) (bits >> (16 - 8 * (have % 3)));
  }
  return sum;
}

bool
dc_checksum_is (const struct dc_checksum *a, const struct dc_checksum *b)
{
  return a->kind == b->kind &&
         memcmp (a->bytes, b->bytes, kinds[a->kind].size) == 0;
}

struct dc_summer {
  EVP_MD_CTX *ctx;
  enum dc_checksum_kind kind;
};

static int
fail_openssl (struct dc_error *err, const char *what)
{
  return dc_fail (err, DC_ERR_SYSTEM, "OpenSSL cannot %s a checksum", what);
}

int
dc_summer_new (struct dc_summer **out, struct dc_error *err)
{
  DC_AUTO (dc_summer) *summer = calloc (1, sizeof *summer);

  if (summer == NULL)
    return dc_fail_errno (err, "cannot keep a checksum");
  summer->ctx = EVP_MD_CTX_new ();
  if (summer->ctx == NULL)
    return fail_openssl (err, "make");
  *out = DC_TAKE (summer);
  return 0;
}

int
dc_summer_begin (struct dc_summer *summer, enum dc_checksum_kind kind,
                 struct dc_error *err)
{
  summer->kind = kind;
  return EVP_DigestInit_ex (summer->ctx, kinds[kind].algorithm (), NULL) == 1
             ? 0
             : fail_openssl (err, "begin");
}

int
dc_summer_add (struct dc_summer *summer, const void *bytes, size_t size,
               struct dc_error *err)
{
  return EVP_DigestUpdate (summer->ctx, bytes, size) == 1
             ? 0
             : fail_openssl (err, "continue");
}

int
dc_summer_end (struct dc_summer *summer, struct dc_checksum *sum,
               struct dc_error *err)
{
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;

  if (EVP_DigestFinal_ex (summer->ctx, bytes, &size) != 1 ||
      size > sizeof sum->bytes)
    return fail_openssl (err, "end");
  *sum = (struct dc_checksum){ summer->kind, { 0 } };
  memcpy (sum->bytes, bytes, size);
  return 0;
}

void
dc_summer_free (struct dc_summer *summer)
{
  if (summer == NULL)
    return;
  EVP_MD_CTX_free (summer->ctx);
  free (summer);
}

static int
add_content (struct dc_summer *summer, struct dc_tree *tree, uint32_t index,
             struct dc_error *err)
{
  const uint64_t size = tree->entries[index].size;

  AUTO_FREE void *bytes = malloc (PIECE_SIZE);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot compare a file");
  for (uint64_t at = 0; at < size; at += PIECE_SIZE) {
    const size_t n = size - at < PIECE_SIZE ? (size_t) (size - at) : PIECE_SIZE;
    if (dc_tree_read (tree, index, at, bytes, n, err) < 0 ||
        dc_summer_add (summer, bytes, n, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_checksum_fits (const struct dc_checksum *sum, struct dc_tree *tree,
                  uint32_t index, uint64_t *room, struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];
  DC_AUTO (dc_summer) *summer = NULL;
  struct dc_checksum made;

  if (sum->kind == DC_CHECKSUM_NONE ||
      (!S_ISREG (entry->mode) && !S_ISLNK (entry->mode)) ||
      entry->size > DC_CONFFILE_SIZE_MAX || entry->size > *room)
    return 0;
  *room -= entry->size;
  if (dc_summer_new (&summer, err) < 0 ||
      dc_summer_begin (summer, sum->kind, err) < 0)
    return -1;
  const int status =
      entry->target != NULL
          ? dc_summer_add (summer, entry->target, strlen (entry->target), err)
          : add_content (summer, tree, index, err);
  return status < 0 || dc_summer_end (summer, &made, err) < 0
             ? -1
             : dc_checksum_is (&made, sum);
}
