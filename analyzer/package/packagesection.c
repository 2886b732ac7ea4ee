/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <time.h>

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

/* Beside the packages themselves. */
static int
read_more (struct dc_tree *tree, struct dc_profile *profile,
           struct dc_error *err)
{
  struct dc_packages *packages = profile->packages;

  if (dc_conffiles_compare (packages, tree, &packages->changed, err) < 0)
    return -1;
  if (dc_repositories_load (tree, &packages->repositories, err) == 0)
    return 0;
  const struct dc_error fault = *err;
  return dc_is_fault_of_guest (fault.code)
             ? dc_profile_note (profile, "packages.repositories", NULL, 0, err,
                                "%s", fault.text)
             : -1;
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
  if (read_more (tree, profile, err) < 0)
    return -1;
  if (packages->db_count == 0)
    return dc_profile_note (profile, "packages.unknown", NULL, 0, err,
                            "there is no package database of dpkg, apk, "
                            "pacman or rpm");
  return note_databases (profile, err);
}

static int
note_unverified (struct dc_profile *profile, struct dc_error *err)
{
  const struct dc_error fault = *err;

  return dc_is_fault_of_guest (fault.code)
             ? dc_profile_note (profile, "packages.unverified", NULL, 0, err,
                                "the packaged files cannot be compared: %s",
                                fault.text)
             : -1;
}

static double
now (void)
{
  struct timespec time = { 0, 0 };

  (void) clock_gettime (CLOCK_MONOTONIC, &time); /* always there on Linux */
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

int
dc_packages_verify_profile (struct dc_tree *tree, struct dc_profile *profile,
                            const struct dc_report *report,
                            struct dc_error *err)
{
  const double before = now ();
  struct dc_verification *verification = NULL;

  if (dc_packages_verify (profile->packages, tree, report, &verification, err) <
      0)
    return note_unverified (profile, err);
  profile->packages->verification = verification;
  dc_info (report,
           "compared %" PRIu64 " packaged files, %" PRIu64
           " bytes, in %.2f seconds",
           verification->checked, verification->bytes, now () - before);
  return 0;
}

static json_t *
changed_json (const struct dc_packages *packages,
              const struct dc_changed_files *changed)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < changed->count; i++) {
    const struct dc_changed_file *file = &changed->items[i];
    const struct dc_package *package = &packages->items[file->package];
    json_t *item = json_object ();
    dc_json_put_text (&item, "package", package->name);
    dc_json_put_text (&item, "path", file->path);
    dc_json_put_text (&item, "state",
                      file->state == DC_FILE_MISSING ? "missing" : "changed");
    dc_json_put (&item, "evidence",
                 dc_evidence_json (package->file, package->line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
verification_json (const struct dc_packages *packages)
{
  const struct dc_verification *verification = packages->verification;

  if (verification == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_number (&json, "checked", verification->checked);
  dc_json_put_number (&json, "unknown", verification->unknown);
  dc_json_put_number (&json, "changed", verification->changed);
  dc_json_put_number (&json, "missing", verification->missing);
  dc_json_put_number (&json, "bytes", verification->bytes);
  dc_json_put (&json, "files", changed_json (packages, &verification->files));
  dc_json_put_number (&json, "files_left_out", verification->files.left_out);
  return json;
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
repositories_json (const struct dc_repositories *repositories)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < repositories->count; i++) {
    const struct dc_repository *repository = &repositories->items[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "manager", repository->manager);
    dc_json_put_text (&item, "name", repository->name);
    dc_json_put_text (&item, "location", repository->location);
    dc_json_put_text (&item, "components", repository->components);
    dc_json_put_bool (&item, "enabled", repository->is_enabled);
    dc_json_put (&item, "evidence",
                 dc_evidence_json (repository->evidence.file,
                                   repository->evidence.line));
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
  dc_json_put (&json, "repositories",
               repositories_json (&packages->repositories));
  dc_json_put (&json, "changed_conffiles",
               changed_json (packages, &packages->changed));
  dc_json_put (&json, "verification", verification_json (packages));
  return json;
}

/* Where more are changed or missing the guest was thinned out, and the list
 * says little.
 */
#define CHANGED_SHOWN_MAX 16

/* The paths alone; how they differ is in the JSON. */
static int
print_changed (struct dc_page *page, const json_t *packages,
               struct dc_error *err)
{
  const json_t *items = json_object_get (packages, "changed_conffiles");
  const json_t *verification = json_object_get (packages, "verification");
  struct dc_page_list list = { DC_BUFFER_INIT (DC_PAGE_SIZE_MAX), 0,
                               CHANGED_SHOWN_MAX };
  int status = 0;

  for (size_t i = 0; i < json_array_size (items) && status == 0; i++)
    status = dc_page_add (
        &list, dc_page_text (json_array_get (items, i), "path"), err);
  if (status == 0)
    status = dc_page_print (page, "changed configuration", &list, err);
  dc_buffer_release (&list.text);
  if (status < 0 || !json_is_object (verification))
    return status;
  return dc_buffer_print (
      page->out, err,
      "  packaged files: %" JSON_INTEGER_FORMAT
      " compared, %" JSON_INTEGER_FORMAT " changed, %" JSON_INTEGER_FORMAT
      " missing\n",
      json_integer_value (json_object_get (verification, "checked")),
      json_integer_value (json_object_get (verification, "changed")),
      json_integer_value (json_object_get (verification, "missing")));
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
  return print_changed (page, packages, err);
}
