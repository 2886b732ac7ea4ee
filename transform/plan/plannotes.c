/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/quote.h"
#include "transform/imageconfig.h"
#include "transform/plan/plannotes.h"

#define OUTSIDE_MAX 20 /* lines about other hosts */

int
dc_plan_size_text (uint64_t bytes, struct dc_buffer *text, struct dc_error *err)
{
  static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
  double size = (double) bytes;
  size_t unit = 0;

  for (; size >= 1000 && unit + 1 < DC_COUNT (units); unit++)
    size /= 1000;
  return dc_buffer_print (text, err, unit == 0 ? "%.0f %s" : "%.1f %s", size,
                          units[unit]);
}

static int
put_evidence (struct dc_buffer *note, const struct dc_evidence *evidence,
              struct dc_error *err)
{
  if (evidence->file == NULL)
    return 0;
  const struct dc_quoted file = dc_quote (evidence->file);
  return evidence->line > 0
             ? dc_buffer_print (note, err, "%s:%u", file.text, evidence->line)
             : dc_buffer_print (note, err, "%s", file.text);
}

/* What the guest says of the unit, and why it starts. */
static int
note_service (const struct dc_plan_place *place, struct dc_buffer *note,
              struct dc_error *err)
{
  const struct dc_plan_service *service = place->element;
  const struct dc_unit *unit =
      dc_units_find (place->profile->units, service->unit);

  if (unit == NULL)
    return 0;
  const char *about = dc_unit_value (unit, "Unit", "Description", NULL);
  if (about != NULL &&
      dc_buffer_print (note, err, "%s", dc_quote (about).text) < 0)
    return -1;
  if (unit->manager == DC_MANAGER_SYSTEMD)
    return 0;
  return dc_buffer_print (note, err, "%s%s", note->size > 0 ? "; " : "",
                          dc_manager_name (unit->manager));
}

static int
note_port (const struct dc_plan_place *place, struct dc_buffer *note,
           struct dc_error *err)
{
  const struct dc_plan_port *port = place->element;
  const struct dc_endpoints *endpoints = &place->profile->endpoints;
  const enum dc_protocol protocol = port->protocol == 1 ? DC_UDP : DC_TCP;

  for (size_t i = 0; i < endpoints->count; i++) {
    const struct dc_endpoint *endpoint = &endpoints->items[i];
    if (endpoint->port != port->port || endpoint->protocol != protocol ||
        !dc_endpoint_is_public (endpoint))
      continue;
    if (endpoint->confidence == DC_INFERRED &&
        dc_buffer_print (note, err, "by default; ") < 0)
      return -1;
    return put_evidence (note, &endpoint->evidence, err);
  }
  return 0;
}

static int
note_volume (const struct dc_plan_place *place, struct dc_buffer *note,
             struct dc_error *err)
{
  const struct dc_plan_volume *volume = place->element;
  const struct dc_storage *storage = &place->profile->storage;

  for (size_t i = 0; i < storage->count; i++) {
    const struct dc_storage_item *item = &storage->items[i];
    if (strcmp (item->path, volume->path) != 0)
      continue;
    if (dc_buffer_print (
            note, err, "%s: %llu file%s, ", dc_quote (item->kind).text,
            (unsigned long long) item->files, item->files == 1 ? "" : "s") < 0)
      return -1;
    return dc_plan_size_text (item->size, note, err);
  }
  return 0;
}

static int
note_job (const struct dc_plan_place *place, struct dc_buffer *note,
          struct dc_error *err)
{
  const struct dc_plan_job *planned = place->element;
  const struct dc_jobs *jobs = &place->profile->jobs;

  for (size_t i = 0; i < jobs->count; i++)
    if (jobs->items[i].name != NULL &&
        strcmp (jobs->items[i].name, planned->name) == 0)
      return put_evidence (note, &jobs->items[i].evidence, err);
  return 0;
}

/* What the machine had, and what of it was used. */
static int
note_resources (const struct dc_plan_place *place, struct dc_buffer *note,
                struct dc_error *err)
{
  const struct dc_history *history = &place->profile->resources.history;

  if (dc_buffer_print (note, err, "what the machine had") < 0)
    return -1;
  if (history->memory.count == 0)
    return 0;
  if (dc_buffer_print (note, err, "; it used ") < 0 ||
      dc_plan_size_text (history->memory.p95 * 1024, note, err) < 0)
    return -1;
  return dc_buffer_print (note, err, " of memory in 95 %% of %zu samples of %s",
                          history->memory.count, dc_quote (history->file).text);
}

static const struct dc_plan_style styles[] = {
  { .key = "source", .head = "What is converted: decant-analyze(1), SOURCE." },
  { .key = "identity", .head = "Who the containers are." },
  { .key = "images", .head = "What becomes which image; the name is the tag." },
  { .key = "init", .help = "decant-init, service, systemd or none" },
  { .key = "files",
    .help = "system: all that is not left out; needed: what services need" },
  { .key = "services", .note = note_service },
  { .key = "ports", .is_flow = true, .note = note_port },
  { .key = "volumes", .note = note_volume },
  { .key = "schedule", .note = note_job },
  { .key = "resources", .note = note_resources },
  { .key = "bytes", .is_size = true },
  { .key = "memory_bytes", .is_size = true },
  { .key = "pods", .head = "Images that share network and IPC, and why." },
  { .key = "services_left",
    .head = "Services that the guest starts and no image does.  Move a unit "
            "here\nto leave it out; each one stands here or in an image." },
  { .key = "paths_left",
    .head = "Paths that are left out, besides what no container needs\n"
            "(decant image --explain shows that)." },
};

const struct dc_plan_style *
dc_plan_style (const char *key)
{
  for (size_t i = 0; i < DC_COUNT (styles); i++)
    if (strcmp (styles[i].key, key) == 0)
      return &styles[i];
  return NULL;
}

static bool
is_planned (const struct dc_plan *plan, const char *unit)
{
  for (size_t i = 0; i < plan->images.count; i++)
    if (dc_plan_image_has (dc_plan_image (plan, i), unit))
      return true;
  return false;
}

/* Whom the services need on other hosts: nobody else says it. */
static int
title_outside (const struct dc_plan_place *place, struct dc_buffer *text,
               struct dc_error *err)
{
  const struct dc_couplings *couplings = &place->profile->couplings;
  size_t said = 0;

  for (size_t i = 0; i < couplings->count && said < OUTSIDE_MAX; i++) {
    const struct dc_coupling *coupling = &couplings->items[i];
    if (coupling->kind != DC_COUPLING_OUTBOUND || coupling->host == NULL ||
        !is_planned (place->plan, coupling->from))
      continue;
    said++;
    if (dc_buffer_print (text, err, "%s needs %s:%u, which is elsewhere (",
                         dc_quote (coupling->from).text,
                         dc_quote (coupling->host).text, coupling->port) < 0 ||
        put_evidence (text, &coupling->from_evidence, err) < 0 ||
        dc_buffer_print (text, err, ")\n") < 0)
      return -1;
  }
  return 0;
}

int
dc_plan_title (const struct dc_plan_place *place, struct dc_buffer *text,
               struct dc_error *err)
{
  const struct dc_profile *profile = place->profile;
  const struct dc_osrel *os = profile != NULL ? profile->os : NULL;

  if (os != NULL && os->pretty_name != NULL &&
      dc_buffer_print (text, err, "%s%s%s\n", dc_quote (os->pretty_name).text,
                       profile->hostname != NULL ? ", host " : "",
                       profile->hostname != NULL
                           ? dc_quote (profile->hostname).text
                           : "") < 0)
    return -1;
  if (profile != NULL && title_outside (place, text, err) < 0)
    return -1;
  return dc_buffer_print (
      text, err,
      "A plan for 'decant image PLAN -o oci:FOLDER', made to be edited;\n"
      "decant-plan(1) says what the keys mean.");
}
