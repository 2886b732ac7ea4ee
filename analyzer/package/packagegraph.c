/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "analyzer/package/packagegraph.h"
#include "lib/array.h"
#include "lib/glob.h"
#include "templates/templates.h"

/* NAME is provided by a package; sorted by database, name, package. */
struct provide {
  struct dc_span name; /* lies in the package's `provides` or `programs` */
  size_t db;
  size_t package;
};

/* What is needed while a graph is made. */
struct maker {
  const struct dc_packages *packages;
  struct provide *provides;
  size_t provide_count;
  struct dc_package_graph *graph;
  size_t need_count;
};

static int
compare (const struct provide *p, size_t db, struct dc_span name)
{
  return p->db != db ? (p->db > db) - (p->db < db)
                     : dc_span_compare (p->name, name);
}

static int
by_name (const void *a, const void *b)
{
  const struct provide *p = a, *q = b;
  const int order = compare (p, q->db, q->name);

  return order != 0 ? order
                    : (p->package > q->package) - (p->package < q->package);
}

static const struct dc_package_manager *
manager_of (const struct dc_packages *packages,
            const struct dc_package *package)
{
  return packages->dbs[package->db].manager;
}

static struct dc_span
lines_of (const char *text)
{
  return dc_span_of (text != NULL ? text : "");
}

static int
add_provide (struct maker *maker, struct dc_span name, size_t package,
             struct dc_error *err)
{
  if (DC_ARRAY_GROW (maker->provides, maker->provide_count, DC_PROVIDES_MAX,
                     "provided packages", err) < 0)
    return -1;
  maker->provides[maker->provide_count++] =
      (struct provide){ name, maker->packages->items[package].db, package };
  return 0;
}

static int
add_provides (struct maker *maker, size_t index, struct dc_error *err)
{
  const struct dc_package *package = &maker->packages->items[index];
  const struct dc_package_manager *manager =
      manager_of (maker->packages, package);
  struct dc_span rest, line, name;

  rest = lines_of (package->provides);
  while (dc_span_line (&rest, &line))
    if (manager->next_name (&line, &name) &&
        add_provide (maker, name, index, err) < 0)
      return -1;
  rest = lines_of (package->programs);
  while (dc_span_line (&rest, &line))
    if (add_provide (maker, line, index, err) < 0)
      return -1;
  return 0;
}

/* Into MAKER, also on failure: the caller frees its provides. */
static int
index_provides (struct maker *maker, struct dc_error *err)
{
  for (size_t i = 0; i < maker->packages->count; i++)
    if (add_provides (maker, i, err) < 0)
      return -1;
  if (maker->provide_count > 0)
    qsort (maker->provides, maker->provide_count, sizeof *maker->provides,
           by_name);
  return 0;
}

/* The first package that provides NAME, or the count of packages. */
static size_t
find_provider (const struct maker *maker, size_t db, struct dc_span name)
{
  size_t low = 0, high = maker->provide_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (compare (&maker->provides[middle], db, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < maker->provide_count &&
                 compare (&maker->provides[low], db, name) == 0
             ? maker->provides[low].package
             : maker->packages->count;
}

/* The installed package that meets a need of PACKAGE for NAME, or the count of
 * packages.
 */
static size_t
find_package (const struct maker *maker, struct dc_span name,
              const struct dc_package *package)
{
  const struct dc_packages *packages = maker->packages;
  const struct dc_package_db *db = &packages->dbs[package->db];
  const size_t first = dc_packages_find (packages, package->db, name);

  for (size_t i = first;
       i < db->first + db->count && dc_span_is (name, packages->items[i].name);
       i++)
    if (strcmp (packages->items[i].arch, package->arch) == 0)
      return i;
  return first < packages->count ? first
                                 : find_provider (maker, package->db, name);
}

static int
add_need (struct maker *maker, size_t package, struct dc_error *err)
{
  if (DC_ARRAY_GROW (maker->graph->needs, maker->need_count,
                     DC_PACKAGE_NEED_MAX, "needs of packages", err) < 0)
    return -1;
  maker->graph->needs[maker->need_count++] = package;
  return 0;
}

static int
add_needs (struct maker *maker, const struct dc_package *package,
           struct dc_error *err)
{
  const struct dc_package_manager *manager =
      manager_of (maker->packages, package);
  const size_t none = maker->packages->count;
  struct dc_span rest = lines_of (package->depends), relation, name;

  while (dc_span_line (&rest, &relation)) {
    size_t found = none;
    while (found == none && manager->next_name (&relation, &name))
      found = find_package (maker, name, package);
    if (found < none && add_need (maker, found, err) < 0)
      return -1;
  }
  return 0;
}

static int
make (struct maker *maker, struct dc_error *err)
{
  struct dc_package_graph *graph = maker->graph;

  graph->count = maker->packages->count;
  graph->first = calloc (graph->count + 1, sizeof *graph->first);
  if (graph->first == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  if (index_provides (maker, err) < 0)
    return -1;
  for (size_t i = 0; i < graph->count; i++) {
    if (add_needs (maker, &maker->packages->items[i], err) < 0)
      return -1;
    graph->first[i + 1] = maker->need_count;
  }
  return 0;
}

int
dc_package_graph_make (const struct dc_packages *packages,
                       struct dc_package_graph **out, struct dc_error *err)
{
  DC_AUTO (dc_package_graph) *graph = calloc (1, sizeof *graph);
  struct maker maker = { .packages = packages, .graph = graph };

  if (graph == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  const int status = make (&maker, err);
  free (maker.provides);
  if (status < 0)
    return -1;
  *out = DC_TAKE (graph);
  return 0;
}

int
dc_package_graph_close (const struct dc_package_graph *graph, bool *members,
                        size_t *because, struct dc_error *err)
{
  AUTO_FREE size_t *queue = calloc (graph->count + 1, sizeof *queue);
  size_t queued = 0;

  if (queue == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  for (size_t i = 0; i < graph->count; i++)
    if (members[i])
      queue[queued++] = i;
  for (size_t next = 0; next < queued; next++) {
    const size_t member = queue[next];
    for (size_t i = graph->first[member]; i < graph->first[member + 1]; i++) {
      const size_t needed = graph->needs[i];
      if (members[needed])
        continue;
      members[needed] = true;
      if (because != NULL)
        because[needed] = member;
      queue[queued++] = needed; /* each package once */
    }
  }
  return 0;
}

void
dc_package_graph_free (struct dc_package_graph *graph)
{
  if (graph == NULL)
    return;
  free (graph->first);
  free (graph->needs);
  free (graph);
}

static bool
is_base (const struct dc_distribution_template *template,
         const struct dc_packages *packages, const struct dc_package *package)
{
  const struct dc_distribution_rule *rules = template->distribution.items;
  const char *manager = manager_of (packages, package)->name;

  if (package->is_essential || package->is_required)
    return true;
  for (size_t i = 0; i < template->distribution.count; i++)
    if (strcmp (rules[i].manager, manager) == 0)
      for (size_t j = 0; j < rules[i].packages.count; j++)
        if (dc_glob_match (rules[i].packages.items[j], package->name))
          return true;
  return false;
}

int
dc_packages_mark_distribution (struct dc_packages *packages,
                               struct dc_error *err)
{
  DC_AUTO (dc_package_graph) *graph = NULL;
  DC_AUTO (dc_distribution_template) *template = NULL;

  if (packages->count == 0)
    return 0;
  AUTO_FREE bool *members = calloc (packages->count, sizeof *members);
  if (members == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  if (dc_distribution_template_load (&template, err) < 0)
    return -1;
  for (size_t i = 0; i < packages->count; i++)
    members[i] = is_base (template, packages, &packages->items[i]);
  if (dc_package_graph_make (packages, &graph, err) < 0 ||
      dc_package_graph_close (graph, members, NULL, err) < 0)
    return -1;
  for (size_t i = 0; i < packages->count; i++)
    packages->items[i].is_distribution = members[i];
  return 0;
}
