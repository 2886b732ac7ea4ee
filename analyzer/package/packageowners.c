/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/package/manager.h"
#include "analyzer/package/packagelocate.h"
#include "lib/quote.h"

struct claims {
  const struct dc_packages *packages;
  struct dc_tree *tree;
  uint32_t *owners;
  struct dc_locator locator;
  uint64_t conffile_room; /* bytes of conffiles that may still be read */
};

/* The first package has what several list, in whatever order they come. */
static int
claim (void *self, size_t package, const struct dc_packaged_file *file,
       struct dc_error *err)
{
  struct claims *claims = self;
  uint32_t index;

  const int found = dc_locate (&claims->locator, file->path, &index, err);
  if (found > 0 && package < claims->owners[index])
    claims->owners[index] = (uint32_t) package;
  return found < 0 ? -1 : 0;
}

static int
check_conffiles (struct claims *claims, size_t index, struct dc_error *err)
{
  const struct dc_package *package = &claims->packages->items[index];

  for (size_t i = 0; i < package->conffile_count; i++) {
    const struct dc_conffile *conffile = &package->conffiles[i];
    uint32_t entry = DC_TREE_NONE;
    const int found =
        dc_locate (&claims->locator, dc_span_of (conffile->path), &entry, err);
    if (found < 0)
      return -1;
    if (found == 0 || claims->owners[entry] != index)
      continue;
    const int is_same = dc_checksum_fits (&conffile->sum, claims->tree, entry,
                                          &claims->conffile_room, err);
    if (is_same < 0)
      return -1;
    if (!is_same)
      claims->owners[entry] = DC_TREE_NONE;
  }
  return 0;
}

static int
claim_all (struct claims *claims, struct dc_error *err)
{
  const struct dc_packages *packages = claims->packages;
  const struct dc_file_sink sink = { .file = claim, .self = claims };

  for (size_t i = 0; i < packages->db_count; i++)
    if (packages->dbs[i].manager->list (packages, i, claims->tree, &sink, err) <
        0)
      return -1;
  for (size_t i = 0; i < packages->count; i++)
    if (check_conffiles (claims, i, err) < 0)
      return dc_context (err, "the configuration of package '%s'",
                         dc_quote (packages->items[i].name).text);
  return 0;
}

int
dc_packages_owners (const struct dc_packages *packages, struct dc_tree *tree,
                    uint32_t **owners, struct dc_error *err)
{
  AUTO_FREE uint32_t *made = reallocarray (NULL, tree->count, sizeof *made);
  if (made == NULL)
    return dc_fail_errno (err, "cannot keep the owners of %u files",
                          (unsigned) tree->count);
  for (uint32_t i = 0; i < tree->count; i++)
    made[i] = DC_TREE_NONE;

  struct claims claims = {
    .packages = packages,
    .tree = tree,
    .owners = made,
    .locator = DC_LOCATOR_INIT (tree),
    .conffile_room = DC_CONFFILES_SIZE_MAX,
  };
  const int status = claim_all (&claims, err);
  dc_locator_release (&claims.locator);
  if (status < 0)
    return -1;
  *owners = DC_TAKE (made);
  return 0;
}
