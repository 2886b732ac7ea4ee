/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "lib/array.h"
#include "lib/span.h"

/* The byte that "\040" at the start of SPAN stands for, or -1. */
static int
octal (struct dc_span span)
{
  int value = 0;

  if (span.size < 4 || *span.text != '\\')
    return -1;
  for (size_t i = 1; i < 4; i++) {
    if (span.text[i] < '0' || span.text[i] > '7')
      return -1;
    value = value * 8 + span.text[i] - '0';
  }
  return value > 0 && value < 256 ? value : -1;
}

static int
copy_field (struct dc_span field, char **out, struct dc_error *err)
{
  char *end = NULL;

  if (dc_span_copy (field, out, err) < 0)
    return -1;
  end = *out;
  while (field.size > 0) {
    const int byte = octal (field);
    *end++ = byte < 0 ? *field.text : (char) byte;
    field = dc_span_skip (field, byte < 0 ? 1 : 4);
  }
  *end = '\0';
  return 0;
}

static void
release (struct dc_mount *mount)
{
  free (mount->device);
  free (mount->mountpoint);
  free (mount->type);
  free (mount->options);
}

static int
parse_line (struct dc_span line, unsigned number, struct dc_mounts *mounts,
            struct dc_error *err)
{
  struct dc_span fields[4] = { [3] = dc_span_of ("defaults") };
  size_t count = 0;

  while (count < DC_COUNT (fields) && dc_span_word (&line, &fields[count]))
    count++;
  if (count < 3 || *fields[0].text == '#')
    return 0;

  if (DC_ARRAY_GROW (mounts->items, mounts->count, DC_MOUNT_COUNT_MAX,
                     "mounts in fstab", err) < 0)
    return -1;
  struct dc_mount mount = { .line = number };
  if (copy_field (fields[0], &mount.device, err) < 0 ||
      copy_field (fields[1], &mount.mountpoint, err) < 0 ||
      copy_field (fields[2], &mount.type, err) < 0 ||
      copy_field (fields[3], &mount.options, err) < 0) {
    release (&mount);
    return -1;
  }
  mounts->items[mounts->count++] = mount;
  return 0;
}

int
dc_mounts_parse (const char *text, size_t size, struct dc_mounts *out,
                 struct dc_error *err)
{
  struct dc_mounts mounts = { NULL, 0 };
  struct dc_span rest = { text, size }, line;

  if (size > DC_FSTAB_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "fstab is %zu bytes, limit %zu", size,
                    DC_FSTAB_SIZE_MAX);
  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    if (dc_span_has (line, '\0'))
      continue;
    if (parse_line (line, number, &mounts, err) < 0) {
      dc_mounts_release (&mounts);
      return -1;
    }
  }
  *out = mounts;
  return 0;
}

void
dc_mounts_release (struct dc_mounts *mounts)
{
  for (size_t i = 0; i < mounts->count; i++)
    release (&mounts->items[i]);
  free (mounts->items);
  *mounts = (struct dc_mounts){ NULL, 0 };
}
