/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "lib/digest.h"

#define PREFIX "sha256:"
#define PREFIX_SIZE (sizeof PREFIX - 1)
#define SHA256_SIZE 32

struct dc_digest {
  EVP_MD_CTX *ctx;
};

/* OpenSSL fails here for want of memory, or because the host's policy (a FIPS
 * provider, a broken openssl.cnf) took SHA-256 away: its own reason is kept.
 */
static int
fail_openssl (struct dc_error *err, const char *what)
{
  const unsigned long code = ERR_get_error ();
  const char *reason = ERR_reason_error_string (code);

  ERR_clear_error ();
  return dc_fail (err, DC_ERR_SYSTEM, "cannot %s a SHA-256 digest: %s", what,
                  reason != NULL ? reason : "OpenSSL gives no reason");
}

int
dc_digest_new (struct dc_digest **out, struct dc_error *err)
{
  DC_AUTO (dc_digest) *digest = calloc (1, sizeof *digest);
  if (digest == NULL)
    return dc_fail_errno (err, "cannot begin a SHA-256 digest");

  digest->ctx = EVP_MD_CTX_new ();
  if (digest->ctx == NULL ||
      EVP_DigestInit_ex (digest->ctx, EVP_sha256 (), NULL) != 1)
    return fail_openssl (err, "begin");
  *out = DC_TAKE (digest);
  return 0;
}

int
dc_digest_add (struct dc_digest *digest, const void *bytes, size_t size,
               struct dc_error *err)
{
  if (EVP_DigestUpdate (digest->ctx, bytes, size) != 1)
    return fail_openssl (err, "continue");
  return 0;
}

int
dc_digest_end (struct dc_digest *digest, char text[DC_DIGEST_TEXT_SIZE],
               struct dc_error *err)
{
  static const char digits[] = "0123456789abcdef";
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;

  if (EVP_DigestFinal_ex (digest->ctx, sum, &size) != 1)
    return fail_openssl (err, "end");
  assert (size == SHA256_SIZE);

  memcpy (text, PREFIX, PREFIX_SIZE);
  char *hex = text + PREFIX_SIZE;
  for (unsigned i = 0; i < size; i++) {
    *hex++ = digits[sum[i] >> 4];
    *hex++ = digits[sum[i] & 15];
  }
  *hex = '\0';
  return 0;
}

void
dc_digest_free (struct dc_digest *digest)
{
  if (digest == NULL)
    return;
  EVP_MD_CTX_free (digest->ctx);
  free (digest);
}

int
dc_digest_bytes (const void *bytes, size_t size, char text[DC_DIGEST_TEXT_SIZE],
                 struct dc_error *err)
{
  DC_AUTO (dc_digest) *digest = NULL;

  if (dc_digest_new (&digest, err) < 0 ||
      dc_digest_add (digest, bytes, size, err) < 0)
    return -1;
  return dc_digest_end (digest, text, err);
}

int
dc_digest_is_valid (const char *text)
{
  if (strncmp (text, PREFIX, PREFIX_SIZE) != 0)
    return 0;
  text += PREFIX_SIZE;
  return strlen (text) == 2 * SHA256_SIZE &&
         strspn (text, "0123456789abcdef") == 2 * SHA256_SIZE;
}
