/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/tree/notes.h"

#define ROOM ((size_t) 2 * DC_TREE_NOTE_MAX)

static int
compare_notes (const void *a, const void *b)
{
  const struct dc_note *x = a, *y = b;
  const int by_path = strcmp (x->path, y->path);

  return by_path != 0 ? by_path : strcmp (x->text, y->text);
}

void
dc_notes_sort (struct dc_notes *notes)
{
  if (notes->count > 1)
    qsort (notes->items, notes->count, sizeof *notes->items, compare_notes);
  while (notes->count > DC_TREE_NOTE_MAX) {
    notes->count--;
    free (notes->items[notes->count].path);
    free (notes->items[notes->count].text);
    notes->lost++;
  }
}

int
dc_notes_add (struct dc_notes *notes, const char *path, const char *text,
              struct dc_error *err)
{
  if (notes->items == NULL) {
    notes->items = calloc (ROOM, sizeof *notes->items);
    if (notes->items == NULL)
      return dc_fail_errno (err, "cannot keep a note");
  }
  AUTO_FREE char *own_path = strdup (path);
  AUTO_FREE char *own_text = strdup (text);
  if (own_path == NULL || own_text == NULL)
    return dc_fail_errno (err, "cannot keep a note");
  struct dc_note *note = &notes->items[notes->count++];
  note->path = DC_TAKE (own_path);
  note->text = DC_TAKE (own_text);
  if (notes->count == ROOM)
    dc_notes_sort (notes);
  return 0;
}

void
dc_notes_release (struct dc_notes *notes)
{
  for (size_t i = 0; i < notes->count; i++) {
    free (notes->items[i].path);
    free (notes->items[i].text);
  }
  free (notes->items);
  notes->items = NULL;
  notes->count = 0;
}
