/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/system/kernelfacts.h"
#include "templates/templates.h"
#include "lib/span.h"
#include "analyzer/unit/unitconverted.h"

#define MODPROBE_UNIT "modprobe@"

/* Devices that every container has: runtime-spec, "Default Devices". */
static bool
is_everywhere (struct dc_span path)
{
  static const char *const names[] = {
    "/dev/null",    "/dev/zero",   "/dev/full",   "/dev/random",
    "/dev/urandom", "/dev/tty",    "/dev/ptmx",   "/dev/console",
    "/dev/stdin",   "/dev/stdout", "/dev/stderr", "/dev/log",
  };
  static const char *const folders[] = { "/dev/shm", "/dev/pts", "/dev/fd",
                                         "/dev/mqueue" };

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (dc_span_is (path, names[i]))
      return true;
  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (dc_span_starts (path, folders[i]))
      return true;
  return false;
}

static int
add_device (struct dc_kernel *kernel, struct dc_span path,
            const struct dc_unit *unit, const struct dc_setting *setting,
            struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (is_everywhere (path) || dc_span_has (path, '\0'))
    return 0;
  if (dc_span_copy (path, &text, err) < 0)
    return -1;
  return dc_kernel_add (&kernel->devices, text, NULL, unit->name,
                        (struct dc_proof){ setting->file, setting->line }, err);
}

/* "DeviceAllow=/dev/net/tun rw", "char-tty" and patterns too. */
static int
read_allowed (const struct dc_unit *unit, struct dc_kernel *kernel,
              struct dc_error *err)
{
  const struct dc_setting *setting;
  size_t position = 0;

  while (dc_unit_next (unit, "Service", "DeviceAllow", &position, &setting) >
         0) {
    struct dc_span rest = dc_span_of (setting->value), word;
    if (dc_span_word (&rest, &word) &&
        add_device (kernel, word, unit, setting, err) < 0)
      return -1;
  }
  return 0;
}

/* Devices and modprobe in a command line. */
static int
read_command (const struct dc_unit *unit, const struct dc_setting *setting,
              struct dc_kernel *kernel, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (setting->value), word;
  bool is_modprobe = false;

  for (size_t i = 0; dc_span_word (&rest, &word); i++) {
    const char *equals = memchr (word.text, '=', word.size);
    AUTO_FREE char *name = NULL;
    if (i == 0) {
      is_modprobe = word.size >= 8 &&
                    memcmp (word.text + word.size - 8, "modprobe", 8) == 0;
      continue;
    }
    if (equals != NULL && *word.text == '-')
      word = dc_span_skip (word, (size_t) (equals + 1 - word.text));
    if (dc_span_starts (word, "/dev/") &&
        add_device (kernel, word, unit, setting, err) < 0)
      return -1;
    if (!is_modprobe || *word.text == '-' || *word.text == '%' ||
        dc_span_has (word, '/') || equals != NULL)
      continue;
    if (dc_span_copy (word, &name, err) < 0 ||
        dc_kernel_add (&kernel->modules, name, NULL, unit->name,
                       (struct dc_proof){ setting->file, setting->line },
                       err) < 0)
      return -1;
  }
  return 0;
}

static int
read_service (const struct dc_unit *unit, struct dc_kernel *kernel,
              struct dc_error *err)
{
  static const char *const keys[] = { "ExecStartPre", "ExecStart" };

  if (read_allowed (unit, kernel, err) < 0)
    return -1;
  for (size_t k = 0; k < DC_COUNT (keys); k++) {
    const struct dc_setting *setting;
    size_t position = 0;
    while (dc_unit_next (unit, "Service", keys[k], &position, &setting) > 0)
      if (read_command (unit, setting, kernel, err) < 0)
        return -1;
  }
  return 0;
}

int
dc_kernel_services (const struct dc_profile *profile, struct dc_kernel *kernel,
                    struct dc_error *err)
{
  DC_AUTO (dc_services_template) *template = NULL;

  if (dc_services_template_load (&template, err) < 0)
    return -1;
  for (size_t i = 0; i < profile->units->count; i++) {
    const struct dc_unit *unit = &profile->units->items[i];
    if (!dc_unit_is_converted (unit, template) ||
        strncmp (unit->name, MODPROBE_UNIT, sizeof MODPROBE_UNIT - 1) == 0)
      continue; /* those of the system itself a container does not run */
    if (read_service (unit, kernel, err) < 0)
      return -1;
  }
  return 0;
}
