/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/language/ecosystem.h"
#include "analyzer/language/languagesection.h"
#include "analyzer/language/place.h"
#include "lib/array.h"
#include "lib/json.h"

static const struct dc_ecosystem *const ecosystems[] = {
  &dc_ecosystem_composer, &dc_ecosystem_conda, &dc_ecosystem_flatpak,
  &dc_ecosystem_gem,      &dc_ecosystem_java,  &dc_ecosystem_npm,
  &dc_ecosystem_pip,      &dc_ecosystem_snap,  &dc_ecosystem_program,
};

static void
release (struct dc_language_package *package)
{
  free (package->name);
  free (package->version);
  free (package->revision);
  free (package->channel);
  free (package->path);
  free (package->evidence.file);
}

static int
keep (struct dc_span span, char **out, struct dc_error *err)
{
  if (span.text == NULL || span.size == 0)
    return 0;
  *out = strndup (span.text, span.size);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a package");
}

static int
fill (const struct dc_language_reader *reader,
      const struct dc_language_facts *facts,
      struct dc_language_package *package, struct dc_error *err)
{
  const struct dc_span own = dc_span_of (reader->path);

  package->ecosystem = facts->ecosystem;
  package->confidence = facts->confidence;
  package->system = reader->system;
  package->evidence.line = facts->line;
  return keep (facts->name, &package->name, err) < 0 ||
                 keep (facts->version, &package->version, err) < 0 ||
                 keep (facts->revision, &package->revision, err) < 0 ||
                 keep (facts->channel, &package->channel, err) < 0 ||
                 keep (facts->path.text != NULL ? facts->path : own,
                       &package->path, err) < 0 ||
                 keep (facts->file.text != NULL ? facts->file : own,
                       &package->evidence.file, err) < 0
             ? -1
             : 0;
}

int
dc_language_add (struct dc_language_reader *reader,
                 const struct dc_language_facts *facts, struct dc_error *err)
{
  struct dc_language_packages *all = &reader->profile->language;
  struct dc_language_package package = { .name = NULL };

  if (facts->name.text == NULL || facts->name.size == 0)
    return 0;
  if (reader->system == DC_ANSWER_YES) {
    all->system++;
    return 0;
  }
  if (all->count >= DC_LANGUAGE_PACKAGE_MAX) {
    all->lost++;
    return 0;
  }
  if (DC_ARRAY_GROW (all->items, all->count, DC_LANGUAGE_PACKAGE_MAX,
                     "language packages", err) < 0 ||
      fill (reader, facts, &package, err) < 0) {
    release (&package);
    return -1;
  }
  all->items[all->count++] = package;
  return 0;
}

int
dc_language_spend (struct dc_language_reader *reader, uint64_t size,
                   struct dc_error *err)
{
  if (size > reader->room) {
    reader->room = 0;
    return dc_fail (err, DC_ERR_LIMIT,
                    "files of language packages are more than %" PRIu64
                    " bytes; the rest is not read",
                    DC_LANGUAGE_SIZE_MAX);
  }
  reader->room -= size;
  return 0;
}

/* SIZE first bytes of the file, which has them. */
static int
read_bytes (struct dc_language_reader *reader, uint32_t index, uint64_t size,
            struct dc_buffer *b, struct dc_error *err)
{
  if (dc_language_spend (reader, size, err) < 0 ||
      dc_buffer_reserve (b, (size_t) size, err) < 0 ||
      dc_tree_read (reader->tree, index, 0, b->data + b->size, (size_t) size,
                    err) < 0)
    return -1;
  b->size += (size_t) size;
  b->data[b->size] = '\0';
  return 1;
}

int
dc_language_file (struct dc_language_reader *reader, uint32_t index,
                  struct dc_buffer *b, struct dc_error *err)
{
  if (!dc_language_is_file (reader->tree, index))
    return 0;
  const uint64_t size = reader->tree->entries[index].size;
  if (size > b->max)
    return dc_fail (err, DC_ERR_LIMIT,
                    "the file is %" PRIu64 " bytes, limit %zu", size, b->max);
  return read_bytes (reader, index, size, b, err);
}

int
dc_language_head (struct dc_language_reader *reader, uint32_t index,
                  struct dc_buffer *b, struct dc_error *err)
{
  if (!dc_language_is_file (reader->tree, index))
    return 0;
  const uint64_t size = reader->tree->entries[index].size;
  return read_bytes (reader, index, size < b->max ? size : b->max, b, err);
}

int
dc_language_json (struct dc_language_reader *reader, uint32_t index, size_t max,
                  json_t **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (max);
  const int status = dc_language_file (reader, index, &b, err);

  if (status <= 0)
    return status;
  return dc_json_parse (dc_buffer_text (&b), b.size, "the file", out, err) < 0
             ? -1
             : 1;
}

static bool
ends_in_one (const char *name, size_t size, const char *const *endings)
{
  for (; *endings != NULL; endings++) {
    if (**endings == '/' && strcmp (name, *endings + 1) == 0)
      return true;
    const size_t length = strlen (*endings);
    if (size >= length && memcmp (name + size - length, *endings, length) == 0)
      return true;
  }
  return false;
}

/* Hand the entry to ECOSYSTEM; what is broken becomes a finding. */
static int
read_one (struct dc_language_reader *reader,
          const struct dc_ecosystem *ecosystem, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  AUTO_FREE char *absolute = NULL;

  if (dc_tree_path (reader->tree, reader->index, &path, err) < 0)
    return -1;
  if (asprintf (&absolute, "/%s", dc_buffer_text (&path)) < 0) {
    absolute = NULL; /* undefined otherwise */
    return dc_fail_errno (err, "cannot keep a path");
  }
  reader->path = absolute;
  if (ecosystem->read (reader, err) == 0)
    return 0;
  const struct dc_error fault = *err;
  return dc_is_fault_of_guest (fault.code)
             ? dc_profile_note (reader->profile, "language_packages.unreadable",
                                absolute, 0, err, "%s", fault.text)
             : -1;
}

static int
read_entry (struct dc_language_reader *reader, struct dc_error *err)
{
  const struct dc_entry *entry = &reader->tree->entries[reader->index];
  const size_t size = strlen (entry->name);

  if (S_ISREG (entry->mode) && entry->hardlink != DC_TREE_NONE &&
      entry->hardlink != reader->index)
    return 0; /* another name of what was read already */
  for (size_t i = 0; i < DC_COUNT (ecosystems) && reader->room > 0; i++) {
    if (!ends_in_one (entry->name, size, ecosystems[i]->endings) ||
        !ecosystems[i]->is_one (reader->tree, reader->index) ||
        dc_place_is_inside (reader->tree, reader->index))
      continue;
    reader->system = dc_place_system (reader->tree, reader->index);
    if (reader->system == DC_ANSWER_YES && !ecosystems[i]->judges_place)
      reader->profile->language.system++;
    else if (read_one (reader, ecosystems[i], err) < 0)
      return -1;
  }
  return 0;
}

static int
compare (const void *a_, const void *b_)
{
  const struct dc_language_package *a = a_, *b = b_;
  const char *const pairs[][2] = {
    { a->ecosystem, b->ecosystem },
    { a->path, b->path },
    { a->name, b->name },
    { a->version != NULL ? a->version : "",
      b->version != NULL ? b->version : "" },
    { a->evidence.file, b->evidence.file },
  };

  for (size_t i = 0; i < DC_COUNT (pairs); i++) {
    const int order = strcmp (pairs[i][0], pairs[i][1]);
    if (order != 0)
      return order;
  }
  return (a->evidence.line > b->evidence.line) -
         (a->evidence.line < b->evidence.line);
}

int
dc_languages_read (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err)
{
  struct dc_language_packages *all = &profile->language;
  struct dc_language_reader reader = { .tree = tree,
                                       .profile = profile,
                                       .room = DC_LANGUAGE_SIZE_MAX };

  for (; reader.index < tree->count && reader.room > 0; reader.index++)
    if (read_entry (&reader, err) < 0)
      return -1;
  if (all->count > 0)
    qsort (all->items, all->count, sizeof *all->items, compare);
  return all->lost == 0
             ? 0
             : dc_profile_note (
                   profile, "language_packages.limit", NULL, 0, err,
                   "%" PRIu64 " further language packages are left out",
                   all->lost);
}

void
dc_languages_forget (struct dc_profile *profile)
{
  for (size_t i = 0; i < profile->language.count; i++)
    release (&profile->language.items[i]);
  free (profile->language.items);
  profile->language = (struct dc_language_packages){ .items = NULL };
}
