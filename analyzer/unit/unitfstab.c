/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/storage/mounts.h"
#include "analyzer/unit/unitfstab.h"
#include "analyzer/unit/unitgenerate.h"
#include "lib/buffer.h"
#include "lib/text.h"

#define FSTAB "/etc/fstab"

/* A line of fstab that becomes units. */
struct line {
  struct dc_generated generated;
  const struct dc_mount *mount;
  const char *options;
  char *what, *where; /* WHERE is NULL for a swap */
  char *unit;         /* "srv-data.mount" */
  bool is_root, is_noauto, is_nofail, is_automount;
};

static int
set (const struct line *line, const char *section, const char *key,
     const char *value, struct dc_error *err)
{
  return dc_generated_set (&line->generated, section, key, value, err);
}

/* VALUE may be the text of a guest, in which '%' is no specifier. */
static int
set_literal (const struct line *line, const char *section, const char *key,
             const char *value, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_FSTAB_SIZE_MAX * 2);

  for (const char *p = value; *p != '\0'; p++)
    if (dc_buffer_print (&b, err, *p == '%' ? "%%%%" : "%c", *p) < 0)
      return -1;
  return set (line, section, key, dc_buffer_text (&b), err);
}

/* The unit that an option names: a unit, or the path of a device or mount. */
static int
option_unit (struct dc_span value, char **unit, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  AUTO_FREE char *name = NULL;

  if (dc_span_copy (value, &text, err) < 0)
    return -1;
  if (dc_unit_kind (text) != DC_NAME_BAD) {
    *unit = DC_TAKE (text);
    return 0;
  }
  if (text[0] != '/')
    return dc_text_print (unit, err, "%s.service", text);
  if (dc_unit_escape_path (text, &name, err) < 0)
    return -1;
  return dc_text_print (unit, err, "%s.%s", name,
                        strncmp (text, "/dev/", 5) == 0 ? "device" : "mount");
}

/* The options that order the unit among others. */
static int
set_order (const struct line *line, struct dc_error *err)
{
  static const struct {
    const char *option, *key;
  } rows[] = {
    { "x-systemd.after=", "After" },
    { "x-systemd.requires=", "After" },
    { "x-systemd.requires=", "Requires" },
    { "x-systemd.before=", "Before" },
  };
  struct dc_span value;

  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    struct dc_span rest = dc_span_of (line->options);
    while (dc_fstab_next (&rest, rows[i].option, &value)) {
      AUTO_FREE char *unit = NULL;
      if (option_unit (value, &unit, err) < 0 ||
          set (line, "Unit", rows[i].key, unit, err) < 0)
        return -1;
    }
  }
  struct dc_span rest = dc_span_of (line->options);
  while (dc_fstab_next (&rest, "x-systemd.requires-mounts-for=", &value)) {
    AUTO_FREE char *path = NULL;
    if (dc_span_copy (value, &path, err) < 0 ||
        set_literal (line, "Unit", "RequiresMountsFor", path, err) < 0)
      return -1;
  }
  return 0;
}

static bool
is_device (const char *what)
{
  return strncmp (what, "/dev/", 5) == 0 || strncmp (what, "/sys/", 5) == 0;
}

/* After=blockdev@DEVICE.target. */
static int
set_device (const struct line *line, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;
  AUTO_FREE char *target = NULL;

  if (!is_device (line->what))
    return 0;
  if (dc_unit_escape_path (line->what, &name, err) < 0 ||
      dc_text_print (&target, err, "blockdev@%s.target", name) < 0)
    return -1;
  return set (line, "Unit", "After", target, err);
}

/* Checks of file systems, their growing and making are the machine's affair
 * and have no units here.
 */
static int
link_root (const struct line *line, struct dc_error *err)
{
  return dc_generated_link (&line->generated, "local-fs.target",
                            "systemd-remount-fs.service", err);
}

static const char *
target_of (const struct line *line)
{
  if (line->where == NULL)
    return "swap.target";
  return dc_fstab_is_network (line->mount->type, line->options)
             ? "remote-fs.target"
             : "local-fs.target";
}

/* Options that name who pulls the unit in, instead of the usual target. */
static const char *const pullers[] = { "x-systemd.wanted-by=",
                                       "x-systemd.required-by=" };

static bool
has_puller (const struct line *line)
{
  struct dc_span value;

  for (size_t i = 0; i < DC_COUNT (pullers) && !line->is_root; i++) {
    struct dc_span rest = dc_span_of (line->options);
    if (dc_fstab_next (&rest, pullers[i], &value))
      return true;
  }
  return false;
}

/* Who starts UNIT, the mount or the automount in its place. */
static int
link_unit (const struct line *line, const char *unit, struct dc_error *err)
{
  struct dc_span value;

  if (!has_puller (line))
    return line->is_noauto && !line->is_automount
               ? 0
               : dc_generated_link (&line->generated, target_of (line), unit,
                                    err);
  for (size_t i = 0; i < DC_COUNT (pullers); i++) {
    struct dc_span rest = dc_span_of (line->options);
    while (dc_fstab_next (&rest, pullers[i], &value)) {
      AUTO_FREE char *owner = NULL;
      if (option_unit (value, &owner, err) < 0 ||
          dc_generated_link (&line->generated, owner, unit, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* [Mount] or [Swap]. */
static int
set_mount (const struct line *line, struct dc_error *err)
{
  const char *section = line->where != NULL ? "Mount" : "Swap";
  const char *type = line->mount->type;
  struct dc_span rest = dc_span_of (line->options), timeout;

  if (set_literal (line, section, "What", line->what, err) < 0)
    return -1;
  if (line->where != NULL &&
      (set_literal (line, section, "Where", line->where, err) < 0 ||
       (strcmp (type, "auto") != 0 &&
        set_literal (line, section, "Type", type, err) < 0)))
    return -1;
  if (line->where != NULL &&
      dc_fstab_next (&rest, "x-systemd.mount-timeout=", &timeout)) {
    AUTO_FREE char *text = NULL;
    if (dc_span_copy (timeout, &text, err) < 0 ||
        set (line, section, "TimeoutSec", text, err) < 0)
      return -1;
  }
  if (strcmp (line->options, "defaults") != 0 &&
      set_literal (line, section, "Options", line->options, err) < 0)
    return -1;
  return dc_fstab_has (line->options, "x-systemd.rw-only") &&
                 line->where != NULL
             ? set (line, section, "ReadWriteOnly", "yes", err)
             : 0;
}

/* What stands before what, when nothing special is said. */
static int
set_target (const struct line *line, struct dc_error *err)
{
  static const char *const keys[][2] = {
    { "DefaultDependencies", "no" },
    { "Conflicts", "umount.target" },
    { "Before", "umount.target" },
  };

  if (!has_puller (line))
    return line->is_nofail
               ? 0
               : set (line, "Unit", "Before", target_of (line), err);
  for (size_t i = 0; i < DC_COUNT (keys); i++)
    if (set (line, "Unit", keys[i][0], keys[i][1], err) < 0)
      return -1;
  return 0;
}

/* Make the unit of LINE: 1, 0 when another goes before, -1. */
static int
make_unit (struct line *line, struct dc_error *err)
{
  const int status = dc_generated_add (&line->generated, line->unit, err);

  if (status <= 0)
    return status;
  if (set (line, "Unit", "SourcePath", FSTAB, err) < 0 ||
      set_order (line, err) < 0 ||
      (line->where != NULL && set_target (line, err) < 0) ||
      set_device (line, err) < 0 || set_mount (line, err) < 0)
    return -1;
  return 1;
}

/* The automount of LINE, which then starts in place of the mount. */
static int
make_automount (struct line *line, const char *unit, struct dc_error *err)
{
  struct dc_span rest = dc_span_of (line->options), idle;
  AUTO_FREE char *text = NULL;
  const int status = dc_generated_add (&line->generated, unit, err);

  if (status <= 0)
    return status;
  if (set (line, "Unit", "SourcePath", FSTAB, err) < 0 ||
      set_literal (line, "Automount", "Where", line->where, err) < 0)
    return -1;
  if (dc_fstab_next (&rest, "x-systemd.idle-timeout=", &idle) &&
      (dc_span_copy (idle, &text, err) < 0 ||
       set (line, "Automount", "TimeoutIdleSec", text, err) < 0))
    return -1;
  return link_unit (line, unit, err);
}

/* LINE has its places; NAME is the escaped one, without a type. */
static int
make_units (struct line *line, const char *name, struct dc_error *err)
{
  AUTO_FREE char *automount = NULL;
  const char *type = line->where != NULL ? "mount" : "swap";

  if (dc_text_print (&line->unit, err, "%s.%s", name, type) < 0 ||
      dc_text_print (&automount, err, "%s.automount", name) < 0)
    return -1;
  if (dc_unit_kind (line->unit) == DC_NAME_BAD ||
      dc_unit_kind (automount) == DC_NAME_BAD)
    return 0;
  const int status = make_unit (line, err);
  if (status <= 0)
    return status;
  if (line->is_root && link_root (line, err) < 0)
    return -1;
  return line->is_automount ? make_automount (line, automount, err)
                            : link_unit (line, line->unit, err);
}

static int
read_line (struct line *line, struct dc_error *err)
{
  const struct dc_mount *mount = line->mount;
  const struct dc_tree *tree = line->generated.loader->tree;
  const bool is_swap = strcmp (mount->type, "swap") == 0;
  AUTO_FREE char *name = NULL;

  if (dc_fstab_node (mount->device, &line->what, err) < 0)
    return -1;
  const char *written = is_swap ? line->what : mount->mountpoint;
  if (written[0] != '/' || strlen (written) > DC_FSTAB_PLACE_MAX)
    return 0;
  if (!is_swap &&
      dc_fstab_place (tree, mount->mountpoint, &line->where, err) < 0)
    return -1;
  if (!is_swap && dc_fstab_is_api (line->where))
    return 0;
  line->is_root = !is_swap && strcmp (line->where, "/") == 0;
  if (!line->is_root) {
    line->is_noauto = dc_fstab_is (mount->options, "noauto", "auto");
    line->is_nofail = dc_fstab_is (mount->options, "nofail", "fail");
    line->is_automount =
        !is_swap &&
        (dc_fstab_has (mount->options, "x-systemd.automount") ||
         dc_fstab_has (mount->options, "comment=systemd.automount"));
  }
  const char *place = is_swap ? line->what : line->where;
  return dc_unit_escape_path (place, &name, err) < 0
             ? -1
             : make_units (line, name, err);
}

int
dc_fstab_load (struct dc_loader *loader, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_FSTAB_SIZE_MAX);
  struct dc_mounts mounts = { NULL, 0 };

  int status = dc_generator_file (loader->tree, FSTAB, &b, err);
  if (status <= 0)
    return status;
  if (dc_mounts_parse (dc_buffer_text (&b), b.size, &mounts, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  status = 0;
  for (size_t i = 0; i < mounts.count && i < DC_GENERATED_MAX && status >= 0;
       i++) {
    struct line line = {
      .generated = { .loader = loader,
                     .file = FSTAB,
                     .line = mounts.items[i].line },
      .mount = &mounts.items[i],
      .options = mounts.items[i].options,
    };
    status = read_line (&line, err);
    free (line.what);
    free (line.where);
    free (line.unit);
  }
  dc_mounts_release (&mounts);
  return status < 0 ? -1 : 0;
}
