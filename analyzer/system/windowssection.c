/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profilejson.h"
#include "analyzer/system/windowssection.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

/* Windows' words for machines, and OCI's. */
static const struct {
  const char *processor, *arch;
} machines[] = {
  { "AMD64", "amd64" },
  { "ARM64", "arm64" },
  { "x86", "386" },
};

/* A copy of TEXT in the place of *TARGET, if there is a TEXT. */
static int
replace (char **target, const char *text, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;

  if (text == NULL)
    return 0;
  if (dc_span_copy (dc_span_of (text), &copy, err) < 0)
    return -1;
  free (*target);
  *target = DC_TAKE (copy);
  return 0;
}

static int
set_release (const struct dc_windows *windows, struct dc_osrel *os,
             struct dc_error *err)
{
  AUTO_FREE char *release = NULL;

  if (windows->version == NULL || windows->build == NULL)
    return 0;
  if (dc_text_print (&release, err, "%s.%s", windows->version, windows->build) <
          0 ||
      replace (&os->release_file, windows->software, err) < 0)
    return -1;
  free (os->release);
  os->release = DC_TAKE (release);
  return 0;
}

static int
complete (struct dc_profile *profile, struct dc_error *err)
{
  const struct dc_windows *windows = &profile->windows;
  struct dc_osrel *os = profile->os;

  if (windows->product != NULL) {
    if (replace (&os->file, windows->software, err) < 0)
      return -1;
    os->is_inferred = false;
  }
  for (size_t i = 0; windows->processor != NULL && i < DC_COUNT (machines); i++)
    if (strcmp (windows->processor, machines[i].processor) == 0 &&
        replace (&profile->arch, machines[i].arch, err) < 0)
      return -1;
  if (replace (&os->pretty_name, windows->product, err) < 0 ||
      replace (&os->version_id, windows->version, err) < 0 ||
      replace (&profile->hostname, windows->computer_name, err) < 0)
    return -1;
  return set_release (windows, os, err);
}

int
dc_windows_read (struct dc_tree *tree, struct dc_profile *profile,
                 struct dc_error *err)
{
  struct dc_error fault;
  const int status = dc_windows_load (tree, &profile->windows, &fault);

  if (status < 0 && !dc_is_fault_of_guest (fault.code)) {
    *err = fault;
    return -1;
  }
  if (status < 0 && dc_profile_note (profile, "windows.unreadable", NULL, 0,
                                     err, "the registry: %s", fault.text) < 0)
    return -1;
  if (profile->windows.is_unclean &&
      dc_profile_note (profile, "windows.unclean", profile->windows.software, 0,
                       err,
                       "the registry was not written to its end, the newest "
                       "changes are not seen") < 0)
    return -1;
  return complete (profile, err);
}

void
dc_windows_forget (struct dc_profile *profile)
{
  dc_windows_release (&profile->windows);
}

static json_t *
services_json (const struct dc_windows *windows)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < windows->service_count; i++) {
    const struct dc_windows_service *service = &windows->services[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "name", service->name);
    dc_json_put_text (&item, "display_name", service->display_name);
    dc_json_put_text (&item, "start", service->start);
    dc_json_put_text (&item, "program", service->program);
    dc_json_put_text (&item, "account", service->account);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
programs_json (const struct dc_windows *windows)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < windows->program_count; i++) {
    json_t *item = json_object ();
    dc_json_put_text (&item, "name", windows->programs[i].name);
    dc_json_put_text (&item, "version", windows->programs[i].version);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
roles_json (const struct dc_windows *windows)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < windows->role_count; i++)
    dc_json_push (&json, dc_json_bytes (windows->roles[i]));
  return json;
}

json_t *
dc_windows_json (const struct dc_profile *profile)
{
  const struct dc_windows *windows = &profile->windows;

  if (windows->software == NULL && windows->system == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "product", windows->product);
  dc_json_put_text (&json, "edition", windows->edition);
  dc_json_put_text (&json, "installation", windows->installation);
  dc_json_put_text (&json, "feature_update", windows->feature_update);
  dc_json_put_text (&json, "build", windows->build);
  dc_json_put (&json, "roles", roles_json (windows));
  dc_json_put (&json, "services", services_json (windows));
  dc_json_put (&json, "programs", programs_json (windows));
  dc_json_put (&json, "software_evidence",
               dc_evidence_json (windows->software, 0));
  dc_json_put (&json, "system_evidence", dc_evidence_json (windows->system, 0));
  return json;
}

/* The names below KEY of ITEMS; of services those that start. */
static int
print_list (struct dc_page *page, const char *label, const json_t *items,
            const char *key, struct dc_error *err)
{
  struct dc_page_list list = { DC_BUFFER_INIT (DC_PAGE_SIZE_MAX), 0,
                               DC_PAGE_LIST_MAX };
  int status = 0;

  for (size_t i = 0; status == 0 && i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    const char *start = dc_page_text (item, "start");
    const char *name =
        key != NULL ? dc_page_text (item, key) : json_string_value (item);
    if (name != NULL && (start == NULL || strcmp (start, "auto") == 0))
      status = dc_page_add (&list, name, err);
  }
  if (status == 0)
    status = dc_page_print (page, label, &list, err);
  dc_buffer_release (&list.text);
  return status;
}

int
dc_windows_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *windows = json_object_get (page->json, "windows");
  const char *edition = dc_page_text (windows, "edition");
  const char *installation = dc_page_text (windows, "installation");

  if (!json_is_object (windows))
    return 0;
  if (dc_buffer_print (
          page->out, err, "\nWindows: %s, %s\n",
          dc_quote (edition != NULL ? edition : "unknown edition").text,
          dc_quote (installation != NULL ? installation : "unknown kind")
              .text) < 0 ||
      print_list (page, "roles and features",
                  json_object_get (windows, "roles"), NULL, err) < 0 ||
      print_list (page, "services that start",
                  json_object_get (windows, "services"), "name", err) < 0)
    return -1;
  return print_list (page, "programs", json_object_get (windows, "programs"),
                     "name", err);
}
