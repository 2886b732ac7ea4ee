/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/package/rpmmarks.h"
#include "lib/glob.h"
#include "templates/templates.h"

#define LOCK_MAX 1000 /* patterns in all files; each meets each package */
#define KEY_PACKAGE "gpg-pubkey" /* a key that rpm trusts, not a package */

struct marking {
  struct dc_package_loader *loader;
  size_t db;
  size_t lock_count;
};

static struct dc_package *
first_of (const struct marking *marking)
{
  const struct dc_packages *packages = marking->loader->packages;

  return packages->items + packages->dbs[marking->db].first;
}

static size_t
count_of (const struct marking *marking)
{
  return marking->loader->packages->dbs[marking->db].count;
}

/* A pattern may be of a name alone or with epoch, version and architecture, in
 * the order of dnf ("bash-0:5.1-2.el9.*") or of yum ("0:bash-4.2-3.el7.*").
 */
static int
lock_package (struct dc_package *package, const char *pattern,
              struct dc_error *err)
{
  const char *colon = strchr (package->version, ':');
  const char *bare = colon != NULL ? colon + 1 : package->version;
  const int epoch_size = colon != NULL ? (int) (colon - package->version) : 1;
  const char *epoch = colon != NULL ? package->version : "0";
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_PACKAGES_SIZE_MAX);

  if (dc_glob_match (pattern, package->name)) {
    package->is_held = true;
    return 0;
  }
  for (int form = 0; form < 5 && !package->is_held; form++) {
    dc_buffer_clear (&b);
    const int status =
        form == 0   ? dc_buffer_print (&b, err, "%s-%s", package->name, bare)
        : form == 1 ? dc_buffer_print (&b, err, "%s-%s.%s", package->name, bare,
                                       package->arch)
        : form == 2 ? dc_buffer_print (&b, err, "%s-%.*s:%s", package->name,
                                       epoch_size, epoch, bare)
        : form == 3
            ? dc_buffer_print (&b, err, "%s-%.*s:%s.%s", package->name,
                               epoch_size, epoch, bare, package->arch)
            : dc_buffer_print (&b, err, "%.*s:%s-%s.%s", epoch_size, epoch,
                               package->name, bare, package->arch);
    if (status < 0)
      return -1;
    package->is_held = dc_glob_match (pattern, dc_buffer_text (&b));
  }
  return 0;
}

static int
lock (struct marking *marking, struct dc_span pattern, struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (pattern.size == 0 || *pattern.text == '!' || dc_span_has (pattern, '\0'))
    return 0;
  if (++marking->lock_count > LOCK_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "more than %d version locks", LOCK_MAX);
  if (dc_span_copy (pattern, &text, err) < 0)
    return -1;
  for (size_t i = 0; i < count_of (marking); i++)
    if (lock_package (&first_of (marking)[i], text, err) < 0)
      return -1;
  return 0;
}

/* A line of a list is a pattern. */
static int
lock_line (struct marking *marking, struct dc_span line, struct dc_error *err)
{
  return *line.text == '#' ? 0 : lock (marking, line, err);
}

/* "solvable_name: kernel-default" */
static int
lock_zypp (struct marking *marking, struct dc_span line, struct dc_error *err)
{
  struct dc_span key;

  return dc_span_field (&line, ':', &key) &&
                 dc_span_is (key, "solvable_name") && line.text != NULL
             ? lock (marking, dc_span_trim (line), err)
             : 0;
}

/* name = "bash" */
static int
lock_toml (struct marking *marking, struct dc_span line, struct dc_error *err)
{
  struct dc_span key;

  if (!dc_span_field (&line, '=', &key) ||
      !dc_span_is (dc_span_trim (key), "name") || line.text == NULL)
    return 0;
  line = dc_span_trim (line);
  if (line.size < 2 || *line.text != '"' || line.text[line.size - 1] != '"')
    return 0;
  line = dc_span_skip (line, 1);
  line.size--;
  return lock (marking, line, err);
}

/* Names of what came along as a dependency. */
static int
mark_automatic (struct marking *marking, struct dc_span line,
                struct dc_error *err)
{
  const struct dc_packages *packages = marking->loader->packages;
  struct dc_package *const items = first_of (marking);

  (void) err; /* nothing here can fail */
  for (size_t i = dc_packages_find (packages, marking->db, line) -
                  packages->dbs[marking->db].first;
       i < count_of (marking) && dc_span_is (line, items[i].name); i++)
    items[i].manual = DC_ANSWER_NO;
  return 0;
}

#define AUTO_INSTALLED "/var/lib/zypp/AutoInstalled"

static const struct {
  const char *file;
  int (*line) (struct marking *marking, struct dc_span line,
               struct dc_error *err);
} files[] = {
  { "/etc/dnf/plugins/versionlock.list", lock_line },
  { "/etc/yum/pluginconf.d/versionlock.list", lock_line },
  { "/etc/dnf/versionlock.toml", lock_toml },
  { "/etc/zypp/locks", lock_zypp },
  { AUTO_INSTALLED, mark_automatic },
};

static int
read_lines (struct marking *marking, size_t n, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (0);
  struct dc_span line;

  if (dc_package_read (marking->loader, files[n].file, &b, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line)) {
    line = dc_span_trim (line);
    if (line.size > 0 && files[n].line (marking, line, err) < 0)
      return dc_context (err, "%s", files[n].file);
  }
  return 0;
}

static const char *
base_vendor (const struct marking *marking)
{
  static const char *const names[] = { "glibc", "filesystem", "setup",
                                       "basesystem" };
  const struct dc_packages *packages = marking->loader->packages;

  for (size_t i = 0; i < DC_COUNT (names); i++) {
    const size_t found =
        dc_packages_find (packages, marking->db, dc_span_of (names[i]));
    if (found < packages->count && packages->items[found].vendor != NULL)
      return packages->items[found].vendor;
  }
  return NULL;
}

/* Do both fit one of the patterns of vendors that are one house? */
static bool
is_same_house (const struct dc_distribution_template *template, const char *a,
               const char *b)
{
  const struct dc_distribution_rule *rules = template->distribution.items;

  for (size_t i = 0; i < template->distribution.count; i++)
    for (size_t j = 0; j < rules[i].vendors.count; j++)
      if (dc_glob_match (rules[i].vendors.items[j], a) &&
          dc_glob_match (rules[i].vendors.items[j], b))
        return true;
  return false;
}

static int
mark_foreign (const struct marking *marking, struct dc_error *err)
{
  DC_AUTO (dc_distribution_template) *template = NULL;
  const char *own = base_vendor (marking);

  if (own == NULL)
    return 0;
  if (dc_distribution_template_load (&template, err) < 0)
    return -1;
  for (size_t i = 0; i < count_of (marking); i++) {
    struct dc_package *package = &first_of (marking)[i];
    const char *vendor = package->vendor != NULL ? package->vendor : "";
    if (strcmp (package->name, KEY_PACKAGE) == 0)
      continue;
    package->foreign =
        strcmp (vendor, own) == 0 || is_same_house (template, vendor, own)
            ? DC_ANSWER_NO
            : DC_ANSWER_YES;
  }
  return 0;
}

int
dc_rpm_mark (struct dc_package_loader *loader, size_t db, struct dc_error *err)
{
  struct marking marking = { loader, db, 0 };
  const bool has_automatic =
      dc_tree_resolve (loader->tree, AUTO_INSTALLED) != DC_TREE_NONE;

  for (size_t i = 0; i < count_of (&marking) && has_automatic; i++)
    first_of (&marking)[i].manual = DC_ANSWER_YES;
  for (size_t i = 0; i < DC_COUNT (files); i++)
    if (read_lines (&marking, i, err) < 0)
      return -1;
  return mark_foreign (&marking, err) < 0
             ? -1
             : dc_rpm_mark_history (loader, db, err);
}
