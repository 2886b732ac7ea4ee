/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>

#include "analyzer/package/manager.h"
#include "analyzer/package/packagesection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"
#include "lib/quote.h"

static int
note_databases (struct dc_profile *profile, struct dc_error *err)
{
  const struct dc_packages *packages = profile->packages;

  for (size_t i = 0; i < packages->db_count; i++) {
    const struct dc_package_db *db = &packages->dbs[i];
    if (db->problem != NULL &&
        dc_profile_note (profile, "packages.unreadable", db->file, 0, err, "%s",
                         db->problem) < 0)
      return -1;
    if (db->skipped > 0 &&
        dc_profile_note (profile, "packages.damaged", db->file, 0, err,
                         "%" PRIu64 " damaged records are left out",
                         db->skipped) < 0)
      return -1;
  }
  return 0;
}

int
dc_packages_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  struct dc_packages *packages = NULL;

  if (dc_packages_load (tree, &packages, err) < 0)
    return -1;
  dc_packages_free (profile->packages);
  profile->packages = packages;
  if (packages->db_count == 0)
    return dc_profile_note (profile, "packages.unknown", NULL, 0, err,
                            "there is no package database of dpkg, apk, "
                            "pacman or rpm");
  return note_databases (profile, err);
}

static json_t *
databases_json (const struct dc_packages *packages)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < packages->db_count; i++) {
    const struct dc_package_db *db = &packages->dbs[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "manager", db->manager->name);
    dc_json_put_text (&item, "file", db->file);
    dc_json_put_number (&item, "count", db->count);
    dc_json_put_number (&item, "damaged", db->skipped);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
lines_json (const char *text)
{
  struct dc_span rest = dc_span_of (text != NULL ? text : ""), line;
  json_t *json = json_array ();

  while (dc_span_line (&rest, &line)) {
    AUTO_FREE char *word = strndup (line.text, line.size);
    dc_json_push (&json, word != NULL ? dc_json_bytes (word) : NULL);
  }
  return json;
}

static json_t *
answer_json (enum dc_answer answer)
{
  return answer == DC_ANSWER_UNKNOWN ? json_null ()
                                     : json_boolean (answer == DC_ANSWER_YES);
}

static json_t *
package_json (const struct dc_packages *packages,
              const struct dc_package *package)
{
  json_t *item = json_object ();

  dc_json_put_text (&item, "name", package->name);
  dc_json_put_text (&item, "version", package->version);
  dc_json_put_text (&item, "arch",
                    *package->arch != '\0' ? package->arch : NULL);
  dc_json_put_text (&item, "manager",
                    dc_package_manager_name (packages, package));
  dc_json_put_text (&item, "source",
                    package->source != NULL ? package->source : package->name);
  dc_json_put_text (&item, "section", package->section);
  dc_json_put_text (&item, "vendor", package->vendor);
  dc_json_put (&item, "size",
               package->size > 0 && package->size < INT64_MAX
                   ? json_integer ((json_int_t) package->size)
                   : json_null ());
  dc_json_put (&item, "manual", answer_json (package->manual));
  dc_json_put (&item, "foreign", answer_json (package->foreign));
  dc_json_put_bool (&item, "held", package->is_held);
  dc_json_put_bool (&item, "essential", package->is_essential);
  dc_json_put_bool (&item, "distribution", package->is_distribution);
  dc_json_put (&item, "depends", lines_json (package->depends));
  dc_json_put (&item, "provides", lines_json (package->provides));
  dc_json_put (&item, "evidence",
               dc_evidence_json (package->file, package->line));
  return item;
}

json_t *
dc_packages_json (const struct dc_profile *profile)
{
  const struct dc_packages *packages = profile->packages;
  json_t *json = json_object (), *items = json_array ();

  for (size_t i = 0; i < packages->count; i++)
    dc_json_push (&items, package_json (packages, &packages->items[i]));
  dc_json_put (&json, "databases", databases_json (packages));
  dc_json_put_number (&json, "count", packages->count);
  dc_json_put (&json, "items", items);
  return json;
}

/* Names of the packages for which KEY is true. */
static int
print_those (struct dc_page *page, const json_t *items, const char *label,
             const char *key, bool is_own_left_out, struct dc_error *err)
{
  struct dc_page_list list = { DC_BUFFER_INIT (DC_PAGE_SIZE_MAX), 0,
                               DC_PAGE_LIST_MAX };
  int status = 0;

  for (size_t i = 0; i < json_array_size (items) && status == 0; i++) {
    const json_t *item = json_array_get (items, i);
    const char *name = dc_page_text (item, "name");
    if (dc_page_is (item, key) && name != NULL &&
        !(is_own_left_out && dc_page_is (item, "distribution")))
      status = dc_page_add (&list, name, err);
  }
  if (status == 0)
    status = dc_page_print (page, label, &list, err);
  dc_buffer_release (&list.text);
  return status;
}

/* How many there are, and those that somebody chose: not brought along as a
 * dependency, and no part of every system.
 */
int
dc_packages_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *packages = json_object_get (page->json, "packages");
  const json_t *items = json_object_get (packages, "items");
  static const struct {
    const char *label, *key;
    bool is_own_left_out;
  } lists[] = {
    { "installed on purpose", "manual", true },
    { "held back", "held", false },
    { "not of the distribution", "foreign", false },
  };
  size_t distribution = 0;

  for (size_t i = 0; i < json_array_size (items); i++)
    distribution += dc_page_is (json_array_get (items, i), "distribution");
  if (json_array_size (items) > 0 &&
      dc_buffer_print (page->out, err,
                       "\nPackages: %zu, %zu of them the distribution "
                       "itself\n",
                       json_array_size (items), distribution) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (lists); i++)
    if (print_those (page, items, lists[i].label, lists[i].key,
                     lists[i].is_own_left_out, err) < 0)
      return -1;
  return 0;
}
