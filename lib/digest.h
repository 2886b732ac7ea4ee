/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DIGEST_H
#define DC_LIB_DIGEST_H

/* digest: SHA-256 as OCI writes it, "sha256:" and 64 lower-case hex digits.
 *
 * Source: OCI image-spec 1.1, descriptor.md, "Digests"; EVP_DigestInit(3).
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_DIGEST_TEXT_SIZE 72 /* "sha256:" + 64 + NUL */

struct dc_digest;

int dc_digest_new (struct dc_digest **out, struct dc_error *err);
int dc_digest_add (struct dc_digest *digest, const void *bytes, size_t size,
                   struct dc_error *err);
/* Write the digest of all bytes added; DIGEST takes no more. */
int dc_digest_end (struct dc_digest *digest, char text[DC_DIGEST_TEXT_SIZE],
                   struct dc_error *err);
void dc_digest_free (struct dc_digest *digest);
DC_DEFINE_AUTO (dc_digest)

/* Of bytes in memory. */
int dc_digest_bytes (const void *bytes, size_t size,
                     char text[DC_DIGEST_TEXT_SIZE], struct dc_error *err);
/* Is TEXT a well-formed sha256 digest? */
int dc_digest_is_valid (const char *text);

#endif
