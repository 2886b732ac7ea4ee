/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/text.h"
#include "transform/state/secret.h"
#include "transform/state/volume.h"

#define HOST_KEY "SSH host key" /* as templates/secrets.yaml calls it */

struct choice {
  const struct dc_tree *tree;
  const uint32_t *owners;
  const char **kinds; /* of each entry that is a secret; borrowed */
};

/* A file may have several secrets, and several names; it goes as a whole. */
static void
mark (const struct choice *choice, const struct dc_secret *secret)
{
  const uint32_t index = dc_tree_resolve (choice->tree, secret->path);

  if (index == DC_TREE_NONE || choice->owners[index] != DC_TREE_NONE)
    return;
  const uint32_t carrier = choice->tree->entries[index].hardlink;
  if (choice->kinds[carrier] == NULL)
    choice->kinds[carrier] = secret->kind;
}

static int
fill (const struct choice *choice, uint32_t index, const char *kind,
      struct dc_plan_secret *secret, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_tree_path (choice->tree, index, &path, err) < 0 ||
      dc_text_print (&secret->path, err, "/%s", dc_buffer_text (&path)) < 0 ||
      dc_state_name (secret->path, &secret->name, err) < 0)
    return -1;
  return dc_text_copy (kind, &secret->kind, err);
}

static int
make_unique (struct dc_plan_secret *items, size_t count, struct dc_error *err)
{
  struct dc_plan_secret *last = &items[count - 1];

  for (size_t i = 0; i + 1 < count; i++)
    if (strcmp (items[i].name, last->name) == 0) {
      free (last->name);
      last->name = NULL;
      return dc_state_long_name (last->path, &last->name, err);
    }
  return 0;
}

static int
take (const struct choice *choice, uint32_t index, enum dc_plan_secret_way way,
      struct dc_yaml_list *secrets, struct dc_error *err)
{
  const char *kind = choice->kinds[choice->tree->entries[index].hardlink];
  struct dc_plan_secret *items = secrets->items;

  if (kind == NULL)
    return 0;
  if (DC_ARRAY_GROW (items, secrets->count, DC_PLAN_SECRET_MAX,
                     "files with secrets", err) < 0)
    return -1;
  secrets->items = items;
  struct dc_plan_secret *secret = &items[secrets->count++];
  secret->way =
      strcmp (kind, HOST_KEY) == 0 ? (int) DC_PLAN_SECRET_NEW : (int) way;
  if (fill (choice, index, kind, secret, err) < 0)
    return -1;
  return make_unique (items, secrets->count, err);
}

int
dc_secrets_choose (const struct dc_tree *tree, const struct dc_profile *profile,
                   const uint32_t *owners, enum dc_plan_secret_way way,
                   struct dc_yaml_list *secrets, struct dc_error *err)
{
  if (profile->secrets.count == 0)
    return 0;
  AUTO_FREE const char **kinds =
      calloc ((size_t) tree->count + 1, sizeof *kinds);
  if (kinds == NULL)
    return dc_fail_errno (err, "cannot choose secrets");
  const struct choice choice = { tree, owners, kinds };
  for (size_t i = 0; i < profile->secrets.count; i++)
    mark (&choice, &profile->secrets.items[i]);
  for (uint32_t i = 1; i < tree->count; i++)
    if (take (&choice, i, way, secrets, err) < 0)
      return -1;
  return 0;
}
