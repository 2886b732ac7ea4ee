/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/ext/ext.h"
#include "analyzer/source/guest.h"
#include "lib/disk/extents.h"
#include "lib/file.h"
#include "tests/functional/disktree.h"

#define DISK_MAX 16

/* Trees borrow them; they end with the program. */
static struct dc_disk *disks[DISK_MAX];
static size_t disk_count;

static int
open_disk (const char *path, struct dc_disk **out, struct dc_error *err)
{
  struct dc_extent *whole = calloc (1, sizeof *whole);
  if (whole == NULL)
    return dc_fail_errno (err, "cannot keep a disk");
  whole->fd = dc_file_open (AT_FDCWD, path, err);
  if (whole->fd < 0 || dc_file_size (whole->fd, &whole->size, err) < 0)
    return -1;
  if (dc_extents_disk (whole, 1, whole->size, out, err) < 0)
    return -1;
  assert (disk_count < DISK_MAX);
  disks[disk_count++] = *out;
  return 0;
}

/* "FILE=/var", or "FILE" for the root. */
static int
open_mount (char *word, struct dc_ext_mount *mount, struct dc_error *err)
{
  struct dc_disk *disk;
  char *equals = strchr (word, '=');

  mount->mountpoint = equals != NULL ? equals + 1 : "/";
  if (equals != NULL)
    *equals = '\0';
  if (open_disk (word, &disk, err) < 0 ||
      dc_ext_open (disk, 0, disk->size, &mount->ext, err) < 0)
    return -1;
  fprintf (stderr, "%s: %s\n", word, dc_ext_state (mount->ext));
  return 0;
}

int
disktree_ext (const char *words, struct dc_tree **out, struct dc_error *err)
{
  struct dc_ext_mount mounts[DISK_MAX];
  size_t count = 0;
  AUTO_FREE char *copy = strdup (words);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a word");
  char *rest = copy;
  for (char *word = strsep (&rest, ","); word != NULL && count < DISK_MAX;
       word = strsep (&rest, ","))
    if (open_mount (word, &mounts[count++], err) < 0)
      return -1;
  return dc_ext_tree (mounts, count, out, err);
}

static void
say (void *self, enum dc_level level, const char *text)
{
  (void) self;
  fprintf (stderr, "%s%s\n", level == DC_WARNING ? "warning: " : "", text);
}

static const char *
name_of (enum dc_code code)
{
  static const struct {
    enum dc_code code;
    const char *name;
  } names[] = {
    { DC_ERR_INVALID, "invalid" },     { DC_ERR_NOTFOUND, "notfound" },
    { DC_ERR_ENCRYPTED, "encrypted" }, { DC_ERR_APPLIANCE, "appliance" },
    { DC_ERR_LIMIT, "limit" },         { DC_ERR_SYSTEM, "system" },
  };

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (names[i].code == code)
      return names[i].name;
  return "other";
}

static void
print_guest (const struct dc_guest *guest)
{
  for (size_t i = 0; i < guest->count; i++) {
    const struct dc_guest_fs *fs = &guest->items[i];
    printf ("fs %s %s '%s' %s %" PRIu64 " %s\n", fs->device, fs->type,
            fs->label, fs->mountpoint != NULL ? fs->mountpoint : "-", fs->size,
            fs->state);
  }
}

int
disktree_guest (const char *words, struct dc_tree **out, struct dc_error *err)
{
  struct dc_report report = dc_report_silent;
  const char *root = NULL;
  struct dc_disk *disk;
  DC_AUTO (dc_guest) *guest = NULL;
  AUTO_FREE char *copy = strdup (words);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a word");
  report.message = say;
  char *rest = copy;
  for (char *word = strsep (&rest, ","); word != NULL;
       word = strsep (&rest, ","))
    if (strncmp (word, "root=", 5) == 0)
      root = word + 5;
    else if (open_disk (word, &disk, err) < 0)
      return -1;
  if (dc_guest_open (disks, disk_count, root, &report, out, &guest, err) < 0)
    return dc_context (err, "%s", name_of (err->code));
  print_guest (guest);
  return 0;
}
