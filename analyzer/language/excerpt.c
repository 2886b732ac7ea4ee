/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/language/excerpt.h"
#include "lib/cleanup.h"

struct dc_excerpt
dc_excerpt_of (struct dc_language_reader *reader)
{
  return (struct dc_excerpt){ reader, reader->index, 0,
                              reader->tree->entries[reader->index].size };
}

int
dc_excerpt_read (const struct dc_excerpt *excerpt, uint64_t offset, void *bytes,
                 size_t size, struct dc_error *err)
{
  uint64_t end;

  if (__builtin_add_overflow (offset, size, &end) || end > excerpt->size)
    return 0;
  if (dc_language_spend (excerpt->reader, size, err) < 0 ||
      dc_tree_read (excerpt->reader->tree, excerpt->index,
                    excerpt->base + offset, bytes, size, err) < 0)
    return -1;
  return 1;
}

int
dc_excerpt_load (const struct dc_excerpt *excerpt, uint64_t offset,
                 uint64_t size, size_t max, unsigned char **out,
                 struct dc_error *err)
{
  if (size > max || size > excerpt->size)
    return 0;
  AUTO_FREE unsigned char *bytes = calloc ((size_t) size + 1, 1);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read a file");
  const int status =
      dc_excerpt_read (excerpt, offset, bytes, (size_t) size, err);
  if (status > 0)
    *out = DC_TAKE (bytes);
  return status;
}
