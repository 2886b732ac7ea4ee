/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/digest.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "lib/tree/backends.h"
#include "lib/tree/tarwriter.h"
#include "runtime/artifacts.h"
#include "transform/split.h"
#include "transform/state/export.h"
#include "transform/state/shadow.h"
#include "transform/state/volume.h"

#define SHADOW "/etc/shadow"

static const char volume_reason[] =
    "data: a volume, whose content lies beside the image";
static const char secret_reason[] =
    "a secret, which is mounted when the image runs";

/* A folder that is written, whatever images mount it. */
struct volume {
  const char *name;
  uint32_t folder;
  uint32_t *indexes; /* the folder, then what is below it; ascending */
  size_t count;
  char digest[DC_DIGEST_TEXT_SIZE];
  uint64_t size; /* of the archive */
};

/* A file that is written. */
struct secret {
  const char *name;
  uint32_t index;
  uint64_t offset; /* in the file of all */
};

/* Of one image. */
struct share {
  bool *is_taken; /* of its plan's secrets: it is exported */
  struct dc_shadow shadow;
  const struct dc_initplan *plan; /* of decant-init; NULL: it is no secret */
  char *plan_name;
  uint64_t plan_offset; /* in the file of all */
};

struct dc_state {
  struct dc_tree *tree;
  const struct dc_plan *plan;
  struct volume *volumes;
  size_t volume_count;
  struct secret *secrets;
  size_t secret_count;
  struct share *shares; /* one an image */
};

static struct volume *
find_volume (const struct dc_state *state, const char *name)
{
  for (size_t i = 0; i < state->volume_count; i++)
    if (strcmp (state->volumes[i].name, name) == 0)
      return &state->volumes[i];
  return NULL;
}

static const struct secret *
find_secret (const struct dc_state *state, const char *name)
{
  for (size_t i = 0; i < state->secret_count; i++)
    if (strcmp (state->secrets[i].name, name) == 0)
      return &state->secrets[i];
  return NULL;
}

int
dc_state_new (struct dc_tree *tree, const struct dc_plan *plan,
              struct dc_state **out, struct dc_error *err)
{
  DC_AUTO (dc_state) *state = calloc (1, sizeof *state);
  size_t secrets = 0;

  if (state == NULL)
    return dc_fail_errno (err, "cannot keep what is exported");
  for (size_t i = 0; i < plan->images.count; i++)
    secrets += dc_plan_image (plan, i)->secrets.count;
  state->tree = tree;
  state->plan = plan;
  state->volumes = calloc (DC_PLAN_VOLUME_MAX, sizeof *state->volumes);
  state->secrets = calloc (secrets + 1, sizeof *state->secrets);
  state->shares = calloc (plan->images.count + 1, sizeof *state->shares);
  if (state->volumes == NULL || state->secrets == NULL || state->shares == NULL)
    return dc_fail_errno (err, "cannot keep what is exported");
  *out = DC_TAKE (state);
  return 0;
}

/* Call for each entry below FOLDER, in order. */
static uint32_t
next_below (const struct dc_tree *tree, uint32_t folder, uint32_t i)
{
  const struct dc_entry *entries = tree->entries;

  if (entries[i].first_child != DC_TREE_NONE)
    return entries[i].first_child;
  while (i != folder && entries[i].next_sibling == DC_TREE_NONE)
    i = entries[i].parent;
  return i == folder ? DC_TREE_NONE : entries[i].next_sibling;
}

static int
compare_indexes (const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  return (x > y) - (x < y);
}

/* What is kept below the folder goes into VOLUME. */
static int
fill_volume (struct dc_state *state, struct volume *volume,
             const struct dc_selection *selection, struct dc_error *err)
{
  size_t count = 1;

  for (uint32_t i = next_below (state->tree, volume->folder, volume->folder);
       i != DC_TREE_NONE; i = next_below (state->tree, volume->folder, i))
    count += selection->rules[i] == 0;
  volume->indexes = calloc (count, sizeof *volume->indexes);
  if (volume->indexes == NULL)
    return dc_fail_errno (err, "cannot keep %zu files", count);
  volume->indexes[volume->count++] = volume->folder;
  for (uint32_t i = next_below (state->tree, volume->folder, volume->folder);
       i != DC_TREE_NONE; i = next_below (state->tree, volume->folder, i))
    if (selection->rules[i] == 0)
      volume->indexes[volume->count++] = i;
  qsort (volume->indexes, volume->count, sizeof *volume->indexes,
         compare_indexes);
  return 0;
}

static int
add_volume (struct dc_state *state, const struct dc_plan_volume *planned,
            uint32_t folder, const struct dc_selection *selection,
            struct dc_error *err)
{
  const struct volume *known = find_volume (state, planned->name);

  if (known != NULL && known->folder != folder)
    return dc_fail (err, DC_ERR_INVALID,
                    "two folders cannot both be the volume '%s'",
                    dc_quote (planned->name).text);
  if (known != NULL)
    return 0;
  if (state->volume_count == DC_PLAN_VOLUME_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d volumes",
                    DC_PLAN_VOLUME_MAX);
  struct volume *volume = &state->volumes[state->volume_count++];
  volume->name = planned->name;
  volume->folder = folder;
  return fill_volume (state, volume, selection, err);
}

/* The folder of a volume; DC_TREE_NONE: the guest does not have it. */
static uint32_t
folder_of (const struct dc_state *state, const struct dc_plan_volume *planned)
{
  const uint32_t folder = dc_tree_resolve (state->tree, planned->path);

  return folder == DC_TREE_NONE || folder == 0 ||
                 !S_ISDIR (state->tree->entries[folder].mode)
             ? DC_TREE_NONE
             : folder;
}

static int
take_volume (struct dc_state *state, const struct dc_plan_volume *planned,
             struct dc_selection *selection, struct dc_error *err)
{
  const struct dc_entry *entries = state->tree->entries;
  const uint32_t folder = folder_of (state, planned);

  if (folder == DC_TREE_NONE || planned->data == DC_PLAN_DATA_IMAGE)
    return 0;
  if (planned->data == DC_PLAN_DATA_EXPORT &&
      add_volume (state, planned, folder, selection, err) < 0)
    return -1;
  for (uint32_t i = entries[folder].first_child; i != DC_TREE_NONE;
       i = entries[i].next_sibling)
    if (dc_selection_leave (selection, state->tree, i, volume_reason, err) < 0)
      return -1;
  return 0;
}

void
dc_state_split (const struct dc_state *state, size_t index, uint8_t *layers)
{
  const struct dc_plan_image *image = dc_plan_image (state->plan, index);
  const struct dc_plan_volume *volumes = image->volumes.items;

  for (size_t i = 0; i < image->volumes.count; i++) {
    const uint32_t folder = folder_of (state, &volumes[i]);
    if (folder == DC_TREE_NONE || volumes[i].data != DC_PLAN_DATA_IMAGE)
      continue;
    for (uint32_t j = next_below (state->tree, folder, folder);
         j != DC_TREE_NONE; j = next_below (state->tree, folder, j))
      if (layers[j] != DC_LAYER_NONE)
        layers[j] = DC_LAYER_DATA;
  }
}

static int
keep_shadow (struct dc_state *state, struct share *share, uint32_t index,
             struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text =
      DC_BUFFER_INIT (DC_ARTIFACTS_SECRET_SIZE_MAX);

  if (dc_tree_read_file (state->tree, SHADOW, &text, err) < 0)
    return -1;
  return dc_shadow_lock (&state->tree->entries[index], dc_buffer_text (&text),
                         text.size, &share->shadow, err);
}

static int
take_secret (struct dc_state *state, struct share *share,
             const struct dc_plan_secret *planned, bool *is_taken,
             struct dc_selection *selection, struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (state->tree, planned->path);

  if (planned->way == DC_PLAN_SECRET_IMAGE || index == DC_TREE_NONE ||
      selection->rules[index] != 0 ||
      !S_ISREG (state->tree->entries[index].mode))
    return 0; /* it stays, or goes another way */
  if (dc_selection_leave (selection, state->tree, index, secret_reason, err) <
      0)
    return -1;
  if (strcmp (planned->path, SHADOW) == 0 &&
      keep_shadow (state, share, index, err) < 0)
    return -1;
  if (planned->way != DC_PLAN_SECRET_EXPORT)
    return 0;
  if (state->tree->entries[index].size > DC_ARTIFACTS_SECRET_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT,
                    "the secret '%s' has more than %zu bytes: a plan can leave "
                    "it in the image",
                    dc_quote (planned->path).text,
                    DC_ARTIFACTS_SECRET_SIZE_MAX);
  *is_taken = true;
  const struct secret *known = find_secret (state, planned->name);
  if (known != NULL && known->index != index)
    return dc_fail (err, DC_ERR_INVALID,
                    "two files cannot both be the secret '%s'",
                    dc_quote (planned->name).text);
  if (known == NULL)
    state->secrets[state->secret_count++] =
        (struct secret){ .name = planned->name, .index = index };
  return 0;
}

int
dc_state_take_out (struct dc_state *state, size_t index,
                   struct dc_selection *selection, struct dc_error *err)
{
  const struct dc_plan_image *image = dc_plan_image (state->plan, index);
  const struct dc_plan_volume *volumes = image->volumes.items;
  const struct dc_plan_secret *secrets = image->secrets.items;
  struct share *share = &state->shares[index];

  share->is_taken = calloc (image->secrets.count + 1, sizeof *share->is_taken);
  if (share->is_taken == NULL)
    return dc_fail_errno (err, "cannot keep what is exported");
  /* Volumes first: the secrets in them go with them. */
  for (size_t i = 0; i < image->volumes.count; i++)
    if (take_volume (state, &volumes[i], selection, err) < 0)
      return -1;
  for (size_t i = 0; i < image->secrets.count; i++)
    if (take_secret (state, share, &secrets[i], &share->is_taken[i], selection,
                     err) < 0)
      return -1;
  return 0;
}

const struct dc_memory_file *
dc_state_shadow (const struct dc_state *state, size_t index)
{
  const struct dc_shadow *shadow = &state->shares[index].shadow;

  return shadow->text != NULL ? &shadow->row : NULL;
}

int
dc_state_add_plan (struct dc_state *state, size_t index,
                   const struct dc_initplan *plan, struct dc_error *err)
{
  struct share *share = &state->shares[index];
  AUTO_FREE char *path = NULL;

  /* Each image has its own. */
  if (dc_text_print (&path, err, "%s/%s", DC_INITPLAN_PATH,
                     dc_plan_image (state->plan, index)->name) < 0 ||
      dc_state_name (path, &share->plan_name, err) < 0)
    return -1;
  if (find_secret (state, share->plan_name) != NULL)
    return dc_fail (err, DC_ERR_INVALID,
                    "two files cannot both be the secret '%s'",
                    dc_quote (share->plan_name).text);
  share->plan = plan;
  return 0;
}

/* An archive on its way into a file. */
struct archive {
  int fd;
  struct volume *volume;
  struct dc_digest *digest;
};

static int
keep_bytes (void *self, const void *bytes, size_t size, struct dc_error *err)
{
  struct archive *archive = self;

  archive->volume->size += size;
  if (dc_digest_add (archive->digest, bytes, size, err) < 0)
    return -1;
  return dc_file_write (archive->fd, bytes, size, err);
}

static int
end_bytes (void *self, struct dc_error *err)
{
  struct archive *archive = self;

  return dc_digest_end (archive->digest, archive->volume->digest, err);
}

static int
write_volume (struct dc_state *state, struct volume *volume, int fd,
              struct dc_error *err)
{
  DC_AUTO (dc_digest) *digest = NULL;
  DC_AUTO (dc_pipeline) *pipeline = NULL;
  const struct dc_tar_options options = { .keeps_holes = true,
                                          .root = volume->folder };

  if (dc_digest_new (&digest, err) < 0)
    return -1;
  struct archive archive = { fd, volume, digest };
  const struct dc_stage stage = { keep_bytes, end_bytes, &archive };
  if (dc_pipeline_new (&stage, 1, &pipeline, err) < 0 ||
      dc_tar_write_as (state->tree, volume->indexes, volume->count, &options,
                       pipeline, err) < 0 ||
      dc_pipeline_close (pipeline, err) < 0)
    return -1;
  return dc_pipeline_join (pipeline, err);
}

static int
write_plans (struct dc_state *state, int fd, uint64_t offset,
             struct dc_error *err)
{
  for (size_t i = 0; i < state->plan->images.count; i++) {
    struct share *share = &state->shares[i];
    if (share->plan == NULL)
      continue;
    share->plan_offset = offset;
    if (dc_file_write (fd, share->plan->text, share->plan->size, err) < 0)
      return dc_context (err, "secret '%s'", dc_quote (share->plan_name).text);
    offset += share->plan->size;
  }
  return 0;
}

static int
write_secrets (struct dc_state *state, int fd, struct dc_error *err)
{
  AUTO_FREE char *bytes = NULL;
  uint64_t offset = 0;

  bytes = malloc (DC_ARTIFACTS_SECRET_SIZE_MAX);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read secrets");
  for (size_t i = 0; i < state->secret_count; i++) {
    struct secret *secret = &state->secrets[i];
    const size_t size = (size_t) state->tree->entries[secret->index].size;
    secret->offset = offset;
    if (dc_tree_read (state->tree, secret->index, 0, bytes, size, err) < 0 ||
        dc_file_write (fd, bytes, size, err) < 0)
      return dc_context (err, "secret '%s'", dc_quote (secret->name).text);
    offset += size;
  }
  explicit_bzero (bytes, DC_ARTIFACTS_SECRET_SIZE_MAX);
  return write_plans (state, fd, offset, err);
}

int
dc_state_write (struct dc_state *state, const struct dc_state_files *files,
                struct dc_error *err)
{
  for (size_t i = 0; i < state->volume_count; i++)
    if (write_volume (state, &state->volumes[i], files->volumes[i], err) < 0)
      return dc_context (err, "volume '%s'",
                         dc_quote (state->volumes[i].name).text);
  return write_secrets (state, files->secrets, err);
}

static json_t *
volumes_json (const struct dc_state *state, const struct dc_plan_image *image)
{
  const struct dc_plan_volume *volumes = image->volumes.items;
  json_t *list = json_array ();

  for (size_t i = 0; i < image->volumes.count; i++) {
    json_t *item = json_object ();
    const struct volume *volume = find_volume (state, volumes[i].name);
    if (volumes[i].data == DC_PLAN_DATA_IMAGE) {
      json_decref (item);
      continue;
    }
    dc_json_put_text (&item, "name", volumes[i].name);
    dc_json_put_text (&item, "path", volumes[i].path);
    if (volumes[i].data == DC_PLAN_DATA_EXPORT && volume != NULL) {
      dc_json_put_text (&item, "digest", volume->digest);
      dc_json_put_number (&item, "size", volume->size);
      dc_json_put_number (&item, "file", (uint64_t) (volume - state->volumes));
    }
    dc_json_push (&list, item);
  }
  return list;
}

static json_t *
plan_json (const struct share *share)
{
  json_t *item = json_object ();

  dc_json_put_text (&item, "name", share->plan_name);
  dc_json_put_text (&item, "path", DC_INITPLAN_PATH);
  dc_json_put_text (&item, "kind", "plan of the services");
  dc_json_put_number (&item, "uid", 0);
  dc_json_put_number (&item, "gid", 0);
  dc_json_put_number (&item, "mode", 0600);
  dc_json_put_number (&item, "offset", share->plan_offset);
  dc_json_put_number (&item, "size", share->plan->size);
  return item;
}

static json_t *
secrets_json (const struct dc_state *state, size_t index)
{
  const struct dc_plan_image *image = dc_plan_image (state->plan, index);
  const struct dc_plan_secret *secrets = image->secrets.items;
  json_t *list = json_array ();

  for (size_t i = 0; i < image->secrets.count; i++) {
    const struct secret *secret = state->shares[index].is_taken[i]
                                      ? find_secret (state, secrets[i].name)
                                      : NULL;
    if (secret == NULL)
      continue;
    const struct dc_entry *entry = &state->tree->entries[secret->index];
    json_t *item = json_object ();
    dc_json_put_text (&item, "name", secrets[i].name);
    dc_json_put_text (&item, "path", secrets[i].path);
    if (secrets[i].kind != NULL)
      dc_json_put_text (&item, "kind", secrets[i].kind);
    dc_json_put_number (&item, "uid", entry->uid);
    dc_json_put_number (&item, "gid", entry->gid);
    dc_json_put_number (&item, "mode", entry->mode & 07777);
    dc_json_put_number (&item, "offset", secret->offset);
    dc_json_put_number (&item, "size", entry->size);
    dc_json_push (&list, item);
  }
  if (state->shares[index].plan != NULL)
    dc_json_push (&list, plan_json (&state->shares[index]));
  return list;
}

static json_t *
texts_json (const struct dc_yaml_texts *texts)
{
  json_t *list = json_array ();

  for (size_t i = 0; i < texts->count; i++)
    dc_json_push (&list, dc_json_bytes (texts->items[i]));
  return list;
}

static json_t *
ports_json (const struct dc_plan_image *image)
{
  const struct dc_plan_port *ports = image->ports.items;
  json_t *list = json_array ();

  for (size_t i = 0; i < image->ports.count; i++) {
    json_t *item = json_object ();
    dc_json_put_number (&item, "port", (uint64_t) ports[i].port);
    dc_json_put_text (&item, "protocol",
                      ports[i].protocol == 0 ? "tcp" : "udp");
    dc_json_push (&list, item);
  }
  return list;
}

static json_t *
resources_json (const struct dc_plan_resources *resources)
{
  json_t *json = json_object ();

  dc_json_put_number (&json, "memory_bytes",
                      (uint64_t) resources->memory_bytes);
  dc_json_put_number (&json, "milli_cpus", (uint64_t) resources->milli_cpus);
  dc_json_put_number (&json, "pids", (uint64_t) resources->pids);
  return json;
}

json_t *
dc_state_json (const struct dc_state *state, size_t index)
{
  static const char *const inits[] = {
    [DC_PLAN_INIT_DECANT] = "decant-init",
    [DC_PLAN_INIT_SERVICE] = "service",
    [DC_PLAN_INIT_SYSTEMD] = "systemd",
    [DC_PLAN_INIT_NONE] = "none",
  };
  const struct dc_plan_image *image = dc_plan_image (state->plan, index);
  json_t *json = json_object ();

  dc_json_put_text (&json, "init", inits[image->init]);
  dc_json_put (&json, "volumes", volumes_json (state, image));
  dc_json_put (&json, "secrets", secrets_json (state, index));
  dc_json_put (&json, "ports", ports_json (image));
  dc_json_put (&json, "hosts", texts_json (&state->plan->identity.hosts));
  dc_json_put (&json, "sysctls", texts_json (&image->sysctls));
  dc_json_put (&json, "capabilities", texts_json (&image->capabilities));
  dc_json_put (&json, "devices", texts_json (&image->devices));
  dc_json_put (&json, "resources", resources_json (&image->resources));
  dc_json_put_number (&json, "stop_timeout_s",
                      (uint64_t) image->stop_timeout_s);
  return json;
}

void
dc_state_free (struct dc_state *state)
{
  if (state == NULL)
    return;
  for (size_t i = 0; state->volumes != NULL && i < state->volume_count; i++)
    free (state->volumes[i].indexes);
  for (size_t i = 0; state->shares != NULL && i < state->plan->images.count;
       i++) {
    free (state->shares[i].is_taken);
    free (state->shares[i].plan_name);
    dc_shadow_release (&state->shares[i].shadow);
  }
  free (state->volumes);
  free (state->secrets);
  free (state->shares);
  free (state);
}
