/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/assign.h"
#include "analyzer/system/foreign.h"
#include "lib/span.h"
#include "lib/text.h"

#define VERSION_FILE_MAX ((size_t) 64 * 1024) /* bytes */

struct system {
  const char *id, *name;
  const char *signs[3]; /* all of them are there; the first is the proof */
  const char *file;     /* has the version; NULL */
  int (*read) (const struct system *system, struct dc_span text,
               struct dc_osrel *osrel, struct dc_error *err);
};

static int
set_text (char **target, struct dc_span text, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;

  if (dc_span_copy (text, &copy, err) < 0)
    return -1;
  free (*target);
  *target = DC_TAKE (copy);
  return 0;
}

/* "NAME VERSION ..." or "NAME VERSION/MACHINE" in the first line with text. */
static int
read_line (const struct system *system, struct dc_span text,
           struct dc_osrel *osrel, struct dc_error *err)
{
  struct dc_span line = { "", 0 }, word;

  (void) system; /* the line says it all */
  while (line.size == 0 && dc_span_line (&text, &line))
    line = dc_span_trim (line);
  if (line.size == 0 || dc_span_has (line, '\0'))
    return 0;
  if (set_text (&osrel->pretty_name, line, err) < 0)
    return -1;
  for (struct dc_span rest = line; dc_span_word (&rest, &word);) {
    const size_t lead = *word.text == 'r' || *word.text == 'v'; /* "r151046" */
    if (word.size <= lead || !isdigit ((unsigned char) word.text[lead]))
      continue;
    const char *slash = memchr (word.text, '/', word.size);
    if (slash != NULL)
      word.size = (size_t) (slash - word.text);
    return set_text (&osrel->version_id, word, err);
  }
  return 0;
}

/* Solaris and what came of it have the same files, and name themselves. */
static int
read_solaris (const struct system *system, struct dc_span text,
              struct dc_osrel *osrel, struct dc_error *err)
{
  static const struct {
    const char *word, *id, *name;
  } kinds[] = {
    { "OpenIndiana", "openindiana", "OpenIndiana" },
    { "OmniOS", "omnios", "OmniOS" },
    { "SmartOS", "smartos", "SmartOS" },
    { "Tribblix", "tribblix", "Tribblix" },
    { "Solaris", "solaris", "Solaris" },
  };

  if (read_line (system, text, osrel, err) < 0)
    return -1;
  for (size_t i = 0; osrel->pretty_name != NULL && i < DC_COUNT (kinds); i++) {
    if (strstr (osrel->pretty_name, kinds[i].word) == NULL)
      continue;
    return set_text (&osrel->name, dc_span_of (kinds[i].name), err) < 0
               ? -1
               : set_text (&osrel->id, dc_span_of (kinds[i].id), err);
  }
  return 0;
}

/* FreeBSD's program that says the version is a script with it. */
static int
read_freebsd (const struct system *system, struct dc_span text,
              struct dc_osrel *osrel, struct dc_error *err)
{
  const struct dc_assign row = { "USERLAND_VERSION", &osrel->version_id };

  (void) system; /* found by its file */
  return dc_assign_read (text.text, text.size, &row, 1, err);
}

/* <key>ProductVersion</key> <string>13.4</string> */
static int
read_macos (const struct system *system, struct dc_span text,
            struct dc_osrel *osrel, struct dc_error *err)
{
  static const char key[] = "<key>ProductVersion</key>", open[] = "<string>";

  (void) system; /* found by its file */
  if (dc_span_has (text, '\0'))
    return 0;
  const char *value = strstr (text.text, key);
  if (value != NULL)
    value = strstr (value, open);
  if (value == NULL)
    return 0;
  value += sizeof open - 1;
  const struct dc_span version = { value, strcspn (value, "<\n") };
  return version.size > 0 ? set_text (&osrel->version_id, version, err) : 0;
}

static const struct system systems[] = {
  { "windows", "Windows", { "Windows/System32/config/SOFTWARE" }, NULL, NULL },
  { "windows", "Windows", { "WINNT/System32/config/software" }, NULL, NULL },
  { "windows", "Windows", { "Windows/System32/ntoskrnl.exe" }, NULL, NULL },
  { "reactos", "ReactOS", { "ReactOS/System32" }, NULL, NULL },
  { "freebsd",
    "FreeBSD",
    { "bin/freebsd-version" },
    "bin/freebsd-version",
    read_freebsd },
  { "freebsd", "FreeBSD", { "etc/freebsd-update.conf" }, NULL, NULL },
  { "dragonfly", "DragonFly BSD", { "boot/dloader.menu" }, NULL, NULL },
  { "openbsd", "OpenBSD", { "bsd", "etc/myname" }, "etc/motd", read_line },
  { "netbsd", "NetBSD", { "netbsd", "etc/rc.conf" }, "etc/release", read_line },
  { "illumos",
    "illumos",
    { "etc/release", "etc/vfstab" },
    "etc/release",
    read_solaris },
  { "minix",
    "MINIX",
    { "etc/version", "service/vm", "etc/rc" },
    "etc/version",
    read_line },
  { "macos",
    "macOS",
    { "System/Library/CoreServices/SystemVersion.plist" },
    "System/Library/CoreServices/SystemVersion.plist",
    read_macos },
  { "aix", "AIX", { "etc/objrepos", "usr/lpp/bos" }, NULL, NULL },
  { "hurd", "GNU/Hurd", { "hurd/console", "hurd/hello" }, NULL, NULL },
  { "freedos", "FreeDOS", { "FDOS" }, NULL, NULL },
  { "freedos", "FreeDOS", { "KERNEL.SYS", "COMMAND.COM" }, NULL, NULL },
  { "dos", "DOS", { "IO.SYS", "MSDOS.SYS" }, NULL, NULL },
  { "dos", "DOS", { "IBMBIO.COM", "IBMDOS.COM" }, NULL, NULL },
};

static uint32_t
find_child (const struct dc_tree *tree, uint32_t folder, struct dc_span name)
{
  uint32_t child = tree->entries[folder].first_child;

  for (; child != DC_TREE_NONE; child = tree->entries[child].next_sibling)
    if (strncasecmp (tree->entries[child].name, name.text, name.size) == 0 &&
        tree->entries[child].name[name.size] == '\0')
      return child;
  return DC_TREE_NONE;
}

uint32_t
dc_foreign_find (const struct dc_tree *tree, const char *path)
{
  struct dc_span rest = dc_span_of (path), name;
  uint32_t at = 0;

  while (at != DC_TREE_NONE && dc_span_field (&rest, '/', &name))
    at = find_child (tree, at, name);
  return at;
}

static bool
shows (const struct dc_tree *tree, const struct system *system)
{
  for (size_t i = 0; i < DC_COUNT (system->signs); i++)
    if (system->signs[i] != NULL &&
        dc_foreign_find (tree, system->signs[i]) == DC_TREE_NONE)
      return false;
  return true;
}

/* The path of what the sign is here, in its own case. */
static int
take_path (const struct dc_tree *tree, const char *sign, char **out,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  if (dc_tree_path (tree, dc_foreign_find (tree, sign), &b, err) < 0)
    return -1;
  return dc_text_print (out, err, "/%s", dc_buffer_text (&b));
}

static int
read_version (struct dc_tree *tree, const struct system *system,
              struct dc_osrel *osrel, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (VERSION_FILE_MAX);

  if (system->file == NULL)
    return 0;
  const int found = dc_tree_read_file (tree, system->file, &b, err);
  if (found < 0)
    return err->code == DC_ERR_LIMIT ? 0 : -1; /* the name stands without it */
  const struct dc_span text = { dc_buffer_text (&b), b.size };
  return found == 0 ? 0 : system->read (system, text, osrel, err);
}

static int
make (struct dc_tree *tree, const struct system *system, struct dc_osrel **out,
      struct dc_error *err)
{
  DC_AUTO (dc_osrel) *osrel = calloc (1, sizeof *osrel);

  if (osrel == NULL)
    return dc_fail_errno (err, "cannot keep the operating system");
  if (set_text (&osrel->id, dc_span_of (system->id), err) < 0 ||
      set_text (&osrel->name, dc_span_of (system->name), err) < 0 ||
      take_path (tree, system->signs[0], &osrel->file, err) < 0 ||
      read_version (tree, system, osrel, err) < 0)
    return -1;
  osrel->is_inferred = true;
  *out = DC_TAKE (osrel);
  return 0;
}

int
dc_foreign_load (struct dc_tree *tree, struct dc_osrel **out,
                 struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (systems); i++)
    if (shows (tree, &systems[i]))
      return make (tree, &systems[i], out, err) < 0 ? -1 : 1;
  return 0;
}
