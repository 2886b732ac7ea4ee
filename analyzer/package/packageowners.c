/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/conffiles.h"
#include "analyzer/package/packages.h"
#include "lib/array.h"
#include "lib/quote.h"

#define DIVERSIONS "/var/lib/dpkg/diversions"

/* PACKAGE's own FROM stays; everybody else's is TO. */
struct diversion {
  struct dc_span from, to, package;
};

struct claims {
  const struct dc_packages *packages;
  struct dc_tree *tree;
  uint32_t *owners;
  struct diversion *diversions; /* sorted by `from` */
  size_t diversion_count;
  struct dc_buffer diversion_text;
  struct dc_buffer name;   /* of the entry being looked up */
  struct dc_buffer folder; /* the one looked up last, ... */
  uint32_t folder_index;   /* ... and where it is */
  size_t list_room;        /* bytes of lists that may still be read */
  uint64_t conffile_room;  /* bytes of conffiles that may still be read */
};

static int
by_from (const void *a, const void *b)
{
  const struct diversion *p = a, *q = b;

  return dc_span_compare (p->from, q->from);
}

/* Three lines each: the path, where it goes instead, and whose diversion it
 * is, ":" being the administrator's.
 */
static int
load_diversions (struct claims *claims, struct dc_error *err)
{
  const int found = dc_tree_read_file (claims->tree, DIVERSIONS,
                                       &claims->diversion_text, err);
  if (found < 0)
    return -1;

  struct dc_span rest = { dc_buffer_text (&claims->diversion_text),
                          claims->diversion_text.size };
  struct diversion diversion;
  while (dc_span_line (&rest, &diversion.from) &&
         dc_span_line (&rest, &diversion.to) &&
         dc_span_line (&rest, &diversion.package)) {
    if (DC_ARRAY_GROW (claims->diversions, claims->diversion_count, SIZE_MAX,
                       "diversions", err) < 0)
      return -1;
    claims->diversions[claims->diversion_count++] = diversion;
  }
  if (claims->diversion_count > 0)
    qsort (claims->diversions, claims->diversion_count,
           sizeof *claims->diversions, by_from);
  return 0;
}

/* Where the file that PACKAGE calls PATH lies. */
static struct dc_span
divert (const struct claims *claims, struct dc_span path,
        const struct dc_package *package)
{
  if (claims->diversion_count == 0)
    return path;
  const struct diversion key = { .from = path };
  const struct diversion *diversion =
      bsearch (&key, claims->diversions, claims->diversion_count,
               sizeof *claims->diversions, by_from);
  return diversion == NULL || dc_span_is (diversion->package, package->name)
             ? path
             : diversion->to;
}

/* Lists name a folder's files one after another, so the folder is resolved
 * once for all of them.
 */
static int
find_folder (struct claims *claims, struct dc_span folder, uint32_t *index,
             struct dc_error *err)
{
  const struct dc_span last = { dc_buffer_text (&claims->folder),
                                claims->folder.size };

  if (claims->folder_index == DC_TREE_NONE ||
      dc_span_compare (folder, last) != 0) {
    claims->folder_index = DC_TREE_NONE;
    dc_buffer_clear (&claims->folder);
    if (dc_buffer_append (&claims->folder, folder.text, folder.size, err) < 0)
      return -1;
    claims->folder_index =
        dc_tree_resolve (claims->tree, dc_buffer_text (&claims->folder));
  }
  *index = claims->folder_index;
  return 0;
}

/* The entry that PATH names, its last component not followed: 1, 0 when it is
 * not there.  "/." is the root.
 */
static int
find_entry (struct claims *claims, struct dc_span path, uint32_t *index,
            struct dc_error *err)
{
  uint32_t folder;

  while (path.size > 1 && path.text[path.size - 1] == '/')
    path.size--;
  if (path.size == 0 || path.size > DC_TREE_PATH_MAX ||
      dc_span_has (path, '\0'))
    return 0;
  if (dc_span_is (path, "/") || dc_span_is (path, "/.")) {
    *index = 0;
    return 1;
  }
  const char *slash = memrchr (path.text, '/', path.size);
  const size_t above = slash != NULL ? (size_t) (slash - path.text) : 0;
  if (find_folder (claims, (struct dc_span){ path.text, above }, &folder, err) <
      0)
    return -1;
  if (folder == DC_TREE_NONE)
    return 0;
  const struct dc_span name = dc_span_skip (path, above + (slash != NULL));
  dc_buffer_clear (&claims->name);
  if (dc_buffer_append (&claims->name, name.text, name.size, err) < 0)
    return -1;
  *index = dc_tree_child (claims->tree, folder, dc_buffer_text (&claims->name));
  return *index != DC_TREE_NONE;
}

static int
claim (struct claims *claims, size_t package, struct dc_span path,
       struct dc_error *err)
{
  uint32_t index = DC_TREE_NONE;

  path = divert (claims, path, &claims->packages->items[package]);
  const int found = find_entry (claims, path, &index, err);
  if (found > 0 && claims->owners[index] == DC_TREE_NONE)
    claims->owners[index] = (uint32_t) package;
  return found < 0 ? -1 : 0;
}

/* A line of a list is a path; one of *.md5sums is a digest, two blanks and a
 * path without its first slash.
 */
static int
claim_lines (struct claims *claims, size_t package, struct dc_span text,
             size_t path_at, struct dc_error *err)
{
  struct dc_span line;

  while (dc_span_line (&text, &line)) {
    if (line.size <= path_at || (path_at == 0 && *line.text != '/'))
      continue;
    if (claim (claims, package, dc_span_skip (line, path_at), err) < 0)
      return -1;
  }
  return 0;
}

/* The list of a package of which several architectures can be installed
 * carries the architecture.
 */
static int
claim_list (struct claims *claims, size_t index, struct dc_error *err)
{
  static const struct {
    const char *folder, *before_arch, *suffix;
    size_t path_at;
  } forms[] = {
    { "/var/lib/dpkg/info", NULL, ".list", 0 },
    { "/var/lib/dpkg/info", ":", ".list", 0 },
    { "/var/lib/dpkg/status.d", NULL, ".md5sums", DC_MD5_DIGITS + 2 },
  };
  const struct dc_package *package = &claims->packages->items[index];
  AUTO_BUFFER struct dc_buffer name = DC_BUFFER_INIT (DC_TREE_PATH_MAX);

  for (size_t i = 0; i < DC_COUNT (forms); i++) {
    const char *arch = forms[i].before_arch != NULL ? package->arch : "";
    const char *before_arch = arch[0] != '\0' ? forms[i].before_arch : "";
    AUTO_BUFFER struct dc_buffer list = DC_BUFFER_INIT (DC_PACKAGE_LIST_MAX);
    if (list.max > claims->list_room)
      list.max = claims->list_room;
    dc_buffer_clear (&name);
    if (dc_buffer_print (&name, err, "%s/%s%s%s%s", forms[i].folder,
                         package->name, before_arch, arch, forms[i].suffix) < 0)
      return -1;
    const int found =
        dc_tree_read_file (claims->tree, dc_buffer_text (&name), &list, err);
    if (found < 0)
      return -1;
    claims->list_room -= list.size;
    if (found > 0)
      return claim_lines (claims, index,
                          (struct dc_span){ dc_buffer_text (&list), list.size },
                          forms[i].path_at, err);
  }
  return 0;
}

static int
check_conffiles (struct claims *claims, size_t package, struct dc_error *err)
{
  const char *conffiles = claims->packages->items[package].conffiles;
  struct dc_span rest = dc_span_of (conffiles != NULL ? conffiles : "");
  struct dc_span path, md5;

  while (dc_conffiles_next (&rest, &path, &md5)) {
    uint32_t index = DC_TREE_NONE;
    path = divert (claims, path, &claims->packages->items[package]);
    const int found = find_entry (claims, path, &index, err);
    if (found < 0)
      return -1;
    if (found == 0 || claims->owners[index] != package)
      continue;
    const int is_same = dc_conffile_is_pristine (claims->tree, index, md5,
                                                 &claims->conffile_room, err);
    if (is_same < 0)
      return -1;
    if (!is_same)
      claims->owners[index] = DC_TREE_NONE;
  }
  return 0;
}

static int
claim_all (struct claims *claims, struct dc_error *err)
{
  if (load_diversions (claims, err) < 0)
    return -1;
  for (size_t i = 0; i < claims->packages->count; i++)
    if (claim_list (claims, i, err) < 0)
      return dc_context (err, "the files of package '%s'",
                         dc_quote (claims->packages->items[i].name).text);
  for (size_t i = 0; i < claims->packages->count; i++)
    if (check_conffiles (claims, i, err) < 0)
      return dc_context (err, "the configuration of package '%s'",
                         dc_quote (claims->packages->items[i].name).text);
  return 0;
}

int
dc_packages_owners (const struct dc_packages *packages, struct dc_tree *tree,
                    uint32_t **owners, struct dc_error *err)
{
  AUTO_FREE uint32_t *made = reallocarray (NULL, tree->count, sizeof *made);
  if (made == NULL)
    return dc_fail_errno (err, "cannot keep the owners of %u files",
                          (unsigned) tree->count);
  for (uint32_t i = 0; i < tree->count; i++)
    made[i] = DC_TREE_NONE;

  struct claims claims = {
    .packages = packages,
    .tree = tree,
    .owners = made,
    .diversion_text = DC_BUFFER_INIT (DC_DIVERSIONS_SIZE_MAX),
    .name = DC_BUFFER_INIT (DC_TREE_PATH_MAX),
    .folder = DC_BUFFER_INIT (DC_TREE_PATH_MAX),
    .folder_index = DC_TREE_NONE,
    .list_room = DC_PACKAGE_LISTS_MAX,
    .conffile_room = DC_CONFFILES_SIZE_MAX,
  };
  const int status = claim_all (&claims, err);
  free (claims.diversions);
  dc_buffer_release (&claims.diversion_text);
  dc_buffer_release (&claims.name);
  dc_buffer_release (&claims.folder);
  if (status < 0)
    return -1;
  *owners = DC_TAKE (made);
  return 0;
}
