/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lib/buffer.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

static int
print (const struct dc_units *units, struct dc_buffer *b, struct dc_error *err)
{
  static const char *const presets[] = { "", " +", " -" };

  for (size_t i = 0; i < units->count; i++) {
    const struct dc_unit *unit = &units->items[i];
    if (dc_buffer_print (b, err, "%s %s%s%s%s", unit->name,
                         dc_unit_state_name (unit->state),
                         presets[unit->preset], unit->is_started ? " <- " : "",
                         unit->is_started ? unit->started_by : "") < 0)
      return -1;
    for (size_t k = 0; k < unit->aliases.count; k++)
      if (dc_buffer_print (b, err, " = %s", unit->aliases.items[k]) < 0)
        return -1;
    if (dc_buffer_print (b, err, "\n") < 0)
      return -1;
  }
  return 0;
}

void
check_units (const struct dc_memory_file *files, size_t count,
             const char *expected)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_units) *units = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);

  ck_assert_ok (dc_tree_memory (files, count, &tree, &err));
  ck_assert_ok (dc_units_load (tree, &units, &err));
  ck_assert_ok (print (units, &b, &err));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}

void
check_settings (const struct dc_memory_file *files, size_t count,
                const char *name, const char *expected)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_units) *units = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);

  ck_assert_ok (dc_tree_memory (files, count, &tree, &err));
  ck_assert_ok (dc_units_load (tree, &units, &err));
  const struct dc_unit *unit = dc_units_find (units, name);
  ck_assert_ptr_nonnull (unit);
  for (size_t i = 0; i < unit->setting_count; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "%s ", unit->settings[i].value));
  ck_assert_str_eq (dc_buffer_text (&b), expected);
}
