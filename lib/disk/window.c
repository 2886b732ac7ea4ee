/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/disk/window.h"
#include "lib/file.h"

int
dc_window_read (const struct dc_window *window, uint64_t offset, void *bytes,
                size_t size, struct dc_error *err)
{
  if (offset <= INT64_MAX && /* else it is told what is wrong below */
      (offset > window->size || size > window->size - offset))
    return dc_fail (err, DC_ERR_INVALID, "ends after %llu bytes",
                    (unsigned long long) window->size);
  const uint64_t at = offset <= INT64_MAX ? window->offset + offset : offset;
  return dc_file_read_at (window->fd, at, bytes, size, err);
}
