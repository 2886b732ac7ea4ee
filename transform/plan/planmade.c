/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/text.h"
#include "transform/plan/planlines.h"
#include "transform/plan/planmade.h"

/* The lines that make something, on their way to a list. */
struct collecting {
  struct dc_plan_mades *made;
  uint32_t uid, gid;
};

/* A number behind ":" (only for what is new) and "~"; OTHERWISE for "-". */
static uint64_t
read_number (const char *word, int base, uint64_t otherwise)
{
  if (word == NULL)
    return otherwise;
  word += strspn (word, ":~");
  char *end = NULL;
  const unsigned long number = strtoul (word, &end, base);
  return end == word ? otherwise : number;
}

static uint32_t
read_id (const char *word)
{
  return (uint32_t) read_number (word, 10, 0);
}

static int
add_made (struct collecting *collecting, const struct dc_plan_made *made,
          struct dc_error *err)
{
  struct dc_plan_mades *list = collecting->made;

  if (DC_ARRAY_GROW (list->items, list->count, DC_PLAN_MADE_MAX, "folders",
                     err) < 0)
    return -1;
  struct dc_plan_made *item = &list->items[list->count++];
  *item = *made;
  item->path = item->text = NULL;
  return dc_text_copy (made->path, &item->path, err) < 0 ||
                 dc_text_copy (made->text, &item->text, err) < 0
             ? -1
             : 0;
}

/* folder KIND MODE PATH... */
static int
collect_folders (struct collecting *collecting, char *rest,
                 struct dc_error *err)
{
  struct dc_plan_made made = { .uid = collecting->uid, .gid = collecting->gid };
  const char *kind = dc_plan_lines_word (&rest),
             *mode = dc_plan_lines_word (&rest);

  if (kind == NULL || mode == NULL)
    return 0;
  made.mode = (uint16_t) (S_IFDIR | (read_number (mode, 8, 0755) & 07777));
  for (char *path = dc_plan_lines_word (&rest); path != NULL;
       path = dc_plan_lines_word (&rest)) {
    made.path = path;
    if (add_made (collecting, &made, err) < 0)
      return -1;
  }
  return 0;
}

/* tmpfile TYPE PATH MODE ID ID [TEXT]: those that a fresh container needs; the
 * others change or remove what is there.
 */
static const struct {
  char letter;
  uint16_t type, mode; /* where the line says none; tmpfiles.d(5), "Mode" */
} tmpfiles[] = {
  { 'd', S_IFDIR, 0755 },
  { 'D', S_IFDIR, 0755 },
  { 'f', S_IFREG, 0644 },
  { 'L', S_IFLNK, 0777 },
};

static int
collect_tmpfile (struct collecting *collecting, char *rest,
                 struct dc_error *err)
{
  const char *type = dc_plan_lines_word (&rest);
  struct dc_plan_made made = { .path = dc_plan_lines_word (&rest) };
  const char *mode = dc_plan_lines_word (&rest);

  for (size_t i = 0; i < DC_COUNT (tmpfiles) && mode != NULL; i++) {
    if (type[0] != tmpfiles[i].letter)
      continue;
    made.mode = (uint16_t) (tmpfiles[i].type |
                            (read_number (mode, 8, tmpfiles[i].mode) & 07777));
    made.uid = read_id (dc_plan_lines_word (&rest));
    made.gid = read_id (dc_plan_lines_word (&rest));
    made.text = dc_plan_lines_word (&rest);
    return add_made (collecting, &made, err);
  }
  return 0;
}

static int
collect_ids (void *self, const char *keyword, char *rest, struct dc_error *err)
{
  struct collecting *collecting = self;

  (void) err;
  if (strcmp (keyword, "user") == 0)
    collecting->uid = read_id (dc_plan_lines_word (&rest));
  else if (strcmp (keyword, "group") == 0)
    collecting->gid = read_id (dc_plan_lines_word (&rest));
  return 0;
}

static int
collect_line (void *self, const char *keyword, char *rest, struct dc_error *err)
{
  if (strcmp (keyword, "folder") == 0)
    return collect_folders (self, rest, err);
  if (strcmp (keyword, "tmpfile") == 0)
    return collect_tmpfile (self, rest, err);
  return 0;
}

static int
add_service (struct dc_tree *tree, const struct dc_profile *profile,
             const char *unit, struct dc_plan_mades *out, struct dc_error *err)
{
  struct collecting collecting = { .made = out };
  DC_AUTO (dc_initplan) *plan = NULL;

  if (dc_plan_lines_make (tree, profile, unit, &plan, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0; /* it is not started, then */
  /* Lines are cut in place, so each pass has a copy. */
  AUTO_FREE char *copy = strdup (plan->text);
  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a plan");
  return dc_plan_lines_each (copy, collect_ids, &collecting, err) < 0 ||
                 dc_plan_lines_each (plan->text, collect_line, &collecting,
                                     err) < 0
             ? -1
             : 0;
}

int
dc_plan_service_made (struct dc_tree *tree, const struct dc_profile *profile,
                      const struct dc_plan_image *image,
                      struct dc_plan_mades *out, struct dc_error *err)
{
  const struct dc_plan_service *services = image->services.items;

  for (size_t i = 0; i < image->services.count; i++)
    if (add_service (tree, profile, services[i].unit, out, err) < 0)
      return -1;
  return 0;
}

void
dc_plan_mades_release (struct dc_plan_mades *made)
{
  for (size_t i = 0; i < made->count; i++) {
    free (made->items[i].path);
    free (made->items[i].text);
  }
  free (made->items);
  *made = (struct dc_plan_mades){ NULL, 0 };
}
