/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/package/conffiles.h"

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
