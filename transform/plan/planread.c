/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "lib/yamltext.h"
#include "transform/plan/planrows.h"

static int
decode (void *self, char *text)
{
  (void) self;
  dc_yaml_text_decode (text);
  return 0;
}

int
dc_plan_read (const char *text, size_t size, const char *file,
              struct dc_plan **out, struct dc_error *err)
{
  if (size > DC_PLAN_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "%s: %zu bytes, limit %zu", file, size,
                    DC_PLAN_SIZE_MAX);
  DC_AUTO (dc_plan) *plan = calloc (1, sizeof *plan);
  if (plan == NULL)
    return dc_fail_errno (err, "cannot keep a plan");
  if (dc_yaml_read (text, size, file, dc_plan_rows, plan, err) < 0)
    return -1;
  (void) dc_yaml_each_text (dc_plan_rows, plan, decode, NULL);
  plan->text = text;
  plan->text_size = size;
  plan->file = file;
  if (dc_plan_check_form (plan, err) < 0)
    return -1;
  *out = DC_TAKE (plan);
  return 0;
}
