/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/application/applications.h"
#include "analyzer/profilejson.h"
#include "analyzer/profiletext.h"
#include "lib/json.h"

/* The applications as a section of the profile. */

static json_t *
texts_json (const struct dc_yaml_texts *texts)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < texts->count; i++)
    dc_json_push (&json, dc_json_bytes (texts->items[i]));
  return json;
}

static json_t *
secrets_json (const struct dc_application *application)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < application->secret_count; i++) {
    const struct dc_application_secret *secret = &application->secrets[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "kind", secret->kind);
    dc_json_put_text (&item, "path", secret->path);
    dc_json_put_text (&item, "setting", secret->setting);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
health_json (const struct dc_app_health *health)
{
  json_t *json = json_object ();

  dc_json_put (&json, "tcp",
               health->tcp > 0 ? json_integer (health->tcp) : json_null ());
  dc_json_put_text (&json, "http", health->http);
  dc_json_put_text (&json, "command", health->command);
  return json;
}

static json_t *
application_json (const struct dc_application *application)
{
  const struct dc_app *app = application->app;
  const struct dc_evidence *evidence = &application->evidence;
  json_t *json = json_object ();

  dc_json_put_text (&json, "name", app->name);
  dc_json_put_text (&json, "title", app->title);
  dc_json_put_text (&json, "kind",
                    dc_app_kind_name ((enum dc_app_kind) app->kind));
  dc_json_put_text (&json, "package", application->package);
  dc_json_put_text (&json, "version", application->version);
  dc_json_put (&json, "services", dc_json_words (&application->services));
  dc_json_put_bool (&json, "started", application->is_started);
  dc_json_put (&json, "configuration", dc_json_words (&application->config));
  dc_json_put (&json, "data", dc_json_words (&application->data));
  dc_json_put (&json, "logs", dc_json_words (&application->logs));
  dc_json_put (&json, "sockets", texts_json (&app->sockets));
  dc_json_put (&json, "secrets", secrets_json (application));
  dc_json_put (&json, "health", health_json (&app->health));
  dc_json_put_text (&json, "foreground", app->foreground);
  dc_json_put_text (&json, "stop_signal", app->stop_signal);
  dc_json_put_text (&json, "notes", app->notes);
  dc_json_put (&json, "evidence",
               dc_evidence_json (evidence->file, evidence->line));
  return json;
}

json_t *
dc_applications_json (const struct dc_profile *profile)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < profile->applications.count; i++)
    dc_json_push (&json, application_json (&profile->applications.items[i]));
  return json;
}

/* "nginx 1.22.1-9", what it is, and where its data are; what belongs to every
 * system is left to the JSON.
 */
static int
add_row (struct dc_columns *columns, const json_t *item, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer data = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX);
  const json_t *paths = json_object_get (item, "data");

  for (size_t i = 0; i < json_array_size (paths) && i < DC_PAGE_LIST_MAX; i++)
    if (dc_buffer_print (&data, err, "%s%s", i > 0 ? ", " : "",
                         json_string_value (json_array_get (paths, i))) < 0)
      return -1;
  const char *const cells[] = { dc_page_text (item, "title"),
                                dc_page_text (item, "version"),
                                dc_page_text (item, "kind"),
                                dc_page_is (item, "started") ? "" : "idle",
                                dc_buffer_text (&data) };
  return dc_columns_add (columns, cells, err);
}

static bool
is_system (const json_t *item)
{
  const char *kind = dc_page_text (item, "kind");
  return kind == NULL || strcmp (kind, "system") == 0;
}

int
dc_applications_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *items = json_object_get (page->json, "applications");
  AUTO_COLUMNS struct dc_columns columns = { .count = 5 };
  size_t count = 0;

  for (size_t i = 0; i < json_array_size (items); i++) {
    const json_t *item = json_array_get (items, i);
    if (is_system (item))
      continue;
    if (count++ < DC_PAGE_LIST_MAX && add_row (&columns, item, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Applications", &columns, count, err);
}
