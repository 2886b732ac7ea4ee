/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "transform/init/initcompiler.h"

/* Source: systemd.unit(5), Before=, After=, Requires=, BindsTo=, Requisite=;
 * systemd.service(5) and systemd.target(5), "Default Dependencies".
 *
 * The nodes are the services of the plan and the targets that start at boot:
 * who is before a target is before all that are after it.  In the plan only
 * services are left.
 */
#define NODE_MAX 4096

struct graph {
  struct dc_initcompiler *compiler;
  const struct dc_unit **nodes; /* the kept units first */
  size_t count;
  struct dc_init_edge *edges; /* between nodes */
  size_t edge_count;
};

static int
compare_edges (const void *a, const void *b)
{
  const struct dc_init_edge *left = a, *right = b;

  if (left->to != right->to)
    return left->to < right->to ? -1 : 1;
  return left->from < right->from ? -1 : left->from > right->from;
}

static void
sort_edges (struct graph *graph)
{
  if (graph->edge_count > 1)
    qsort (graph->edges, graph->edge_count, sizeof graph->edges[0],
           compare_edges);
}

static void
release (struct graph *graph)
{
  free (graph->nodes);
  free (graph->edges);
}

static int
add_node (struct graph *graph, const struct dc_unit *unit, struct dc_error *err)
{
  if (DC_ARRAY_GROW (graph->nodes, graph->count, NODE_MAX,
                     "targets and services", err) < 0)
    return -1;
  graph->nodes[graph->count++] = unit;
  return 0;
}

static int
add_nodes (struct graph *graph, struct dc_error *err)
{
  const struct dc_initcompiler *compiler = graph->compiler;

  for (size_t i = 0; i < compiler->kept_count; i++) {
    if (add_node (graph, compiler->kept[i], err) < 0)
      return -1;
  }
  for (size_t i = 0; i < compiler->units->count; i++) {
    const struct dc_unit *unit = &compiler->units->items[i];
    if (unit->is_started && dc_unit_has_type (unit->name, "target") &&
        add_node (graph, unit, err) < 0)
      return -1;
  }
  return 0;
}

/* The node of the unit NAME, by any of its names, or SIZE_MAX. */
static size_t
find_node (const struct graph *graph, const char *name)
{
  const struct dc_unit *unit = dc_units_find (graph->compiler->units, name);

  for (size_t i = 0; i < graph->count && unit != NULL; i++) {
    if (graph->nodes[i] == unit)
      return i;
  }
  return SIZE_MAX;
}

static int
add_edge (struct graph *graph, size_t from, size_t to, struct dc_error *err)
{
  if (from == to)
    return 0;
  if (DC_ARRAY_GROW (graph->edges, graph->edge_count, DC_INITPLAN_EDGE_MAX,
                     "orderings of units", err) < 0)
    return -1;
  graph->edges[graph->edge_count++] =
      (struct dc_init_edge){ .from = (uint32_t) from, .to = (uint32_t) to };
  return 0;
}

static bool
has_edge (const struct graph *graph, size_t from, size_t to)
{
  for (size_t i = 0; i < graph->edge_count; i++) {
    if (graph->edges[i].from == from && graph->edges[i].to == to)
      return true;
  }
  return false;
}

/* What to do for each unit that a list setting of NODE names. */
typedef int named (struct graph *graph, size_t node, size_t other,
                   struct dc_error *err);

static int
for_word (struct graph *graph, size_t node, struct dc_span word, named *act,
          struct dc_error *err)
{
  AUTO_FREE char *text = NULL, *name = NULL;

  if (dc_span_copy (word, &text, err) < 0)
    return -1;
  if (dc_unit_expand (graph->nodes[node], text, graph->compiler->hostname,
                      &name, err) < 0)
    return err->code == DC_ERR_UNSUPPORTED ? 0 : -1;
  const size_t other = find_node (graph, name);
  return other == SIZE_MAX ? 0 : act (graph, node, other, err);
}

/* Of all settings KEY: such lists cannot be taken back. */
static int
for_each (struct graph *graph, size_t node, const char *section,
          const char *key, named *act, struct dc_error *err)
{
  const struct dc_unit *unit = graph->nodes[node];

  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    struct dc_span rest = dc_span_of (setting->value), word;
    if (strcmp (setting->key, key) != 0 ||
        strcmp (setting->section, section) != 0)
      continue;
    while (dc_span_word (&rest, &word)) {
      if (for_word (graph, node, word, act, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
comes_after (struct graph *graph, size_t node, size_t other,
             struct dc_error *err)
{
  return add_edge (graph, other, node, err);
}

static int
comes_before (struct graph *graph, size_t node, size_t other,
              struct dc_error *err)
{
  return add_edge (graph, node, other, err);
}

static bool
has_defaults (const struct dc_unit *unit)
{
  return dc_unit_is (unit, "Unit", "DefaultDependencies", true);
}

/* A target comes after what it wants, unless that says otherwise. */
static int
is_wanted_by (struct graph *graph, size_t node, size_t target,
              struct dc_error *err)
{
  if (!has_defaults (graph->nodes[node]) ||
      !has_defaults (graph->nodes[target]) || has_edge (graph, target, node))
    return 0;
  return add_edge (graph, node, target, err);
}

static int
wants (struct graph *graph, size_t target, size_t node, struct dc_error *err)
{
  return is_wanted_by (graph, node, target, err);
}

/* What DefaultDependencies= means for services. */
static int
add_defaults (struct graph *graph, size_t node, struct dc_error *err)
{
  static const char *const targets[] = { "sysinit.target", "basic.target" };

  if (!has_defaults (graph->nodes[node]))
    return 0;
  for (size_t i = 0; i < DC_COUNT (targets); i++) {
    const size_t target = find_node (graph, targets[i]);
    if (target != SIZE_MAX && add_edge (graph, target, node, err) < 0)
      return -1;
  }
  return 0;
}

static int
add_edges (struct graph *graph, struct dc_error *err)
{
  static const char *const wanting[] = { "Wants", "Requires" };
  static const char *const wanted[] = { "WantedBy", "RequiredBy" };
  const size_t services = graph->compiler->kept_count;

  for (size_t i = 0; i < graph->count; i++) {
    if (for_each (graph, i, "Unit", "After", comes_after, err) < 0 ||
        for_each (graph, i, "Unit", "Before", comes_before, err) < 0)
      return -1;
  }
  /* Only now, because these yield to the ones above. */
  for (size_t i = 0; i < graph->count; i++) {
    if (i < services && add_defaults (graph, i, err) < 0)
      return -1;
    for (size_t k = 0; k < 2; k++) {
      const int status =
          i < services
              ? for_each (graph, i, "Install", wanted[k], is_wanted_by, err)
              : for_each (graph, i, "Unit", wanting[k], wants, err);
      if (status < 0)
        return -1;
    }
  }
  return 0;
}

/* The first edge to NODE, in the sorted edges. */
static size_t
first_edge (const struct graph *graph, size_t node)
{
  size_t low = 0, high = graph->edge_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (graph->edges[middle].to < node)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Who comes before a node; room for all nodes in each. */
struct walk {
  bool *is_before;
  size_t *todo; /* nodes whose own predecessors are still to be found */
};

/* Find who comes before NODE, through targets only. */
static void
walk_back (const struct graph *graph, size_t node, struct walk *walk)
{
  const size_t services = graph->compiler->kept_count;
  size_t count = 0;

  memset (walk->is_before, 0, graph->count * sizeof walk->is_before[0]);
  walk->is_before[node] = true;
  walk->todo[count++] = node;
  while (count > 0) {
    const size_t to = walk->todo[--count];
    for (size_t i = first_edge (graph, to);
         i < graph->edge_count && graph->edges[i].to == to; i++) {
      const size_t from = graph->edges[i].from;
      if (walk->is_before[from])
        continue;
      walk->is_before[from] = true;
      if (from >= services)
        walk->todo[count++] = from;
    }
  }
  walk->is_before[node] = false;
}

/* What a service needs, it is not started without. */
static int
is_needed (struct graph *services, size_t node, size_t other,
           struct dc_error *err)
{
  (void) err; /* nothing here can fail */
  for (size_t i = 0; i < services->edge_count; i++) {
    if (services->edges[i].from == other && services->edges[i].to == node)
      services->edges[i].is_needed = true;
  }
  return 0;
}

/* The orderings of GRAPH with its targets taken out, into SERVICES. */
static int
reduce (const struct graph *graph, struct graph *services, struct dc_error *err)
{
  static const char *const keys[] = { "Requires", "BindsTo", "Requisite" };
  AUTO_FREE bool *is_before = calloc (graph->count + 1, sizeof *is_before);
  AUTO_FREE size_t *todo = calloc (graph->count + 1, sizeof *todo);
  struct walk walk = { .is_before = is_before, .todo = todo };

  if (is_before == NULL || todo == NULL)
    return dc_fail_errno (err, "cannot order the services");
  for (size_t to = 0; to < services->count; to++) {
    walk_back (graph, to, &walk);
    for (size_t from = 0; from < services->count; from++) {
      if (is_before[from] && add_edge (services, from, to, err) < 0)
        return -1;
    }
  }
  for (size_t i = 0; i < services->count; i++) {
    for (size_t k = 0; k < DC_COUNT (keys); k++) {
      if (for_each (services, i, "Unit", keys[k], is_needed, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* Who is before whom, by any way: a bit for each pair. */
struct closure {
  uint64_t after[DC_INITPLAN_SERVICE_MAX][DC_INITPLAN_SERVICE_MAX / 64];
};

static bool
is_after (const struct closure *closure, size_t first, size_t second)
{
  return (closure->after[first][second / 64] >> (second % 64) & 1) != 0;
}

static void
add_to_closure (struct closure *closure, const struct dc_init_edge *edge)
{
  for (size_t i = 0; i < DC_INITPLAN_SERVICE_MAX; i++) {
    if (i != edge->from && !is_after (closure, i, edge->from))
      continue;
    closure->after[i][edge->to / 64] |= UINT64_C (1) << (edge->to % 64);
    for (size_t k = 0; k < DC_COUNT (closure->after[i]); k++)
      closure->after[i][k] |= closure->after[edge->to][k];
  }
}

/* Keep the edges that are needed, or not, unless one closes a cycle with
 * those kept before; *KEPT counts them at the front of the array.
 */
static int
keep_edges (struct graph *graph, bool is_needed, struct closure *closure,
            size_t *kept, struct dc_error *err)
{
  for (size_t i = *kept; i < graph->edge_count; i++) {
    const struct dc_init_edge edge = graph->edges[i];
    if (edge.is_needed != is_needed)
      continue;
    if (is_after (closure, edge.to, edge.from)) {
      if (dc_init_note (graph->compiler, graph->nodes[edge.to], NULL, err,
                        "does not wait for %s, which waits for it",
                        dc_quote (graph->nodes[edge.from]->name).text) < 0)
        return -1;
      continue;
    }
    add_to_closure (closure, &edge);
    memmove (&graph->edges[*kept + 1], &graph->edges[*kept],
             (i - *kept) * sizeof edge);
    graph->edges[(*kept)++] = edge;
  }
  return 0;
}

/* Of the edges of a cycle those that are needed stay, if possible. */
static int
cut_cycles (struct graph *graph, struct dc_error *err)
{
  AUTO_FREE struct closure *closure = calloc (1, sizeof *closure);
  size_t kept = 0;

  if (closure == NULL)
    return dc_fail_errno (err, "cannot order the services");
  if (keep_edges (graph, true, closure, &kept, err) < 0 ||
      keep_edges (graph, false, closure, &kept, err) < 0)
    return -1;
  graph->edge_count = kept;
  sort_edges (graph);
  return 0;
}

static int
order (struct graph *graph, struct graph *services, struct dc_error *err)
{
  if (add_nodes (graph, err) < 0 || add_edges (graph, err) < 0)
    return -1;
  sort_edges (graph);
  for (size_t i = 0; i < graph->compiler->kept_count; i++) {
    if (add_node (services, graph->nodes[i], err) < 0)
      return -1;
  }
  return reduce (graph, services, err) < 0 ? -1 : cut_cycles (services, err);
}

int
dc_init_order (struct dc_initcompiler *compiler, struct dc_init_edge **edges,
               size_t *count, struct dc_error *err)
{
  struct graph graph = { .compiler = compiler };
  struct graph services = { .compiler = compiler };

  const int status = order (&graph, &services, err);
  if (status == 0) {
    *edges = DC_TAKE (services.edges);
    *count = services.edge_count;
  }
  release (&graph);
  release (&services);
  return status;
}
