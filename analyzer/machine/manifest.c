/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/machine/manifest.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/span.h"

#define PIECE_SIZE ((size_t) 1024 * 1024)

static const struct {
  const char *name;
  size_t size; /* bytes of a digest */
  const EVP_MD *(*type) (void);
} algorithms[] = {
  [DC_MANIFEST_SHA1] = { "SHA1", 20, EVP_sha1 },
  [DC_MANIFEST_SHA256] = { "SHA256", 32, EVP_sha256 },
  [DC_MANIFEST_SHA384] = { "SHA384", 48, EVP_sha384 },
  [DC_MANIFEST_SHA512] = { "SHA512", 64, EVP_sha512 },
};

static int
find_algorithm (struct dc_span name, enum dc_manifest_algorithm *out,
                struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (algorithms); i++)
    if (dc_span_is (name, algorithms[i].name)) {
      *out = (enum dc_manifest_algorithm) i;
      return 0;
    }
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' is none of SHA1, SHA256, SHA384 and SHA512",
                  dc_quote_bytes (name.text, name.size).text);
}

static int
read_hex (struct dc_span text, size_t size, char *hex, struct dc_error *err)
{
  for (size_t i = 0; i < text.size && text.size == 2 * size; i++) {
    if (!isxdigit ((unsigned char) text.text[i]))
      break;
    hex[i] = (char) tolower ((unsigned char) text.text[i]);
    hex[i + 1] = '\0';
  }
  if (text.size != 2 * size || strlen (hex) != text.size)
    return dc_fail (err, DC_ERR_INVALID, "there is no digest of %zu bytes",
                    size);
  return 0;
}

/* A file's name may hold any of the other signs: the last ones count. */
static int
read_line (struct dc_manifest *manifest, struct dc_span line, unsigned number,
           struct dc_error *err)
{
  if (line.size == 0)
    return dc_fail (err, DC_ERR_INVALID, "a line is empty");
  const char *open = memchr (line.text, '(', line.size);
  const char *equals = memrchr (line.text, '=', line.size);
  const char *close =
      equals == NULL ? NULL
                     : memrchr (line.text, ')', (size_t) (equals - line.text));

  if (open == NULL || close == NULL || close < open)
    return dc_fail (err, DC_ERR_INVALID, "it is not 'SHA256(file)= digest'");
  if (DC_ARRAY_GROW (manifest->items, manifest->count, DC_MANIFEST_LINE_MAX,
                     "digests", err) < 0)
    return -1;
  struct dc_manifest_line *item = &manifest->items[manifest->count++];
  const struct dc_span name = { line.text, (size_t) (open - line.text) };
  const struct dc_span file = { open + 1, (size_t) (close - open - 1) };
  const struct dc_span digest = { equals + 1, (size_t) (line.text + line.size -
                                                        equals - 1) };
  item->line = number;
  if (find_algorithm (dc_span_trim (name), &item->algorithm, err) < 0 ||
      dc_span_copy (file, &item->file, err) < 0)
    return -1;
  return read_hex (dc_span_trim (digest), algorithms[item->algorithm].size,
                   item->hex, err);
}

int
dc_manifest_parse (const char *text, size_t size, struct dc_manifest **out,
                   struct dc_error *err)
{
  struct dc_span rest = { text, size }, line;

  if (size > DC_MANIFEST_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a manifest of %zu bytes, limit %zu",
                    size, DC_MANIFEST_SIZE_MAX);
  DC_AUTO (dc_manifest) *manifest = calloc (1, sizeof *manifest);
  if (manifest == NULL)
    return dc_fail_errno (err, "cannot keep a manifest");
  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    line = dc_span_trim (line);
    if (line.size > 0 && read_line (manifest, line, number, err) < 0)
      return dc_context (err, "line %u", number);
  }
  *out = DC_TAKE (manifest);
  return 0;
}

void
dc_manifest_free (struct dc_manifest *manifest)
{
  if (manifest == NULL)
    return;
  for (size_t i = 0; i < manifest->count; i++)
    free (manifest->items[i].file);
  free (manifest->items);
  free (manifest);
}

static void
free_context (EVP_MD_CTX **context)
{
  EVP_MD_CTX_free (*context);
}

static int
digest (const EVP_MD *type, const struct dc_window *window,
        unsigned char *value, struct dc_error *err)
{
  __attribute__ ((__cleanup__ (free_context))) EVP_MD_CTX *context =
      EVP_MD_CTX_new ();
  AUTO_FREE unsigned char *bytes = malloc (PIECE_SIZE);

  if (bytes == NULL || context == NULL ||
      EVP_DigestInit_ex (context, type, NULL) != 1)
    return dc_fail_errno (err, "cannot begin a digest");
  for (uint64_t at = 0; at < window->size;) {
    const size_t size = window->size - at < PIECE_SIZE
                            ? (size_t) (window->size - at)
                            : PIECE_SIZE;
    if (dc_window_read (window, at, bytes, size, err) < 0)
      return -1;
    if (EVP_DigestUpdate (context, bytes, size) != 1)
      return dc_fail_errno (err, "cannot continue a digest");
    at += size;
  }
  return EVP_DigestFinal_ex (context, value, NULL) == 1
             ? 0
             : dc_fail_errno (err, "cannot end a digest");
}

int
dc_manifest_check (enum dc_manifest_algorithm algorithm, const char *hex,
                   const struct dc_window *window, struct dc_error *err)
{
  unsigned char value[EVP_MAX_MD_SIZE];
  char own[DC_MANIFEST_HEX_SIZE];

  if (digest (algorithms[algorithm].type (), window, value, err) < 0)
    return -1;
  for (size_t i = 0; i < algorithms[algorithm].size; i++)
    (void) snprintf (own + 2 * i, 3, "%02x", value[i]);
  if (strcmp (own, hex) == 0)
    return 0;
  return dc_fail (err, DC_ERR_INVALID, "its %s is %s, the manifest says %s",
                  algorithms[algorithm].name, own, hex);
}
