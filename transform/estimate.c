/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "transform/estimate.h"
#include "transform/plan/plannotes.h"

#define BLOCK 512      /* a header of tar, and what contents are padded to */
#define HEADER_SIZE 45 /* what a header takes when it is compressed; measured */

enum kind { KIND_TEXT, KIND_PROGRAM, KIND_PACKED, KIND_COUNT };

/* Thousandths that are left, measured as said in the header.  Text has what is
 * neither of the others: catalogues, byte code, databases.
 */
static const unsigned ratios[][KIND_COUNT] = {
  [DC_COMPRESSION_NONE] = { 1000, 1000, 1000 },
  [DC_COMPRESSION_GZIP] = { 248, 378, 980 },
  [DC_COMPRESSION_ZSTD] = { 213, 343, 883 },
};

static bool
is_packed (const char *name)
{
  static const char *const suffixes[] = {
    "gz",   "xz",  "bz2", "zst", "zip",  "jar",  "war",   "whl",
    "png",  "jpg", "gif", "mp4", "webp", "woff", "woff2", "tgz",
    "jpeg", "deb", "rpm", "br",  "7z",   "mp3",  "ogg",   "webm",
  };
  const char *dot = strrchr (name, '.');

  for (size_t i = 0; dot != NULL && i < DC_COUNT (suffixes); i++)
    if (strcmp (dot + 1, suffixes[i]) == 0)
      return true;
  return false;
}

static enum kind
kind_of (const struct dc_entry *entry)
{
  const size_t script_max = 16384; /* bytes; smaller ones are mostly scripts */

  if (is_packed (entry->name))
    return KIND_PACKED;
  return strstr (entry->name, ".so") != NULL ||
                 ((entry->mode & 0111) != 0 && entry->size > script_max)
             ? KIND_PROGRAM
             : KIND_TEXT;
}

void
dc_estimate_image (const struct dc_tree *tree, const uint8_t *layers,
                   const struct dc_plan_image *image,
                   enum dc_compression compression, struct dc_estimate *out)
{
  const struct dc_plan_volume *volumes = image->volumes.items;
  uint64_t bytes[KIND_COUNT] = { 0 };
  struct dc_estimate estimate = { .entries = 0 };

  for (uint32_t i = 0; i < tree->count; i++) {
    const struct dc_entry *entry = &tree->entries[i];
    if (layers[i] == DC_LAYER_NONE)
      continue;
    estimate.entries++;
    estimate.archive_bytes += BLOCK;
    if (entry->hardlink != i)
      continue;
    bytes[kind_of (entry)] += entry->size;
    estimate.files_bytes += entry->size;
    estimate.archive_bytes += (entry->size + BLOCK - 1) / BLOCK * BLOCK;
  }
  estimate.image_bytes = estimate.entries * HEADER_SIZE;
  for (int i = 0; i < KIND_COUNT; i++)
    estimate.image_bytes += bytes[i] / 1000 * ratios[compression][i];
  for (size_t i = 0; i < image->volumes.count; i++)
    if (volumes[i].data == DC_PLAN_DATA_EXPORT && volumes[i].bytes > 0)
      estimate.volume_bytes += (uint64_t) volumes[i].bytes;
  *out = estimate;
}

json_t *
dc_estimate_json (const struct dc_estimate *estimate, const char *name,
                  uint64_t rate)
{
  json_t *json = json_object ();
  const double seconds = (double) estimate->archive_bytes / (double) rate;

  dc_json_put_text (&json, "name", name);
  dc_json_put_number (&json, "entries", estimate->entries);
  dc_json_put_number (&json, "files_bytes", estimate->files_bytes);
  dc_json_put_number (&json, "archive_bytes", estimate->archive_bytes);
  dc_json_put_number (&json, "image_bytes", estimate->image_bytes);
  dc_json_put_number (&json, "volume_bytes", estimate->volume_bytes);
  dc_json_put (&json, "seconds", json_real (seconds));
  return json;
}

int
dc_estimate_check (uint64_t image_bytes, uint64_t room, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer need = DC_BUFFER_INIT (64),
                               have = DC_BUFFER_INIT (64);

  if (room / DC_ESTIMATE_ROOM_PERCENT >= image_bytes / 100)
    return 0;
  if (dc_plan_size_text (image_bytes, &need, err) < 0 ||
      dc_plan_size_text (room, &have, err) < 0)
    return -1;
  return dc_fail (err, DC_ERR_LIMIT,
                  "about %s will be written, and only %s are free there",
                  dc_buffer_text (&need), dc_buffer_text (&have));
}
