/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/unit/userunits.h"
#include "lib/array.h"
#include "lib/json.h"
#include "lib/quote.h"

#define LINGER "/var/lib/systemd/linger"

static int
add_user (struct dc_tree *tree, struct dc_profile *profile,
          const struct dc_user *user, struct dc_error *err)
{
  struct dc_units *units = NULL;

  if (DC_ARRAY_GROW (profile->user_units, profile->user_unit_count,
                     DC_LINGER_MAX, "lingering users", err) < 0)
    return -1;
  if (dc_units_load_user (tree, user->home, &units, err) < 0) {
    if (err->code == DC_ERR_SYSTEM)
      return -1;
    const struct dc_error fault = *err;
    return dc_profile_note (profile, "user_units.unreadable", user->home, 0,
                            err, "%s", fault.text);
  }
  profile->user_units[profile->user_unit_count++] =
      (struct dc_user_units){ user->name, units };
  return 0;
}

int
dc_user_units_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err)
{
  const uint32_t folder = dc_tree_resolve (tree, LINGER);

  if (folder == DC_TREE_NONE || profile->units->default_target == NULL)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *name = tree->entries[i].name;
    const struct dc_user *user = dc_users_find (profile->users, name);
    const int status =
        user != NULL
            ? add_user (tree, profile, user, err)
            : dc_profile_note (profile, "linger.unknown", LINGER, 0, err,
                               "there is no user '%s'", dc_quote (name).text);
    if (status < 0)
      return -1;
  }
  return 0;
}

/* What runs or waits for something; targets and slices only group it. */
static bool
is_told (const struct dc_unit *unit)
{
  static const char *const types[] = { "service", "socket", "timer", "path" };

  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (dc_unit_has_type (unit->name, types[i]))
      return unit->is_started;
  return false;
}

static json_t *
unit_json (const char *user, const struct dc_unit *unit)
{
  json_t *json = json_object (), *exec = json_array ();
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, "Service", "ExecStart", &position, &setting) == 1)
    dc_json_push (&exec, dc_json_bytes (setting->value));
  dc_json_put_text (&json, "user", user);
  dc_json_put_text (&json, "name", unit->name);
  dc_json_put_text (&json, "description",
                    dc_unit_value (unit, "Unit", "Description", NULL));
  dc_json_put_text (&json, "state", dc_unit_state_name (unit->state));
  dc_json_put_text (&json, "started_by", unit->started_by);
  dc_json_put (&json, "exec", exec);
  dc_json_put (&json, "settings", dc_unit_settings_json (unit));
  dc_json_put (&json, "schedule", dc_unit_schedule_json (unit));
  dc_json_put (&json, "evidence", dc_evidence_json (unit->file, 0));
  return json;
}

json_t *
dc_user_units_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->user_unit_count; i++) {
    const struct dc_user_units *of = &profile->user_units[i];
    for (size_t k = 0; k < of->units->count; k++)
      if (is_told (&of->units->items[k]))
        dc_json_push (&json, unit_json (of->user, &of->units->items[k]));
  }
  return json;
}

int
dc_user_units_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "user_units");
  AUTO_COLUMNS struct dc_columns columns = { .count = 3 };

  for (size_t i = 0; i < json_array_size (items) && i < DC_PAGE_LIST_MAX; i++) {
    const json_t *item = json_array_get (items, i);
    const char *const cells[] = { dc_page_text (item, "user"),
                                  dc_page_text (item, "name"),
                                  dc_page_text (item, "description") };
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Units of users that start at boot", &columns,
                        json_array_size (items), err);
}

void
dc_user_units_forget (struct dc_profile *profile)
{
  for (size_t i = 0; i < profile->user_unit_count; i++)
    dc_units_free (profile->user_units[i].units);
  free (profile->user_units);
  profile->user_units = NULL;
  profile->user_unit_count = 0;
}
