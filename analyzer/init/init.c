/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/init/init.h"
#include "analyzer/init/inittab.h"
#include "lib/buffer.h"
#include "lib/span.h"
#include "lib/text.h"
#include "lib/tree/glob.h"

#define BOOT_FILE_MAX ((size_t) 1024 * 1024) /* bytes of a boot loader's */
#define RC_FILE_MAX ((size_t) 256 * 1024)    /* bytes of /etc/init.d/rc */

/* Programs by the last component of their path. */
static const struct {
  const char *name;
  enum dc_manager manager;
} names[] = {
  { "busybox", DC_MANAGER_BUSYBOX }, { "openrc-init", DC_MANAGER_OPENRC },
  { "runit", DC_MANAGER_RUNIT },     { "runit-init", DC_MANAGER_RUNIT },
  { "systemd", DC_MANAGER_SYSTEMD }, { "sysvinit", DC_MANAGER_SYSVINIT },
  { "upstart", DC_MANAGER_UPSTART },
};

/* Programs that are only called "init", by what they hold. */
static const struct {
  const char *text;
  enum dc_manager manager;
} texts[] = {
  { "OpenRC init version", DC_MANAGER_OPENRC },
  { "INIT_VERSION=sysvinit", DC_MANAGER_SYSVINIT },
  { "INIT: version", DC_MANAGER_SYSVINIT },
  { "upstart", DC_MANAGER_UPSTART },
  { "libsystemd-shared", DC_MANAGER_SYSTEMD },
  { "BusyBox v", DC_MANAGER_BUSYBOX },
};

/* Where boot loaders keep the command lines of kernels. */
static const char *const boot_files[] = {
  "/boot/grub/grub.cfg",         "/boot/grub2/grub.cfg",
  "/boot/grub/menu.lst",         "/boot/extlinux/extlinux.conf",
  "/boot/loader/entries/*.conf", "/etc/kernel/cmdline",
};

static int
keep (struct dc_init *init, enum dc_manager manager, const char *file,
      unsigned line, struct dc_error *err)
{
  char *copy = strdup (file);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep evidence");
  free (init->evidence.file);
  init->evidence = (struct dc_evidence){ copy, line };
  init->manager = manager;
  init->is_known = true;
  return 1;
}

/* "init=/lib/systemd/systemd" of a line with a kernel's arguments. */
static int
read_boot_line (struct dc_span line, char **path, struct dc_error *err)
{
  struct dc_span word, head;

  line = dc_span_trim (line);
  struct dc_span rest = line;
  if (!dc_span_word (&rest, &head) || *head.text == '#')
    return 0;
  while (dc_span_word (&rest, &word))
    if (dc_span_starts (word, "init=/"))
      return dc_span_copy (dc_span_skip (word, strlen ("init=")), path, err) < 0
                 ? -1
                 : 1;
  return 0;
}

/* The first command line with init= in the file at PATH. */
static int
read_boot_file (struct dc_tree *tree, const char *file, char **path,
                unsigned *number, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (BOOT_FILE_MAX);
  int status = dc_tree_read_file (tree, file, &b, err);

  if (status <= 0)
    return status < 0 && err->code == DC_ERR_SYSTEM ? -1 : 0;
  struct dc_span rest = { dc_buffer_text (&b), b.size }, line;
  if (dc_span_has (rest, '\0'))
    return 0;
  for (*number = 1; dc_span_line (&rest, &line); ++*number) {
    status = read_boot_line (line, path, err);
    if (status != 0)
      return status;
  }
  return 0;
}

/* What a boot loader says: 1, *PATH, *FILE and *LINE; 0; -1. */
static int
find_argument (struct dc_tree *tree, char **path, char **file, unsigned *line,
               struct dc_error *err)
{
  AUTO_WORDS struct dc_words files = { NULL, 0 };

  for (size_t i = 0; i < DC_COUNT (boot_files); i++)
    if (dc_tree_glob (tree, boot_files[i], &files, err) < 0)
      return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < files.count; i++) {
    const int status = read_boot_file (tree, files.items[i], path, line, err);
    if (status <= 0) {
      if (status < 0)
        return -1;
      continue;
    }
    *file = strdup (files.items[i]);
    return *file != NULL ? 1 : dc_fail_errno (err, "cannot keep a path");
  }
  return 0;
}

/* The manager that a program is: 1 and *MANAGER, 0, -1. */
static int
look_inside (struct dc_tree *tree, uint32_t index, enum dc_manager *manager,
             struct dc_error *err)
{
  const struct dc_entry *entry = &tree->entries[index];
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_INIT_PROGRAM_MAX);

  if (!S_ISREG (entry->mode) || entry->size > DC_INIT_PROGRAM_MAX)
    return 0;
  const size_t size = (size_t) entry->size;
  if (dc_buffer_reserve (&b, size, err) < 0 ||
      dc_tree_read (tree, index, 0, b.data, size, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  for (size_t i = 0; i < DC_COUNT (texts); i++)
    if (memmem (b.data, size, texts[i].text, strlen (texts[i].text)) != NULL) {
      *manager = texts[i].manager;
      return 1;
    }
  return 0;
}

static int
find_manager (struct dc_tree *tree, uint32_t index, enum dc_manager *manager,
              struct dc_error *err)
{
  const char *name = tree->entries[index].name;

  for (size_t i = 0; i < DC_COUNT (names); i++)
    if (strcmp (name, names[i].name) == 0) {
      *manager = names[i].manager;
      return 1;
    }
  return look_inside (tree, index, manager, err);
}

/* Is the program at PATH there, and which manager is it?  1 when it is there.
 */
static int
try_program (struct dc_tree *tree, struct dc_init *init, const char *path,
             const char *file, unsigned line, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  const uint32_t index = dc_tree_resolve (tree, path);
  enum dc_manager manager = DC_MANAGER_SYSTEMD;

  if (index == DC_TREE_NONE || !S_ISREG (tree->entries[index].mode))
    return 0;
  if (dc_tree_path (tree, index, &b, err) < 0 ||
      dc_text_print (&init->program, err, "/%s", dc_buffer_text (&b)) < 0)
    return -1;
  const int status = find_manager (tree, index, &manager, err);
  if (status < 0)
    return -1;
  return status == 0 || keep (init, manager, file, line, err) > 0 ? 1 : -1;
}

/* The first process, as the kernel would find it. */
static int
find_program (struct dc_tree *tree, struct dc_init *init, struct dc_error *err)
{
  static const char *const usual[] = { "/sbin/init", "/etc/init", "/bin/init" };
  AUTO_FREE char *path = NULL;
  AUTO_FREE char *file = NULL;
  unsigned line = 0;

  int status = find_argument (tree, &path, &file, &line, err);
  if (status > 0)
    status = try_program (tree, init, path, file, line, err);
  for (size_t i = 0; i < DC_COUNT (usual) && status == 0; i++)
    status = try_program (tree, init, usual[i], usual[i], 0, err);
  return status < 0 ? -1 : 0;
}

/* Does the script that inittab runs for a level call OpenRC?  Debian's does.
 */
static int
calls_openrc (struct dc_tree *tree, const char *process, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (RC_FILE_MAX);
  AUTO_FREE char *path = NULL;
  struct dc_span rest = dc_span_of (process), word;

  if (!dc_span_word (&rest, &word))
    return 0;
  if (dc_span_compare (word, dc_span_of ("/sbin/openrc")) == 0 ||
      dc_span_compare (word, dc_span_of ("/sbin/rc")) == 0 ||
      dc_span_compare (word, dc_span_of ("openrc")) == 0)
    return 1;
  if (!dc_span_starts (word, "/etc/"))
    return 0;
  if (dc_span_copy (word, &path, err) < 0)
    return -1;
  const int found = dc_tree_read_file (tree, path, &b, err);
  if (found <= 0)
    return found < 0 && err->code == DC_ERR_SYSTEM ? -1 : 0;
  return memmem (b.data, b.size, "/sbin/openrc ", 13) != NULL;
}

static int
set_level (struct dc_init *init, const char *level, struct dc_error *err)
{
  init->runlevel = strdup (level);
  return init->runlevel != NULL ? 0
                                : dc_fail_errno (err, "cannot keep a level");
}

/* What inittab says: the run level, and whether OpenRC does the rest. */
static int
read_inittab (struct dc_tree *tree, struct dc_init *init, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_INITTAB_SIZE_MAX);
  DC_AUTO (dc_inittab) *inittab = NULL;
  unsigned line = 0;

  if (dc_tree_read_file (tree, DC_INITTAB_FILE, &b, err) < 0 ||
      dc_inittab_parse (dc_buffer_text (&b), b.size, &inittab, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0; /* its reader will say it */
  const char level[2] = { dc_inittab_level (inittab, &line), '\0' };
  for (size_t i = 0; i < inittab->count; i++) {
    if (!dc_inittab_runs_in (&inittab->items[i], level[0]))
      continue;
    const int status = calls_openrc (tree, inittab->items[i].process, err);
    if (status < 0)
      return -1;
    if (status > 0)
      return keep (init, DC_MANAGER_OPENRC, DC_INITTAB_FILE,
                   inittab->items[i].line, err) < 0
                 ? -1
                 : 0;
  }
  return level[0] != '\0' ? set_level (init, level, err) : 0;
}

/* Without a first process: what its manager would start is there. */
static int
guess (struct dc_tree *tree, struct dc_init *init, struct dc_error *err)
{
  static const struct {
    const char *path;
    enum dc_manager manager;
  } signs[] = {
    { "/etc/systemd/system/default.target", DC_MANAGER_SYSTEMD },
    { "/lib/systemd/system/default.target", DC_MANAGER_SYSTEMD },
    { "/usr/lib/systemd/system/default.target", DC_MANAGER_SYSTEMD },
    { "/etc/runlevels/default", DC_MANAGER_OPENRC },
    { "/etc/inittab", DC_MANAGER_SYSVINIT },
  };

  for (size_t i = 0; i < DC_COUNT (signs); i++)
    if (dc_tree_resolve (tree, signs[i].path) != DC_TREE_NONE)
      return keep (init, signs[i].manager, signs[i].path, 0, err) < 0 ? -1 : 0;
  return 0;
}

int
dc_init_find (struct dc_tree *tree, struct dc_init *init, struct dc_error *err)
{
  if (find_program (tree, init, err) < 0 ||
      (!init->is_known && guess (tree, init, err) < 0))
    return -1;
  if (init->is_known &&
      (init->manager == DC_MANAGER_SYSVINIT ||
       init->manager == DC_MANAGER_BUSYBOX) &&
      read_inittab (tree, init, err) < 0)
    return -1;
  if (init->is_known && init->manager == DC_MANAGER_OPENRC)
    return set_level (init, "default", err);
  if (init->is_known && init->manager == DC_MANAGER_UPSTART &&
      init->runlevel == NULL)
    return set_level (init, "2", err); /* DEFAULT_RUNLEVEL of its jobs */
  return 0;
}

void
dc_init_release (struct dc_init *init)
{
  free (init->program);
  free (init->runlevel);
  free (init->evidence.file);
  *init = (struct dc_init){ .is_known = false };
}
