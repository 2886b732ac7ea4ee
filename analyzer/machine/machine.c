/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/machine/machine.h"
#include "lib/array.h"
#include "lib/json.h"

int
dc_machine_new (const char *kind, struct dc_machine **out, struct dc_error *err)
{
  struct dc_machine *machine = calloc (1, sizeof *machine);

  if (machine == NULL)
    return dc_fail_errno (err, "cannot keep a machine");
  machine->kind = kind;
  *out = machine;
  return 0;
}

int
dc_machine_set (char **field, const char *text, struct dc_error *err)
{
  if (*field != NULL || text == NULL || text[0] == '\0')
    return 0;
  if (strlen (text) > DC_MACHINE_TEXT_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "a value of more than %zu bytes",
                    DC_MACHINE_TEXT_MAX);
  *field = strdup (text);
  return *field != NULL ? 0 : dc_fail_errno (err, "cannot keep a value");
}

int
dc_machine_add_disk (struct dc_machine *machine, unsigned line,
                     struct dc_machine_disk **out, struct dc_error *err)
{
  if (DC_ARRAY_GROW (machine->disks, machine->disk_count, DC_MACHINE_DISK_MAX,
                     "disks", err) < 0)
    return -1;
  *out = &machine->disks[machine->disk_count++];
  (*out)->line = line;
  return 0;
}

int
dc_machine_add_nic (struct dc_machine *machine, unsigned line,
                    struct dc_machine_nic **out, struct dc_error *err)
{
  if (DC_ARRAY_GROW (machine->nics, machine->nic_count, DC_MACHINE_NIC_MAX,
                     "network cards", err) < 0)
    return -1;
  *out = &machine->nics[machine->nic_count++];
  (*out)->line = line;
  return 0;
}

/* 0 is what nobody said. */
static void
put_known (json_t **object, const char *key, uint64_t number)
{
  if (number != 0)
    dc_json_put_number (object, key, number);
  else
    dc_json_put (object, key, json_null ());
}

static void
put_evidence (json_t **object, const char *file, unsigned line)
{
  json_t *evidence = json_object ();

  dc_json_put_text (&evidence, "file", file);
  put_known (&evidence, "line", line);
  dc_json_put (object, "evidence", evidence);
}

static json_t *
disks_json (const struct dc_machine *machine, const char *file)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < machine->disk_count; i++) {
    const struct dc_machine_disk *disk = &machine->disks[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "file", disk->file);
    dc_json_put_text (&item, "format", disk->format);
    dc_json_put_text (&item, "target", disk->target);
    put_known (&item, "capacity_bytes", disk->capacity);
    dc_json_put_text (&item, "compression",
                      disk->is_compressed ? "gzip" : NULL);
    put_evidence (&item, file, disk->line);
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
nics_json (const struct dc_machine *machine, const char *file)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < machine->nic_count; i++) {
    const struct dc_machine_nic *nic = &machine->nics[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "mac", nic->mac);
    dc_json_put_text (&item, "network", nic->network);
    dc_json_put_text (&item, "model", nic->model);
    put_evidence (&item, file, nic->line);
    dc_json_push (&json, item);
  }
  return json;
}

json_t *
dc_machine_json (const struct dc_machine *machine, const char *file)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "kind", machine->kind);
  dc_json_put_text (&json, "name", machine->name);
  dc_json_put_text (&json, "uuid", machine->uuid);
  put_known (&json, "cpus", machine->cpus);
  put_known (&json, "memory_bytes", machine->memory);
  dc_json_put_text (&json, "firmware", machine->firmware);
  dc_json_put_text (&json, "os_hint", machine->os_hint);
  dc_json_put (&json, "disks", disks_json (machine, file));
  dc_json_put (&json, "nics", nics_json (machine, file));
  dc_json_put_text (&json, "confidence", "declared");
  put_evidence (&json, file, machine->line);
  return json;
}

void
dc_machine_free (struct dc_machine *machine)
{
  if (machine == NULL)
    return;
  for (size_t i = 0; i < machine->disk_count; i++) {
    free (machine->disks[i].file);
    free (machine->disks[i].format);
    free (machine->disks[i].target);
  }
  for (size_t i = 0; i < machine->nic_count; i++) {
    free (machine->nics[i].mac);
    free (machine->nics[i].network);
    free (machine->nics[i].model);
  }
  free (machine->disks);
  free (machine->nics);
  free (machine->name);
  free (machine->uuid);
  free (machine->firmware);
  free (machine->os_hint);
  free (machine);
}
