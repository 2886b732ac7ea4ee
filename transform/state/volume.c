/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/unit/unitconverted.h"
#include "lib/array.h"
#include "lib/digest.h"
#include "lib/text.h"
#include "templates/templates.h"
#include "transform/state/volume.h"

#define DATA_KIND "data" /* of struct dc_storage_item */
#define MOUNTED "volume" /* what such a mount becomes: templates/storage.yaml */

/* A folder that may become a volume. */
struct candidate {
  uint32_t index;
  const char *service; /* NULL */
  const char *reason;
};

struct choice {
  struct dc_tree *tree;
  const struct dc_profile *profile;
  const struct dc_words *units;
  struct candidate *items;
  size_t count;
};

/* Nothing of these, and nothing that is above them. */
static const char *const system_folders[] = {
  "boot",
  "bin",
  "dev",
  "etc",
  "lib",
  "lib32",
  "lib64",
  "proc",
  "run",
  "sbin",
  "sys",
  "tmp",
  "usr",
  "var/lib/dpkg",
  "var/lib/rpm",
  "var/lib/pacman",
  "var/lib/systemd",
  "var/log",
  "var/tmp",
};

/* These as they are; what is below them may be data. */
static const char *const broad_folders[] = {
  "",        "home",      "mnt",     "opt",          "root",
  "srv",     "srv/http",  "srv/www", "var",          "var/cache",
  "var/lib", "var/spool", "var/www", "var/www/html", "var/lib/private",
};

static bool
is_one_of (const char *path, const char *const *paths, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp (path, paths[i]) == 0)
      return true;
  return false;
}

static bool
is_below (const char *path, const char *folder)
{
  const size_t size = strlen (folder);

  return strncmp (path, folder, size) == 0 &&
         (path[size] == '/' || path[size] == '\0');
}

static bool
is_system (const char *path)
{
  for (size_t i = 0; i < DC_COUNT (system_folders); i++)
    if (is_below (path, system_folders[i]) ||
        is_below (system_folders[i], path))
      return true;
  return false;
}

/* A folder with a mount of its own was set apart by its administrator. */
static int
may_be_volume (const struct choice *choice, uint32_t index, bool is_mounted,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (index == DC_TREE_NONE || index == 0 ||
      !S_ISDIR (choice->tree->entries[index].mode))
    return 0;
  if (dc_tree_path (choice->tree, index, &path, err) < 0)
    return -1;
  const char *text = dc_buffer_text (&path);
  return !is_system (text) &&
         (is_mounted ||
          !is_one_of (text, broad_folders, DC_COUNT (broad_folders)));
}

static int
add (struct choice *choice, const char *path, const char *service,
     const char *reason, bool is_mounted, struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (choice->tree, path);
  const int may = may_be_volume (choice, index, is_mounted, err);

  if (may <= 0)
    return may;
  if (DC_ARRAY_GROW (choice->items, choice->count, DC_STORAGE_ITEM_MAX,
                     "places of data", err) < 0)
    return -1;
  choice->items[choice->count++] = (struct candidate){ .index = index,
                                                       .service = service,
                                                       .reason = reason };
  return 0;
}

static bool
is_started (const struct choice *choice, const char *unit)
{
  return unit == NULL || choice->units == NULL ||
         dc_words_has (choice->units, unit);
}

static int
add_applications (struct choice *choice, struct dc_error *err)
{
  const struct dc_storage *storage = &choice->profile->storage;

  for (size_t i = 0; i < storage->count; i++) {
    const struct dc_storage_item *item = &storage->items[i];
    if (strcmp (item->kind, DATA_KIND) == 0 &&
        is_started (choice, item->service) &&
        add (choice, item->path, item->service, item->reason, false, err) < 0)
      return -1;
  }
  return 0;
}

/* The service of the application that is started, NULL: none is. */
static const char *
started_of (const struct choice *choice,
            const struct dc_application *application)
{
  for (size_t i = 0; i < application->services.count; i++)
    if (is_started (choice, application->services.items[i]))
      return application->services.items[i];
  return NULL;
}

/* Also those that are empty: what the application will keep there must not
 * go with the container.
 */
static int
add_data_folders (struct choice *choice, struct dc_error *err)
{
  const struct dc_applications *applications = &choice->profile->applications;

  for (size_t i = 0; i < applications->count; i++) {
    const struct dc_application *application = &applications->items[i];
    const char *service = started_of (choice, application);
    for (size_t j = 0; service != NULL && j < application->data.count; j++)
      if (add (choice, application->data.items[j], service,
               "where the application keeps its data", false, err) < 0)
        return -1;
  }
  return 0;
}

/* Also those that are empty, as above. */
static int
add_state_directories (struct choice *choice, const struct dc_unit *unit,
                       struct dc_error *err)
{
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, "Service", "StateDirectory", &position, &setting) >
         0) {
    struct dc_span rest = dc_span_of (setting->value), word;
    while (dc_span_word (&rest, &word)) {
      AUTO_FREE char *path = NULL;
      const char *colon = memchr (word.text, ':', word.size);
      const size_t size =
          colon != NULL ? (size_t) (colon - word.text) : word.size;
      if (dc_text_print (&path, err, "/var/lib/%.*s", (int) size, word.text) <
              0 ||
          add (choice, path, unit->name, "the unit's own state", false, err) <
              0)
        return -1;
    }
  }
  return 0;
}

/* Services that nobody chose count when the guest starts them. */
static int
add_units (struct choice *choice, struct dc_error *err)
{
  DC_AUTO (dc_services_template) *services = NULL;
  const struct dc_units *units = choice->profile->units;

  if (dc_services_template_load (&services, err) < 0)
    return -1;
  for (size_t i = 0; i < units->count; i++)
    if (is_started (choice, units->items[i].name) &&
        dc_unit_is_converted (&units->items[i], services) &&
        add_state_directories (choice, &units->items[i], err) < 0)
      return -1;
  return 0;
}

static int
add_mounts (struct choice *choice, struct dc_error *err)
{
  const struct dc_mounts *mounts = &choice->profile->mounts;
  DC_AUTO (dc_storage_template) *template = NULL;

  if (mounts->count == 0)
    return 0;
  if (dc_storage_template_load (&template, err) < 0)
    return -1;
  for (size_t i = 0; i < mounts->count; i++) {
    const struct dc_mount *mount = &mounts->items[i];
    const struct dc_storage_mount_rule *rule =
        dc_storage_mount_rule (template, mount->type, mount->mountpoint);
    if (rule != NULL && strcmp (rule->becomes, MOUNTED) == 0 &&
        add (choice, mount->mountpoint, NULL, rule->reason, true, err) < 0)
      return -1;
  }
  return 0;
}

/* By place in the tree, so that a folder comes before what is in it; of one
 * place, what knows its service first.
 */
static int
compare (const void *a, const void *b)
{
  const struct candidate *x = a, *y = b;

  if (x->index != y->index)
    return x->index < y->index ? -1 : 1;
  if ((x->service == NULL) != (y->service == NULL))
    return x->service == NULL ? 1 : -1;
  const int by_service = dc_text_compare (x->service, y->service);
  return by_service != 0 ? by_service : strcmp (x->reason, y->reason);
}

/* Is INDEX the folder of a volume that was taken, or below one? */
static bool
is_covered (const struct dc_tree *tree, const uint8_t *is_volume,
            uint32_t index)
{
  while (index != 0 && !is_volume[index])
    index = tree->entries[index].parent;
  return index != 0;
}

static uint64_t
bytes_below (const struct dc_tree *tree, uint32_t folder)
{
  uint64_t bytes = 0;
  uint32_t i = tree->entries[folder].first_child;

  while (i != DC_TREE_NONE) {
    if (S_ISREG (tree->entries[i].mode) && tree->entries[i].hardlink == i)
      bytes += tree->entries[i].size;
    if (tree->entries[i].first_child != DC_TREE_NONE) {
      i = tree->entries[i].first_child;
      continue;
    }
    while (tree->entries[i].next_sibling == DC_TREE_NONE &&
           tree->entries[i].parent != folder)
      i = tree->entries[i].parent;
    i = tree->entries[i].next_sibling;
  }
  return bytes;
}

static int
fill (const struct choice *choice, const struct candidate *candidate,
      struct dc_plan_volume *volume, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  const uint64_t bytes = bytes_below (choice->tree, candidate->index);

  volume->bytes = bytes < INT64_MAX ? (int64_t) bytes : INT64_MAX;
  if (dc_tree_path (choice->tree, candidate->index, &path, err) < 0 ||
      dc_text_print (&volume->path, err, "/%s", dc_buffer_text (&path)) < 0 ||
      dc_state_name (volume->path, &volume->name, err) < 0 ||
      dc_text_copy (candidate->service, &volume->service, err) < 0)
    return -1;
  return dc_text_copy (candidate->reason, &volume->reason, err);
}

/* Two paths may give one name: "/srv/a-b" and "/srv/a/b". */
static int
make_unique (struct dc_plan_volume *items, size_t count, struct dc_error *err)
{
  struct dc_plan_volume *last = &items[count - 1];

  for (size_t i = 0; i + 1 < count; i++)
    if (strcmp (items[i].name, last->name) == 0) {
      free (last->name);
      last->name = NULL;
      return dc_state_long_name (last->path, &last->name, err);
    }
  return 0;
}

static int
take (const struct choice *choice, enum dc_plan_data way,
      struct dc_yaml_list *volumes, struct dc_error *err)
{
  struct dc_plan_volume *items = volumes->items;

  if (choice->count == 0)
    return 0;
  AUTO_FREE uint8_t *is_volume = calloc ((size_t) choice->tree->count + 1, 1);
  if (is_volume == NULL)
    return dc_fail_errno (err, "cannot choose volumes");
  for (size_t i = 0; i < choice->count; i++) {
    const struct candidate *candidate = &choice->items[i];
    if (is_covered (choice->tree, is_volume, candidate->index))
      continue;
    if (DC_ARRAY_GROW (items, volumes->count, DC_PLAN_VOLUME_MAX,
                       "folders of data", err) < 0)
      return -1;
    volumes->items = items;
    struct dc_plan_volume *volume = &items[volumes->count++];
    volume->data = (int) way;
    is_volume[candidate->index] = 1;
    if (fill (choice, candidate, volume, err) < 0 ||
        make_unique (items, volumes->count, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_volumes_choose (struct dc_tree *tree, const struct dc_profile *profile,
                   const struct dc_words *units, enum dc_plan_data way,
                   struct dc_yaml_list *volumes, struct dc_error *err)
{
  struct choice choice = { .tree = tree, .profile = profile, .units = units };

  int status = add_applications (&choice, err);
  if (status == 0)
    status = add_data_folders (&choice, err);
  if (status == 0)
    status = add_units (&choice, err);
  if (status == 0)
    status = add_mounts (&choice, err);
  if (status == 0 && choice.count > 1)
    qsort (choice.items, choice.count, sizeof *choice.items, compare);
  if (status == 0)
    status = take (&choice, way, volumes, err);
  free (choice.items);
  return status;
}

static bool
is_name_byte (char byte)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '.';
}

/* What a name can hold of PATH; how many bytes that are. */
static size_t
plain_name (const char *path, char text[DC_STATE_NAME_MAX + 1])
{
  size_t size = 0;

  for (const char *s = path; *s != '\0' && size < DC_STATE_NAME_MAX; s++) {
    const char byte = is_name_byte (*s) ? *s : '-';
    if (size > 0 || strchr ("-._", byte) == NULL)
      text[size++] = byte;
  }
  text[size] = '\0';
  return size;
}

int
dc_state_long_name (const char *path, char **out, struct dc_error *err)
{
  char digest[DC_DIGEST_TEXT_SIZE], text[DC_STATE_NAME_MAX + 1];
  const size_t digits = 16;
  const size_t size = plain_name (path, text);

  if (dc_digest_bytes (path, strlen (path), digest, err) < 0)
    return -1;
  return dc_text_print (
      out, err, "%.*s-%.*s", (int) (DC_STATE_NAME_MAX - digits - 1),
      size > 0 ? text : "data", (int) digits, digest + strlen ("sha256:"));
}

int
dc_state_name (const char *path, char **out, struct dc_error *err)
{
  char text[DC_STATE_NAME_MAX + 1];
  const size_t size = plain_name (path, text);

  return size > 0 && size < DC_STATE_NAME_MAX
             ? dc_text_copy (text, out, err)
             : dc_state_long_name (path, out, err);
}
