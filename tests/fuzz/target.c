/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* A small guest around one file, and its whole profile. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/profile.h"
#include "lib/report.h"
#include "lib/text.h"
#include "lib/tree/backends.h"
#include "tests/fuzz/target.h"
#include "tests/unit/unittree.h"

#define FILE_MAX 64

struct files {
  struct dc_memory_file items[FILE_MAX];
  size_t count;
  char folders[FILE_MAX][256];
  size_t folder_count;
};

static bool
has (const struct files *files, const char *path)
{
  for (size_t i = 0; i < files->count; i++)
    if (strcmp (files->items[i].path, path) == 0)
      return true;
  return false;
}

/* All folders above PATH. */
static void
add_folders (struct files *files, const char *path)
{
  for (const char *p = strchr (path, '/'); p != NULL; p = strchr (p + 1, '/')) {
    char *folder = files->folders[files->folder_count];
    const size_t size = (size_t) (p - path);
    assert (size < sizeof files->folders[0] && files->count < FILE_MAX);
    memcpy (folder, path, size);
    folder[size] = '\0';
    if (has (files, folder))
      continue;
    files->folder_count++;
    files->items[files->count++] = (struct dc_memory_file) DIR (folder);
  }
}

/* Instead of one of the same path. */
static void
add_file (struct files *files, struct dc_memory_file file)
{
  add_folders (files, file.path);
  for (size_t i = 0; i < files->count; i++)
    if (strcmp (files->items[i].path, file.path) == 0) {
      files->items[i] = file;
      return;
    }
  assert (files->count < FILE_MAX);
  files->items[files->count++] = file;
}

static void
make_profile (const struct files *files,
              const struct dc_profile_options *options)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_guest) *guest = NULL;
  DC_AUTO (dc_profile) *profile = NULL;
  json_auto_t *json = NULL;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT ((size_t) 64 << 20);

  if (dc_tree_memory (files->items, files->count, &tree, &err) < 0 ||
      dc_guest_new ("memory", &guest, &err) < 0)
    abort (); /* the guest is ours, only the file's content is not */
  if (dc_profile_make (tree, guest, options, &dc_report_silent, &profile,
                       &err) < 0) {
    static const char prefix[] = "the profile failed: ";
    (void) !write (STDERR_FILENO, prefix, sizeof prefix - 1);
    (void) !write (STDERR_FILENO, err.text, strlen (err.text));
    abort (); /* a broken file is a finding, never the end */
  }
  (void) DC_TAKE (guest);
  if (dc_profile_json (profile, &json, &err) < 0 ||
      dc_profile_text (json, 80, &text, &err) < 0)
    abort ();
}

void
fuzz_run (const struct target *target, const uint8_t *data, size_t size)
{
  struct files files = {
    .items = { FOLDERS, DIR ("etc/systemd/system/multi-user.target.wants"),
               FILE (USR "/default.target", "[Unit]\nWants=s.service\n"),
               FILE ("etc/os-release", "ID=debian\nVERSION_ID=12\n") },
  };
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *unit = NULL;

  if (size == 0)
    return; /* a row of no size would be taken as a string */
  if (target->run != NULL) {
    target->run (data, size);
    return;
  }
  while (files.items[files.count].path != NULL)
    files.count++;
  if (target->settings != NULL) {
    if (dc_text_print (&unit, &err, "[Service]\n%s\n", target->settings) < 0)
      abort ();
    files.items[files.count++] =
        (struct dc_memory_file) FILE (USR "/s.service", unit);
  }
  for (const struct dc_memory_file *file = target->files;
       file != NULL && file->path != NULL; file++)
    add_file (&files, *file);
  if (target->path == NULL) {
    const struct dc_profile_options options = {
      .observed = (const char *) data,
      .observed_name = "observed",
      .observed_size = size,
    };
    return make_profile (&files, &options);
  }
  const struct dc_memory_file input = {
    .path = target->path,
    .mode = 0100755,
    .data = (const char *) data,
    .size = size,
  };
  add_file (&files, input);
  make_profile (&files, NULL);
}

const struct target *
fuzz_target (const char *name)
{
  for (size_t i = 0; i < fuzz_target_count; i++)
    if (strcmp (fuzz_targets[i].name, name) == 0)
      return &fuzz_targets[i];
  return NULL;
}
