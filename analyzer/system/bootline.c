/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "analyzer/system/bootline.h"
#include "lib/text.h"

/* A line whose first word is KEYWORD holds the options, behind SKIPPED further
 * words.
 */
struct format {
  const char *keyword;
  unsigned skipped;
};

static const struct format grub[] = {
  { "linux", 1 },
  { "linux16", 1 },
  { "linuxefi", 1 },
  { NULL, 0 },
};
static const struct format entry[] = { { "options", 0 }, { NULL, 0 } };
static const struct format syslinux[] = { { "append", 0 }, { NULL, 0 } };
static const struct format whole[] = { { "", 0 }, { NULL, 0 } };

static const struct place {
  const char *path; /* with a slash at the end: the folder's *.conf */
  const struct format *formats;
} places[] = {
  { "/boot/grub/grub.cfg", grub },
  { "/boot/grub2/grub.cfg", grub },
  { "/boot/loader/entries/", entry },
  { "/boot/efi/loader/entries/", entry },
  { "/efi/loader/entries/", entry },
  { "/boot/extlinux/extlinux.conf", syslinux },
  { "/boot/syslinux/syslinux.cfg", syslinux },
  { "/extlinux.conf", syslinux },
  { "/syslinux.cfg", syslinux },
  { "/etc/kernel/cmdline", whole },
};

/* Is this the line?  Then *LINE is what the kernel gets. */
static bool
is_bootline (struct dc_span *line, const struct format *formats)
{
  struct dc_span rest = dc_span_trim (*line), word;

  for (const struct format *f = formats; f->keyword != NULL; f++) {
    struct dc_span options = rest;
    if (f->keyword[0] != '\0' &&
        (!dc_span_word (&options, &word) || word.size != strlen (f->keyword) ||
         strncasecmp (word.text, f->keyword, word.size) != 0))
      continue;
    for (unsigned i = 0; i < f->skipped; i++)
      if (!dc_span_word (&options, &word))
        return false;
    *line = dc_span_trim (options);
    return line->size > 0;
  }
  return false;
}

static int
keep (struct dc_span options, const char *path, unsigned line,
      struct dc_bootline *out, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  char *file = strdup (path);

  if (file == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  if (dc_span_copy (options, &text, err) < 0) {
    free (file);
    return err->code == DC_ERR_INVALID ? 0 : -1; /* a NUL */
  }
  *out = (struct dc_bootline){ DC_TAKE (text), file, line };
  return 1;
}

static int
read_file (struct dc_tree *tree, const char *path, const struct format *formats,
           struct dc_bootline *out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_BOOTLINE_FILE_MAX);
  const int found = dc_tree_read_file (tree, path, &b, err);
  struct dc_span line;

  if (found < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (is_bootline (&line, formats))
      return keep (line, path, number, out, err);
  return 0;
}

/* The last of the entries, whose names end in versions, is the newest. */
static int
read_folder (struct dc_tree *tree, const char *folder,
             const struct format *formats, struct dc_bootline *out,
             struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (tree, folder);
  const char *name = NULL;
  AUTO_FREE char *path = NULL;

  if (index == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[index].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *dot = strrchr (tree->entries[i].name, '.');
    if (dot != NULL && strcmp (dot, ".conf") == 0 &&
        S_ISREG (tree->entries[i].mode))
      name = tree->entries[i].name;
  }
  if (name == NULL)
    return 0;
  return dc_text_print (&path, err, "%s%s", folder, name) < 0
             ? -1
             : read_file (tree, path, formats, out, err);
}

/* Red Hat's entries of some years name a variable of GRUB's environment. */
static int
read_variable (struct dc_tree *tree, struct dc_bootline *out,
               struct dc_error *err)
{
  static const char name[] = "kernelopts=", path[] = "/boot/grub2/grubenv";
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_BOOTLINE_FILE_MAX);
  struct dc_span line;

  if (dc_tree_read_file (tree, path, &b, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    struct dc_bootline found;
    if (!dc_span_starts (line, name))
      continue;
    const int status =
        keep (dc_span_skip (line, strlen (name)), path, number, &found, err);
    if (status < 0)
      return -1;
    if (status == 0)
      break;
    dc_bootline_release (out);
    *out = found;
    break;
  }
  return 1;
}

int
dc_bootline_find (struct dc_tree *tree, struct dc_bootline *out,
                  struct dc_error *err)
{
  int found = 0;

  for (size_t i = 0; i < DC_COUNT (places) && found == 0; i++) {
    const struct place *place = &places[i];
    const bool is_folder = place->path[strlen (place->path) - 1] == '/';
    found = is_folder
                ? read_folder (tree, place->path, place->formats, out, err)
                : read_file (tree, place->path, place->formats, out, err);
  }
  if (found != 1 || strstr (out->options, "$kernelopts") == NULL)
    return found;
  found = read_variable (tree, out, err);
  if (found < 0)
    dc_bootline_release (out);
  return found;
}

bool
dc_bootline_next (struct dc_span *rest, const char *name, struct dc_span *value)
{
  while (dc_span_word (rest, value))
    if (dc_span_starts (*value, name)) {
      *value = dc_span_skip (*value, strlen (name));
      return true;
    }
  return false;
}

void
dc_bootline_release (struct dc_bootline *bootline)
{
  free (bootline->options);
  free (bootline->file);
  *bootline = (struct dc_bootline){ .line = 0 };
}
