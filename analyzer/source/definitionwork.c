/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "analyzer/machine/domain.h"
#include "analyzer/machine/ovf.h"
#include "analyzer/machine/tarindex.h"
#include "analyzer/machine/vmx.h"
#include "analyzer/source/definitionwork.h"
#include "lib/buffer.h"
#include "lib/json.h"
#include "lib/quote.h"

typedef int parse (const char *text, size_t size, struct dc_machine **out,
                   struct dc_error *err);

static const struct {
  parse *read;
  size_t size_max;
} kinds[] = {
  [DC_DEFINITION_OVA] = { dc_ovf_parse, DC_OVF_SIZE_MAX },
  [DC_DEFINITION_VMX] = { dc_vmx_parse, DC_VMX_SIZE_MAX },
  [DC_DEFINITION_DOMAIN] = { dc_domain_parse, DC_DOMAIN_SIZE_MAX },
};

static int
read_all (const struct dc_window *window, size_t size_max, struct dc_buffer *b,
          struct dc_error *err)
{
  if (window->size > size_max)
    return dc_fail (err, DC_ERR_LIMIT, "it is %llu bytes, limit %zu",
                    (unsigned long long) window->size, size_max);
  const size_t size = (size_t) window->size;
  if (dc_buffer_reserve (b, size, err) < 0 ||
      dc_window_read (window, 0, b->data, size, err) < 0)
    return -1;
  b->size = size;
  return 0;
}

/* The machine in WINDOW, which is called NAME. */
static int
read_machine (const struct dc_definition_task *task,
              const struct dc_window *window, const char *name,
              struct dc_machine **machine, json_t **out, struct dc_error *err)
{
  const size_t size_max = kinds[task->kind].size_max;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (size_max);

  if (read_all (window, size_max, &text, err) < 0 ||
      kinds[task->kind].read (dc_buffer_text (&text), text.size, machine, err) <
          0)
    return -1;
  *out = dc_machine_json (*machine, name);
  return *out != NULL ? 0 : dc_json_no_memory (err);
}

static bool
has_suffix (const char *name, const char *suffix)
{
  const size_t size = strlen (name), n = strlen (suffix);

  return size > n && strcasecmp (name + size - n, suffix) == 0;
}

/* The only member with this suffix: 1, 0 none, or -1. */
static int
find_suffix (const struct dc_tarindex *index, const char *suffix,
             const struct dc_tarindex_member **out, struct dc_error *err)
{
  size_t count = 0;

  for (size_t i = 0; i < index->count; i++)
    if (has_suffix (index->items[i].name, suffix)) {
      *out = &index->items[i];
      count++;
    }
  if (count > 1)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "there are %zu files *%s in it",
                    count, suffix);
  return count == 1;
}

static json_t *
place_json (json_t *take_object, const struct dc_definition_task *task,
            const struct dc_window *window)
{
  json_t *json = take_object;

  dc_json_put_number (&json, "offset", window->offset - task->file.offset);
  dc_json_put_number (&json, "size", window->size);
  return json;
}

/* Where the disks are. */
static int
place_disks (const struct dc_definition_task *task,
             const struct dc_tarindex *index, const struct dc_machine *machine,
             json_t **out, struct dc_error *err)
{
  json_t *places = json_array ();

  for (size_t i = 0; i < machine->disk_count; i++) {
    const char *file = machine->disks[i].file;
    const struct dc_tarindex_member *member =
        file == NULL ? NULL : dc_tarindex_find (index, file);
    if (file == NULL)
      continue;
    if (member == NULL) {
      json_decref (places);
      return dc_fail (err, DC_ERR_NOTFOUND,
                      "the disk '%s' is not in the archive",
                      dc_quote (file).text);
    }
    dc_json_push (&places, place_json (json_object (), task, &member->window));
  }
  *out = places;
  return places != NULL ? 0 : dc_json_no_memory (err);
}

static json_t *
digest_json (const struct dc_manifest_line *line)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "file", line->file);
  dc_json_put_number (&json, "algorithm", line->algorithm);
  dc_json_put_text (&json, "hex", line->hex);
  return json;
}

/* The digests in WINDOW.  INDEX is NULL when files lie beside it. */
static int
read_manifest (const struct dc_definition_task *task,
               const struct dc_window *window, const struct dc_tarindex *index,
               const struct dc_report *report, json_t **out,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (DC_MANIFEST_SIZE_MAX);
  DC_AUTO (dc_manifest) *manifest = NULL;
  json_t *digests = json_array ();

  if (read_all (window, DC_MANIFEST_SIZE_MAX, &text, err) < 0 ||
      dc_manifest_parse (dc_buffer_text (&text), text.size, &manifest, err) <
          0) {
    json_decref (digests);
    return dc_context (err, "its manifest");
  }
  for (size_t i = 0; i < manifest->count; i++) {
    const struct dc_manifest_line *line = &manifest->items[i];
    const struct dc_tarindex_member *member =
        index == NULL ? NULL : dc_tarindex_find (index, line->file);
    json_t *digest = digest_json (line);
    if (member != NULL)
      digest = place_json (digest, task, &member->window);
    if (index == NULL || member != NULL) {
      dc_json_push (&digests, digest);
      continue;
    }
    json_decref (digest);
    dc_warn (
        report,
        "'%s': the manifest names '%s', which is not in the archive, going "
        "on without it",
        dc_quote (task->path).text, dc_quote (line->file).text);
  }
  *out = digests;
  return digests != NULL ? 0 : dc_json_no_memory (err);
}

static int
read_archive (const struct dc_definition_task *task,
              const struct dc_report *report, json_t **answer,
              struct dc_error *err)
{
  DC_AUTO (dc_tarindex) *index = NULL;
  DC_AUTO (dc_machine) *machine = NULL;
  const struct dc_tarindex_member *ovf = NULL, *manifest = NULL;
  json_auto_t *about = NULL;
  json_t *places = NULL;
  json_auto_t *digests = NULL;

  if (dc_tarindex_read (&task->file, &index, err) < 0)
    return -1;
  const int has_ovf = find_suffix (index, ".ovf", &ovf, err);
  if (has_ovf == 0)
    return dc_fail (err, DC_ERR_INVALID, "there is no *.ovf in it");
  const int has_manifest =
      has_ovf < 0 ? -1 : find_suffix (index, ".mf", &manifest, err);
  if (has_manifest < 0)
    return -1;
  if (read_machine (task, &ovf->window, ovf->name, &machine, &about, err) < 0)
    return dc_context (err, "'%s'", dc_quote (ovf->name).text);
  if ((has_manifest == 1 && read_manifest (task, &manifest->window, index,
                                           report, &digests, err) < 0) ||
      place_disks (task, index, machine, &places, err) < 0)
    return -1;
  *answer = json_object ();
  dc_json_put (answer, "places", places);
  dc_json_put (answer, "machine", DC_TAKE (about));
  if (digests != NULL)
    dc_json_put (answer, "digests", DC_TAKE (digests));
  return *answer != NULL ? 0 : dc_json_no_memory (err);
}

static int
read_file (const struct dc_definition_task *task,
           const struct dc_report *report, json_t **answer,
           struct dc_error *err)
{
  DC_AUTO (dc_machine) *machine = NULL;
  json_auto_t *about = NULL;
  json_auto_t *digests = NULL;
  const char *slash = strrchr (task->path, '/');

  if (read_machine (task, &task->file, slash != NULL ? slash + 1 : task->path,
                    &machine, &about, err) < 0 ||
      (task->manifest.fd >= 0 &&
       read_manifest (task, &task->manifest, NULL, report, &digests, err) < 0))
    return -1;
  *answer = json_object ();
  dc_json_put (answer, "machine", DC_TAKE (about));
  if (digests != NULL)
    dc_json_put (answer, "digests", DC_TAKE (digests));
  return *answer != NULL ? 0 : dc_json_no_memory (err);
}

int
dc_definition_work (void *arg, const struct dc_report *report, json_t **result,
                    struct dc_error *err)
{
  const struct dc_definition_task *task = arg;

  return task->is_archive ? read_archive (task, report, result, err)
                          : read_file (task, report, result, err);
}

int
dc_definition_digests (void *arg, const struct dc_report *report,
                       json_t **result, struct dc_error *err)
{
  const struct dc_definition_checks *checks = arg;

  (void) report; /* it is silent: nobody waits for it before the end */
  (void) result; /* no failure is the answer */
  for (size_t i = 0; i < checks->count; i++) {
    const struct dc_definition_check *check = &checks->items[i];
    if (dc_manifest_check (check->algorithm, check->hex, &check->window, err) <
        0)
      return dc_context (err, "'%s': '%s'", dc_quote (checks->path).text,
                         dc_quote (check->file).text);
  }
  return 0;
}
