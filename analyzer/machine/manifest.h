/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_MANIFEST_H
#define DC_ANALYZER_MACHINE_MANIFEST_H

/* manifest: the digests of an OVF's files.
 *
 *   SHA256(disk1.vmdk)= 1f2a...
 *
 * Source: DSP0243 2.1, section 5.1; blanks and empty lines as openssl dgst and
 * real appliances have them.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/window.h"
#include "lib/error.h"

#define DC_MANIFEST_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_MANIFEST_LINE_MAX 1000
#define DC_MANIFEST_HEX_SIZE 129 /* SHA-512, and a NUL */

enum dc_manifest_algorithm {
  DC_MANIFEST_SHA1,
  DC_MANIFEST_SHA256,
  DC_MANIFEST_SHA384,
  DC_MANIFEST_SHA512,
};

struct dc_manifest_line {
  char *file; /* as it stands there */
  enum dc_manifest_algorithm algorithm;
  char hex[DC_MANIFEST_HEX_SIZE]; /* small letters */
  unsigned line;
};

struct dc_manifest {
  struct dc_manifest_line *items;
  size_t count;
};

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (the text names the line),
 * DC_ERR_UNSUPPORTED (another algorithm), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_manifest_parse (const char *text, size_t size, struct dc_manifest **out,
                       struct dc_error *err);
void dc_manifest_free (struct dc_manifest *manifest);
DC_DEFINE_AUTO (dc_manifest)

/* Has WINDOW this digest?  0, or -1: DC_ERR_INVALID (it has another one),
 * DC_ERR_SYSTEM.
 */
int dc_manifest_check (enum dc_manifest_algorithm algorithm, const char *hex,
                       const struct dc_window *window, struct dc_error *err);

#endif
