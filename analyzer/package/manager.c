/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/package/manager.h"
#include "lib/array.h"

const struct dc_package_manager *const dc_package_managers[] = {
  &dc_package_manager_dpkg,
  &dc_package_manager_apk,
  &dc_package_manager_pacman,
  &dc_package_manager_rpm,
};
const size_t dc_package_manager_count = DC_COUNT (dc_package_managers);

int
dc_package_begin (struct dc_package_loader *loader,
                  const struct dc_package_manager *manager, const char *file,
                  struct dc_error *err)
{
  struct dc_packages *packages = loader->packages;

  if (packages->db_count == DC_PACKAGE_DB_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %zu package databases",
                    DC_PACKAGE_DB_MAX);
  struct dc_package_db *db = &packages->dbs[packages->db_count];
  db->file = strdup (file);
  if (db->file == NULL)
    return dc_fail_errno (err, "cannot keep the packages");
  db->manager = manager;
  packages->db_count++;
  return 0;
}

int
dc_package_read (struct dc_package_loader *loader, const char *file,
                 struct dc_buffer *b, struct dc_error *err)
{
  const size_t before = b->size;

  b->max = before + loader->room;
  const int found = dc_tree_read_file (loader->tree, file, b, err);
  if (found < 0)
    return -1;
  loader->room -= b->size - before;
  return found;
}

int
dc_package_add (struct dc_package_loader *loader, struct dc_package *package,
                struct dc_error *err)
{
  struct dc_packages *packages = loader->packages;

  package->db = packages->db_count - 1;
  if ((package->arch == NULL &&
       dc_package_set (&package->arch, dc_span_of (""), err) < 0) ||
      DC_ARRAY_GROW (packages->items, packages->count, DC_PACKAGE_COUNT_MAX,
                     "packages", err) < 0) {
    dc_package_release (package);
    return -1;
  }
  packages->items[packages->count++] = *package;
  return 0;
}

void
dc_package_skip (struct dc_package_loader *loader)
{
  loader->packages->dbs[loader->packages->db_count - 1].skipped++;
}

int
dc_package_set (char **out, struct dc_span value, struct dc_error *err)
{
  return value.text == NULL ? 0 : dc_span_copy (value, out, err);
}

int
dc_package_line (struct dc_buffer *lines, struct dc_span value,
                 struct dc_error *err)
{
  if (lines->size > 0 && dc_buffer_append (lines, "\n", 1, err) < 0)
    return -1;
  return dc_buffer_append (lines, value.text, value.size, err);
}

int
dc_package_add_conffile (struct dc_package *package, struct dc_span path,
                         const struct dc_checksum *sum, struct dc_error *err)
{
  if (DC_ARRAY_GROW (package->conffiles, package->conffile_count,
                     DC_CONFFILE_COUNT_MAX, "configuration files", err) < 0)
    return -1;
  struct dc_conffile *conffile = &package->conffiles[package->conffile_count];
  if (dc_span_copy (path, &conffile->path, err) < 0)
    return -1;
  conffile->sum = *sum;
  package->conffile_count++;
  return 0;
}

bool
dc_package_is_name (struct dc_span name)
{
  static const char bytes[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-._@";

  if (name.size == 0 || *name.text == '.')
    return false;
  for (size_t i = 0; i < name.size; i++)
    if (memchr (bytes, name.text[i], sizeof bytes - 1) == NULL)
      return false;
  return true;
}

bool
dc_package_is_word (struct dc_span value)
{
  return !dc_span_has (value, '\0') && !dc_span_has (value, '\n');
}

void
dc_package_release (struct dc_package *package)
{
  char *const texts[] = {
    package->name,     package->version, package->arch,    package->source,
    package->section,  package->vendor,  package->depends, package->provides,
    package->programs, package->file,
  };

  for (size_t i = 0; i < DC_COUNT (texts); i++)
    free (texts[i]);
  for (size_t i = 0; i < package->conffile_count; i++)
    free (package->conffiles[i].path);
  free (package->conffiles);
}

bool
dc_relation_plain_name (struct dc_span *relation, struct dc_span *name)
{
  size_t size = 0;

  while (size < relation->size && strchr ("<>=~", relation->text[size]) == NULL)
    size++;
  *name = dc_span_trim ((struct dc_span){ relation->text, size });
  *relation = dc_span_skip (*relation, relation->size); /* one name a line */
  return name->size > 0;
}
