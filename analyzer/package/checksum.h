/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_CHECKSUM_H
#define DC_ANALYZER_PACKAGE_CHECKSUM_H

/* checksum: what a package manager recorded of a file's content.
 *
 * MD5 and SHA-1 are what dpkg and apk keep: they tell whether somebody changed
 * a file, not whether somebody forged it.
 *
 * Source: EVP_DigestInit(3).
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/span.h"
#include "lib/tree/tree.h"

/* Bytes of one file and of all; beyond that they count as changed. */
#define DC_CONFFILE_SIZE_MAX ((uint64_t) 64 * 1024 * 1024)
#define DC_CONFFILES_SIZE_MAX ((uint64_t) 1024 * 1024 * 1024)
#define DC_CHECKSUM_SIZE_MAX 64 /* bytes of SHA-512 */
#define DC_MD5_DIGITS 32

enum dc_checksum_kind {
  DC_CHECKSUM_NONE,
  DC_CHECKSUM_MD5,
  DC_CHECKSUM_SHA1,
  DC_CHECKSUM_SHA224,
  DC_CHECKSUM_SHA256,
  DC_CHECKSUM_SHA384,
  DC_CHECKSUM_SHA512,
};

struct dc_checksum {
  enum dc_checksum_kind kind;
  unsigned char bytes[DC_CHECKSUM_SIZE_MAX];
};

/* From hexadecimal digits, any case; the kind is DC_CHECKSUM_NONE when they
 * are not as many as KIND has, or other bytes.
 */
struct dc_checksum dc_checksum_hex (enum dc_checksum_kind kind,
                                    struct dc_span digits);
/* The same from base64 with padding. */
struct dc_checksum dc_checksum_base64 (enum dc_checksum_kind kind,
                                       struct dc_span text);

bool dc_checksum_is (const struct dc_checksum *a, const struct dc_checksum *b);

/* A checksum being made. */
struct dc_summer;
int dc_summer_new (struct dc_summer **out, struct dc_error *err);
int dc_summer_begin (struct dc_summer *summer, enum dc_checksum_kind kind,
                     struct dc_error *err);
int dc_summer_add (struct dc_summer *summer, const void *bytes, size_t size,
                   struct dc_error *err);
/* What was begun is *SUM now: 0, or -1: DC_ERR_SYSTEM. */
int dc_summer_end (struct dc_summer *summer, struct dc_checksum *sum,
                   struct dc_error *err);
void dc_summer_free (struct dc_summer *summer);
DC_DEFINE_AUTO (dc_summer)

/* Has the entry this content, or, a symbolic link, this target?  ROOM is how
 * many bytes may still be read and becomes less.  1; 0 (also for a folder, a
 * file that is too large, a kind of DC_CHECKSUM_NONE); -1: DC_ERR_SYSTEM, what
 * the tree says.
 */
int dc_checksum_fits (const struct dc_checksum *sum, struct dc_tree *tree,
                      uint32_t index, uint64_t *room, struct dc_error *err);

#endif
