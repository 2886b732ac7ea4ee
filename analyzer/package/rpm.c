/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "analyzer/package/rpmdb.h"
#include "analyzer/package/rpmfiles.h"
#include "analyzer/package/rpmmarks.h"

/* RPMSENSE_* of rpm's include/rpm/rpmds.h. */
#define SENSE_LESS (1u << 1)
#define SENSE_GREATER (1u << 2)
#define SENSE_EQUAL (1u << 3)
#define SENSE_RPMLIB (1u << 24) /* what rpm itself must be able to do */

/* "[EPOCH:]VERSION-RELEASE", as %{EVR} of rpm. */
static int
set_version (struct dc_package *package, const struct dc_rpm_header *header,
             struct dc_error *err)
{
  const struct dc_rpm_values epoch = dc_rpm_values (header, DC_RPM_EPOCH);
  const struct dc_span version = dc_rpm_text (header, DC_RPM_VERSION);
  const struct dc_span release = dc_rpm_text (header, DC_RPM_RELEASE);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_RPM_HEADER_MAX);

  if (epoch.count > 0 && dc_buffer_print (&b, err, "%" PRIu64 ":",
                                          dc_rpm_number (&epoch, 0, 0)) < 0)
    return -1;
  if (dc_buffer_append (&b, version.text, version.size, err) < 0 ||
      dc_buffer_append (&b, "-", 1, err) < 0 ||
      dc_buffer_append (&b, release.text, release.size, err) < 0)
    return -1;
  package->version = DC_TAKE (b.data);
  return 0;
}

/* "bash" of "bash-5.2.15-1.fc38.src.rpm". */
static int
set_source (struct dc_package *package, const struct dc_rpm_header *header,
            struct dc_error *err)
{
  struct dc_span source = dc_rpm_text (header, DC_RPM_SOURCE);

  for (int i = 0; i < 2; i++) {
    const char *dash =
        source.size > 0 ? memrchr (source.text, '-', source.size) : NULL;
    if (dash == NULL)
      return 0;
    source.size = (size_t) (dash - source.text);
  }
  return dc_package_set (&package->source, source, err);
}

static int
set_texts (struct dc_package *package, const struct dc_rpm_header *header,
           struct dc_error *err)
{
  const struct {
    enum dc_rpm_tag tag;
    char **value;
  } rows[] = {
    { DC_RPM_NAME, &package->name },
    { DC_RPM_ARCH, &package->arch },
    { DC_RPM_GROUP, &package->section },
    { DC_RPM_VENDOR, &package->vendor },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_package_set (rows[i].value, dc_rpm_text (header, rows[i].tag), err) <
        0)
      return -1;
  return 0;
}

/* NAMES with FLAGS and VERSIONS, a line each: "glibc >= 2.17". */
static int
set_relations (const struct dc_rpm_header *header,
               const enum dc_rpm_tag tags[3], char **out, struct dc_error *err)
{
  struct dc_rpm_values names = dc_rpm_values (header, tags[0]);
  struct dc_rpm_values versions = dc_rpm_values (header, tags[1]);
  const struct dc_rpm_values flags = dc_rpm_values (header, tags[2]);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * DC_RPM_HEADER_MAX);
  struct dc_span name, version = { NULL, 0 };

  for (size_t i = 0; dc_rpm_next (&names, &name); i++) {
    const uint64_t sense = dc_rpm_number (&flags, i, 0);
    const bool has_version = dc_rpm_next (&versions, &version);
    if ((sense & SENSE_RPMLIB) != 0 || !dc_package_is_word (name))
      continue;
    if (dc_package_line (&b, name, err) < 0)
      return -1;
    if (has_version && version.size > 0 && dc_package_is_word (version) &&
        (dc_buffer_print (&b, err, " %s%s%s ",
                          (sense & SENSE_LESS) != 0 ? "<" : "",
                          (sense & SENSE_GREATER) != 0 ? ">" : "",
                          (sense & SENSE_EQUAL) != 0 ? "=" : "") < 0 ||
         dc_buffer_append (&b, version.text, version.size, err) < 0))
      return -1;
  }
  *out = DC_TAKE (b.data);
  return 0;
}

/* Others may need these by their path. */
static bool
is_program (struct dc_span path)
{
  static const char *const folders[] = { "/usr/bin/", "/usr/sbin/", "/bin/",
                                         "/sbin/" };

  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (dc_span_starts (path, folders[i]))
      return dc_package_is_word (path);
  return false;
}

static int
set_files (struct dc_package *package, const struct dc_rpm_header *header,
           struct dc_error *err)
{
  AUTO_RPM_FILES struct dc_rpm_files files = { .folders = NULL };
  AUTO_BUFFER struct dc_buffer programs = DC_BUFFER_INIT (DC_RPM_HEADER_MAX);
  struct dc_packaged_file file;

  if (dc_rpm_files_begin (&files, header, err) < 0)
    return -1;
  for (;;) {
    const int found = dc_rpm_files_next (&files, &file, err);
    if (found < 0)
      return -1;
    if (found == 0)
      break;
    if (file.is_config && files.sum.kind != DC_CHECKSUM_NONE &&
        dc_package_add_conffile (package, file.path, &files.sum, err) < 0)
      return -1;
    if (is_program (file.path) &&
        dc_package_line (&programs, file.path, err) < 0)
      return -1;
  }
  package->programs = DC_TAKE (programs.data);
  return 0;
}

static int
fill (struct dc_package *package, const struct dc_rpm_header *header,
      struct dc_error *err)
{
  static const enum dc_rpm_tag needs[] = { DC_RPM_REQUIRE_NAMES,
                                           DC_RPM_REQUIRE_VERSIONS,
                                           DC_RPM_REQUIRE_FLAGS };
  static const enum dc_rpm_tag gives[] = { DC_RPM_PROVIDE_NAMES,
                                           DC_RPM_PROVIDE_VERSIONS,
                                           DC_RPM_PROVIDE_FLAGS };
  const struct dc_rpm_values size = dc_rpm_values (header, DC_RPM_SIZE);
  const struct dc_rpm_values long_size =
      dc_rpm_values (header, DC_RPM_LONG_SIZE);

  package->size = dc_rpm_number (&long_size, 0, dc_rpm_number (&size, 0, 0));
  return set_texts (package, header, err) < 0 ||
                 set_version (package, header, err) < 0 ||
                 set_source (package, header, err) < 0 ||
                 set_relations (header, needs, &package->depends, err) < 0 ||
                 set_relations (header, gives, &package->provides, err) < 0 ||
                 set_files (package, header, err) < 0
             ? -1
             : 0;
}

struct loading {
  struct dc_package_loader *loader;
  const char *file;
};

static void
skip (void *self)
{
  const struct loading *loading = self;

  dc_package_skip (loading->loader);
}

static int
add_header (void *self, uint64_t place, const void *bytes, size_t size,
            struct dc_error *err)
{
  struct loading *loading = self;
  struct dc_rpm_header header;
  struct dc_package package = { .place = place };

  if (dc_rpm_header_parse (bytes, size, &header, err) < 0 ||
      dc_rpm_text (&header, DC_RPM_NAME).size == 0 ||
      dc_rpm_text (&header, DC_RPM_VERSION).text == NULL ||
      dc_rpm_text (&header, DC_RPM_RELEASE).text == NULL) {
    skip (loading);
    return 0;
  }
  if (dc_package_set (&package.file, dc_span_of (loading->file), err) < 0 ||
      fill (&package, &header, err) < 0) {
    dc_package_release (&package);
    return -1;
  }
  return dc_package_add (loading->loader, &package, err);
}

static int
load (struct dc_package_loader *loader, struct dc_error *err)
{
  struct loading loading = { .loader = loader,
                             .file = dc_rpmdb_find (loader->tree) };
  const struct dc_rpm_sink sink = { add_header, skip, &loading };

  if (loading.file == NULL)
    return 0;
  if (dc_package_begin (loader, &dc_package_manager_rpm, loading.file, err) < 0)
    return -1;
  return dc_rpmdb_walk (loader->tree, loading.file, &sink, err);
}

/* Where a header is, and which package that is. */
struct place {
  uint64_t place;
  size_t package;
};

struct lister {
  const struct dc_file_sink *sink;
  struct place *places; /* sorted */
  size_t count;
};

static int
by_place (const void *a, const void *b)
{
  const struct place *p = a, *q = b;

  return (p->place > q->place) - (p->place < q->place);
}

static void
ignore (void *self)
{
  (void) self; /* was reported when it was loaded */
}

static int
list_header (void *self, uint64_t place, const void *bytes, size_t size,
             struct dc_error *err)
{
  const struct lister *lister = self;
  const struct place key = { place, 0 };
  AUTO_RPM_FILES struct dc_rpm_files files = { .folders = NULL };
  struct dc_rpm_header header;
  struct dc_packaged_file file;

  const struct place *found = bsearch (&key, lister->places, lister->count,
                                       sizeof *lister->places, by_place);
  if (found == NULL || dc_rpm_header_parse (bytes, size, &header, err) < 0)
    return 0;
  if (dc_rpm_files_begin (&files, &header, err) < 0)
    return -1;
  for (;;) {
    const int status = dc_rpm_files_next (&files, &file, err);
    if (status <= 0)
      return status;
    if (lister->sink->file (lister->sink->self, found->package, &file, err) < 0)
      return -1;
  }
}

static int
list (const struct dc_packages *packages, size_t db, struct dc_tree *tree,
      const struct dc_file_sink *sink, struct dc_error *err)
{
  const struct dc_package_db *of = &packages->dbs[db];

  if (of->count == 0)
    return 0;
  AUTO_FREE struct place *places = calloc (of->count, sizeof *places);
  if (places == NULL)
    return dc_fail_errno (err, "cannot keep the places of packages");
  for (size_t i = 0; i < of->count; i++)
    places[i] =
        (struct place){ packages->items[of->first + i].place, of->first + i };
  qsort (places, of->count, sizeof *places, by_place);
  struct lister lister = { sink, places, of->count };
  const struct dc_rpm_sink headers = { list_header, ignore, &lister };
  return dc_rpmdb_walk (tree, of->file, &headers, err);
}

/* "((glibc(x86-64)" and "two)" without the parentheses that are not theirs. */
static struct dc_span
unwrap (struct dc_span word)
{
  size_t open = 0, closed = 0;

  while (word.size > 0 && *word.text == '(')
    word = dc_span_skip (word, 1);
  for (size_t i = 0; i < word.size; i++) {
    open += word.text[i] == '(';
    closed += word.text[i] == ')';
  }
  for (; closed > open && word.text[word.size - 1] == ')'; closed--)
    word.size--;
  return word;
}

/* "glibc(x86-64) >= 2.36"; of "(one or two)", "(one if two)" and the like what
 * comes first, and what stands behind an "or".  The rest of such a one begins
 * with a blank.
 */
static bool
next_name (struct dc_span *relation, struct dc_span *name)
{
  const bool is_rich = dc_span_starts (*relation, "(");
  const bool is_rest = dc_span_starts (*relation, " ");
  struct dc_span word = { NULL, 0 };

  while (is_rest && !dc_span_is (word, "or"))
    if (!dc_span_word (relation, &word))
      return false;
  if (!dc_span_word (relation, &word))
    return false;
  *name = is_rich || is_rest ? unwrap (word) : word;
  if (!is_rich && !is_rest)
    *relation = dc_span_skip (*relation, relation->size);
  return name->size > 0;
}

const struct dc_package_manager dc_package_manager_rpm = {
  .name = "rpm",
  .has_versions = true,
  .load = load,
  .mark = dc_rpm_mark,
  .list = list,
  .next_name = next_name,
};
