/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/package/apk.h"
#include "analyzer/package/manager.h"
#include "lib/number.h"

/* Where it is since apk 3 on a system with merged /usr comes second. */
static const char *const databases[] = { "/lib/apk/db/installed",
                                         "/usr/lib/apk/db/installed" };
#define WORLD "/etc/apk/world"

bool
dc_apk_next (struct dc_apk_reader *reader, char *letter, struct dc_span *value)
{
  struct dc_span line;

  while (dc_span_line (&reader->rest, &line)) {
    reader->line++;
    if (line.size == 0) {
      *letter = '\0';
      return true;
    }
    if (line.size >= 2 && line.text[1] == ':') {
      *letter = *line.text;
      *value = dc_span_skip (line, 2);
      return true;
    }
  }
  return false;
}

/* A record being read. */
struct record {
  struct dc_package package;
  struct dc_buffer depends, provides;
  struct dc_span folder, file; /* file: text NULL when there is none */
  struct dc_buffer path;
  bool is_damaged;
};

static struct dc_checksum
read_sum (struct dc_span text)
{
  if (dc_span_starts (text, "Q1"))
    return dc_checksum_base64 (DC_CHECKSUM_SHA1, dc_span_skip (text, 2));
  if (dc_span_starts (text, "Q2"))
    return dc_checksum_base64 (DC_CHECKSUM_SHA256, dc_span_skip (text, 2));
  return (struct dc_checksum){ DC_CHECKSUM_NONE, { 0 } };
}

static int
set_path (struct dc_buffer *path, struct dc_span folder, struct dc_span file,
          struct dc_error *err)
{
  dc_buffer_clear (path);
  return dc_buffer_append (path, "/", 1, err) < 0 ||
                 dc_buffer_append (path, folder.text, folder.size, err) < 0 ||
                 (folder.size > 0 && file.size > 0 &&
                  dc_buffer_append (path, "/", 1, err) < 0) ||
                 dc_buffer_append (path, file.text, file.size, err) < 0
             ? -1
             : 0;
}

/* apk protects what is below /etc, except where scripts and its own files
 * are: "+etc @etc/init.d !etc/apk".
 */
static bool
is_config_folder (struct dc_span folder)
{
  return (dc_span_is (folder, "etc") || dc_span_starts (folder, "etc/")) &&
         !dc_span_is (folder, "etc/init.d") &&
         !dc_span_starts (folder, "etc/init.d/") &&
         !dc_span_is (folder, "etc/apk") &&
         !dc_span_starts (folder, "etc/apk/");
}

static int
add_conffile (struct record *record, struct dc_span text, struct dc_error *err)
{
  const struct dc_checksum sum = read_sum (text);

  if (record->file.text == NULL || !is_config_folder (record->folder) ||
      !dc_package_is_word (record->folder) ||
      !dc_package_is_word (record->file))
    return 0;
  if (set_path (&record->path, record->folder, record->file, err) < 0)
    return -1;
  return dc_package_add_conffile (
      &record->package, dc_span_of (dc_buffer_text (&record->path)), &sum, err);
}

static int
add_words (struct dc_buffer *lines, struct dc_span words, struct dc_error *err)
{
  struct dc_span word;

  while (dc_span_word (&words, &word))
    if (dc_package_line (lines, word, err) < 0)
      return -1;
  return 0;
}

static int
set_text (struct record *record, char **out, struct dc_span value,
          struct dc_error *err)
{
  if (dc_span_has (value, '\0'))
    record->is_damaged = true;
  return *out != NULL || record->is_damaged ? 0
                                            : dc_span_copy (value, out, err);
}

static int
add_field (struct record *record, char letter, struct dc_span value,
           struct dc_error *err)
{
  struct dc_package *package = &record->package;
  struct dc_error ignored;

  switch (letter) {
  case 'P':
    return set_text (record, &package->name, value, err);
  case 'V':
    return set_text (record, &package->version, value, err);
  case 'A':
    return set_text (record, &package->arch, value, err);
  case 'o':
    return set_text (record, &package->source, value, err);
  case 'm':
    return set_text (record, &package->vendor, value, err);
  case 'D':
    return add_words (&record->depends, value, err);
  case 'p':
    return add_words (&record->provides, value, err);
  case 'I':
    (void) dc_number_parse_bytes (value.text, value.size, 0, UINT64_MAX,
                                  &package->size, &ignored); /* else 0 */
    return 0;
  case 'F':
    record->folder = value;
    record->file.text = NULL;
    return 0;
  case 'R':
    record->file = value;
    return 0;
  case 'Z':
    return add_conffile (record, value, err);
  default:
    return 0;
  }
}

static bool
has_nul (const struct dc_buffer *b)
{
  return dc_span_has ((struct dc_span){ dc_buffer_text (b), b->size }, '\0');
}

static int
end_record (struct dc_package_loader *loader, struct record *record,
            const char *file, struct dc_error *err)
{
  struct dc_package *package = &record->package;

  if (package->line == 0) /* further empty lines */
    return 0;
  if (package->name == NULL || *package->name == '\0' ||
      package->version == NULL || record->is_damaged ||
      has_nul (&record->depends) || has_nul (&record->provides)) {
    dc_package_skip (loader);
    return 0;
  }
  package->depends = DC_TAKE (record->depends.data);
  package->provides = DC_TAKE (record->provides.data);
  if (dc_package_set (&package->file, dc_span_of (file), err) < 0)
    return -1;
  struct dc_package whole = *package;
  *package = (struct dc_package){ .name = NULL };
  return dc_package_add (loader, &whole, err);
}

static void
clear_record (struct record *record)
{
  dc_package_release (&record->package);
  dc_buffer_release (&record->depends);
  dc_buffer_release (&record->provides);
  dc_buffer_release (&record->path);
  *record = (struct record){
    .depends = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX),
    .provides = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX),
    .path = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX),
  };
}

static int
add_records (struct dc_package_loader *loader, const char *file,
             struct dc_span text, struct record *record, struct dc_error *err)
{
  struct dc_apk_reader reader = { text, 0 };
  struct dc_span value = { NULL, 0 };
  bool is_more;

  do {
    char letter = '\0';
    is_more = dc_apk_next (&reader, &letter, &value);
    if (letter == '\0') {
      if (end_record (loader, record, file, err) < 0)
        return -1;
      clear_record (record);
      continue;
    }
    if (record->package.line == 0)
      record->package.place = record->package.line = reader.line;
    if (add_field (record, letter, value, err) < 0)
      return -1;
  } while (is_more);
  return 0;
}

static int
load (struct dc_package_loader *loader, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct record record = { .folder = { NULL, 0 } };
  const char *file = NULL;

  for (size_t i = 0; i < DC_COUNT (databases) && file == NULL; i++)
    if (dc_tree_resolve (loader->tree, databases[i]) != DC_TREE_NONE)
      file = databases[i];
  if (file == NULL)
    return 0;
  if (dc_package_begin (loader, &dc_package_manager_apk, file, err) < 0 ||
      dc_package_read (loader, file, &b, err) < 0)
    return -1;
  clear_record (&record);
  const int status = add_records (
      loader, file, (struct dc_span){ dc_buffer_text (&b), b.size }, &record,
      err);
  clear_record (&record);
  return status;
}

/* "name", "name=1.2", "name~1.2", "name@edge" and, for what came from a file
 * and not from a repository, "name><Q1...".
 */
static void
mark_world (struct dc_packages *packages, size_t db, struct dc_span word)
{
  const size_t end = packages->dbs[db].first + packages->dbs[db].count;
  struct dc_span name = { word.text, 0 };

  while (name.size < word.size &&
         strchr ("<>=~@", word.text[name.size]) == NULL)
    name.size++;
  const struct dc_span constraint = dc_span_skip (word, name.size);
  for (size_t i = dc_packages_find (packages, db, name);
       i < end && dc_span_is (name, packages->items[i].name); i++) {
    packages->items[i].manual = DC_ANSWER_YES;
    if (dc_span_starts (constraint, "><"))
      packages->items[i].foreign = DC_ANSWER_YES;
    else if (constraint.size > 0)
      packages->items[i].is_held = true;
  }
}

static int
mark (struct dc_package_loader *loader, size_t db, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_packages *packages = loader->packages;
  struct dc_span line, word;

  const int found = dc_package_read (loader, WORLD, &b, err);
  if (found <= 0)
    return found;
  for (size_t i = 0; i < packages->dbs[db].count; i++)
    packages->items[packages->dbs[db].first + i].manual = DC_ANSWER_NO;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line))
    while (dc_span_word (&line, &word))
      mark_world (packages, db, word);
  return 0;
}

struct lister {
  const struct dc_packages *packages;
  size_t db;
  const struct dc_file_sink *sink;
  struct dc_buffer path;
  struct dc_span folder, file; /* not yet given; text NULL: nothing is */
  struct dc_checksum sum;
  size_t package; /* packages->count: a record that was left out */
  unsigned line;  /* where the record begins; 0: between records */
};

static int
flush (struct lister *lister, struct dc_error *err)
{
  const struct dc_span none = { "", 0 };
  const bool is_folder = lister->file.text == NULL;

  if (lister->folder.text == NULL || lister->package == lister->packages->count)
    return 0;
  if (set_path (&lister->path, lister->folder, is_folder ? none : lister->file,
                err) < 0)
    return -1;
  const struct dc_packaged_file file = {
    .path = { dc_buffer_text (&lister->path), lister->path.size },
    .sum = lister->sum,
    .is_config = !is_folder && is_config_folder (lister->folder),
  };
  return lister->sink->file (lister->sink->self, lister->package, &file, err);
}

/* The package whose record begins where this one does. */
static size_t
find_package (const struct lister *lister, struct dc_span name)
{
  const struct dc_packages *packages = lister->packages;
  const struct dc_package_db *db = &packages->dbs[lister->db];

  for (size_t i = dc_packages_find (packages, lister->db, name);
       i < db->first + db->count && dc_span_is (name, packages->items[i].name);
       i++)
    if (packages->items[i].line == lister->line)
      return i;
  return packages->count;
}

static int
list_field (struct lister *lister, char letter, struct dc_span value,
            struct dc_error *err)
{
  const struct dc_span nothing = { NULL, 0 };

  switch (letter) {
  case 'P':
    lister->package = find_package (lister, value);
    return 0;
  case 'Z':
    lister->sum = read_sum (value);
    return 0;
  case 'F':
  case 'R':
  case '\0':
    if (flush (lister, err) < 0)
      return -1;
    lister->sum.kind = DC_CHECKSUM_NONE;
    lister->file = letter == 'R' ? value : nothing;
    if (letter != 'R')
      lister->folder = letter == 'F' ? value : nothing;
    return 0;
  default:
    return 0;
  }
}

static int
list_records (struct lister *lister, struct dc_span text, struct dc_error *err)
{
  struct dc_apk_reader reader = { text, 0 };
  struct dc_span value = { NULL, 0 };
  bool is_more;

  do {
    char letter = '\0';
    is_more = dc_apk_next (&reader, &letter, &value);
    if (lister->line == 0 && letter != '\0')
      lister->line = reader.line;
    if (list_field (lister, letter, value, err) < 0)
      return -1;
    if (letter == '\0') {
      lister->line = 0;
      lister->package = lister->packages->count;
    }
  } while (is_more);
  return 0;
}

static int
list (const struct dc_packages *packages, size_t db, struct dc_tree *tree,
      const struct dc_file_sink *sink, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX);
  struct lister lister = { .packages = packages,
                           .db = db,
                           .sink = sink,
                           .path = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX),
                           .package = packages->count };

  if (dc_tree_read_file (tree, packages->dbs[db].file, &b, err) < 0)
    return -1;
  const int status = list_records (
      &lister, (struct dc_span){ dc_buffer_text (&b), b.size }, err);
  dc_buffer_release (&lister.path);
  return status;
}

/* "so:libc.musl-x86_64.so.1", "busybox=1.36"; "!dev86" is a conflict. */
static bool
next_name (struct dc_span *relation, struct dc_span *name)
{
  return !dc_span_starts (*relation, "!") &&
         dc_relation_plain_name (relation, name);
}

const struct dc_package_manager dc_package_manager_apk = {
  .name = "apk",
  .load = load,
  .mark = mark,
  .list = list,
  .next_name = next_name,
};
