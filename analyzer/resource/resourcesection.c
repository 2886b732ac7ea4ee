/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>

#include "analyzer/profile.h"
#include "analyzer/profilejson.h"
#include "analyzer/profiletext.h"
#include "analyzer/resource/resources.h"
#include "lib/json.h"

#define KIB 1024
#define MIB (1024.0 * 1024.0)

/* USAGE in parts of 1 / PARTS; null where nothing is known. */
static json_t *
usage_json (const struct dc_usage *usage, double parts)
{
  if (usage->count == 0)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put (&json, "average", json_real ((double) usage->average / parts));
  dc_json_put (&json, "p95", json_real ((double) usage->p95 / parts));
  return json;
}

static json_t *
history_json (const struct dc_history *history)
{
  if (history->samples == 0)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put_number (&json, "files", history->files);
  dc_json_put_number (&json, "samples", history->samples);
  dc_json_put_number (&json, "first", history->first);
  dc_json_put_number (&json, "last", history->last);
  dc_json_put (&json, "cpu_busy_percent", usage_json (&history->cpu, 100));
  dc_json_put (&json, "memory_used_bytes",
               usage_json (&history->memory, 1.0 / KIB));
  dc_json_put (&json, "load", usage_json (&history->load, 100));
  dc_json_put (&json, "memory_bytes",
               history->memory_all == 0
                   ? json_null ()
                   : json_integer ((json_int_t) history->memory_all * KIB));
  dc_json_put (&json, "evidence", dc_evidence_json (history->file, 0));
  return json;
}

/* What the machine's definition gives it. */
static json_t *
given_json (const struct dc_profile *profile)
{
  const json_t *machine =
      profile->guest != NULL ? profile->guest->machine : NULL;

  if (!json_is_object (machine))
    return json_null ();
  json_t *json = json_object ();
  dc_json_put (&json, "cpus", json_incref (json_object_get (machine, "cpus")));
  dc_json_put (&json, "memory_bytes",
               json_incref (json_object_get (machine, "memory_bytes")));
  return json;
}

static json_t *
first_number (const struct dc_observed *observed, enum dc_observed_kind kind)
{
  size_t position = 0;
  const struct dc_observed_row *row =
      dc_observed_next (observed, kind, &position);

  return row == NULL ? json_null ()
                     : json_integer ((json_int_t) dc_observed_number (row, 0));
}

/* Since the boot of the live host. */
static json_t *
busy_json (const struct dc_observed *observed)
{
  size_t position = 0;
  const struct dc_observed_row *row =
      dc_observed_next (observed, DC_SEEN_CPU, &position);
  const uint64_t busy = row != NULL ? dc_observed_number (row, 0) : 0;
  const uint64_t all = row != NULL ? dc_observed_number (row, 1) : 0;

  return all == 0 || busy > all
             ? json_null ()
             : json_real (100.0 * (double) busy / (double) all);
}

static json_t *
observed_json (const struct dc_observed *observed)
{
  size_t position = 0;
  const struct dc_observed_row *memory =
      dc_observed_next (observed, DC_SEEN_MEMORY, &position);

  if (observed->file == NULL)
    return json_null ();
  json_t *json = json_object ();
  dc_json_put (&json, "cpus", first_number (observed, DC_SEEN_CPUS));
  dc_json_put (&json, "cpu_busy_percent", busy_json (observed));
  dc_json_put (&json, "memory_bytes",
               memory != NULL ? dc_observed_bytes (memory, 0) : json_null ());
  dc_json_put (&json, "memory_available_bytes",
               memory != NULL ? dc_observed_bytes (memory, 1) : json_null ());
  dc_json_put (
      &json, "evidence",
      dc_evidence_json (observed->file, memory != NULL ? memory->line : 0));
  return json;
}

static json_t *
limits_json (const struct dc_resources *resources)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < resources->limit_count; i++) {
    const struct dc_limit *limit = &resources->limits[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "domain", limit->domain);
    dc_json_put_text (&item, "type", limit->type);
    dc_json_put_text (&item, "item", limit->item);
    dc_json_put_text (&item, "value", limit->value);
    dc_json_put (&item, "evidence",
                 dc_evidence_json (limit->evidence.file, limit->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

json_t *
dc_resources_json (const struct dc_profile *profile)
{
  const struct dc_resources *resources = &profile->resources;
  json_t *json = json_object ();

  dc_json_put (&json, "given", given_json (profile));
  dc_json_put (&json, "observed", observed_json (&profile->observed));
  dc_json_put (&json, "history", history_json (&resources->history));
  dc_json_put_text (&json, "other_history", resources->other_history);
  dc_json_put (&json, "limits", limits_json (resources));
  return json;
}

static int
print_usage (struct dc_page *page, const json_t *history, const char *key,
             const char *label, double unit, struct dc_error *err)
{
  const json_t *usage = json_object_get (history, key);

  if (!json_is_object (usage))
    return 0;
  return dc_buffer_print (
      page->out, err, "  %s: %.1f on average, 95 %% of the time below %.1f\n",
      label, json_number_value (json_object_get (usage, "average")) / unit,
      json_number_value (json_object_get (usage, "p95")) / unit);
}

int
dc_resources_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *resources = json_object_get (page->json, "resources");
  const json_t *history = json_object_get (resources, "history");
  const json_t *observed = json_object_get (resources, "observed");

  if (!json_is_object (history) && !json_is_object (observed))
    return 0;
  if (dc_buffer_print (page->out, err, "\nResources\n") < 0 ||
      print_usage (page, history, "cpu_busy_percent", "CPU busy, %", 1, err) <
          0 ||
      print_usage (page, history, "memory_used_bytes", "memory used, MiB", MIB,
                   err) < 0 ||
      print_usage (page, history, "load", "load", 1, err) < 0)
    return -1;
  const double all =
      json_number_value (json_object_get (observed, "memory_bytes"));
  if (all == 0)
    return 0;
  return dc_buffer_print (
      page->out, err, "  seen: %lld CPUs, %.0f of %.0f MiB used\n",
      (long long) json_integer_value (json_object_get (observed, "cpus")),
      (all - json_number_value (
                 json_object_get (observed, "memory_available_bytes"))) /
          MIB,
      all / MIB);
}
