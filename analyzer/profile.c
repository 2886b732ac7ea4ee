/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/init/initload.h"
#include "analyzer/init/scriptdaemon.h"
#include "analyzer/package/packagesection.h"
#include "analyzer/profile.h"
#include "analyzer/section.h"
#include "analyzer/system/windowssection.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define OLD_HOSTNAME_FILE "/etc/sysconfig/network"
#define HOSTNAME_FILE_MAX ((size_t) 4096) /* bytes: a name and comments */

/* Linux sees no file behind a link that leads nowhere, but people wonder. */
static int
note_bad_link (struct dc_tree *tree, struct dc_profile *profile,
               struct dc_error *err)
{
  static const char file[] = "/etc/os-release";

  if (dc_tree_find (tree, file + 1) == DC_TREE_NONE ||
      dc_tree_resolve (tree, file) != DC_TREE_NONE)
    return 0;
  return dc_profile_note (profile, "os.link", file, 0, err,
                          "'%s' is a link that leads nowhere", file);
}

static int
read_os (struct dc_tree *tree, struct dc_profile *profile, struct dc_error *err)
{
  if (note_bad_link (tree, profile, err) < 0)
    return -1;
  const int found = dc_osrel_load (tree, &profile->os, err);
  if (found < 0)
    return -1;
  if (found == 0)
    return dc_profile_note (profile, "os.unknown", NULL, 0, err,
                            "no file says which distribution and release this "
                            "is");
  const struct dc_osrel *os = profile->os;
  if (os->problem != NULL && dc_profile_note (profile, "os.unreadable", NULL, 0,
                                              err, "%s", os->problem) < 0)
    return -1;
  if (dc_osrel_is_linux (os))
    return 0;
  if (strcmp (os->id, "windows") == 0 &&
      dc_windows_read (tree, profile, err) < 0)
    return -1;
  return dc_profile_note (profile, "os.foreign", os->file, 0, err,
                          "%s, not analysed further",
                          dc_quote (os->name != NULL ? os->name : os->id).text);
}

static int
read_arch (struct dc_tree *tree, struct dc_profile *profile,
           struct dc_error *err)
{
  const int found =
      dc_elf_arch (tree, &profile->arch, &profile->arch_variant, err);

  return found != 0
             ? found
             : dc_profile_note (profile, "architecture.unknown", NULL, 0, err,
                                "no program of a known machine is there");
}

/* What hostname(7) allows, and the underscore that people use. */
static bool
is_hostname (struct dc_span name)
{
  static const char bytes[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._";

  for (size_t i = 0; i < name.size; i++)
    if (memchr (bytes, name.text[i], sizeof bytes - 1) == NULL)
      return false;
  return name.size > 0 && name.size <= DC_HOSTNAME_SIZE_MAX;
}

/* Red Hat's place for it before hostname(5): HOSTNAME= in a shell file. */
static int
read_old_hostname (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (HOSTNAME_FILE_MAX);
  AUTO_FREE char *name = NULL;
  const struct dc_assign row = { "HOSTNAME", &name };
  const int found = dc_tree_read_file (tree, OLD_HOSTNAME_FILE, &b, err);

  if (found <= 0)
    return found;
  if (dc_assign_read (dc_buffer_text (&b), b.size, &row, 1, err) < 0)
    return -1;
  if (name != NULL && is_hostname (dc_span_of (name)))
    profile->hostname = DC_TAKE (name);
  return 0;
}

/* The first line that is no comment, as hostname(5) has it. */
static int
read_hostname (struct dc_tree *tree, struct dc_profile *profile,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (HOSTNAME_FILE_MAX);
  const int found = dc_tree_read_file (tree, "/etc/hostname", &b, err);

  if (found < 0)
    return -1;
  if (found == 0)
    return read_old_hostname (tree, profile, err);
  struct dc_span rest = { dc_buffer_text (&b), b.size }, line;
  unsigned number = 0;
  while (dc_span_line (&rest, &line)) {
    number++;
    line = dc_span_trim (line);
    if (line.size == 0 || *line.text == '#')
      continue;
    if (is_hostname (line))
      return dc_span_copy (line, &profile->hostname, err);
    return dc_profile_note (profile, "hostname.invalid", "/etc/hostname",
                            number, err, "'%s' is no host name",
                            dc_quote_bytes (line.text, line.size).text);
  }
  return 0;
}

static int
read_users (struct dc_tree *tree, struct dc_profile *profile,
            struct dc_error *err)
{
  struct dc_users *users = NULL;

  if (dc_users_load (tree, &users, err) < 0)
    return -1;
  dc_users_free (profile->users);
  profile->users = users;
  if (users->lines_skipped > 0)
    return dc_profile_note (
        profile, "users.damaged", "/etc/passwd", 0, err,
        "%llu lines of passwd, group and shadow are damaged or "
        "too many, left out",
        (unsigned long long) users->lines_skipped);
  return 0;
}

/* The units of systemd; that nothing else is known is said. */
static int
read_systemd (struct dc_tree *tree, struct dc_profile *profile,
              struct dc_error *err)
{
  struct dc_units *units = NULL;

  if (dc_units_load (tree, &units, err) < 0)
    return -1;
  dc_units_free (profile->units);
  profile->units = units;
  if (units->default_target == NULL)
    return dc_profile_note (profile, "units.unknown", NULL, 0, err,
                            "there is no manager of services that we know, so "
                            "no service is known");
  for (size_t i = 0; i < units->count; i++) {
    const struct dc_unit *unit = &units->items[i];
    if (unit->state == DC_UNIT_BAD &&
        dc_profile_note (profile, "unit.bad", unit->file, 0, err,
                         "unit '%s': %s", dc_quote (unit->name).text,
                         unit->problem) < 0)
      return -1;
  }
  return 0;
}

static int
read_units (struct dc_tree *tree, struct dc_profile *profile,
            struct dc_error *err)
{
  const struct dc_init *init = &profile->init;

  if (dc_init_find (tree, &profile->init, err) < 0)
    return -1;
  return !init->is_known || init->manager == DC_MANAGER_SYSTEMD
             ? read_systemd (tree, profile, err)
             : dc_inits_load (tree, profile, err);
}

static int
read_endpoints (struct dc_tree *tree, struct dc_profile *profile,
                struct dc_error *err)
{
  return dc_endpoints_find (tree, profile, err);
}

/* Files that a system does not work without; a link in their place that leads
 * nowhere, or in a circle, would look like a file that is not there.
 */
static int
note_broken_links (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  static const char *const paths[] = {
    "etc",        "etc/fstab",  "etc/group",   "etc/ld.so.conf",
    "etc/passwd", "etc/shadow", "lib",         "usr/lib",
    "var",        "var/lib",    "etc/systemd",
  };

  for (size_t i = 0; i < DC_COUNT (paths); i++) {
    const uint32_t index = dc_tree_find (tree, paths[i]);
    AUTO_FREE char *path = NULL;
    if (index == DC_TREE_NONE || tree->entries[index].target == NULL ||
        dc_tree_resolve (tree, paths[i]) != DC_TREE_NONE)
      continue;
    if (dc_text_print (&path, err, "/%s", paths[i]) < 0 ||
        dc_profile_note (profile, "tree.link", path, 0, err,
                         "'%s' is a link that leads nowhere", path) < 0)
      return -1;
  }
  return 0;
}

/* Is NOTE the first with its text?  Then how many more have it. */
static bool
is_first (const struct dc_tree *tree, size_t index, size_t *others)
{
  const char *text = tree->notes[index].text;

  *others = 0;
  for (size_t i = 0; i < tree->note_count; i++)
    if (i != index && strcmp (tree->notes[i].text, text) == 0) {
      if (i < index)
        return false;
      (*others)++;
    }
  return true;
}

static int
note_entries (struct dc_profile *profile, const struct dc_note *note,
              size_t others, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer file = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);

  if (dc_buffer_print (&file, err, "/%s", note->path) < 0)
    return -1;
  const char *path = dc_buffer_text (&file);
  if (others > 0)
    return dc_profile_note (profile, "tree.note", path, 0, err,
                            "'%s' %s (and %zu more)", dc_quote (path).text,
                            note->text, others);
  return dc_profile_note (profile, "tree.note", path, 0, err, "'%s' %s",
                          dc_quote (path).text, note->text);
}

/* What is missing from the tree: one finding for all entries with the same
 * reason.
 */
static int
read_notes (struct dc_tree *tree, struct dc_profile *profile,
            struct dc_error *err)
{
  size_t others = 0;

  if (note_broken_links (tree, profile, err) < 0)
    return -1;
  for (size_t i = 0; i < tree->note_count; i++)
    if (is_first (tree, i, &others) &&
        note_entries (profile, &tree->notes[i], others, err) < 0)
      return -1;
  if (tree->notes_lost > 0)
    return dc_profile_note (profile, "tree.note", NULL, 0, err,
                            "%llu further entries have a note",
                            (unsigned long long) tree->notes_lost);
  return 0;
}

static const struct part {
  const char *id, *file; /* of the finding when it cannot be read */
  int (*read) (struct dc_tree *tree, struct dc_profile *profile,
               struct dc_error *err);
} parts[] = {
  { "os.unreadable", NULL, read_os },
  { "architecture.unreadable", NULL, read_arch },
  { "hostname.unreadable", "/etc/hostname", read_hostname },
  { "packages.unreadable", NULL, dc_packages_read },
  { "users.unreadable", NULL, read_users },
  { "units.unreadable", NULL, read_units },
  { "scripts.unreadable", NULL, dc_scriptdaemons_find },
  { "units.unreadable", NULL, dc_inits_load_inner },
  { "endpoints.unreadable", NULL, read_endpoints },
};
static const struct part notes = { "tree.note", NULL, read_notes };

static int
read_part (struct dc_tree *tree, struct dc_profile *profile,
           const struct part *part, struct dc_error *err)
{
  if (part->read (tree, profile, err) >= 0)
    return 0;
  if (!dc_is_fault_of_guest (err->code))
    return -1;
  const struct dc_error fault = *err;
  return dc_profile_note (profile, part->id, part->file, 0, err, "%s",
                          fault.text);
}

/* Read the parts that every profile has, then the sections. */
static int
read_parts (struct dc_tree *tree, struct dc_profile *profile,
            const struct dc_report *report, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (parts) + dc_section_count; i++) {
    const struct dc_section *section =
        i < DC_COUNT (parts) ? NULL : &dc_sections[i - DC_COUNT (parts)];
    const struct part part =
        section == NULL ? parts[i]
                        : (struct part){ section->unreadable, section->file,
                                         section->read };
    if (dc_report_is_cancelled (report))
      return dc_fail (err, DC_ERR_CANCELLED, "stopped");
    if (!dc_osrel_is_linux (profile->os))
      break; /* the parts know Linux only */
    if (part.read != NULL && read_part (tree, profile, &part, err) < 0)
      return -1;
  }
  return read_part (tree, profile, &notes, err);
}

static int
make_empty (struct dc_profile **out, struct dc_error *err)
{
  DC_AUTO (dc_profile) *profile = calloc (1, sizeof *profile);

  if (profile != NULL) {
    profile->packages = calloc (1, sizeof *profile->packages);
    profile->users = calloc (1, sizeof *profile->users);
    profile->units = calloc (1, sizeof *profile->units);
  }
  if (profile == NULL || profile->packages == NULL || profile->users == NULL ||
      profile->units == NULL)
    return dc_fail_errno (err, "cannot keep the profile");
  *out = DC_TAKE (profile);
  return 0;
}

int
dc_profile_make (struct dc_tree *tree, struct dc_guest *guest,
                 const struct dc_profile_options *options,
                 const struct dc_report *report, struct dc_profile **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_profile) *profile = NULL;

  if (make_empty (&profile, err) < 0)
    return -1;
  if (options != NULL)
    profile->options = *options;
  if (read_parts (tree, profile, report, err) < 0)
    return -1;
  profile->guest = guest;
  *out = DC_TAKE (profile);
  return 0;
}

void
dc_profile_free (struct dc_profile *profile)
{
  if (profile == NULL)
    return;
  dc_guest_free (profile->guest);
  dc_osrel_free (profile->os);
  free (profile->arch);
  free (profile->arch_variant);
  free (profile->hostname);
  dc_packages_free (profile->packages);
  dc_users_free (profile->users);
  dc_units_free (profile->units);
  dc_endpoints_release (&profile->endpoints);
  dc_apps_release (&profile->apps);
  for (size_t i = 0; i < dc_section_count; i++)
    if (dc_sections[i].release != NULL)
      dc_sections[i].release (profile);
  dc_findings_release (profile);
  free (profile);
}
