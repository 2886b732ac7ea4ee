/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/unit/unitconverted.h"

const char *
dc_unit_left_out (const struct dc_unit *unit,
                  const struct dc_services_template *template)
{
  const char *reason = dc_services_left_out (template, unit->name);

  for (size_t i = 0; reason == NULL && i < unit->aliases.count; i++)
    reason = dc_services_left_out (template, unit->aliases.items[i]);
  return reason;
}

bool
dc_unit_is_converted (const struct dc_unit *unit,
                      const struct dc_services_template *template)
{
  return unit->is_started && dc_unit_left_out (unit, template) == NULL;
}
