/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/array.h"
#include "lib/json.h"
#include "lib/text.h"
#include "lib/tree/backends.h"
#include "transform/imageconfig.h"
#include "transform/imageinit.h"
#include "transform/init/initplan.h"
#include "transform/init/sysusers.h"
#include "transform/plan/planmade.h"
#include "transform/promise.h"
#include "transform/state/secret.h"

#define ROW_MAX ((size_t) 20000)

struct dc_image_init {
  struct dc_initplan *plan;    /* NULL: decant-init is not used */
  bool is_plan_secret;         /* not in a layer */
  struct dc_memory_file *rows; /* what TREE is made of */
  bool *is_way; /* of each row: only added where the guest lacks it */
  size_t count;
  struct dc_words texts; /* paths and contents of rows */
  struct dc_tree *tree;
  uint32_t *entries;
  size_t entry_count;
  json_t *findings;
  struct dc_sysusers *sysusers; /* what the guest's next boot would add */
};

static int
add_finding (struct dc_image_init *init, const char *text, struct dc_error *err)
{
  return json_array_append_new (init->findings, dc_json_bytes (text)) == 0
             ? 0
             : dc_json_no_memory (err);
}

static int
copy_words (const struct dc_yaml_texts *texts, struct dc_words *words,
            struct dc_error *err)
{
  for (size_t i = 0; texts != NULL && i < texts->count; i++)
    if (dc_words_add (words, texts->items[i], err) < 0)
      return -1;
  return 0;
}

/* Who is there when the services start. */
static const struct dc_users *
users_of (const struct dc_image_init *init, const struct dc_profile *profile)
{
  return init->sysusers->users != NULL ? init->sysusers->users : profile->users;
}

/* What each service needs before its start, as the compiler takes it. */
struct choices {
  struct dc_init_choice *items;
  struct dc_words *prepare; /* one a service */
  size_t count, capacity;
};

static void
release_choices (struct choices *choices)
{
  for (size_t i = 0; choices->prepare != NULL && i < choices->capacity; i++)
    dc_words_release (&choices->prepare[i]);
  free (choices->prepare);
  free (choices->items);
}

static int
new_choices (struct choices *choices, size_t capacity, struct dc_error *err)
{
  choices->items = calloc (capacity + 1, sizeof *choices->items);
  choices->prepare = calloc (capacity + 1, sizeof *choices->prepare);
  choices->capacity = capacity;
  return choices->items != NULL && choices->prepare != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep %zu services", capacity);
}

/* A service that alone cannot be compiled (its user is unknown, ...) must not
 * keep the others from running: it is left out, and said.
 */
static int
add_choice (struct dc_image_init *init, struct choices *choices,
            struct dc_tree *tree, const struct dc_profile *profile,
            const struct dc_service_choice *service, struct dc_error *err)
{
  struct dc_init_choice *choice = &choices->items[choices->count];
  struct dc_words *prepare = &choices->prepare[choices->count];
  DC_AUTO (dc_initplan) *plan = NULL;

  if (copy_words (service->prepare, prepare, err) < 0)
    return -1;
  *choice = (struct dc_init_choice){ .unit = service->unit->name,
                                     .prepare = prepare,
                                     .is_essential = service->is_essential };
  if (dc_initplan_make (tree, profile->units, users_of (init, profile),
                        profile->hostname, choice, 1, &plan, err) == 0) {
    choices->count++;
    return 0;
  }
  dc_words_release (prepare);
  if (err->code == DC_ERR_SYSTEM)
    return -1;
  (void) dc_context (err, "%s is not started", service->unit->name);
  return add_finding (init, err->text, err);
}

static int
compile (struct dc_image_init *init, struct dc_tree *tree,
         const struct dc_profile *profile, const struct dc_services *services,
         struct dc_error *err)
{
  __attribute__ ((__cleanup__ (
      release_choices))) struct choices choices = { .items = NULL };

  if (new_choices (&choices, services->count, err) < 0)
    return -1;
  for (size_t i = 0; i < services->count; i++)
    if (services->items[i].reason == NULL &&
        add_choice (init, &choices, tree, profile, &services->items[i], err) <
            0)
      return -1;
  if (choices.count == 0)
    return 0;
  if (dc_initplan_make (tree, profile->units, users_of (init, profile),
                        profile->hostname, choices.items, choices.count,
                        &init->plan, err) < 0 ||
      dc_initplan_add_tmpfiles (init->plan, tree, users_of (init, profile),
                                profile->hostname, err) < 0)
    return dc_context (err, "cannot plan the services");
  for (size_t i = 0; i < init->plan->findings.count; i++)
    if (add_finding (init, init->plan->findings.items[i], err) < 0)
      return -1;
  return 0;
}

static int
find_secrets (struct dc_image_init *init, const struct dc_profile *profile,
              const struct dc_plan_image *image, struct dc_error *err)
{
  if (init->plan == NULL)
    return 0;
  const int status = dc_secret_in_plan (profile, image, init->plan->text,
                                        init->plan->size, err);
  init->is_plan_secret = status > 0;
  return status < 0 ? -1 : 0;
}

static int
check_arch (const struct dc_image_init *init, const struct dc_profile *profile,
            const struct dc_init_program *program, struct dc_error *err)
{
  if (profile->arch == NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "the architecture of the guest cannot be told");
  if (init->plan == NULL ||
      (program->arch != NULL && strcmp (program->arch, profile->arch) == 0))
    return 0;
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "the guest is %s, but this decant has an init for %s only",
                  profile->arch,
                  program->arch != NULL ? program->arch : "no architecture");
}

static int
add_row (struct dc_image_init *init, const struct dc_memory_file *row,
         bool is_way, struct dc_error *err)
{
  for (size_t i = 0; i < init->count; i++)
    if (strcmp (init->rows[i].path, row->path) == 0)
      return 0;
  if (DC_ARRAY_GROW (init->rows, init->count, ROW_MAX, "files", err) < 0 ||
      DC_ARRAY_GROW (init->is_way, init->count, ROW_MAX, "marks", err) < 0 ||
      dc_words_add (&init->texts, row->path, err) < 0)
    return -1;
  init->rows[init->count] = *row;
  init->rows[init->count].path = init->texts.items[init->texts.count - 1];
  init->is_way[init->count++] = is_way;
  return 0;
}

/* ROW, and the folders that lead to it. */
static int
add (struct dc_image_init *init, const struct dc_memory_file *row,
     struct dc_error *err)
{
  for (const char *slash = strchr (row->path, '/'); slash != NULL;
       slash = strchr (slash + 1, '/')) {
    AUTO_FREE char *folder = strndup (row->path, (size_t) (slash - row->path));
    if (folder == NULL)
      return dc_fail_errno (err, "cannot keep a path");
    const struct dc_memory_file way = { .path = folder,
                                        .mode = S_IFDIR | 0755 };
    if (add_row (init, &way, true, err) < 0)
      return -1;
  }
  return add_row (init, row, false, err);
}

static int
add_all (struct dc_image_init *init, const struct dc_memory_file *rows,
         size_t count, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++)
    if (add (init, &rows[i], err) < 0)
      return -1;
  return 0;
}

/* The guest's file at PATH with another TEXT, as whose it was. */
static int
add_changed (struct dc_image_init *init, const struct dc_tree *guest,
             const char *path, const char *text, struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (guest, path);
  struct dc_memory_file file = { .path = path,
                                 .mode = S_IFREG | 0644,
                                 .data = text };

  if (text == NULL)
    return 0;
  if (index != DC_TREE_NONE) {
    file.mode = guest->entries[index].mode;
    file.uid = guest->entries[index].uid;
    file.gid = guest->entries[index].gid;
  }
  return add (init, &file, err);
}

/* The users that the next boot would add. */
static int
add_users (struct dc_image_init *init, struct dc_tree *tree,
           const struct dc_profile *profile, struct dc_error *err)
{
  AUTO_WORDS struct dc_words findings = { NULL, 0 };

  if (dc_sysusers_make (tree, profile->users, profile->hostname, &findings,
                        &init->sysusers, err) < 0)
    return dc_context (err, "cannot add the users of sysusers.d");
  for (size_t i = 0; i < findings.count; i++)
    if (add_finding (init, findings.items[i], err) < 0)
      return -1;
  if (add_changed (init, tree, "etc/passwd", init->sysusers->passwd, err) < 0)
    return -1;
  return add_changed (init, tree, "etc/group", init->sysusers->group, err);
}

/* Files that must not travel, and that a runtime or a service expects. */
static int
add_empty (struct dc_image_init *init, struct dc_error *err)
{
  static const struct dc_memory_file files[] = {
    { .path = "etc/hostname", .mode = S_IFREG | 0644, .data = "" },
    { .path = "etc/machine-id", .mode = S_IFREG | 0444, .data = "" },
    { .path = "etc/resolv.conf", .mode = S_IFREG | 0644, .data = "" },
  };

  return add_all (init, files, DC_COUNT (files), err);
}

static int
add_program (struct dc_image_init *init, const struct dc_init_program *program,
             struct dc_error *err)
{
  if (init->plan == NULL)
    return add_finding (init,
                        "the guest starts no service that decant can start, "
                        "the image starts a shell",
                        err);
  const struct dc_memory_file files[] = {
    { .path = ".decant/init",
      .mode = S_IFREG | 0755,
      .data = program->bytes,
      .size = program->size },
    { .path = ".decant/init.plan", /* the last one */
      .mode = S_IFREG | 0644,
      .data = init->plan->text,
      .size = init->plan->size },
  };
  return add_all (init, files, DC_COUNT (files) - init->is_plan_secret, err);
}

/* Programs of the guest that talk to an init which is not there: decant-init
 * answers to their names.
 */
static int
add_links (struct dc_image_init *init, const struct dc_tree *guest,
           struct dc_error *err)
{
  static const char *const paths[] = { "bin/systemctl", "usr/bin/systemctl",
                                       "sbin/rc-service" };

  for (size_t i = 0; init->plan != NULL && i < DC_COUNT (paths); i++) {
    const struct dc_memory_file row = { .path = paths[i],
                                        .mode = S_IFLNK | 0777,
                                        .data = "/.decant/init" };
    if (dc_tree_find (guest, paths[i]) != DC_TREE_NONE &&
        add (init, &row, err) < 0)
      return -1;
  }
  return 0;
}

/* PATH of the guest, which has a leading slash, as it is without links on the
 * way, and without the slash.
 */
static int
real_path (const struct dc_tree *guest, const char *path, char **out,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  const char *slash = strrchr (path, '/');

  for (; slash > path; slash = memrchr (path, '/', (size_t) (slash - path))) {
    AUTO_FREE char *folder = strndup (path, (size_t) (slash - path));
    if (folder == NULL)
      return dc_fail_errno (err, "cannot keep a path");
    const uint32_t index = dc_tree_resolve (guest, folder);
    if (index == DC_TREE_NONE)
      continue;
    if (dc_tree_path (guest, index, &b, err) < 0)
      return -1;
    return dc_text_print (out, err, "%s%s", dc_buffer_text (&b), slash);
  }
  return dc_text_copy (path + 1, out, err);
}

/* What the manager of the service would make, unless the guest has it. */
static int
add_made (struct dc_image_init *init, const struct dc_tree *guest,
          const struct dc_plan_made *made, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (made->path[0] != '/' || made->path[1] == '\0')
    return 0;
  if (real_path (guest, made->path, &path, err) < 0)
    return -1;
  /* What is in /run never travels, so that it has to be made. */
  if (strncmp (path, "run/", 4) != 0 &&
      dc_tree_find (guest, path) != DC_TREE_NONE)
    return 0;
  if (dc_words_add (&init->texts, made->text != NULL ? made->text : "", err) <
      0)
    return -1;
  const struct dc_memory_file row = {
    .path = path,
    .mode = made->mode,
    .data = init->texts.items[init->texts.count - 1],
    .uid = made->uid,
    .gid = made->gid,
  };
  return add (init, &row, err);
}

static int
add_folders (struct dc_image_init *init, struct dc_tree *guest,
             const struct dc_profile *profile,
             const struct dc_plan_image *image, struct dc_error *err)
{
  struct dc_plan_mades made = { .items = NULL };
  int status = dc_plan_service_made (guest, profile, image, &made, err);

  for (size_t i = 0; i < made.count && status == 0; i++)
    status = add_made (init, guest, &made.items[i], err);
  dc_plan_mades_release (&made);
  return status;
}

/* A link to /dev/null, so that systemd does not start UNIT.  Source:
 * systemctl(1), "mask".
 */
static int
add_mask (struct dc_image_init *init, const struct dc_unit *unit,
          struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "etc/systemd/system/%s", unit->name) < 0)
    return -1;
  const struct dc_memory_file row = { .path = path,
                                      .mode = S_IFLNK | 0777,
                                      .data = "/dev/null" };
  return add (init, &row, err);
}

static bool
ends_in (const char *name, const char *const *ends)
{
  for (; *ends != NULL; ends++)
    if (dc_text_ends_in (name, *ends))
      return true;
  return false;
}

/* Services that the plan leaves out, and what would start such services by the
 * clock or on demand.
 */
static int
add_masks (struct dc_image_init *init, const struct dc_profile *profile,
           const struct dc_services *services, struct dc_error *err)
{
  static const char *const starters[] = { ".timer", ".socket", ".path", NULL };

  for (size_t i = 0; i < services->count; i++)
    if (services->items[i].reason != NULL &&
        add_mask (init, services->items[i].unit, err) < 0)
      return -1;
  for (size_t i = 0; i < profile->units->count; i++) {
    const struct dc_unit *unit = &profile->units->items[i];
    if (unit->is_started && ends_in (unit->name, starters) &&
        dc_services_leaves (services, unit) && add_mask (init, unit, err) < 0)
      return -1;
  }
  return 0;
}

/* All but the root, and but the folders that the guest has itself. */
static int
make_tree (struct dc_image_init *init, const struct dc_tree *guest,
           struct dc_error *err)
{
  if (dc_tree_memory (init->rows, init->count, &init->tree, err) < 0)
    return -1;
  init->entries = calloc (init->tree->count, sizeof *init->entries);
  if (init->entries == NULL)
    return dc_fail_errno (err, "cannot keep %u entries", init->tree->count);
  AUTO_FREE bool *is_left = calloc (init->tree->count, sizeof *is_left);
  if (is_left == NULL)
    return dc_fail_errno (err, "cannot keep %u marks", init->tree->count);
  is_left[0] = true;
  for (size_t i = 0; i < init->count; i++)
    is_left[dc_tree_find (init->tree, init->rows[i].path)] =
        init->is_way[i] &&
        dc_tree_find (guest, init->rows[i].path) != DC_TREE_NONE;
  for (uint32_t i = 0; i < init->tree->count; i++)
    if (!is_left[i])
      init->entries[init->entry_count++] = i;
  return 0;
}

static int
add_mode (struct dc_image_init *init, struct dc_tree *tree,
          const struct dc_profile *profile, const struct dc_plan_image *image,
          const struct dc_services *services, const struct dc_image_own *own,
          struct dc_error *err)
{
  switch ((enum dc_plan_init) image->init) {
  case DC_PLAN_INIT_DECANT:
    return compile (init, tree, profile, services, err) < 0 ||
                   (!own->lets_secrets_stay &&
                    find_secrets (init, profile, image, err) < 0)
               ? -1
               : add_program (init, own->program, err);
  case DC_PLAN_INIT_SERVICE:
    return add_folders (init, tree, profile, image, err);
  case DC_PLAN_INIT_SYSTEMD:
    return add_masks (init, profile, services, err);
  case DC_PLAN_INIT_NONE:
    break;
  }
  return 0;
}

/* Is the service in the image: one that could not be compiled is not. */
static bool
is_in_image (const struct dc_image_init *init, const char *unit)
{
  const size_t size = strlen (unit);
  const size_t suffix = strlen (".service");

  if (init->plan == NULL)
    return true;
  for (size_t i = 0; i < init->plan->services.count; i++) {
    const char *name = init->plan->services.items[i];
    if (size == strlen (name) + suffix &&
        memcmp (unit, name, size - suffix) == 0)
      return true;
  }
  return false;
}

/* For `decant verify`. */
static int
add_promise (struct dc_image_init *init, const struct dc_profile *profile,
             const struct dc_plan_image *image,
             const struct dc_services *services, struct dc_error *err)
{
  static const char *const inits[] = { "decant-init", "service", "systemd",
                                       "none" };
  AUTO_WORDS struct dc_words units = { NULL, 0 };
  DC_AUTO (dc_promise) *promise = NULL;
  AUTO_FREE char *text = NULL;
  json_auto_t *json = NULL;
  size_t size = 0;

  for (size_t i = 0; i < services->count; i++)
    if (services->items[i].reason == NULL &&
        is_in_image (init, services->items[i].unit->name) &&
        dc_words_add (&units, services->items[i].unit->name, err) < 0)
      return -1;
  if (units.count == 0 || image->init == DC_PLAN_INIT_NONE)
    return 0;
  if (dc_promise_make (profile, &units, inits[image->init], &promise, err) <
          0 ||
      dc_promise_json (promise, &json, err) < 0 ||
      dc_json_pretty (json, &text, &size, err) < 0 ||
      dc_words_add (&init->texts, text, err) < 0)
    return -1;
  const struct dc_memory_file row = {
    .path = DC_PROMISE_ENTRY,
    .mode = S_IFREG | 0644,
    .data = init->texts.items[init->texts.count - 1],
    .size = size,
  };
  return add (init, &row, err);
}

int
dc_image_init_make (struct dc_tree *tree, const struct dc_profile *profile,
                    const struct dc_plan_image *image,
                    const struct dc_services *services,
                    const struct dc_image_own *own, struct dc_image_init **out,
                    struct dc_error *err)
{
  DC_AUTO (dc_image_init) *init = calloc (1, sizeof *init);

  if (init == NULL)
    return dc_fail_errno (err, "cannot keep an init");
  init->findings = json_array ();
  if (add_empty (init, err) < 0 ||
      (own->shadow != NULL && add (init, own->shadow, err) < 0) ||
      add_users (init, tree, profile, err) < 0 ||
      add_mode (init, tree, profile, image, services, own, err) < 0 ||
      add_links (init, tree, err) < 0 ||
      check_arch (init, profile, own->program, err) < 0 ||
      add_promise (init, profile, image, services, err) < 0 ||
      make_tree (init, tree, err) < 0)
    return -1;
  *out = DC_TAKE (init);
  return 0;
}

bool
dc_image_init_is_used (const struct dc_image_init *init)
{
  return init->plan != NULL;
}

const struct dc_initplan *
dc_image_init_secret (const struct dc_image_init *init)
{
  return init->is_plan_secret ? init->plan : NULL;
}

struct dc_tree *
dc_image_init_tree (const struct dc_image_init *init)
{
  return init->tree;
}

const uint32_t *
dc_image_init_entries (const struct dc_image_init *init, size_t *count)
{
  *count = init->entry_count;
  return init->entries;
}

json_t *
dc_image_init_findings (const struct dc_image_init *init)
{
  return init->findings;
}

void
dc_image_init_free (struct dc_image_init *init)
{
  if (init == NULL)
    return;
  dc_tree_free (init->tree);
  dc_initplan_free (init->plan);
  dc_words_release (&init->texts);
  free (init->rows);
  free (init->is_way);
  free (init->entries);
  json_decref (init->findings);
  dc_sysusers_free (init->sysusers);
  free (init);
}
