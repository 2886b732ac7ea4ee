/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/packages.h"
#include "lib/array.h"

/* NAME is provided by a package; sorted by name, then by package. */
struct provide {
  struct dc_span name; /* lies in the package's `provides` */
  size_t package;
};

struct closure {
  struct dc_packages *packages;
  struct provide *provides;
  size_t provide_count;
  size_t *queue; /* packages whose needs are not yet looked at */
  size_t queued;
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

/* Into CLOSURE, also on failure: the caller frees its provides. */
static int
index_provides (struct closure *closure, struct dc_error *err)
{
  const struct dc_packages *packages = closure->packages;
  struct dc_span rest, relation;

  for (size_t i = 0; i < packages->count; i++) {
    const char *provides = packages->items[i].provides;
    rest = dc_span_of (provides != NULL ? provides : "");
    while (dc_span_field (&rest, ',', &relation)) {
      if (DC_ARRAY_GROW (closure->provides, closure->provide_count,
                         DC_PROVIDES_MAX, "provided packages", err) < 0)
        return -1;
      closure->provides[closure->provide_count++] =
          (struct provide){ name_of (relation), i };
    }
  }
  if (closure->provide_count > 0)
    qsort (closure->provides, closure->provide_count, sizeof *closure->provides,
           by_name);
  return 0;
}

/* The first package that provides NAME, or the count of packages. */
static size_t
find_provider (const struct closure *closure, struct dc_span name)
{
  size_t low = 0, high = closure->provide_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (dc_span_compare (closure->provides[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < closure->provide_count &&
                 dc_span_compare (closure->provides[low].name, name) == 0
             ? closure->provides[low].package
             : closure->packages->count;
}

/* The installed package that meets a need for NAME of a package of
 * architecture ARCH, or the count of packages.
 */
static size_t
find_package (const struct closure *closure, struct dc_span name,
              const char *arch)
{
  const struct dc_packages *packages = closure->packages;
  const size_t first = dc_packages_find (packages, name);

  for (size_t i = first;
       i < packages->count && dc_span_is (name, packages->items[i].name); i++)
    if (strcmp (packages->items[i].arch, arch) == 0)
      return i;
  return first < packages->count ? first : find_provider (closure, name);
}

static void
enqueue (struct closure *closure, size_t index)
{
  if (closure->packages->items[index].is_distribution)
    return;
  closure->packages->items[index].is_distribution = true;
  closure->queue[closure->queued++] = index; /* each package once */
}

static void
add_needs (struct closure *closure, const struct dc_package *package)
{
  struct dc_span groups, group, relation;

  if (package->depends == NULL)
    return;
  groups = dc_span_of (package->depends);
  while (dc_span_field (&groups, ',', &group)) {
    size_t found = closure->packages->count;
    while (found == closure->packages->count &&
           dc_span_field (&group, '|', &relation))
      found = find_package (closure, name_of (relation), package->arch);
    if (found < closure->packages->count)
      enqueue (closure, found);
  }
}

static int
follow (struct closure *closure, struct dc_error *err)
{
  struct dc_packages *packages = closure->packages;

  closure->queue = calloc (packages->count, sizeof *closure->queue);
  if (closure->queue == NULL)
    return dc_fail_errno (err, "cannot follow dependencies");
  if (index_provides (closure, err) < 0)
    return -1;
  for (size_t i = 0; i < packages->count; i++)
    if (packages->items[i].is_essential || packages->items[i].is_required)
      enqueue (closure, i);
  for (size_t i = 0; i < closure->queued; i++)
    add_needs (closure, &packages->items[closure->queue[i]]);
  return 0;
}

int
dc_packages_mark_distribution (struct dc_packages *packages,
                               struct dc_error *err)
{
  struct closure closure = { .packages = packages };

  if (packages->count == 0)
    return 0;
  const int status = follow (&closure, err);
  free (closure.provides);
  free (closure.queue);
  return status;
}
