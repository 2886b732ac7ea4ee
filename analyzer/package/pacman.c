/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/pacman.h"
#include "lib/glob.h"
#include "lib/number.h"
#include "lib/text.h"

#define CONF "/etc/pacman.conf"
/* Bytes at the end of `files` in which %BACKUP% is looked for: some hundred
 * entries, and the list before it, which may be megabytes, is not read.
 */
#define TAIL_SIZE ((size_t) 16 * 1024)

bool
dc_pacman_next (struct dc_pacman_reader *reader, struct dc_span *value)
{
  while (dc_span_line (&reader->rest, value)) {
    reader->line++;
    if (value->size > 2 && *value->text == '%' &&
        value->text[value->size - 1] == '%')
      reader->key = (struct dc_span){ value->text + 1, value->size - 2 };
    else if (value->size > 0)
      return true;
  }
  return false;
}

/* What is collected of one desc. */
struct record {
  struct dc_package package;
  struct dc_buffer depends, provides;
  bool is_damaged;
};

static int
set_text (struct record *record, struct dc_span key, struct dc_span value,
          struct dc_error *err)
{
  const struct {
    const char *key;
    char **text;
  } rows[] = {
    { "NAME", &record->package.name },
    { "VERSION", &record->package.version },
    { "ARCH", &record->package.arch },
    { "BASE", &record->package.source },
    { "GROUPS", &record->package.section },
    { "PACKAGER", &record->package.vendor },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_span_is (key, rows[i].key) && *rows[i].text == NULL)
      return dc_span_copy (value, rows[i].text, err);
  return 0;
}

static int
add_value (struct record *record, struct dc_span key, struct dc_span value,
           struct dc_error *err)
{
  struct dc_error ignored;

  if (dc_span_has (value, '\0')) {
    record->is_damaged = true;
    return 0;
  }
  if (dc_span_is (key, "DEPENDS"))
    return dc_package_line (&record->depends, value, err);
  if (dc_span_is (key, "PROVIDES"))
    return dc_package_line (&record->provides, value, err);
  if (dc_span_is (key, "REASON") && dc_span_is (value, "1"))
    record->package.manual = DC_ANSWER_NO;
  if (dc_span_is (key, "SIZE"))
    (void) dc_number_parse_bytes (value.text, value.size, 0, UINT64_MAX,
                                  &record->package.size, &ignored); /* else 0 */
  return set_text (record, key, value, err);
}

/* Lines of path, tab, MD5; those of %FILES% before them have no tab. */
static int
add_backups (struct dc_package *package, const char *text, size_t size,
             struct dc_error *err)
{
  struct dc_pacman_reader reader = { { text, size }, { NULL, 0 }, 0 };
  struct dc_span value, path;

  while (dc_pacman_next (&reader, &value)) {
    AUTO_FREE char *whole = NULL;
    if (!dc_span_is (reader.key, "BACKUP") || dc_span_has (value, '\0') ||
        !dc_span_field (&value, '\t', &path) || value.text == NULL)
      continue;
    const struct dc_checksum sum = dc_checksum_hex (DC_CHECKSUM_MD5, value);
    if (dc_text_print (&whole, err, "/%.*s", (int) path.size, path.text) < 0 ||
        dc_package_add_conffile (package, dc_span_of (whole), &sum, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_backups (struct dc_package_loader *loader, struct dc_package *package,
              uint32_t folder, struct dc_error *err)
{
  struct dc_tree *tree = loader->tree;
  const uint32_t index = dc_tree_child (tree, folder, "files");

  if (index == DC_TREE_NONE || !S_ISREG (tree->entries[index].mode))
    return 0;
  const uint64_t size = tree->entries[index].size;
  const size_t n = size < TAIL_SIZE ? (size_t) size : TAIL_SIZE;
  if (n > loader->room)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu bytes of packages",
                    DC_PACKAGES_SIZE_MAX);
  AUTO_FREE char *tail = malloc (n + 1);
  if (tail == NULL)
    return dc_fail_errno (err, "cannot read a list of files");
  if (dc_tree_read (tree, index, size - n, tail, n, err) < 0)
    return -1;
  loader->room -= n;
  return add_backups (package, tail, n, err);
}

static int
read_desc (struct dc_package_loader *loader, const char *file,
           struct record *record, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_span value;

  const int found = dc_package_read (loader, file, &b, err);
  if (found <= 0)
    return found;
  struct dc_pacman_reader reader = { { dc_buffer_text (&b), b.size },
                                     { NULL, 0 },
                                     0 };
  record->package.manual = DC_ANSWER_YES;
  record->package.line = 1;
  while (dc_pacman_next (&reader, &value))
    if (add_value (record, reader.key, value, err) < 0)
      return dc_context (err, "%s line %u", file, reader.line);
  record->package.depends = DC_TAKE (record->depends.data);
  record->package.provides = DC_TAKE (record->provides.data);
  return 1;
}

static int
load_record (struct dc_package_loader *loader, uint32_t folder,
             struct record *record, struct dc_error *err)
{
  struct dc_package *package = &record->package;

  if (dc_text_print (&package->file, err, DC_PACMAN_FOLDER "/%s/desc",
                     loader->tree->entries[folder].name) < 0)
    return -1;
  const int found = read_desc (loader, package->file, record, err);
  if (found < 0)
    return -1;
  if (found == 0 || record->is_damaged || package->name == NULL ||
      package->version == NULL) {
    dc_package_skip (loader);
    return 0;
  }
  package->place = folder;
  if (read_backups (loader, package, folder, err) < 0)
    return -1;
  struct dc_package whole = *package;
  *package = (struct dc_package){ .name = NULL };
  return dc_package_add (loader, &whole, err);
}

static int
load (struct dc_package_loader *loader, struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;
  const uint32_t local = dc_tree_resolve (tree, DC_PACMAN_FOLDER);

  if (local == DC_TREE_NONE || !S_ISDIR (tree->entries[local].mode))
    return 0;
  if (dc_package_begin (loader, &dc_package_manager_pacman, DC_PACMAN_FOLDER,
                        err) < 0)
    return -1;
  for (uint32_t i = tree->entries[local].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    struct record record = {
      .depends = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX),
      .provides = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX),
    };
    if (!S_ISDIR (tree->entries[i].mode))
      continue; /* ALPM_DB_VERSION */
    const int status = load_record (loader, i, &record, err);
    dc_package_release (&record.package);
    dc_buffer_release (&record.depends);
    dc_buffer_release (&record.provides);
    if (status < 0)
      return -1;
  }
  return 0;
}

static int
hold (struct dc_packages *packages, size_t db, struct dc_span pattern,
      struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (dc_span_has (pattern, '\0'))
    return 0;
  if (dc_span_copy (pattern, &text, err) < 0)
    return -1;
  for (size_t i = 0; i < packages->dbs[db].count; i++) {
    struct dc_package *package = &packages->items[packages->dbs[db].first + i];
    if (dc_glob_match (text, package->name))
      package->is_held = true;
  }
  return 0;
}

/* "IgnorePkg = linux linux-headers", of shell patterns. */
static int
mark (struct dc_package_loader *loader, size_t db, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_span line, key, word;

  if (dc_package_read (loader, CONF, &b, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line)) {
    if (!dc_span_field (&line, '=', &key) || line.text == NULL ||
        !dc_span_is (dc_span_trim (key), "IgnorePkg"))
      continue;
    while (dc_span_word (&line, &word))
      if (hold (loader->packages, db, word, err) < 0)
        return -1;
  }
  return 0;
}

const struct dc_package_manager dc_package_manager_pacman = {
  .name = "pacman",
  .load = load,
  .mark = mark,
  .list = dc_pacman_list,
  .next_name = dc_relation_plain_name,
};
