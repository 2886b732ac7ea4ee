/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/aptlists.h"
#include "lib/array.h"

#define FOLDER "/var/lib/apt/lists"
#define BASE "base-files"
#define PIECE_SIZE ((size_t) 1024 * 1024)
#define HEAD_SIZE ((size_t) 4096) /* bytes of a Release file with its Origin */
#define KEY "\nPackage: "
#define NAME_MAX_SIZE ((size_t) 256) /* bytes of a package's name */

struct release {
  const char *name; /* of the file; the entry's */
  size_t prefix;    /* bytes of it that its lists begin with */
  char *origin;     /* NULL: it has none */
};

struct lists {
  struct dc_packages *packages;
  struct dc_tree *tree;
  size_t db;
  uint32_t folder;
  struct release *releases;
  size_t release_count;
  bool *seen;      /* for each package of the database: a list had it */
  bool has_base;   /* a list had BASE */
  bool has_packed; /* there are compressed lists, which are not read */
  uint64_t room;   /* bytes that may still be read */
  char *piece;
};

static bool
has_suffix (const char *name, const char *suffix, size_t *size)
{
  const size_t length = strlen (name), end = strlen (suffix);

  if (length <= end || strcmp (name + length - end, suffix) != 0)
    return false;
  *size = length - end;
  return true;
}

/* "Origin: Debian" */
static int
read_origin (struct lists *lists, uint32_t index, char **origin,
             struct dc_error *err)
{
  const uint64_t size = lists->tree->entries[index].size;
  const size_t n = size < HEAD_SIZE ? (size_t) size : HEAD_SIZE;
  struct dc_span rest = { lists->piece, n }, line;

  if (dc_tree_read (lists->tree, index, 0, lists->piece, n, err) < 0)
    return -1;
  while (dc_span_line (&rest, &line))
    if (dc_span_starts (line, "Origin:") && !dc_span_has (line, '\0'))
      return dc_span_copy (dc_span_trim (dc_span_skip (line, 7)), origin, err);
  return 0;
}

static int
add_release (struct lists *lists, uint32_t index, struct dc_error *err)
{
  const struct dc_entry *entry = &lists->tree->entries[index];
  struct release release = { entry->name, 0, NULL };

  if (!S_ISREG (entry->mode) ||
      (!has_suffix (entry->name, "_InRelease", &release.prefix) &&
       !has_suffix (entry->name, "_Release", &release.prefix)))
    return 0;
  if (lists->release_count == DC_APT_RELEASE_MAX)
    return 0; /* its lists will be of an unknown origin */
  if (DC_ARRAY_GROW (lists->releases, lists->release_count, DC_APT_RELEASE_MAX,
                     "repositories", err) < 0 ||
      read_origin (lists, index, &release.origin, err) < 0)
    return -1;
  lists->releases[lists->release_count++] = release;
  return 0;
}

/* One more than the index of the release of the list NAME, 0 for none; of
 * several the one with the longest name.
 */
static size_t
find_release (const struct lists *lists, const char *name)
{
  size_t best = 0, size = 0;

  for (size_t i = 0; i < lists->release_count; i++) {
    const struct release *release = &lists->releases[i];
    if (release->prefix >= size && name[0] != '\0' &&
        strncmp (release->name, name, release->prefix) == 0 &&
        name[release->prefix] == '_') {
      best = i + 1;
      size = release->prefix;
    }
  }
  return best;
}

static void
see_package (struct lists *lists, struct dc_span name)
{
  const struct dc_package_db *db = &lists->packages->dbs[lists->db];
  const struct dc_package *items = lists->packages->items;

  for (size_t i = dc_packages_find (lists->packages, lists->db, name);
       i < db->first + db->count && dc_span_is (name, items[i].name); i++)
    lists->seen[i - db->first] = true;
  lists->has_base = lists->has_base || dc_span_is (name, BASE);
}

/* The names in SIZE bytes; one that is cut off at the end comes again. */
static void
scan (struct lists *lists, const char *bytes, size_t size)
{
  const char *const end = bytes + size, *at = bytes;

  for (;;) {
    at = memmem (at, (size_t) (end - at), KEY, sizeof KEY - 1);
    if (at == NULL)
      return;
    at += sizeof KEY - 1;
    const char *eol = memchr (at, '\n', (size_t) (end - at));
    if (eol == NULL)
      return;
    see_package (lists,
                 dc_span_trim ((struct dc_span){ at, (size_t) (eol - at) }));
    at = eol;
  }
}

static int
read_list (struct lists *lists, uint32_t index, struct dc_error *err)
{
  const size_t overlap = sizeof KEY - 1 + NAME_MAX_SIZE;
  const uint64_t size = lists->tree->entries[index].size;

  if (size > lists->room)
    return 0;
  lists->room -= size;
  lists->piece[0] = '\n'; /* the first key has none before it */
  size_t kept = 1;
  for (uint64_t at = 0; at < size;) {
    const size_t room = PIECE_SIZE - kept;
    const size_t n = size - at < room ? (size_t) (size - at) : room;
    if (dc_tree_read (lists->tree, index, at, lists->piece + kept, n, err) < 0)
      return -1;
    scan (lists, lists->piece, kept + n);
    at += n;
    const size_t have = kept + n;
    kept = have < overlap ? have : overlap;
    memmove (lists->piece, lists->piece + have - kept, kept);
  }
  return 0;
}

/* The next list behind entry AFTER and its release, DC_TREE_NONE when there is
 * none; DC_TREE_NONE as AFTER begins.  Compressed ones are only noticed.
 */
static uint32_t
next_list (struct lists *lists, uint32_t after, size_t *release)
{
  const struct dc_entry *entries = lists->tree->entries;
  uint32_t i = after == DC_TREE_NONE ? entries[lists->folder].first_child
                                     : entries[after].next_sibling;
  size_t size;

  for (; i != DC_TREE_NONE; i = entries[i].next_sibling) {
    *release = find_release (lists, entries[i].name);
    if (*release == 0 || !S_ISREG (entries[i].mode))
      continue;
    if (has_suffix (entries[i].name, "_Packages", &size))
      return i;
    if (strstr (entries[i].name, "_Packages.") != NULL)
      lists->has_packed = true;
  }
  return DC_TREE_NONE;
}

/* The list with BASE, whose packages then are seen: 1 and its origin, 0 when
 * there is none.
 */
static int
find_base (struct lists *lists, uint32_t *list, const char **origin,
           struct dc_error *err)
{
  const size_t count = lists->packages->dbs[lists->db].count;
  size_t release = 0;

  for (uint32_t i = next_list (lists, DC_TREE_NONE, &release);
       i != DC_TREE_NONE; i = next_list (lists, i, &release)) {
    memset (lists->seen, 0, count * sizeof *lists->seen);
    if (read_list (lists, i, err) < 0)
      return -1;
    if (!lists->has_base)
      continue;
    *list = i;
    *origin = lists->releases[release - 1].origin;
    return *origin != NULL && **origin != '\0';
  }
  return 0;
}

static int
mark_all (struct lists *lists, struct dc_error *err)
{
  const struct dc_package_db *db = &lists->packages->dbs[lists->db];
  const char *own = NULL;
  uint32_t base = DC_TREE_NONE;
  size_t release = 0;

  const int found = find_base (lists, &base, &own, err);
  if (found <= 0)
    return found;
  for (uint32_t i = next_list (lists, DC_TREE_NONE, &release);
       i != DC_TREE_NONE; i = next_list (lists, i, &release)) {
    const char *origin = lists->releases[release - 1].origin;
    if (i != base && origin != NULL &&
        strncmp (origin, own, strlen (own)) == 0 &&
        read_list (lists, i, err) < 0)
      return -1;
  }
  for (size_t i = 0; i < db->count; i++)
    if (lists->seen[i] || !lists->has_packed)
      lists->packages->items[db->first + i].foreign =
          lists->seen[i] ? DC_ANSWER_NO : DC_ANSWER_YES;
  return 0;
}

static int
load_releases (struct lists *lists, struct dc_error *err)
{
  const struct dc_entry *entries = lists->tree->entries;

  for (uint32_t i = entries[lists->folder].first_child; i != DC_TREE_NONE;
       i = entries[i].next_sibling)
    if (add_release (lists, i, err) < 0)
      return -1;
  return 0;
}

int
dc_apt_mark_foreign (struct dc_package_loader *loader, size_t db,
                     struct dc_error *err)
{
  struct lists lists = {
    .packages = loader->packages,
    .tree = loader->tree,
    .db = db,
    .folder = dc_tree_resolve (loader->tree, FOLDER),
    .room = DC_APT_LISTS_MAX,
  };
  const size_t count = loader->packages->dbs[db].count;

  if (lists.folder == DC_TREE_NONE || count == 0)
    return 0;
  AUTO_FREE char *piece = malloc (PIECE_SIZE);
  AUTO_FREE bool *seen = calloc (count, sizeof *seen);
  if (piece == NULL || seen == NULL)
    return dc_fail_errno (err, "cannot read the lists of apt");
  lists.piece = piece;
  lists.seen = seen;
  int status = load_releases (&lists, err);
  if (status == 0)
    status = mark_all (&lists, err);
  for (size_t i = 0; i < lists.release_count; i++)
    free (lists.releases[i].origin);
  free (lists.releases);
  return status;
}
