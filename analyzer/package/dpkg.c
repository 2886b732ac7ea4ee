/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/aptlists.h"
#include "analyzer/package/conffiles.h"
#include "analyzer/package/deb822.h"
#include "analyzer/package/dpkg.h"
#include "lib/number.h"
#include "lib/text.h"

#define STATUS "/var/lib/dpkg/status"
#define STATUS_FOLDER "/var/lib/dpkg/status.d"
#define EXTENDED_STATES "/var/lib/apt/extended_states"

/* "WANT FLAG STATE" of a package whose files lie in the system.  dpkg always
 * writes three words; where tools of others wrote fewer ("installed ok"), any of
 * them may be the state.
 */
static bool
is_unpacked (struct dc_span status)
{
  static const char *const states[] = {
    "half-configured", "half-installed",   "installed",
    "unpacked",        "triggers-awaited", "triggers-pending",
  };
  struct dc_span state = { NULL, 0 };

  if (status.text == NULL)
    return true; /* status.d has none */
  bool is_state = false;
  for (size_t i = 0; i < 3 && dc_span_word (&status, &state); i++) {
    is_state = i < 2 && is_state;
    for (size_t j = 0; j < DC_COUNT (states); j++)
      is_state = is_state || dc_span_is (state, states[j]);
  }
  return is_state;
}

static bool
is_damaged (const struct dc_stanza *stanza)
{
  for (size_t i = 0; i < stanza->count; i++)
    if (dc_span_has (stanza->fields[i].value, '\0'))
      return true;
  return !dc_package_is_name (dc_stanza_value (stanza, "Package")) ||
         dc_stanza_value (stanza, "Version").text == NULL;
}

/* "a (>= 1), b | c" of FIELD, a relation a line. */
static int
add_relations (const struct dc_stanza *stanza, const char *field,
               struct dc_buffer *lines, struct dc_error *err)
{
  struct dc_span rest = dc_stanza_value (stanza, field), relation, line;

  while (rest.text != NULL && dc_span_field (&rest, ',', &relation)) {
    bool is_first = true; /* line of what may be folded */
    while (dc_span_line (&relation, &line)) {
      line = dc_span_trim (line);
      if (line.size == 0)
        continue;
      const int status =
          is_first ? dc_package_line (lines, line, err)
          : dc_buffer_append (lines, " ", 1, err) < 0
              ? -1
              : dc_buffer_append (lines, line.text, line.size, err);
      if (status < 0)
        return -1;
      is_first = false;
    }
  }
  return 0;
}

static int
set_relations (const struct dc_stanza *stanza, const char *const fields[],
               char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer lines =
      DC_BUFFER_INIT (2 * DC_PACKAGES_SIZE_MAX);

  for (size_t i = 0; fields[i] != NULL; i++)
    if (add_relations (stanza, fields[i], &lines, err) < 0)
      return -1;
  *out = DC_TAKE (lines.data);
  return 0;
}

static int
set_conffiles (const struct dc_stanza *stanza, struct dc_package *package,
               struct dc_error *err)
{
  struct dc_span rest = dc_stanza_value (stanza, "Conffiles"), path, md5;

  while (rest.text != NULL && dc_conffiles_next (&rest, &path, &md5)) {
    const struct dc_checksum sum = dc_checksum_hex (DC_CHECKSUM_MD5, md5);
    if (dc_package_add_conffile (package, path, &sum, err) < 0)
      return -1;
  }
  return 0;
}

static int
set_texts (const struct dc_stanza *stanza, struct dc_package *package,
           struct dc_error *err)
{
  const struct {
    const char *field;
    char **value;
  } rows[] = {
    { "Package", &package->name },      { "Version", &package->version },
    { "Architecture", &package->arch }, { "Section", &package->section },
    { "Maintainer", &package->vendor },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_package_set (rows[i].value, dc_stanza_value (stanza, rows[i].field),
                        err) < 0)
      return -1;
  struct dc_span source = dc_stanza_value (stanza, "Source"), word;
  return dc_span_word (&source, &word) /* "glibc (2.36-9)" */
             ? dc_package_set (&package->source, word, err)
             : 0;
}

static void
set_flags (const struct dc_stanza *stanza, struct dc_package *package)
{
  const struct dc_span priority = dc_stanza_value (stanza, "Priority");
  const struct dc_span size = dc_stanza_value (stanza, "Installed-Size");
  struct dc_span status = dc_stanza_value (stanza, "Status"), want;
  struct dc_error ignored;
  uint64_t kib = 0;

  package->is_essential =
      dc_span_is (dc_stanza_value (stanza, "Essential"), "yes") ||
      dc_span_is (dc_stanza_value (stanza, "Protected"), "yes");
  package->is_required =
      dc_span_is (priority, "required") || dc_span_is (priority, "important");
  package->is_held = status.text != NULL && dc_span_word (&status, &want) &&
                     dc_span_is (want, "hold");
  package->manual = DC_ANSWER_YES;
  if (dc_number_parse_bytes (size.text, size.size, 0, UINT64_MAX / 1024, &kib,
                             &ignored) == 0)
    package->size = kib * 1024;
}

static int
fill (const struct dc_stanza *stanza, const char *file,
      struct dc_package *package, struct dc_error *err)
{
  static const char *const needs[] = { "Pre-Depends", "Depends", NULL };
  static const char *const gives[] = { "Provides", NULL };

  package->line = stanza->line;
  package->place = stanza->line;
  set_flags (stanza, package);
  return dc_package_set (&package->file, dc_span_of (file), err) < 0 ||
                 set_texts (stanza, package, err) < 0 ||
                 set_relations (stanza, needs, &package->depends, err) < 0 ||
                 set_relations (stanza, gives, &package->provides, err) < 0 ||
                 set_conffiles (stanza, package, err) < 0
             ? -1
             : 0;
}

static int
add_stanza (struct dc_package_loader *loader, const char *file,
            const struct dc_stanza *stanza, struct dc_error *err)
{
  struct dc_package package = { .name = NULL };

  if (!is_unpacked (dc_stanza_value (stanza, "Status")))
    return 0;
  if (is_damaged (stanza)) {
    dc_package_skip (loader);
    return 0;
  }
  if (fill (stanza, file, &package, err) < 0) {
    dc_package_release (&package);
    return -1;
  }
  return dc_package_add (loader, &package, err);
}

static int
add_file (struct dc_package_loader *loader, const char *file,
          struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_stanza stanza;

  if (dc_package_read (loader, file, &b, err) < 0)
    return -1;
  struct dc_deb822 reader = { { dc_buffer_text (&b), b.size }, 0 };
  while (dc_deb822_next (&reader, &stanza))
    if (add_stanza (loader, file, &stanza, err) < 0)
      return dc_context (err, "%s line %u", file, stanza.line);
  return 0;
}

static bool
is_record (const struct dc_entry *entry)
{
  static const char sums[] = ".md5sums";
  const size_t size = strlen (entry->name);

  return S_ISREG (entry->mode) &&
         (size < sizeof sums - 1 ||
          strcmp (entry->name + size - (sizeof sums - 1), sums) != 0);
}

static int
add_folder (struct dc_package_loader *loader, struct dc_error *err)
{
  struct dc_tree *tree = loader->tree;
  const uint32_t folder = dc_tree_resolve (tree, STATUS_FOLDER);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *file = NULL;
    if (!is_record (&tree->entries[i]))
      continue;
    if (dc_text_print (&file, err, "%s/%s", STATUS_FOLDER,
                       tree->entries[i].name) < 0 ||
        add_file (loader, file, err) < 0)
      return -1;
  }
  return 0;
}

static bool
has_record (const struct dc_tree *tree)
{
  const uint32_t folder = dc_tree_resolve (tree, STATUS_FOLDER);

  if (folder == DC_TREE_NONE)
    return false;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling)
    if (is_record (&tree->entries[i]))
      return true;
  return false;
}

static int
load (struct dc_package_loader *loader, struct dc_error *err)
{
  const uint32_t status = dc_tree_resolve (loader->tree, STATUS);
  const bool has_status =
      status != DC_TREE_NONE && S_ISREG (loader->tree->entries[status].mode);

  if (!has_status && !has_record (loader->tree))
    return 0;
  if (dc_package_begin (loader, &dc_package_manager_dpkg,
                        has_status ? STATUS : STATUS_FOLDER, err) < 0)
    return -1;
  if (has_status && add_file (loader, STATUS, err) < 0)
    return -1;
  return add_folder (loader, err);
}

/* apt records packages of architecture "all" under the native one. */
static void
mark_automatic (struct dc_packages *packages, size_t db,
                const struct dc_stanza *stanza)
{
  const struct dc_span name = dc_stanza_value (stanza, "Package");
  const struct dc_span arch = dc_stanza_value (stanza, "Architecture");
  const size_t end = packages->dbs[db].first + packages->dbs[db].count;

  if (!dc_span_is (dc_stanza_value (stanza, "Auto-Installed"), "1"))
    return;
  for (size_t i = dc_packages_find (packages, db, name);
       i < end && dc_span_is (name, packages->items[i].name); i++)
    if (arch.text == NULL || dc_span_is (arch, packages->items[i].arch) ||
        strcmp (packages->items[i].arch, "all") == 0)
      packages->items[i].manual = DC_ANSWER_NO;
}

/* The files of a package are where diversions put them. */
static int
divert_conffiles (struct dc_package_loader *loader, size_t db,
                  struct dc_error *err)
{
  AUTO_DIVERSIONS struct dc_diversions diversions = DC_DIVERSIONS_INIT;
  const struct dc_packages *packages = loader->packages;
  const size_t end = packages->dbs[db].first + packages->dbs[db].count;

  if (dc_diversions_load (loader->tree, &diversions, err) < 0)
    return -1;
  for (size_t i = packages->dbs[db].first; i < end && diversions.count > 0; i++)
    for (size_t j = 0; j < packages->items[i].conffile_count; j++) {
      char **path = &packages->items[i].conffiles[j].path, *target = NULL;
      const struct dc_span to = dc_diversions_find (
          &diversions, dc_span_of (*path), packages->items[i].name);
      if (to.text == *path)
        continue;
      if (dc_span_copy (to, &target, err) < 0)
        return -1;
      free (*path);
      *path = target;
    }
  return 0;
}

static int
mark (struct dc_package_loader *loader, size_t db, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_stanza stanza;

  if (dc_package_read (loader, EXTENDED_STATES, &b, err) < 0)
    return -1;
  struct dc_deb822 reader = { { dc_buffer_text (&b), b.size }, 0 };
  while (dc_deb822_next (&reader, &stanza))
    mark_automatic (loader->packages, db, &stanza);
  return divert_conffiles (loader, db, err) < 0
             ? -1
             : dc_apt_mark_foreign (loader, db, err);
}

/* "libc6:any (>= 2.36) | libc6.1" */
static bool
next_name (struct dc_span *relation, struct dc_span *name)
{
  struct dc_span one;

  while (dc_span_field (relation, '|', &one)) {
    one = dc_span_trim (one);
    size_t size = 0;
    while (size < one.size && strchr (" \t\r\n:([<", one.text[size]) == NULL)
      size++;
    *name = (struct dc_span){ one.text, size };
    if (size > 0)
      return true;
  }
  return false;
}

const struct dc_package_manager dc_package_manager_dpkg = {
  .name = "dpkg",
  .load = load,
  .mark = mark,
  .list = dc_dpkg_list,
  .next_name = next_name,
};
