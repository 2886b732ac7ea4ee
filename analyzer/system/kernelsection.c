/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/profilejson.h"
#include "analyzer/section.h"
#include "lib/json.h"
#include "lib/quote.h"

/* The fact with what all kinds have. */
static json_t *
fact_json (const struct dc_kernel_fact *fact, const char *key)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, key, fact->name);
  dc_json_put (&json, "evidence",
               dc_evidence_json (fact->evidence.file, fact->evidence.line));
  return json;
}

/* Things that services want. */
static json_t *
wanted_json (const struct dc_kernel_facts *facts, const char *key)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < facts->count; i++) {
    json_t *item = fact_json (&facts->items[i], key);
    dc_json_put_text (&item, "service", facts->items[i].by);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
parameters_json (const struct dc_kernel_facts *facts)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < facts->count; i++) {
    json_t *item = fact_json (&facts->items[i], "key");
    dc_json_put_text (&item, "value", facts->items[i].value);
    dc_json_put_text (
        &item, "scope",
        dc_kernel_is_namespaced (facts->items[i].name) ? "container" : "host");
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
command_line_json (const struct dc_bootline *bootline)
{
  if (bootline->options == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_text (&json, "options", bootline->options);
  dc_json_put (&json, "evidence",
               dc_evidence_json (bootline->file, bootline->line));
  return json;
}

json_t *
dc_kernel_json (const struct dc_profile *profile)
{
  const struct dc_kernel *kernel = &profile->kernel;
  json_t *json = json_object ();

  dc_json_put (&json, "versions", dc_json_words (&kernel->versions));
  dc_json_put (&json, "foreign_modules", dc_json_words (&kernel->foreign));
  dc_json_put (&json, "modules", wanted_json (&kernel->modules, "name"));
  dc_json_put (&json, "parameters", parameters_json (&kernel->parameters));
  dc_json_put (&json, "devices", wanted_json (&kernel->devices, "path"));
  dc_json_put (&json, "command_line",
               command_line_json (&kernel->command_line));
  return json;
}

static int
print_list (struct dc_page *page, const json_t *items, const char *key,
            const char *label, struct dc_error *err)
{
  struct dc_page_list list = { DC_BUFFER_INIT (DC_PAGE_SIZE_MAX), 0,
                               DC_PAGE_LIST_MAX };
  int status = 0;

  for (size_t i = 0; i < json_array_size (items) && status == 0; i++) {
    const json_t *item = json_array_get (items, i);
    const char *name =
        key != NULL ? dc_page_text (item, key) : json_string_value (item);
    if (name != NULL)
      status = dc_page_add (&list, name, err);
  }
  if (status == 0)
    status = dc_page_print (page, label, &list, err);
  dc_buffer_release (&list.text);
  return status;
}

/* What a container cannot bring along. */
int
dc_kernel_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *kernel = json_object_get (page->json, "kernel");
  const json_t *modules = json_object_get (kernel, "modules");
  const json_t *devices = json_object_get (kernel, "devices");
  const json_t *foreign = json_object_get (kernel, "foreign_modules");

  if (json_array_size (modules) + json_array_size (devices) +
          json_array_size (foreign) ==
      0)
    return 0;
  if (dc_buffer_print (page->out, err, "\nAsked of the kernel\n") < 0 ||
      print_list (page, modules, "name", "modules loaded", err) < 0 ||
      print_list (page, foreign, NULL, "modules not of its kernel", err) < 0)
    return -1;
  return print_list (page, devices, "path", "devices", err);
}
