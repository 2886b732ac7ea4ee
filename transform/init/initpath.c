/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transform/init/inittrigger.h"

#define BURST 200 /* TriggerLimitBurst= of a path */

static int
write_watch (struct dc_initservice *trigger, const char *event,
             const struct dc_setting *setting, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  const int status = dc_init_expand (trigger, setting, &path, err);

  if (status <= 0)
    return status;
  if (path[0] != '/')
    return dc_init_note_value (trigger, setting, err);
  return dc_initline (trigger->lines, err, "watch", event, path, NULL);
}

int
dc_init_path (struct dc_initservice *trigger, struct dc_error *err)
{
  static const struct dc_init_key keys[] = {
    { "PathExists", "exists" },        { "PathExistsGlob", "glob" },
    { "PathChanged", "changed" },      { "PathModified", "modified" },
    { "DirectoryNotEmpty", "filled" },
  };
  static const struct dc_init_rule rules[] = {
    { "MakeDirectory", DC_FORM_FLAG, "make-folder", NULL },
    { "DirectoryMode", DC_FORM_MODE, "folder-mode", NULL },
  };

  if (dc_init_keys (trigger, "Path", keys, DC_COUNT (keys), write_watch, err) <
          0 ||
      dc_init_rules (trigger, "Path", rules, DC_COUNT (rules), err) < 0 ||
      dc_init_trigger_limit (trigger, "Path", BURST, err) < 0)
    return -1;
  return 1;
}
