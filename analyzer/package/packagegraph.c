/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/packagegraph.h"
#include "lib/array.h"

/* NAME is provided by a package; sorted by name, then by package. */
struct provide {
  struct dc_span name; /* lies in the package's `provides` */
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

/* The package name that RELATION begins with: "libc6" of
 * "libc6:any (>= 2.36)".
 */
static struct dc_span
name_of (struct dc_span relation)
{
  while (relation.size > 0 && strchr (" \t\r\n", *relation.text) != NULL)
    relation = dc_span_skip (relation, 1);
  struct dc_span name = { relation.text, 0 };
  while (name.size < relation.size &&
         strchr (" \t\r\n:([<", name.text[name.size]) == NULL)
    name.size++;
  return name;
}

static int
by_name (const void *a, const void *b)
{
  const struct provide *p = a, *q = b;
  const int order = dc_span_compare (p->name, q->name);

  return order != 0 ? order
                    : (p->package > q->package) - (p->package < q->package);
}

/* Into MAKER, also on failure: the caller frees its provides. */
static int
index_provides (struct maker *maker, struct dc_error *err)
{
  const struct dc_packages *packages = maker->packages;
  struct dc_span rest, relation;

  for (size_t i = 0; i < packages->count; i++) {
    const char *provides = packages->items[i].provides;
    rest = dc_span_of (provides != NULL ? provides : "");
    while (dc_span_field (&rest, ',', &relation)) {
      if (DC_ARRAY_GROW (maker->provides, maker->provide_count, DC_PROVIDES_MAX,
                         "provided packages", err) < 0)
        return -1;
      maker->provides[maker->provide_count++] =
          (struct provide){ name_of (relation), i };
    }
  }
  if (maker->provide_count > 0)
    qsort (maker->provides, maker->provide_count, sizeof *maker->provides,
           by_name);
  return 0;
}

/* The first package that provides NAME, or the count of packages. */
static size_t
find_provider (const struct maker *maker, struct dc_span name)
{
  size_t low = 0, high = maker->provide_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (dc_span_compare (maker->provides[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < maker->provide_count &&
                 dc_span_compare (maker->provides[low].name, name) == 0
             ? maker->provides[low].package
             : maker->packages->count;
}

/* The installed package that meets a need for NAME of a package of
 * architecture ARCH, or the count of packages.
 */
static size_t
find_package (const struct maker *maker, struct dc_span name, const char *arch)
{
  const struct dc_packages *packages = maker->packages;
  const size_t first = dc_packages_find (packages, name);

  for (size_t i = first;
       i < packages->count && dc_span_is (name, packages->items[i].name); i++)
    if (strcmp (packages->items[i].arch, arch) == 0)
      return i;
  return first < packages->count ? first : find_provider (maker, name);
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
  const size_t none = maker->packages->count;
  struct dc_span groups, group, relation;

  if (package->depends == NULL)
    return 0;
  groups = dc_span_of (package->depends);
  while (dc_span_field (&groups, ',', &group)) {
    size_t found = none;
    while (found == none && dc_span_field (&group, '|', &relation))
      found = find_package (maker, name_of (relation), package->arch);
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

int
dc_packages_mark_distribution (struct dc_packages *packages,
                               struct dc_error *err)
{
  DC_AUTO (dc_package_graph) *graph = NULL;

  if (packages->count == 0)
    return 0;
  AUTO_FREE bool *members = calloc (packages->count, sizeof *members);
  if (members == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  for (size_t i = 0; i < packages->count; i++)
    members[i] =
        packages->items[i].is_essential || packages->items[i].is_required;
  if (dc_package_graph_make (packages, &graph, err) < 0 ||
      dc_package_graph_close (graph, members, NULL, err) < 0)
    return -1;
  for (size_t i = 0; i < packages->count; i++)
    packages->items[i].is_distribution = members[i];
  return 0;
}
