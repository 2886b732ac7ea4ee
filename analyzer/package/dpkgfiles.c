/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/package/dpkg.h"
#include "lib/array.h"
#include "lib/quote.h"

/* Where a package's files are named.  The list of a package of which several
 * architectures can be installed carries the architecture.
 */
static const struct form {
  const char *folder, *before_arch;
} forms[] = {
  { "/var/lib/dpkg/info", NULL },
  { "/var/lib/dpkg/info", ":" },
  { "/var/lib/dpkg/status.d", NULL },
};

/* A line of *.md5sums. */
struct sum {
  struct dc_span path; /* no slash before it */
  struct dc_span digits;
};

struct lister {
  const struct dc_packages *packages;
  struct dc_tree *tree;
  const struct dc_file_sink *sink;
  struct dc_diversions diversions;
  struct dc_buffer list, sum_text;
  struct sum *sums; /* of one package, sorted by path */
  size_t sum_count;
  size_t room; /* bytes that may still be read */
};

static int
by_path (const void *a, const void *b)
{
  const struct sum *p = a, *q = b;

  return dc_span_compare (p->path, q->path);
}

/* PACKAGE's file with SUFFIX, into B: 1, 0 when there is none. */
static int
read_list (struct lister *lister, const struct dc_package *package,
           const char *suffix, struct dc_buffer *b, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer name = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  dc_buffer_clear (b);
  b->max =
      lister->room < DC_PACKAGE_LIST_MAX ? lister->room : DC_PACKAGE_LIST_MAX;
  for (size_t i = 0; i < DC_COUNT (forms); i++) {
    const bool has_arch =
        forms[i].before_arch != NULL && *package->arch != '\0';
    dc_buffer_clear (&name);
    if (dc_buffer_print (&name, err, "%s/%s%s%s%s", forms[i].folder,
                         package->name, has_arch ? forms[i].before_arch : "",
                         has_arch ? package->arch : "", suffix) < 0)
      return -1;
    const int found =
        dc_tree_read_file (lister->tree, dc_buffer_text (&name), b, err);
    if (found != 0) {
      lister->room -= b->size; /* unchanged on failure */
      return found;
    }
  }
  return 0;
}

/* Digest, two blanks and a path without its first slash. */
static int
load_sums (struct lister *lister, const struct dc_package *package,
           struct dc_error *err)
{
  const size_t path_at = DC_MD5_DIGITS + 2;
  struct dc_span rest, line;

  lister->sum_count = 0;
  free (DC_TAKE (lister->sums));
  if (read_list (lister, package, ".md5sums", &lister->sum_text, err) < 0)
    return -1;
  rest = (struct dc_span){ dc_buffer_text (&lister->sum_text),
                           lister->sum_text.size };
  while (dc_span_line (&rest, &line)) {
    if (line.size <= path_at)
      continue;
    if (DC_ARRAY_GROW (lister->sums, lister->sum_count, SIZE_MAX, "checksums",
                       err) < 0)
      return -1;
    lister->sums[lister->sum_count++] =
        (struct sum){ dc_span_skip (line, path_at),
                      { line.text, DC_MD5_DIGITS } };
  }
  if (lister->sum_count > 0)
    qsort (lister->sums, lister->sum_count, sizeof *lister->sums, by_path);
  return 0;
}

static int
give (struct lister *lister, size_t index, struct dc_span path,
      const struct sum *sum, struct dc_error *err)
{
  const struct dc_package *package = &lister->packages->items[index];
  struct dc_packaged_file file = {
    .path = dc_diversions_find (&lister->diversions, path, package->name)
  };

  if (sum != NULL)
    file.sum = dc_checksum_hex (DC_CHECKSUM_MD5, sum->digits);
  return lister->sink->file (lister->sink->self, index, &file, err);
}

/* The lines of a list are paths. */
static int
give_list (struct lister *lister, size_t index, struct dc_error *err)
{
  struct dc_span rest = { dc_buffer_text (&lister->list), lister->list.size };
  struct dc_span line;

  while (dc_span_line (&rest, &line)) {
    if (line.size == 0 || *line.text != '/')
      continue;
    const struct sum key = { .path = dc_span_skip (line, 1) };
    const struct sum *sum =
        lister->sum_count == 0 ? NULL
                               : bsearch (&key, lister->sums, lister->sum_count,
                                          sizeof *lister->sums, by_path);
    if (give (lister, index, line, sum, err) < 0)
      return -1;
  }
  return 0;
}

/* A package of status.d has its checksums only. */
static int
give_sums (struct lister *lister, size_t index, struct dc_error *err)
{
  for (size_t i = 0; i < lister->sum_count; i++)
    if (give (lister, index, lister->sums[i].path, &lister->sums[i], err) < 0)
      return -1;
  return 0;
}

static int
list_package (struct lister *lister, size_t index, struct dc_error *err)
{
  const struct dc_package *package = &lister->packages->items[index];
  const int found = read_list (lister, package, ".list", &lister->list, err);

  if (found < 0)
    return -1;
  if ((found == 0 || lister->sink->wants_sums) &&
      load_sums (lister, package, err) < 0)
    return -1;
  return found > 0 ? give_list (lister, index, err)
                   : give_sums (lister, index, err);
}

int
dc_dpkg_list (const struct dc_packages *packages, size_t db,
              struct dc_tree *tree, const struct dc_file_sink *sink,
              struct dc_error *err)
{
  struct lister lister = {
    .packages = packages,
    .tree = tree,
    .sink = sink,
    .diversions = DC_DIVERSIONS_INIT,
    .list = DC_BUFFER_INIT (DC_PACKAGE_LIST_MAX),
    .sum_text = DC_BUFFER_INIT (DC_PACKAGE_LIST_MAX),
    .room = DC_PACKAGE_LISTS_MAX,
  };
  const size_t end = packages->dbs[db].first + packages->dbs[db].count;

  int status = dc_diversions_load (tree, &lister.diversions, err);
  for (size_t i = packages->dbs[db].first; i < end && status == 0; i++) {
    status = list_package (&lister, i, err);
    if (status < 0)
      status = dc_context (err, "the files of package '%s'",
                           dc_quote (packages->items[i].name).text);
  }
  dc_diversions_release (&lister.diversions);
  dc_buffer_release (&lister.list);
  dc_buffer_release (&lister.sum_text);
  free (lister.sums);
  return status;
}
