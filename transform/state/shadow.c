/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/span.h"
#include "transform/state/shadow.h"

#define LOCKED "!*"

static int
lock_line (struct dc_span line, struct dc_buffer *out, struct dc_error *err)
{
  struct dc_span rest = line, user, hash;
  const bool has_hash = dc_span_field (&rest, ':', &user) &&
                        dc_span_field (&rest, ':', &hash) && hash.size > 0 &&
                        strchr ("!*", *hash.text) == NULL;

  if (!has_hash)
    return dc_buffer_append (out, line.text, line.size, err);
  const char *behind = hash.text + hash.size;
  if (dc_buffer_append (out, user.text, user.size, err) < 0 ||
      dc_buffer_append (out, ":" LOCKED, strlen (":" LOCKED), err) < 0)
    return -1;
  return dc_buffer_append (out, behind,
                           (size_t) (line.text + line.size - behind), err);
}

int
dc_shadow_lock (const struct dc_entry *entry, const char *text, size_t size,
                struct dc_shadow *shadow, struct dc_error *err)
{
  /* A hash of one byte grows by one. */
  AUTO_BUFFER struct dc_buffer out = DC_BUFFER_INIT (2 * size + 2);
  struct dc_span rest = { text, size }, line;

  while (dc_span_line (&rest, &line))
    if (lock_line (line, &out, err) < 0 ||
        dc_buffer_append (&out, "\n", 1, err) < 0)
      return -1;
  shadow->row = (struct dc_memory_file){
    .path = "etc/shadow",
    .mode = entry->mode,
    .uid = entry->uid,
    .gid = entry->gid,
    .mtime = entry->mtime,
    .size = out.size,
  };
  shadow->text = dc_buffer_take (&out);
  shadow->row.data = shadow->text;
  return shadow->text != NULL ? 0
                              : dc_fail_errno (err, "cannot keep /etc/shadow");
}

void
dc_shadow_release (struct dc_shadow *shadow)
{
  free (shadow->text);
  *shadow = (struct dc_shadow){ .text = NULL };
}
