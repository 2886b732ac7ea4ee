/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transform/init/directiverows.h"

static const struct {
  const char *name;
  const struct dc_directive *rows;
  const size_t *count;
} sections[] = {
  { "Unit", dc_directive_unit, &dc_directive_unit_count },
  { "Install", dc_directive_install, &dc_directive_install_count },
  { "Timer", dc_directive_timer, &dc_directive_timer_count },
  { "Path", dc_directive_path, &dc_directive_path_count },
  { "Service", dc_directive_service, &dc_directive_service_count },
  { "Socket", dc_directive_socket, &dc_directive_socket_count },
};

static int
compare (const void *key, const void *row)
{
  const struct dc_directive *directive = row;

  return strcmp (key, directive->key);
}

const struct dc_directive *
dc_directive_rows (const char *section, size_t *count)
{
  for (size_t i = 0; i < DC_COUNT (sections); i++) {
    if (strcmp (sections[i].name, section) == 0) {
      *count = *sections[i].count;
      return sections[i].rows;
    }
  }
  *count = 0;
  return NULL;
}

const struct dc_directive *
dc_directive_find (const char *section, const char *key)
{
  size_t count;
  const struct dc_directive *rows = dc_directive_rows (section, &count);

  return rows == NULL ? NULL
                      : bsearch (key, rows, count, sizeof *rows, compare);
}

const char *
dc_fate_name (enum dc_fate fate)
{
  static const char *const names[] = {
    [DC_FATE_DONE] = "done",         [DC_FATE_MOOT] = "moot",
    [DC_FATE_CONFINED] = "confined", [DC_FATE_LIMITED] = "limited",
    [DC_FATE_IGNORED] = "ignored",   [DC_FATE_REFUSED] = "refused",
  };

  return names[fate];
}
