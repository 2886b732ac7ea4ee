/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "lib/tree/backends.h"
#include "transform/imageconfig.h"
#include "transform/imageinit.h"
#include "transform/init/initplan.h"

#define OWN_ENTRY_MAX 7
#define WITHOUT_INIT 4 /* of them, those that come first */

struct dc_image_init {
  struct dc_initplan *plan;                   /* NULL: nothing is started */
  struct dc_memory_file files[OWN_ENTRY_MAX]; /* what TREE is made of */
  size_t file_count;
  struct dc_tree *tree;
  uint32_t entries[OWN_ENTRY_MAX];
  size_t entry_count;
  json_t *findings;
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
  if (dc_initplan_make (tree, profile->units, profile->users, profile->hostname,
                        choice, 1, &plan, err) == 0) {
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
  if (dc_initplan_make (tree, profile->units, profile->users, profile->hostname,
                        choices.items, choices.count, &init->plan, err) < 0 ||
      dc_initplan_add_tmpfiles (init->plan, tree, profile->users,
                                profile->hostname, err) < 0)
    return dc_context (err, "cannot plan the services");
  for (size_t i = 0; i < init->plan->findings.count; i++)
    if (add_finding (init, init->plan->findings.items[i], err) < 0)
      return -1;
  return 0;
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

/* The rows of a memory tree, which borrows them. */
static void
fill_files (struct dc_image_init *init, const struct dc_init_program *program)
{
  const struct dc_memory_file files[OWN_ENTRY_MAX] = {
    { .path = "etc", .mode = S_IFDIR | 0755 },
    { .path = "etc/hostname", .mode = S_IFREG | 0644, .data = "" },
    { .path = "etc/machine-id", .mode = S_IFREG | 0444, .data = "" },
    { .path = "etc/resolv.conf", .mode = S_IFREG | 0644, .data = "" },
    { .path = ".decant", .mode = S_IFDIR | 0755 },
    { .path = ".decant/init",
      .mode = S_IFREG | 0755,
      .data = program->bytes,
      .size = program->size },
    { .path = ".decant/init.plan",
      .mode = S_IFREG | 0644,
      .data = init->plan != NULL ? init->plan->text : "",
      .size = init->plan != NULL ? init->plan->size : 0 },
  };

  memcpy (init->files, files, sizeof files);
  init->file_count = init->plan != NULL ? OWN_ENTRY_MAX : WITHOUT_INIT;
}

/* All but the root, and but the folder that the guest has itself. */
static int
make_tree (struct dc_image_init *init, const struct dc_tree *guest,
           const struct dc_init_program *program, struct dc_error *err)
{
  const bool has_etc = dc_tree_find (guest, "etc") != DC_TREE_NONE;

  fill_files (init, program);
  if (dc_tree_memory (init->files, init->file_count, &init->tree, err) < 0)
    return -1;
  const uint32_t etc = dc_tree_find (init->tree, "etc");
  for (uint32_t i = 1; i < init->tree->count; i++)
    if (i != etc || !has_etc)
      init->entries[init->entry_count++] = i;
  return 0;
}

int
dc_image_init_make (struct dc_tree *tree, const struct dc_profile *profile,
                    const struct dc_services *services,
                    const struct dc_init_program *program,
                    struct dc_image_init **out, struct dc_error *err)
{
  DC_AUTO (dc_image_init) *init = calloc (1, sizeof *init);

  if (init == NULL)
    return dc_fail_errno (err, "cannot keep an init");
  init->findings = json_array ();
  if (compile (init, tree, profile, services, err) < 0 ||
      check_arch (init, profile, program, err) < 0 ||
      make_tree (init, tree, program, err) < 0)
    return -1;
  if (init->plan == NULL &&
      add_finding (init,
                   "the guest starts no service that decant can start, the "
                   "image starts a shell",
                   err) < 0)
    return -1;
  *out = DC_TAKE (init);
  return 0;
}

bool
dc_image_init_is_used (const struct dc_image_init *init)
{
  return init->plan != NULL;
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
  json_decref (init->findings);
  free (init);
}
