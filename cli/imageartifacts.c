/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/imageartifacts.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "runtime/artifacts.h"

int
dc_image_artifacts_begin (const char *path, const struct dc_ref *ref,
                          const char *tag, bool is_forced,
                          struct dc_image_artifacts *out, struct dc_error *err)
{
  out->layout_path = ref->path;
  out->is_wanted = path != NULL;
  if ((path != NULL ? dc_text_copy (path, &out->path, err)
                    : dc_artifacts_path (ref->path,
                                         tag != NULL ? tag : DC_REF_TAG_DEFAULT,
                                         &out->path, err)) < 0)
    return -1;
  return dc_state_output_begin (out->path, is_forced, &out->output, err);
}

static int
finish (void *self, const struct dc_image_tag *tags, size_t count,
        struct dc_error *err)
{
  struct dc_image_artifacts *artifacts = self;

  return dc_state_output_finish (artifacts->output, artifacts->result,
                                 artifacts->layout_path, tags, count, err);
}

int
dc_image_artifacts_publish (struct dc_image_artifacts *artifacts,
                            struct dc_layout *layout, json_t *result,
                            const struct dc_image_files *files,
                            struct dc_image_tag *tags, size_t count,
                            struct dc_error *err)
{
  const bool is_needed = artifacts->is_wanted || dc_state_is_needed (result);
  const struct dc_image_before before = { is_needed ? finish : NULL,
                                          artifacts };

  artifacts->result = result;
  if (dc_image_publish (layout, result, files, tags, count, &before, err) < 0)
    return -1;
  if (!is_needed)
    return 0;
  if (dc_state_output_publish (artifacts->output, err) < 0)
    return dc_context (err, "artifacts '%s'", dc_quote (artifacts->path).text);
  return json_object_set_new (result, "artifacts",
                              dc_json_bytes (artifacts->path)) < 0
             ? dc_json_no_memory (err)
             : 0;
}

static size_t
count_state (const json_t *result, const char *key)
{
  json_t *image = NULL;
  size_t i = 0, count = 0;

  json_array_foreach (json_object_get (result, "images"), i, image)
  {
    count += json_array_size (
        json_object_get (json_object_get (image, "state"), key));
  }
  return count;
}

int
dc_image_artifacts_print (const json_t *result)
{
  const char *path = json_string_value (json_object_get (result, "artifacts"));

  return path == NULL
             ? 0
             : printf ("  %-13s %zu volumes, %zu secrets in %s\n", "beside it",
                       count_state (result, "volumes"),
                       count_state (result, "secrets"), dc_quote (path).text);
}

void
dc_image_artifacts_release (struct dc_image_artifacts *artifacts)
{
  free (artifacts->path);
  dc_state_output_free (artifacts->output);
}
