/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The section is one zlib stream of JSON:
 *
 *   { "packages": [ { "name": "adler", "version": "0.2.3", ... } ] }
 *
 * Crates that only helped to build are marked "kind": "build".
 *
 * Source: cargo-auditable, PARSING.md and its JSON schema.
 */

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/language/buildinfo.h"
#include "lib/cleanup.h"
#include "lib/json.h"

#define PACKED_SIZE_MAX ((size_t) 1024 * 1024)
#define LIST_SIZE_MAX ((size_t) 8 * 1024 * 1024)

static int
add_crates (struct dc_language_reader *reader, const json_t *list,
            struct dc_error *err)
{
  for (size_t i = 0; i < json_array_size (list); i++) {
    const json_t *crate = json_array_get (list, i);
    const struct dc_span kind = dc_language_text (crate, "kind");
    const struct dc_language_facts facts = {
      .ecosystem = "cargo",
      .name = dc_language_text (crate, "name"),
      .version = dc_language_text (crate, "version"),
      .confidence = DC_DECLARED,
    };
    if (kind.text != NULL && dc_span_is (kind, "build"))
      continue;
    if (dc_language_add (reader, &facts, err) < 0)
      return -1;
  }
  return 0;
}

static int
inflate (const unsigned char *packed, size_t packed_size, char **out,
         size_t *size, struct dc_error *err)
{
  AUTO_FREE char *text = malloc (LIST_SIZE_MAX);
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor ();

  if (text == NULL || d == NULL) {
    libdeflate_free_decompressor (d);
    return dc_fail_errno (err, "cannot unpack a list of crates");
  }
  const enum libdeflate_result result = libdeflate_zlib_decompress (
      d, packed, packed_size, text, LIST_SIZE_MAX, size);
  libdeflate_free_decompressor (d);
  if (result != LIBDEFLATE_SUCCESS)
    return dc_fail (err, DC_ERR_INVALID, "the list of crates is damaged");
  *out = DC_TAKE (text);
  return 0;
}

int
dc_buildinfo_rust (struct dc_language_reader *reader,
                   const struct dc_elfsections *sections, struct dc_error *err)
{
  AUTO_FREE unsigned char *packed = NULL;
  AUTO_FREE char *text = NULL;
  json_auto_t *json = NULL;
  struct dc_elfsection place;
  size_t size;

  if (!dc_elfsections_find (sections, ".dep-v0", &place))
    return 0;
  const int status =
      dc_excerpt_load (&sections->excerpt, place.offset, place.size,
                       PACKED_SIZE_MAX, &packed, err);
  if (status <= 0)
    return status;
  if (inflate (packed, (size_t) place.size, &text, &size, err) < 0 ||
      dc_json_parse (text, size, "the list of crates", &json, err) < 0)
    return -1;
  return add_crates (reader, json_object_get (json, "packages"), err);
}
