/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/conffiles.h"

#define PIECE_SIZE ((size_t) 64 * 1024) /* bytes read at a time */

/* Flags stand behind the digest, and as a path may hold blanks, a line is read
 * from its end, as dpkg does.
 */
static bool
split_line (struct dc_span line, struct dc_span *path, struct dc_span *md5)
{
  do {
    line = dc_span_trim (line);
    const char *blank =
        line.size > 0 ? memrchr (line.text, ' ', line.size) : NULL;
    if (blank == NULL)
      return false;
    *md5 = dc_span_skip (line, (size_t) (blank + 1 - line.text));
    line.size = (size_t) (blank - line.text);
  } while (dc_span_is (*md5, "obsolete") ||
           dc_span_is (*md5, "remove-on-upgrade"));
  *path = dc_span_trim (line);
  return true;
}

bool
dc_conffiles_next (struct dc_span *rest, struct dc_span *path,
                   struct dc_span *md5)
{
  struct dc_span line;

  while (dc_span_line (rest, &line))
    if (split_line (line, path, md5))
      return true;
  return false;
}

static int
fail_openssl (struct dc_error *err, const char *what)
{
  return dc_fail (err, DC_ERR_SYSTEM, "OpenSSL cannot %s an MD5 digest", what);
}

static int
add_content (EVP_MD_CTX *ctx, struct dc_tree *tree, uint32_t index,
             struct dc_error *err)
{
  const uint64_t size = tree->entries[index].size;

  AUTO_FREE void *bytes = malloc (PIECE_SIZE);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot compare a configuration file");
  if (EVP_DigestInit_ex (ctx, EVP_md5 (), NULL) != 1)
    return fail_openssl (err, "begin");
  for (uint64_t at = 0; at < size; at += PIECE_SIZE) {
    const size_t n = size - at < PIECE_SIZE ? (size_t) (size - at) : PIECE_SIZE;
    if (dc_tree_read (tree, index, at, bytes, n, err) < 0)
      return -1;
    if (EVP_DigestUpdate (ctx, bytes, n) != 1)
      return fail_openssl (err, "continue");
  }
  return 0;
}

static int
compare (EVP_MD_CTX *ctx, struct dc_span md5, struct dc_error *err)
{
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  char text[2 * EVP_MAX_MD_SIZE + 1] = "";

  if (EVP_DigestFinal_ex (ctx, sum, &size) != 1)
    return fail_openssl (err, "end");
  for (unsigned i = 0; i < size; i++)
    (void) snprintf (text + 2 * i, 3, "%02x", sum[i]); /* fits */
  return dc_span_is (md5, text);
}

int
dc_conffile_is_pristine (struct dc_tree *tree, uint32_t index,
                         struct dc_span md5, uint64_t *room,
                         struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];

  if (!S_ISREG (entry->mode) || entry->size > DC_CONFFILE_SIZE_MAX ||
      entry->size > *room || md5.size != DC_MD5_DIGITS)
    return 0;
  *room -= entry->size;
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  if (ctx == NULL)
    return fail_openssl (err, "begin");
  int status = add_content (ctx, tree, index, err);
  if (status == 0)
    status = compare (ctx, md5, err);
  EVP_MD_CTX_free (ctx);
  return status;
}
