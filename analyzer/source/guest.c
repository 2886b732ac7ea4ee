/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/source/guest.h"
#include "lib/array.h"
#include "lib/text.h"

#define FILE_SYSTEM_MAX 4096 /* of one guest */

int
dc_guest_new (const char *backend, struct dc_guest **out, struct dc_error *err)
{
  DC_AUTO (dc_guest) *guest = calloc (1, sizeof *guest);

  if (guest == NULL)
    return dc_fail_errno (err, "cannot keep a guest");
  guest->backend = strdup (backend);
  if (guest->backend == NULL)
    return dc_fail_errno (err, "cannot keep a guest");
  *out = DC_TAKE (guest);
  return 0;
}

static void
release (struct dc_guest_fs *fs)
{
  free (fs->device);
  free (fs->type);
  free (fs->uuid);
  free (fs->label);
  free (fs->mountpoint);
  free (fs->state);
}

int
dc_guest_add (struct dc_guest *guest, const struct dc_guest_fs *fs,
              struct dc_error *err)
{
  struct dc_guest_fs own = { .size = fs->size };

  if (DC_ARRAY_GROW (guest->items, guest->count, FILE_SYSTEM_MAX,
                     "file systems", err) < 0)
    return -1;
  if (dc_text_copy (fs->device, &own.device, err) < 0 ||
      dc_text_copy (fs->type, &own.type, err) < 0 ||
      dc_text_copy (fs->uuid, &own.uuid, err) < 0 ||
      dc_text_copy (fs->label, &own.label, err) < 0 ||
      dc_text_copy (fs->mountpoint, &own.mountpoint, err) < 0 ||
      dc_text_copy (fs->state, &own.state, err) < 0) {
    release (&own);
    return -1;
  }
  guest->items[guest->count++] = own;
  return 0;
}

void
dc_guest_free (struct dc_guest *guest)
{
  if (guest == NULL)
    return;
  for (size_t i = 0; i < guest->count; i++)
    release (&guest->items[i]);
  json_decref (guest->machine);
  free (guest->items);
  free (guest->backend);
  free (guest);
}
