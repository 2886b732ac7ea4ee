/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/program/elf.h"
#include "lib/quote.h"
#include "transform/init/inittrigger.h"
#include "transform/init/tmpfiles.h"

/* What a system finds when it boots: /run is made anew, /run/lock and /tmp
 * are for everybody.  What tmpfiles.d says comes at the end.
 */
static const char head[] = "decant-init 1\n"
                           "tmpfile D /run 0755 0 0\n"
                           "tmpfile d /run/lock 1777 0 0\n"
                           "tmpfile d /tmp 1777 0 0\n"
                           "journal\n";

/* By it scripts and libraries see that systemd runs: sd_booted(3).  decant-init
 * answers in its place where the guest has the program that they call then.
 */
static const char booted[] = "tmpfile d /run/systemd 0755 0 0\n"
                             "tmpfile d /run/systemd/system 0755 0 0\n";

/* A chosen service with the lines of its unit. */
struct piece {
  const struct dc_init_choice *choice;
  const struct dc_unit *unit;
  struct dc_buffer lines;
  char *name; /* the plan's */
};

/* All that is chosen, sorted by the units' names. */
struct pieces {
  struct piece items[DC_INITPLAN_SERVICE_MAX];
  size_t count;
};

int
dc_init_note (struct dc_initcompiler *compiler, const struct dc_unit *unit,
              const struct dc_setting *where, struct dc_error *err,
              const char *fmt, ...)
{
  AUTO_FREE char *text = NULL;
  char *finding = NULL;
  va_list args;

  va_start (args, fmt);
  if (vasprintf (&text, fmt, args) < 0)
    text = NULL; /* undefined after a failure */
  va_end (args);
  if (text == NULL)
    return dc_fail_errno (err, "cannot keep a finding");
  const int size =
      where != NULL
          ? asprintf (&finding, "%s: %s (%s:%u)", dc_quote (unit->name).text,
                      text, dc_quote (where->file).text, where->line)
          : asprintf (&finding, "%s: %s", dc_quote (unit->name).text, text);
  if (size < 0)
    return dc_fail_errno (err, "cannot keep a finding");
  if (dc_words_has (compiler->findings, finding)) {
    free (finding);
    return 0;
  }
  return dc_words_take (compiler->findings, finding, err);
}

static void
release (struct pieces *pieces)
{
  for (size_t i = 0; i < pieces->count; i++) {
    dc_buffer_release (&pieces->items[i].lines);
    free (pieces->items[i].name);
  }
  free (pieces);
}

static void
release_auto (struct pieces **pieces)
{
  if (*pieces != NULL)
    release (*pieces);
}

static int
compare (const void *a, const void *b)
{
  const struct piece *left = a, *right = b;

  return strcmp (left->unit->name, right->unit->name);
}

/* "nginx" of "nginx.service". */
static int
take_name (struct piece *piece, struct dc_error *err)
{
  const char *unit = piece->unit->name;
  const size_t tail = strlen (".service");

  if (!dc_unit_has_type (unit, "service"))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is not a service",
                    dc_quote (unit).text);
  piece->name = strndup (unit, strlen (unit) - tail);
  return piece->name == NULL ? dc_fail_errno (err, "cannot keep a name") : 0;
}

static bool
has_piece (const struct pieces *pieces, const struct dc_unit *unit)
{
  for (size_t i = 0; i < pieces->count; i++) {
    if (pieces->items[i].unit == unit)
      return true;
  }
  return false;
}

/* What those that are chosen start when they fail or end well, and what that
 * does in turn.
 */
static int
add_handlers (const struct dc_initcompiler *compiler, struct pieces *pieces,
              struct dc_error *err)
{
  static const struct dc_init_choice on_demand = { .is_on_demand = true };
  AUTO_WORDS struct dc_words names = { NULL, 0 };
  size_t done = 0;

  for (size_t i = 0; i < pieces->count; i++) {
    if (dc_init_handlers (compiler, pieces->items[i].unit, &names, err) < 0)
      return -1;
    for (; done < names.count; done++) {
      const struct dc_unit *unit =
          dc_units_find (compiler->units, names.items[done]);
      if (has_piece (pieces, unit) || unit->state == DC_UNIT_MASKED ||
          unit->state == DC_UNIT_BAD ||
          pieces->count == DC_INITPLAN_SERVICE_MAX)
        continue;
      struct piece *piece = &pieces->items[pieces->count++];
      piece->choice = &on_demand;
      piece->unit = unit;
      piece->lines = (struct dc_buffer) DC_BUFFER_INIT (DC_INITPLAN_SIZE_MAX);
      if (take_name (piece, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
choose (const struct dc_initcompiler *compiler,
        const struct dc_init_choice *choices, size_t count,
        struct pieces *pieces, struct dc_error *err)
{
  const struct dc_units *units = compiler->units;

  if (count > DC_INITPLAN_SERVICE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu services are chosen, limit %d",
                    count, DC_INITPLAN_SERVICE_MAX);
  for (size_t i = 0; i < count; i++) {
    struct piece *piece = &pieces->items[i];
    piece->choice = &choices[i];
    piece->unit = dc_units_find (units, choices[i].unit);
    if (piece->unit == NULL)
      return dc_fail (err, DC_ERR_NOTFOUND, "the guest has no unit '%s'",
                      dc_quote (choices[i].unit).text);
    if (piece->unit->state == DC_UNIT_MASKED ||
        piece->unit->state == DC_UNIT_BAD)
      return dc_fail (err, DC_ERR_NOTFOUND,
                      "unit '%s' of the guest is masked or cannot be read",
                      dc_quote (choices[i].unit).text);
    piece->lines = (struct dc_buffer) DC_BUFFER_INIT (DC_INITPLAN_SIZE_MAX);
    pieces->count++;
    if (take_name (piece, err) < 0)
      return -1;
  }
  if (add_handlers (compiler, pieces, err) < 0)
    return -1;
  if (pieces->count > 1)
    qsort (pieces->items, pieces->count, sizeof pieces->items[0], compare);
  for (size_t i = 1; i < pieces->count; i++) {
    if (pieces->items[i].unit == pieces->items[i - 1].unit)
      return dc_fail (err, DC_ERR_INVALID, "'%s' is chosen twice",
                      dc_quote (pieces->items[i].unit->name).text);
  }
  return 0;
}

/* Write the lines of each; those that cannot be in the plan are taken out. */
static int
compile (struct dc_initcompiler *compiler, struct pieces *pieces,
         struct dc_error *err)
{
  size_t kept = 0;

  for (size_t i = 0; i < pieces->count; i++) {
    struct piece *piece = &pieces->items[i];
    struct dc_initservice service = { .compiler = compiler,
                                      .unit = piece->unit,
                                      .choice = piece->choice,
                                      .name = piece->name,
                                      .lines = &piece->lines };
    int status = dc_init_service (&service, err);
    /* Nobody chose it: it must not keep the others from running. */
    if (status < 0 && piece->choice->is_on_demand &&
        err->code != DC_ERR_SYSTEM) {
      char *reason = strdup (err->text);
      if (reason == NULL)
        return dc_fail_errno (err, "cannot keep a finding");
      status = dc_init_note (compiler, piece->unit, NULL, err,
                             "left out, though others start it: %s", reason);
      free (reason);
    }
    if (status < 0)
      return dc_context (err, "service '%s'", dc_quote (piece->name).text);
    if (status == 0 && piece->choice->is_essential)
      return dc_fail (err, DC_ERR_UNSUPPORTED, "essential service %s",
                      compiler->findings->items[compiler->findings->count - 1]);
    if (status == 1) {
      const struct piece swapped = pieces->items[kept];
      pieces->items[kept++] = *piece;
      pieces->items[i] = swapped;
    }
  }
  for (size_t i = kept; i < pieces->count; i++) {
    dc_buffer_release (&pieces->items[i].lines);
    free (pieces->items[i].name);
  }
  pieces->count = kept;
  return 0;
}

/* The names that service TO waits for, by KEYWORD. */
static int
write_edges (const struct pieces *pieces, const struct dc_init_edge *edges,
             size_t count, size_t to, bool is_needed, struct dc_buffer *plan,
             struct dc_error *err)
{
  bool has_any = false;

  for (size_t i = 0; i < count; i++) {
    if (edges[i].to != to || edges[i].is_needed != is_needed)
      continue;
    if (!has_any &&
        dc_initline_begin (plan, is_needed ? "needs" : "after", err) < 0)
      return -1;
    has_any = true;
    if (dc_initline_word (plan, pieces->items[edges[i].from].name, err) < 0)
      return -1;
  }
  return has_any ? dc_initline_end (plan, err) : 0;
}

static int
write_plan (const struct dc_initcompiler *compiler, const struct pieces *pieces,
            const struct dc_init_edge *edges, size_t count,
            struct dc_buffer *plan, struct dc_error *err)
{
  for (size_t i = 0; i < pieces->count; i++) {
    const struct piece *piece = &pieces->items[i];
    if (dc_buffer_append (plan, "service", 7, err) < 0 ||
        dc_initline_word (plan, piece->name, err) < 0 ||
        dc_initline_end (plan, err) < 0 ||
        (piece->choice->is_essential &&
         dc_initline (plan, err, "essential", NULL) < 0) ||
        (piece->choice->is_on_demand &&
         dc_initline (plan, err, "on-demand", NULL) < 0) ||
        write_edges (pieces, edges, count, i, false, plan, err) < 0 ||
        write_edges (pieces, edges, count, i, true, plan, err) < 0 ||
        dc_init_triggers_of (compiler, compiler->triggers, i, plan, err) < 0 ||
        dc_init_ties (compiler, piece->unit, plan, err) < 0 ||
        dc_buffer_append (plan, dc_buffer_text (&piece->lines),
                          piece->lines.size, err) < 0)
      return -1;
  }
  return dc_init_triggers_write (compiler, compiler->triggers, plan, err);
}

/* Who waits for whom, then the text. */
static int
assemble (struct dc_initcompiler *compiler, const struct pieces *pieces,
          struct dc_initplan *out, struct dc_error *err)
{
  const struct dc_unit *kept[DC_INITPLAN_SERVICE_MAX];
  AUTO_FREE struct dc_init_edge *edges = NULL;
  AUTO_BUFFER struct dc_buffer plan = DC_BUFFER_INIT (DC_INITPLAN_SIZE_MAX);
  const bool has_systemctl =
      dc_tree_find (compiler->tree, "usr/bin/systemctl") != DC_TREE_NONE ||
      dc_tree_find (compiler->tree, "bin/systemctl") != DC_TREE_NONE;
  size_t count;

  for (size_t i = 0; i < pieces->count; i++) {
    kept[i] = pieces->items[i].unit;
    if (dc_words_add (&out->services, pieces->items[i].name, err) < 0)
      return -1;
  }
  compiler->kept = kept;
  compiler->kept_count = pieces->count;
  if (dc_init_triggers_make (compiler, compiler->triggers, err) < 0 ||
      dc_init_order (compiler, &edges, &count, err) < 0 ||
      dc_buffer_append (&plan, head, strlen (head), err) < 0 ||
      (has_systemctl &&
       dc_buffer_append (&plan, booted, strlen (booted), err) < 0) ||
      dc_buffer_append (&plan, dc_buffer_text (&compiler->global),
                        compiler->global.size, err) < 0 ||
      write_plan (compiler, pieces, edges, count, &plan, err) < 0)
    return dc_context (err, "plan of decant-init");
  out->size = plan.size;
  out->text = dc_buffer_take (&plan);
  return out->text == NULL ? dc_fail_errno (err, "cannot keep the plan") : 0;
}

int
dc_initplan_make (struct dc_tree *tree, const struct dc_units *units,
                  const struct dc_users *users, const char *hostname,
                  const struct dc_init_choice *choices, size_t count,
                  struct dc_initplan **out, struct dc_error *err)
{
  DC_AUTO (dc_initplan) *plan = calloc (1, sizeof *plan);
  __attribute__ ((__cleanup__ (release_auto))) struct pieces *pieces =
      calloc (1, sizeof *pieces);

  if (plan == NULL || pieces == NULL)
    return dc_fail_errno (err, "cannot keep the plan");
  struct dc_init_triggers triggers = { NULL, 0 };
  struct dc_initcompiler compiler = { .tree = tree,
                                      .units = units,
                                      .users = users,
                                      .hostname = hostname,
                                      .triggers = &triggers,
                                      .global =
                                          DC_BUFFER_INIT (DC_INITPLAN_SIZE_MAX),
                                      .findings = &plan->findings };
  AUTO_FREE char *variant = NULL; /* tells nothing of what starts */
  int status = dc_elf_arch (tree, &compiler.arch, &variant, err) < 0
                   ? -1
                   : dc_init_locale (&compiler, err);
  if (status == 0)
    status = choose (&compiler, choices, count, pieces, err);
  if (status == 0)
    status = compile (&compiler, pieces, err);
  if (status == 0)
    status = assemble (&compiler, pieces, plan, err);
  dc_words_release (&compiler.locale);
  dc_init_triggers_release (&triggers);
  dc_words_release (&compiler.release);
  free (compiler.arch);
  dc_words_release (&compiler.dynamic_names);
  dc_buffer_release (&compiler.global);
  if (status < 0)
    return -1;
  *out = DC_TAKE (plan);
  return 0;
}

int
dc_initplan_add_tmpfiles (struct dc_initplan *plan, struct dc_tree *tree,
                          const struct dc_users *users, const char *hostname,
                          struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_INITPLAN_SIZE_MAX);

  if (dc_buffer_append (&b, plan->text, plan->size, err) < 0 ||
      dc_tmpfiles_compile (tree, users, hostname, &b, &plan->findings, err) < 0)
    return -1;
  const size_t size = b.size;
  char *text = dc_buffer_take (&b);
  if (text == NULL)
    return dc_fail_errno (err, "cannot keep the plan");
  free (plan->text);
  plan->text = text;
  plan->size = size;
  return 0;
}

void
dc_initplan_free (struct dc_initplan *plan)
{
  if (plan == NULL)
    return;
  free (plan->text);
  dc_words_release (&plan->services);
  dc_words_release (&plan->findings);
  free (plan);
}
