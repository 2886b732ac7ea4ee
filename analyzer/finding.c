/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/profile.h"
#include "lib/array.h"

static void
release (struct dc_finding *finding)
{
  free (finding->id);
  free (finding->text);
  free (finding->evidence.file);
}

int
dc_profile_note (struct dc_profile *profile, const char *id, const char *file,
                 unsigned line, struct dc_error *err, const char *fmt, ...)
{
  struct dc_finding finding = { .evidence.line = line };
  va_list args;

  if (profile->finding_count == DC_FINDING_MAX) {
    profile->findings_lost++;
    return 0;
  }
  if (DC_ARRAY_GROW (profile->findings, profile->finding_count, DC_FINDING_MAX,
                     "findings", err) < 0)
    return -1;
  va_start (args, fmt);
  if (vasprintf (&finding.text, fmt, args) < 0)
    finding.text = NULL; /* undefined after a failure */
  va_end (args);
  finding.id = strdup (id);
  finding.evidence.file = file != NULL ? strdup (file) : NULL;
  if (finding.text == NULL || finding.id == NULL ||
      (file != NULL && finding.evidence.file == NULL)) {
    release (&finding);
    return dc_fail_errno (err, "cannot keep a finding");
  }
  profile->findings[profile->finding_count++] = finding;
  return 0;
}

void
dc_profile_forget_notes (struct dc_profile *profile, const char *id,
                         const char *start)
{
  const size_t size = strlen (start);
  size_t kept = 0;

  for (size_t i = 0; i < profile->finding_count; i++) {
    struct dc_finding *finding = &profile->findings[i];
    if (strcmp (finding->id, id) == 0 &&
        strncmp (finding->text, start, size) == 0 &&
        strncmp (finding->text + size, ": ", 2) == 0)
      release (finding);
    else
      profile->findings[kept++] = *finding;
  }
  while (profile->finding_count > kept)
    profile->findings[--profile->finding_count] =
        (struct dc_finding){ .id = NULL };
}

bool
dc_is_fault_of_guest (enum dc_code code)
{
  return code == DC_ERR_INVALID || code == DC_ERR_LIMIT ||
         code == DC_ERR_NOTFOUND || code == DC_ERR_UNSUPPORTED;
}

void
dc_findings_release (struct dc_profile *profile)
{
  for (size_t i = 0; i < profile->finding_count; i++)
    release (&profile->findings[i]);
  free (profile->findings);
  profile->findings = NULL;
  profile->finding_count = 0;
}
