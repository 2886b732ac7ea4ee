/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/span.h"
#include "transform/init/initcompiler.h"

/* Source: systemd.unit(5), and "Mapping of unit properties to their inverses"
 * there.
 */
static const struct {
  const char *key, *kind;
  bool is_inverse; /* the unit that is named has the line */
} ties[] = {
  { "Wants", "wants", false },
  { "Requires", "requires", false },
  { "BindsTo", "binds", false },
  { "BindTo", "binds", false },
  { "PartOf", "part-of", false },
  { "Conflicts", "conflicts", false },
  { "PropagatesStopTo", "stops", false },
  { "StopPropagatedFrom", "stops", true },
  { "PropagatesReloadTo", "reloads", false },
  { "PropagateReloadTo", "reloads", false },
  { "ReloadPropagatedFrom", "reloads", true },
  { "PropagateReloadFrom", "reloads", true },
  { "Upholds", "upholds", false },
  { "OnFailure", "failure", false },
  { "OnSuccess", "success", false },
};

static const char suffix[] = ".service";

/* The plan's name of a unit: "nginx" of "nginx.service". */
static int
write_name (struct dc_buffer *plan, const char *unit, struct dc_error *err)
{
  AUTO_FREE char *name = strdup (unit);
  const size_t size = strlen (unit);

  if (name == NULL)
    return dc_fail_errno (err, "cannot keep a name");
  if (size > sizeof suffix - 1 &&
      strcmp (name + size - (sizeof suffix - 1), suffix) == 0)
    name[size - (sizeof suffix - 1)] = '\0';
  return dc_initline_word (plan, name, err);
}

int
dc_init_aliases (struct dc_initservice *service, struct dc_error *err)
{
  const struct dc_words *aliases = &service->unit->aliases;

  if (aliases->count == 0)
    return 1;
  if (dc_initline_begin (service->lines, "alias", err) < 0)
    return -1;
  for (size_t i = 0; i < aliases->count; i++) {
    if (write_name (service->lines, aliases->items[i], err) < 0)
      return -1;
  }
  return dc_initline_end (service->lines, err) < 0 ? -1 : 1;
}

/* The unit that WORD in a setting of UNIT names; NULL: none. */
static const struct dc_unit *
named_unit (const struct dc_units *units, const struct dc_unit *unit,
            const char *hostname, struct dc_span word, struct dc_error *err)
{
  AUTO_FREE char *text = NULL, *name = NULL;

  if (dc_span_copy (word, &text, err) < 0 ||
      dc_unit_expand (unit, text, hostname, &name, err) < 0)
    return NULL;
  return dc_units_find (units, name);
}

/* What to do for each unit that the settings KEY of UNIT name. */
static int
for_each (const struct dc_units *units, const struct dc_unit *unit,
          const char *hostname, const char *key,
          int (*act) (void *context, const struct dc_unit *other,
                      struct dc_error *err),
          void *context, struct dc_error *err)
{
  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    struct dc_span rest = dc_span_of (setting->value), word;
    if (strcmp (setting->key, key) != 0 ||
        strcmp (setting->section, "Unit") != 0)
      continue;
    while (dc_span_word (&rest, &word)) {
      err->code = DC_ERR_UNSUPPORTED;
      const struct dc_unit *other =
          named_unit (units, unit, hostname, word, err);
      if (other == NULL && err->code == DC_ERR_SYSTEM)
        return -1;
      if (other != NULL && other != unit && act (context, other, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* A line of ties while it is written. */
struct tie_line {
  const struct dc_initcompiler *compiler;
  struct dc_buffer *plan;
  const char *kind;
  const struct dc_unit *only; /* whom alone it is about, NULL: anybody */
  const struct dc_unit *self; /* what is written when ONLY is met */
  bool has_any;
};

static bool
is_kept (const struct dc_initcompiler *compiler, const struct dc_unit *unit)
{
  for (size_t i = 0; i < compiler->kept_count; i++) {
    if (compiler->kept[i] == unit)
      return true;
  }
  return false;
}

static int
add_tie (void *context, const struct dc_unit *other, struct dc_error *err)
{
  struct tie_line *line = context;
  const struct dc_unit *unit = line->only == NULL ? other : line->self;

  if (line->only != NULL ? other != line->only
                         : !is_kept (line->compiler, other))
    return 0;
  if (!line->has_any && (dc_initline_begin (line->plan, "tie", err) < 0 ||
                         dc_initline_word (line->plan, line->kind, err) < 0))
    return -1;
  line->has_any = true;
  return write_name (line->plan, unit->name, err);
}

static int
end_line (struct tie_line *line, struct dc_error *err)
{
  return line->has_any ? dc_initline_end (line->plan, err) : 0;
}

/* The line that the setting KEY of other units means for UNIT. */
static int
write_inverse (const struct dc_initcompiler *compiler, struct tie_line *line,
               const char *key, struct dc_error *err)
{
  for (size_t i = 0; i < compiler->kept_count; i++) {
    line->self = compiler->kept[i];
    if (for_each (compiler->units, line->self, compiler->hostname, key, add_tie,
                  line, err) < 0)
      return -1;
  }
  return end_line (line, err);
}

int
dc_init_ties (const struct dc_initcompiler *compiler,
              const struct dc_unit *unit, struct dc_buffer *plan,
              struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (ties); i++) {
    struct tie_line line = { .compiler = compiler,
                             .plan = plan,
                             .kind = ties[i].kind,
                             .only = ties[i].is_inverse ? unit : NULL };
    const int status = ties[i].is_inverse
                           ? write_inverse (compiler, &line, ties[i].key, err)
                       : for_each (compiler->units, unit, compiler->hostname,
                                   ties[i].key, add_tie, &line, err) < 0
                           ? -1
                           : end_line (&line, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

static int
add_handler (void *context, const struct dc_unit *other, struct dc_error *err)
{
  struct dc_words *names = context;

  if (!dc_unit_has_type (other->name, "service") ||
      dc_words_has (names, other->name))
    return 0;
  return dc_words_add (names, other->name, err);
}

int
dc_init_handlers (const struct dc_initcompiler *compiler,
                  const struct dc_unit *unit, struct dc_words *handlers,
                  struct dc_error *err)
{
  static const char *const keys[] = { "OnFailure", "OnSuccess" };

  for (size_t i = 0; i < DC_COUNT (keys); i++) {
    if (for_each (compiler->units, unit, compiler->hostname, keys[i],
                  add_handler, handlers, err) < 0)
      return -1;
  }
  return 0;
}
