/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/observed/observed.h"
#include "analyzer/profile.h"
#include "analyzer/profilejson.h"
#include "analyzer/profiletext.h"
#include "lib/json.h"

#define KIB 1024
#define TICKS_PER_SECOND 100 /* USER_HZ of every Linux since 2.6 */

static int
note_record (struct dc_profile *profile, struct dc_error *err)
{
  const struct dc_observed *observed = &profile->observed;

  if (!observed->is_complete &&
      dc_profile_note (profile, "observed.incomplete", observed->file, 0, err,
                       "the record of the live host is not complete") < 0)
    return -1;
  if (observed->damaged == 0)
    return 0;
  return dc_profile_note (profile, "observed.damaged", observed->file, 0, err,
                          "%llu lines of the record are damaged or too many, "
                          "left out",
                          (unsigned long long) observed->damaged);
}

int
dc_observed_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  const struct dc_profile_options *options = &profile->options;

  if (options->observed == NULL)
    return 0;
  if (dc_observed_parse (options->observed, options->observed_size,
                         options->observed_name, &profile->observed, err) < 0 ||
      note_record (profile, err) < 0)
    return -1;
  return dc_observed_merge (tree, profile, err);
}

/* What the processes of a unit take together. */
struct use {
  uint64_t processes, memory, ticks;
};

static json_t *
unit_json (const struct dc_observed *observed,
           const struct dc_observed_row *row)
{
  struct use use = { 0 };
  size_t position = 0;
  const struct dc_observed_row *process;
  json_t *json = json_object ();

  while ((process = dc_observed_next (observed, DC_SEEN_PROCESS, &position)) !=
         NULL) {
    if (strcmp (process->fields[2], row->fields[0]) != 0)
      continue;
    use.processes++;
    if (__builtin_add_overflow (use.memory, dc_observed_number (process, 3),
                                &use.memory))
      use.memory = UINT64_MAX / KIB;
    if (__builtin_add_overflow (use.ticks, dc_observed_number (process, 4),
                                &use.ticks))
      use.ticks = UINT64_MAX;
  }
  if (__builtin_mul_overflow (use.memory, KIB, &use.memory))
    use.memory = UINT64_MAX;
  dc_json_put_text (&json, "name", row->fields[0]);
  dc_json_put_text (&json, "state", row->fields[1]);
  dc_json_put_number (&json, "processes", use.processes);
  dc_json_put_number (&json, "memory_bytes", use.memory);
  dc_json_put_number (&json, "cpu_seconds", use.ticks / TICKS_PER_SECOND);
  dc_json_put (&json, "evidence", dc_evidence_json (observed->file, row->line));
  return json;
}

/* Units times processes: as many as one of them is allowed to have. */
static json_t *
units_json (const struct dc_observed *observed)
{
  json_t *json = json_array ();
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (observed, DC_SEEN_UNIT, &position)) != NULL &&
         json_array_size (json) < DC_OBSERVED_UNIT_MAX)
    dc_json_push (&json, unit_json (observed, row));
  return json;
}

/* Who asked the services. */
static json_t *
peers_json (const struct dc_observed *observed)
{
  json_t *json = json_array ();
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (observed, DC_SEEN_CONNECT, &position)) !=
         NULL) {
    if (strcmp (row->fields[0], "in") != 0)
      continue;
    json_t *item = json_object ();
    dc_json_put_text (&item, "service",
                      strcmp (row->fields[4], "-") != 0 ? row->fields[4]
                                                        : NULL);
    dc_json_put_text (&item, "protocol", row->fields[1]);
    dc_json_put_number (&item, "port", dc_observed_number (row, 3));
    dc_json_put_text (&item, "peer", row->fields[2]);
    dc_json_put_number (&item, "connections", dc_observed_number (row, 5));
    dc_json_put (&item, "evidence",
                 dc_evidence_json (observed->file, row->line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
mounts_json (const struct dc_observed *observed)
{
  json_t *json = json_array ();
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (observed, DC_SEEN_MOUNT, &position)) !=
         NULL) {
    json_t *item = json_object ();
    dc_json_put_text (&item, "device", row->fields[0]);
    dc_json_put_text (&item, "mountpoint", row->fields[1]);
    dc_json_put_text (&item, "type", row->fields[2]);
    dc_json_put (&item, "size_bytes", dc_observed_bytes (row, 4));
    dc_json_put (&item, "used_bytes", dc_observed_bytes (row, 5));
    dc_json_push (&json, item);
  }
  return json;
}

/* Rows of KIND, with their first two fields under two names. */
static json_t *
pairs_json (const struct dc_observed *observed, enum dc_observed_kind kind,
            const char *first, const char *second)
{
  json_t *json = json_array ();
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (observed, kind, &position)) != NULL) {
    json_t *item = json_object ();
    dc_json_put_text (&item, first, row->fields[0]);
    dc_json_put_text (&item, second, row->fields[1]);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
texts_json (const struct dc_observed *observed, enum dc_observed_kind kind)
{
  json_t *json = json_array ();
  size_t position = 0;
  const struct dc_observed_row *row;

  while ((row = dc_observed_next (observed, kind, &position)) != NULL)
    dc_json_push (&json, dc_json_bytes (row->fields[0]));
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

json_t *
dc_observed_json (const struct dc_profile *profile)
{
  const struct dc_observed *observed = &profile->observed;
  if (observed->file == NULL)
    return json_null ();
  json_t *json = json_object ();

  dc_json_put_text (&json, "file", observed->file);
  dc_json_put (&json, "time", first_number (observed, DC_SEEN_TIME));
  dc_json_put (&json, "uptime_seconds",
               first_number (observed, DC_SEEN_UPTIME));
  dc_json_put_text (&json, "kernel",
                    dc_observed_text (observed, DC_SEEN_KERNEL));
  dc_json_put_bool (&json, "is_complete", observed->is_complete);
  dc_json_put_number (&json, "damaged_lines", observed->damaged);
  dc_json_put (&json, "missing", texts_json (observed, DC_SEEN_MISSING));
  dc_json_put (&json, "units", units_json (observed));
  dc_json_put (&json, "peers", peers_json (observed));
  dc_json_put (&json, "mounts", mounts_json (observed));
  dc_json_put (&json, "open_files",
               pairs_json (observed, DC_SEEN_OPEN, "unit", "file"));
  dc_json_put (&json, "sysctls",
               pairs_json (observed, DC_SEEN_SYSCTL, "name", "value"));
  dc_json_put (&json, "addresses",
               pairs_json (observed, DC_SEEN_ADDRESS, "interface", "address"));
  dc_json_put (&json, "security",
               pairs_json (observed, DC_SEEN_SECURITY, "module", "mode"));
  dc_json_put (&json, "modules", texts_json (observed, DC_SEEN_MODULE));
  return json;
}

int
dc_observed_page (struct dc_page *page, struct dc_error *err)
{
  const json_t *units =
      json_object_get (json_object_get (page->json, "observed"), "units");
  AUTO_COLUMNS struct dc_columns columns = { .count = 4 };
  size_t count = 0;

  for (size_t i = 0; i < json_array_size (units); i++) {
    const json_t *item = json_array_get (units, i);
    const json_int_t processes =
        json_integer_value (json_object_get (item, "processes"));
    const json_int_t memory =
        json_integer_value (json_object_get (item, "memory_bytes"));
    char memory_text[32], cpu_text[32];
    const char *const cells[] = { dc_page_text (item, "name"),
                                  dc_page_text (item, "state"), memory_text,
                                  cpu_text };
    if (processes == 0 || count++ >= DC_PAGE_LIST_MAX)
      continue;
    (void) snprintf (memory_text, sizeof memory_text, "%lld MiB",
                     (long long) memory / KIB / KIB);
    (void) snprintf (
        cpu_text, sizeof cpu_text, "%lld s of CPU",
        (long long) json_integer_value (json_object_get (item, "cpu_seconds")));
    if (dc_columns_add (&columns, cells, err) < 0)
      return -1;
  }
  return dc_page_table (page, "Seen running", &columns, count, err);
}

void
dc_observed_forget (struct dc_profile *profile)
{
  dc_observed_release (&profile->observed);
}
