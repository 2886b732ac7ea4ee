/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/package/rpmdb.h"
#include "analyzer/package/sqlite.h"

static int
give_row (void *self, int64_t rowid, const struct dc_sqlite_value *columns,
          size_t count, struct dc_error *err)
{
  const struct dc_rpm_sink *sink = self;

  if (count < 2 || columns[1].text.text == NULL || rowid < 0) {
    sink->damage (sink->self);
    return 0;
  }
  return sink->header (sink->self, (uint64_t) rowid, columns[1].text.text,
                       columns[1].text.size, err);
}

static void
give_damage (void *self)
{
  const struct dc_rpm_sink *sink = self;

  sink->damage (sink->self);
}

static int
walk_sqlite (struct dc_tree *tree, const char *path,
             const struct dc_rpm_sink *sink, struct dc_error *err)
{
  struct dc_rpm_sink copy = *sink;
  const struct dc_sqlite_sink rows = { give_row, give_damage, &copy };
  const int found = dc_sqlite_rows (tree, path, "Packages", &rows, err);

  return found == 0
             ? dc_fail (err, DC_ERR_INVALID, "it has no table of packages")
             : (found < 0 ? -1 : 0);
}

static int
walk_file (struct dc_tree *tree, const char *path,
           const struct dc_rpm_sink *sink,
           int (*walk) (struct dc_pagefile *file,
                        const struct dc_rpm_sink *sink, struct dc_error *err),
           struct dc_error *err)
{
  struct dc_pagefile file;

  if (dc_pagefile_open (tree, path, &file) == 0)
    return dc_fail (err, DC_ERR_INVALID, "it is no regular file");
  const int status = walk (&file, sink, err);
  dc_pagefile_release (&file);
  return status;
}

static int
walk_ndb (struct dc_tree *tree, const char *path,
          const struct dc_rpm_sink *sink, struct dc_error *err)
{
  return walk_file (tree, path, sink, dc_rpmdb_ndb, err);
}

static int
walk_bdb (struct dc_tree *tree, const char *path,
          const struct dc_rpm_sink *sink, struct dc_error *err)
{
  return walk_file (tree, path, sink, dc_rpmdb_bdb, err);
}

/* In the order in which rpm looks; an empty file is no database. */
static const struct {
  const char *file;
  int (*walk) (struct dc_tree *tree, const char *path,
               const struct dc_rpm_sink *sink, struct dc_error *err);
} forms[] = {
  { "/var/lib/rpm/rpmdb.sqlite", walk_sqlite },
  { "/usr/lib/sysimage/rpm/rpmdb.sqlite", walk_sqlite },
  { "/var/lib/rpm/Packages.db", walk_ndb },
  { "/usr/lib/sysimage/rpm/Packages.db", walk_ndb },
  { "/var/lib/rpm/Packages", walk_bdb },
  { "/usr/lib/sysimage/rpm/Packages", walk_bdb },
};

const char *
dc_rpmdb_find (const struct dc_tree *tree)
{
  for (size_t i = 0; i < DC_COUNT (forms); i++) {
    const uint32_t index = dc_tree_resolve (tree, forms[i].file);
    if (index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode) &&
        tree->entries[index].size > 0)
      return forms[i].file;
  }
  return NULL;
}

int
dc_rpmdb_walk (struct dc_tree *tree, const char *path,
               const struct dc_rpm_sink *sink, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (forms); i++)
    if (strcmp (forms[i].file, path) == 0)
      return forms[i].walk (tree, path, sink, err) < 0
                 ? dc_context (err, "rpm's database '%s'", path)
                 : 0;
  return dc_fail (err, DC_ERR_INVALID, "'%s' is no database of rpm", path);
}
