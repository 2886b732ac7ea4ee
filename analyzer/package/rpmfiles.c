/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/package/rpmfiles.h"

/* RPMFILE_* and RPMVERIFY_* of rpm's include/rpm/rpmfiles.h. */
#define FLAG_CONFIG (1u << 0)
#define FLAG_MISSING_OK (1u << 3)
#define FLAG_GHOST (1u << 6)
#define CHECK_DIGEST (1u << 0)
#define STATE_NORMAL 0

/* By the numbers of RFC 9580, 9.5; MD5 where the header has none. */
static enum dc_checksum_kind
kind_of (uint64_t number)
{
  static const uint8_t kinds[] = {
    [1] = DC_CHECKSUM_MD5,     [2] = DC_CHECKSUM_SHA1,
    [8] = DC_CHECKSUM_SHA256,  [9] = DC_CHECKSUM_SHA384,
    [10] = DC_CHECKSUM_SHA512, [11] = DC_CHECKSUM_SHA224,
  };

  return number < DC_COUNT (kinds) ? (enum dc_checksum_kind) kinds[number]
                                   : DC_CHECKSUM_NONE;
}

static int
keep_folders (struct dc_rpm_files *files, struct dc_rpm_values names,
              struct dc_error *err)
{
  if (names.count > DC_RPM_FOLDER_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a package has more than %d folders",
                    DC_RPM_FOLDER_MAX);
  files->folders = calloc ((size_t) names.count + 1, sizeof *files->folders);
  if (files->folders == NULL)
    return dc_fail_errno (err, "cannot keep the folders of a package");
  while (dc_rpm_next (&names, &files->folders[files->folder_count]))
    files->folder_count++;
  return 0;
}

int
dc_rpm_files_begin (struct dc_rpm_files *files,
                    const struct dc_rpm_header *header, struct dc_error *err)
{
  const struct dc_rpm_values kind =
      dc_rpm_values (header, DC_RPM_FILE_DIGEST_KIND);

  *files = (struct dc_rpm_files){
    .kind = kind_of (dc_rpm_number (&kind, 0, 1)),
    .names = dc_rpm_values (header, DC_RPM_BASE_NAMES),
    .folder_indexes = dc_rpm_values (header, DC_RPM_DIR_INDEXES),
    .digests = dc_rpm_values (header, DC_RPM_FILE_DIGESTS),
    .links = dc_rpm_values (header, DC_RPM_FILE_LINKS),
    .flags = dc_rpm_values (header, DC_RPM_FILE_FLAGS),
    .states = dc_rpm_values (header, DC_RPM_FILE_STATES),
    .checks = dc_rpm_values (header, DC_RPM_FILE_CHECKS),
    .path = DC_BUFFER_INIT (DC_TREE_PATH_MAX),
  };
  if (files->names.count == 0) {
    files->names = dc_rpm_values (header, DC_RPM_OLD_FILE_NAMES);
    files->has_whole_names = true;
  }
  return keep_folders (files, dc_rpm_values (header, DC_RPM_DIR_NAMES), err);
}

/* 1, 0 when the folder is not there or the path too long. */
static int
set_path (struct dc_rpm_files *files, struct dc_span name, struct dc_error *err)
{
  struct dc_span folder = { "", 0 };

  if (!files->has_whole_names) {
    const uint64_t index =
        dc_rpm_number (&files->folder_indexes, files->index, UINT64_MAX);
    if (index >= files->folder_count)
      return 0;
    folder = files->folders[index];
  }
  dc_buffer_clear (&files->path);
  if (folder.size + name.size > DC_TREE_PATH_MAX)
    return 0;
  return dc_buffer_append (&files->path, folder.text, folder.size, err) < 0 ||
                 dc_buffer_append (&files->path, name.text, name.size, err) < 0
             ? -1
             : 1;
}

int
dc_rpm_files_next (struct dc_rpm_files *files, struct dc_packaged_file *file,
                   struct dc_error *err)
{
  struct dc_span name, digest = { NULL, 0 }, link = { NULL, 0 };

  for (; dc_rpm_next (&files->names, &name); files->index++) {
    const bool has_digest = dc_rpm_next (&files->digests, &digest);
    const bool has_link = dc_rpm_next (&files->links, &link);
    const uint64_t flags = dc_rpm_number (&files->flags, files->index, 0);
    if (dc_rpm_number (&files->states, files->index, STATE_NORMAL) !=
        STATE_NORMAL)
      continue;
    const int status = set_path (files, name, err);
    if (status < 0)
      return -1;
    if (status == 0)
      continue;
    files->sum =
        dc_checksum_hex (has_digest ? files->kind : DC_CHECKSUM_NONE, digest);
    *file = (struct dc_packaged_file){
      .path = { dc_buffer_text (&files->path), files->path.size },
      .is_config = (flags & FLAG_CONFIG) != 0,
      .is_optional = (flags & (FLAG_GHOST | FLAG_MISSING_OK)) != 0,
    };
    if (has_link && link.size > 0)
      file->target = link;
    if ((flags & FLAG_GHOST) != 0)
      files->sum.kind = DC_CHECKSUM_NONE;
    else if ((dc_rpm_number (&files->checks, files->index, CHECK_DIGEST) &
              CHECK_DIGEST) != 0)
      file->sum = files->sum;
    files->index++;
    return 1;
  }
  return 0;
}

void
dc_rpm_files_release (struct dc_rpm_files *files)
{
  free (files->folders);
  dc_buffer_release (&files->path);
  *files = (struct dc_rpm_files){ .folders = NULL };
}
