/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/finding.h"
#include "analyzer/package/manager.h"

static int
by_name (const void *a, const void *b)
{
  const struct dc_package *p = a, *q = b;

  if (p->db != q->db)
    return p->db < q->db ? -1 : 1;
  const int name = strcmp (p->name, q->name);
  if (name != 0)
    return name;
  const int arch = strcmp (p->arch, q->arch);
  return arch != 0 ? arch : (p->place > q->place) - (p->place < q->place);
}

static bool
is_same (const struct dc_packages *packages, const struct dc_package *a,
         const struct dc_package *b)
{
  return a->db == b->db && strcmp (a->name, b->name) == 0 &&
         strcmp (a->arch, b->arch) == 0 &&
         (!packages->dbs[a->db].manager->has_versions ||
          strcmp (a->version, b->version) == 0);
}

/* Sort, and leave out what is there twice. */
static void
sort (struct dc_packages *packages)
{
  size_t kept = 0;

  if (packages->count > 0)
    qsort (packages->items, packages->count, sizeof *packages->items, by_name);
  for (size_t i = 0; i < packages->count; i++) {
    struct dc_package *package = &packages->items[i];
    struct dc_package_db *db = &packages->dbs[package->db];
    if (kept > 0 && is_same (packages, &packages->items[kept - 1], package)) {
      dc_package_release (package);
      db->skipped++;
    } else {
      if (db->count++ == 0)
        db->first = kept;
      packages->items[kept++] = *package;
    }
  }
  packages->count = kept;
}

/* A database that is broken has a problem; the others go on. */
static int
survive (struct dc_packages *packages, size_t db, struct dc_error *err)
{
  if (!dc_is_fault_of_guest (err->code) || db >= packages->db_count)
    return -1;
  if (packages->dbs[db].problem != NULL)
    return 0;
  packages->dbs[db].problem = strdup (err->text);
  return packages->dbs[db].problem != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep a problem");
}

static int
load_all (struct dc_package_loader *loader, struct dc_error *err)
{
  struct dc_packages *packages = loader->packages;

  for (size_t i = 0; i < dc_package_manager_count; i++) {
    const size_t db = packages->db_count;
    if (dc_package_managers[i]->load (loader, err) < 0 &&
        survive (packages, db, err) < 0)
      return -1;
  }
  sort (packages);
  for (size_t i = 0; i < packages->db_count; i++) {
    const struct dc_package_manager *manager = packages->dbs[i].manager;
    if (manager->mark != NULL && manager->mark (loader, i, err) < 0 &&
        survive (packages, i, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_packages_load (struct dc_tree *tree, struct dc_packages **out,
                  struct dc_error *err)
{
  DC_AUTO (dc_packages) *packages = calloc (1, sizeof *packages);
  if (packages == NULL)
    return dc_fail_errno (err, "cannot keep the packages");

  struct dc_package_loader loader = { packages, tree, DC_PACKAGES_SIZE_MAX };
  if (load_all (&loader, err) < 0 ||
      dc_packages_mark_distribution (packages, err) < 0)
    return -1;
  *out = DC_TAKE (packages);
  return 0;
}

size_t
dc_packages_find (const struct dc_packages *packages, size_t db,
                  struct dc_span name)
{
  const size_t end = packages->dbs[db].first + packages->dbs[db].count;
  size_t low = packages->dbs[db].first, high = end;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (dc_span_compare (dc_span_of (packages->items[middle].name), name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < end && dc_span_is (name, packages->items[low].name)
             ? low
             : packages->count;
}

const char *
dc_package_manager_name (const struct dc_packages *packages,
                         const struct dc_package *package)
{
  return packages->dbs[package->db].manager->name;
}

void
dc_packages_free (struct dc_packages *packages)
{
  if (packages == NULL)
    return;
  for (size_t i = 0; i < packages->count; i++)
    dc_package_release (&packages->items[i]);
  free (packages->items);
  for (size_t i = 0; i < packages->db_count; i++) {
    free (packages->dbs[i].file);
    free (packages->dbs[i].problem);
  }
  dc_repositories_release (&packages->repositories);
  dc_changed_release (&packages->changed);
  dc_verification_free (packages->verification);
  free (packages);
}
