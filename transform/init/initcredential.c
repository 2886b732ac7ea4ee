/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/quote.h"
#include "transform/init/initcompiler.h"

#define CREDENTIAL_NAME_MAX 255 /* bytes */

/* Where a credential without a path is looked for, in this order: systemd
 * 252's folders; the first is there to be mounted.
 */
static const char *const stores[] = {
  "/run/credstore",
  "/etc/credstore",
  "/usr/local/lib/credstore",
  "/usr/lib/credstore",
};

/* The name of a file, and of a descriptor. */
static bool
is_name (const char *name, size_t size)
{
  if (size == 0 || size > CREDENTIAL_NAME_MAX || name[0] == '.')
    return false;
  for (size_t i = 0; i < size; i++) {
    if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
      return false;
  }
  return true;
}

/* The path of the credential NAME into PATH: 1; 0 where the guest has none,
 * then where it may be mounted.
 */
static int
find_stored (const struct dc_initservice *service, const char *name,
             struct dc_buffer *path, struct dc_error *err)
{
  for (size_t i = DC_COUNT (stores); i-- > 0;) {
    dc_buffer_clear (path);
    if (dc_buffer_print (path, err, "%s/%s", stores[i], name) < 0)
      return -1;
    if (i > 0 && dc_tree_resolve (service->compiler->tree,
                                  dc_buffer_text (path)) != DC_TREE_NONE)
      return 1;
  }
  return 0;
}

/* Is there a SetCredential= for NAME? */
static bool
has_text (const struct dc_initservice *service, const char *name)
{
  const struct dc_setting *setting;
  const size_t size = strlen (name);
  size_t position = 0;

  while (dc_unit_next (service->unit, "Service", "SetCredential", &position,
                       &setting) == 1) {
    if (strncmp (setting->value, name, size) == 0 &&
        setting->value[size] == ':')
      return true;
  }
  return false;
}

/* One LoadCredential=: "NAME:PATH", or "NAME" of a store. */
static int
write_file (const struct dc_initservice *service,
            const struct dc_setting *setting, struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
  const int status = dc_init_expand (service, setting, &value, err);

  if (status <= 0)
    return status;
  const size_t size = strcspn (value, ":");
  const char *given = value[size] == ':' ? value + size + 1 : value;
  if (!is_name (value, size))
    return dc_init_note_value (service, setting, err);
  value[size] = '\0';
  if (given[0] == '/')
    return dc_initline (service->lines, err, "credential", "file", value, given,
                        NULL);
  if (!is_name (given, strlen (given)))
    return dc_init_note_value (service, setting, err);
  const int is_found = find_stored (service, given, &path, err);
  if (is_found < 0 ||
      (is_found == 0 && !has_text (service, value) &&
       dc_init_note (service->compiler, service->unit, setting, err,
                     "credential '%s' is not in the guest: mount it at '%s'",
                     dc_quote (value).text,
                     dc_quote (dc_buffer_text (&path)).text) < 0))
    return -1;
  return dc_initline (service->lines, err, "credential", "file", value,
                      dc_buffer_text (&path), NULL);
}

/* One SetCredential=: "NAME:TEXT", whose escapes mean bytes. */
static int
write_text (const struct dc_initservice *service,
            const struct dc_setting *setting, struct dc_error *err)
{
  const size_t size = strcspn (setting->value, ":");
  AUTO_FREE char *name = strndup (setting->value, size);
  AUTO_FREE char *text = NULL;

  if (name == NULL)
    return dc_fail_errno (err, "cannot keep a credential");
  if (setting->value[size] != ':' || !is_name (name, size))
    return dc_init_note_value (service, setting, err);
  if (dc_unit_text (setting->value + size + 1, &text, err) < 0)
    return -1;
  return dc_initline (service->lines, err, "credential", "text", name, text,
                      NULL);
}

int
dc_init_credentials (struct dc_initservice *service, struct dc_error *err)
{
  static const struct {
    const char *key;
    int (*write) (const struct dc_initservice *service,
                  const struct dc_setting *setting, struct dc_error *err);
  } kinds[] = {
    { "LoadCredential", write_file },
    { "SetCredential", write_text },
  };

  for (size_t i = 0; i < DC_COUNT (kinds); i++) {
    const struct dc_setting *setting;
    size_t position = 0;
    while (dc_unit_next (service->unit, "Service", kinds[i].key, &position,
                         &setting) == 1) {
      if (kinds[i].write (service, setting, err) < 0)
        return -1;
    }
  }
  return 1;
}
