/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/appliance/appliance.h"
#include "cli/analyzefleet.h"
#include "cli/analyzetogether.h"
#include "lib/json.h"

struct shared {
  const struct dc_analyze_together *together;
  struct dc_source *sources[DC_APPLIANCE_GUEST_MAX]; /* those that are read */
  size_t numbers[DC_APPLIANCE_GUEST_MAX]; /* their places among all */
  size_t count;
  size_t told; /* sources whose line is written */
  bool has_failures;
};

static int
tell_failure (struct shared *shared, const char *reason, struct dc_error *err)
{
  const struct dc_analyze_together *together = shared->together;

  shared->has_failures = true;
  return dc_analyze_failure (together->fd, together->sources[shared->told++],
                             reason, err);
}

/* Those before NUMBER that no result was awaited of. */
static int
skip_to (struct shared *shared, size_t number, struct dc_error *err)
{
  while (shared->told < number)
    if (tell_failure (shared, "it cannot share the appliance", err) < 0)
      return -1;
  return 0;
}

static int
take (void *self, size_t index, json_t *result, const struct dc_error *why,
      struct dc_error *err)
{
  struct shared *shared = self;
  json_t *parts = NULL;

  if (skip_to (shared, shared->numbers[index], err) < 0)
    return -1;
  if (result == NULL)
    return tell_failure (shared, why->text, err);
  if (dc_source_json (shared->sources[index], &parts, err) < 0)
    return -1;
  if (json_object_set_new (result, "source", parts) < 0)
    return dc_json_no_memory (err);
  shared->told++;
  return dc_analyze_line (shared->together->fd, result, err);
}

/* One that cannot be opened any more, or not be shared, is left out. */
static int
open_all (struct shared *shared, struct dc_terminal *terminal,
          struct dc_error *err)
{
  const struct dc_analyze_together *together = shared->together;

  if (together->count > DC_APPLIANCE_GUEST_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%zu guests at once, limit %d",
                    together->count, DC_APPLIANCE_GUEST_MAX);
  for (size_t i = 0; i < together->count; i++) {
    DC_AUTO (dc_source) *source = NULL;
    if (dc_source_flags_open (together->flags, together->sources[i], terminal,
                              &source, err) < 0) {
      if (err->code == DC_ERR_CANCELLED)
        return -1;
      continue;
    }
    if (!dc_source_can_share (source))
      continue;
    shared->numbers[shared->count] = i;
    shared->sources[shared->count++] = DC_TAKE (source);
  }
  return 0;
}

int
dc_analyze_together (const struct dc_analyze_together *together,
                     struct dc_terminal *terminal, bool *has_failures,
                     struct dc_error *err)
{
  struct shared shared = { .together = together };
  const struct dc_source_sink sink = { take, &shared };

  int status = open_all (&shared, terminal, err);
  if (status == 0 && shared.count > 0)
    status =
        dc_source_run_together (shared.sources, shared.count, &together->work,
                                &sink, &terminal->report, err);
  for (size_t i = 0; i < shared.count; i++)
    dc_source_free (shared.sources[i]);
  if (status == 0)
    status = skip_to (&shared, together->count, err);
  *has_failures = shared.has_failures;
  return status;
}
