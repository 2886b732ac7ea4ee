/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/deb822.h"
#include "analyzer/package/packages.h"
#include "lib/array.h"
#include "lib/text.h"

#define STATUS "/var/lib/dpkg/status"
#define STATUS_FOLDER "/var/lib/dpkg/status.d"
#define EXTENDED_STATES "/var/lib/apt/extended_states"

struct loader {
  struct dc_packages *packages;
  struct dc_tree *tree;
  size_t room; /* bytes that may still be read */
};

static void
release (struct dc_package *package)
{
  free (package->name);
  free (package->version);
  free (package->arch);
  free (package->source);
  free (package->section);
  free (package->depends);
  free (package->provides);
  free (package->conffiles);
}

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

/* Names become paths of lists, so what Policy 5.6.1 allows, and capitals. */
static bool
is_name (struct dc_span name)
{
  static const char bytes[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-._";

  if (name.size == 0 || *name.text == '.')
    return false;
  for (size_t i = 0; i < name.size; i++)
    if (memchr (bytes, name.text[i], sizeof bytes - 1) == NULL)
      return false;
  return true;
}

static bool
is_damaged (const struct dc_stanza *stanza)
{
  for (size_t i = 0; i < stanza->count; i++)
    if (dc_span_has (stanza->fields[i].value, '\0'))
      return true;
  return !is_name (dc_stanza_value (stanza, "Package")) ||
         dc_stanza_value (stanza, "Version").text == NULL;
}

static int
copy_value (struct dc_span value, char **out, struct dc_error *err)
{
  return value.text == NULL ? 0 : dc_span_copy (value, out, err);
}

static int
copy_depends (const struct dc_stanza *stanza, char **out, struct dc_error *err)
{
  const struct dc_span before = dc_stanza_value (stanza, "Pre-Depends");
  const struct dc_span after = dc_stanza_value (stanza, "Depends");

  if (before.text == NULL || after.text == NULL)
    return copy_value (before.text != NULL ? before : after, out, err);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX + 2);
  if (dc_buffer_append (&b, before.text, before.size, err) < 0 ||
      dc_buffer_append (&b, ", ", 2, err) < 0 ||
      dc_buffer_append (&b, after.text, after.size, err) < 0)
    return -1;
  *out = DC_TAKE (b.data);
  return 0;
}

static int
fill (const struct dc_stanza *stanza, struct dc_package *package,
      struct dc_error *err)
{
  const struct {
    const char *field;
    char **value;
  } rows[] = {
    { "Package", &package->name },      { "Version", &package->version },
    { "Architecture", &package->arch }, { "Section", &package->section },
    { "Provides", &package->provides }, { "Conffiles", &package->conffiles },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (copy_value (dc_stanza_value (stanza, rows[i].field), rows[i].value,
                    err) < 0)
      return -1;
  if (package->arch == NULL &&
      copy_value (dc_span_of (""), &package->arch, err) < 0)
    return -1;
  struct dc_span source = dc_stanza_value (stanza, "Source"), word;
  if (dc_span_word (&source, &word) && /* "glibc (2.36-9)" */
      copy_value (word, &package->source, err) < 0)
    return -1;

  const struct dc_span priority = dc_stanza_value (stanza, "Priority");
  package->is_essential =
      dc_span_is (dc_stanza_value (stanza, "Essential"), "yes");
  package->is_required =
      dc_span_is (priority, "required") || dc_span_is (priority, "important");
  package->is_manual = true;
  package->line = stanza->line;
  return copy_depends (stanza, &package->depends, err);
}

static int
add_stanza (struct dc_packages *packages, const struct dc_stanza *stanza,
            struct dc_error *err)
{
  if (!is_unpacked (dc_stanza_value (stanza, "Status")))
    return 0;
  if (is_damaged (stanza)) {
    packages->skipped++;
    return 0;
  }
  if (DC_ARRAY_GROW (packages->items, packages->count, DC_PACKAGE_COUNT_MAX,
                     "packages", err) < 0)
    return -1;
  struct dc_package package = { 0 };
  if (fill (stanza, &package, err) < 0) {
    release (&package);
    return -1;
  }
  packages->items[packages->count++] = package;
  return 0;
}

/* FILE within what may still be read: 1, 0 when there is none. */
static int
read_file (struct loader *loader, const char *file, struct dc_buffer *b,
           struct dc_error *err)
{
  b->max = loader->room;
  const int found = dc_tree_read_file (loader->tree, file, b, err);
  if (found < 0)
    return -1;
  loader->room -= b->size;
  return found;
}

/* Append the packages of one file: 1, 0 when there is no such file. */
static int
add_file (struct loader *loader, const char *file, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  const int found = read_file (loader, file, &b, err);

  if (found <= 0)
    return found;
  struct dc_deb822 reader = { { dc_buffer_text (&b), b.size }, 0 };
  struct dc_stanza stanza;
  while (dc_deb822_next (&reader, &stanza))
    if (add_stanza (loader->packages, &stanza, err) < 0)
      return dc_context (err, "%s line %u", file, stanza.line);
  return 1;
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
add_folder (struct loader *loader, struct dc_error *err)
{
  struct dc_tree *tree = loader->tree;
  const uint32_t folder = dc_tree_resolve (tree, STATUS_FOLDER);
  int found = 0;

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    AUTO_FREE char *file = NULL;
    if (!is_record (&tree->entries[i]))
      continue;
    if (dc_text_print (&file, err, "%s/%s", STATUS_FOLDER,
                       tree->entries[i].name) < 0)
      return -1;
    if (add_file (loader, file, err) < 0)
      return -1;
    found = 1;
  }
  return found;
}

static int
by_name (const void *a, const void *b)
{
  const struct dc_package *p = a, *q = b;
  const int name = strcmp (p->name, q->name);
  const int arch = name != 0 ? name : strcmp (p->arch, q->arch);

  return arch != 0 ? arch : (p->line > q->line) - (p->line < q->line);
}

/* Sort, and leave out what is there twice. */
static void
sort (struct dc_packages *packages)
{
  size_t kept = 0;

  if (packages->count > 0)
    qsort (packages->items, packages->count, sizeof *packages->items, by_name);
  for (size_t i = 0; i < packages->count; i++) {
    struct dc_package *last = kept > 0 ? &packages->items[kept - 1] : NULL;
    struct dc_package *package = &packages->items[i];
    if (last != NULL && strcmp (last->name, package->name) == 0 &&
        strcmp (last->arch, package->arch) == 0) {
      release (package);
      packages->skipped++;
    } else {
      packages->items[kept++] = *package;
    }
  }
  packages->count = kept;
}

/* apt records packages of architecture "all" under the native one. */
static void
mark_automatic (struct dc_packages *packages, const struct dc_stanza *stanza)
{
  const struct dc_span name = dc_stanza_value (stanza, "Package");
  const struct dc_span arch = dc_stanza_value (stanza, "Architecture");

  if (!dc_span_is (dc_stanza_value (stanza, "Auto-Installed"), "1"))
    return;
  for (size_t i = dc_packages_find (packages, name);
       i < packages->count && dc_span_is (name, packages->items[i].name); i++)
    if (arch.text == NULL || dc_span_is (arch, packages->items[i].arch) ||
        strcmp (packages->items[i].arch, "all") == 0)
      packages->items[i].is_manual = false;
}

static int
load_marks (struct loader *loader, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);

  if (read_file (loader, EXTENDED_STATES, &b, err) < 0)
    return -1;
  struct dc_deb822 reader = { { dc_buffer_text (&b), b.size }, 0 };
  struct dc_stanza stanza;
  while (dc_deb822_next (&reader, &stanza))
    mark_automatic (loader->packages, &stanza);
  return 0;
}

int
dc_packages_load (struct dc_tree *tree, struct dc_packages **out,
                  struct dc_error *err)
{
  DC_AUTO (dc_packages) *packages = calloc (1, sizeof *packages);
  if (packages == NULL)
    return dc_fail_errno (err, "cannot keep the packages");

  struct loader loader = { packages, tree, DC_PACKAGES_SIZE_MAX };
  const int file = add_file (&loader, STATUS, err);
  if (file < 0)
    return -1;
  const int folder = add_folder (&loader, err);
  if (folder < 0)
    return -1;
  if (file > 0 || folder > 0) {
    packages->database = strdup (file > 0 ? STATUS : STATUS_FOLDER);
    if (packages->database == NULL)
      return dc_fail_errno (err, "cannot keep the packages");
  }
  sort (packages);
  if (load_marks (&loader, err) < 0 ||
      dc_packages_mark_distribution (packages, err) < 0)
    return -1;
  *out = DC_TAKE (packages);
  return 0;
}

size_t
dc_packages_find (const struct dc_packages *packages, struct dc_span name)
{
  size_t low = 0, high = packages->count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (dc_span_compare (dc_span_of (packages->items[middle].name), name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < packages->count && dc_span_is (name, packages->items[low].name)
             ? low
             : packages->count;
}

void
dc_packages_free (struct dc_packages *packages)
{
  if (packages == NULL)
    return;
  for (size_t i = 0; i < packages->count; i++)
    release (&packages->items[i]);
  free (packages->items);
  free (packages->database);
  free (packages);
}
