/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/system/foreign.h"
#include "analyzer/system/oldrelease.h"
#include "analyzer/system/osdetail.h"
#include "analyzer/system/osfamily.h"
#include "analyzer/system/osrel.h"
#include "lib/span.h"

/* The codename that VERSION carries where no key of its own does: what stands
 * in brackets, "7 (Core)", or after a comma, "14.04 LTS, Trusty Tahr".
 */
static int
read_version (const char *version, char **codename, struct dc_error *err)
{
  const char *open = strpbrk (version, "(,");

  if (open == NULL)
    return 0;
  struct dc_span name = dc_span_of (open + 1);
  if (*open == '(') {
    const char *close = strchr (open, ')');
    if (close == NULL)
      return 0;
    name.size = (size_t) (close - name.text);
  }
  return dc_span_copy (dc_span_trim (name), codename, err);
}

int
dc_osrel_parse (const char *text, size_t size, struct dc_osrel **out,
                struct dc_error *err)
{
  assert (text != NULL);
  assert (out != NULL);

  if (size > DC_OSREL_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "os-release is %zu bytes, limit %zu",
                    size, DC_OSREL_SIZE_MAX);
  DC_AUTO (dc_osrel) *osrel = calloc (1, sizeof *osrel);
  if (osrel == NULL)
    return dc_fail_errno (err, "cannot keep os-release");

  AUTO_FREE char *ubuntu_codename = NULL, *version = NULL;
  const struct dc_assign rows[] = {
    { "ID", &osrel->id },
    { "ID_LIKE", &osrel->id_like },
    { "NAME", &osrel->name },
    { "PRETTY_NAME", &osrel->pretty_name },
    { "UBUNTU_CODENAME", &ubuntu_codename },
    { "VERSION", &version },
    { "VERSION_CODENAME", &osrel->codename },
    { "VERSION_ID", &osrel->version_id },
  };
  if (dc_assign_read (text, size, rows, DC_COUNT (rows), err) < 0)
    return -1;
  if (osrel->codename == NULL)
    osrel->codename = DC_TAKE (ubuntu_codename);
  if (osrel->codename == NULL && version != NULL &&
      read_version (version, &osrel->codename, err) < 0)
    return -1;
  *out = DC_TAKE (osrel);
  return 0;
}

/* 1 when FILE is there and says what the system is. */
static int
load_file (struct dc_tree *tree, const char *file, struct dc_osrel **out,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_OSREL_SIZE_MAX);
  const int found = dc_tree_read_file (tree, file, &b, err);

  if (found < 0)
    return -1;
  DC_AUTO (dc_osrel) *osrel = NULL;
  if (found == 0)
    return 0;
  if (dc_osrel_parse (dc_buffer_text (&b), b.size, &osrel, err) < 0)
    return -1;
  if (osrel->id == NULL)
    return 0;
  osrel->file = strdup (file);
  if (osrel->file == NULL)
    return dc_fail_errno (err, "cannot keep the name of os-release");
  *out = DC_TAKE (osrel);
  return 1;
}

/* Whatever says first what the system is.  A file that is too large to be one
 * is passed over; *FAULT is about it.
 */
static int
load_first (struct dc_tree *tree, struct dc_osrel **out, struct dc_error *fault,
            struct dc_error *err)
{
  static const char *const files[] = {
    "/etc/os-release",
    "/usr/lib/os-release",
  };
  static int (*const others[]) (struct dc_tree *, struct dc_osrel **,
                                struct dc_error *) = {
    dc_oldrelease_load,
    dc_foreign_load,
    dc_oldrelease_load_other,
  };
  int found = 0;

  for (size_t i = 0; found == 0 && i < DC_COUNT (files) + DC_COUNT (others);
       i++) {
    found = i < DC_COUNT (files) ? load_file (tree, files[i], out, err)
                                 : others[i - DC_COUNT (files)](tree, out, err);
    if (found >= 0 || err->code != DC_ERR_LIMIT)
      continue;
    *fault = *err;
    found = 0;
  }
  return found;
}

int
dc_osrel_load (struct dc_tree *tree, struct dc_osrel **out,
               struct dc_error *err)
{
  DC_AUTO (dc_osrel) *osrel = NULL;
  struct dc_error fault = { .code = DC_OK };
  const int found = load_first (tree, &osrel, &fault, err);

  if (found < 0)
    return -1;
  if (found == 0 && fault.code != DC_OK) {
    *err = fault;
    return -1;
  }
  if (found == 0)
    return 0;
  osrel->family = dc_osfamily_of (osrel->id, osrel->id_like);
  osrel->kernel = dc_osfamily_kernel (osrel->id);
  if (fault.code != DC_OK &&
      dc_span_copy (dc_span_of (fault.text), &osrel->problem, err) < 0)
    return -1;
  if (dc_osdetail_add (tree, osrel, err) < 0)
    return -1;
  *out = DC_TAKE (osrel);
  return 1;
}

bool
dc_osrel_is_linux (const struct dc_osrel *osrel)
{
  return osrel == NULL || osrel->kernel == NULL ||
         strcmp (osrel->kernel, "linux") == 0;
}

void
dc_osrel_free (struct dc_osrel *osrel)
{
  if (osrel == NULL)
    return;
  free (osrel->id);
  free (osrel->name);
  free (osrel->id_like);
  free (osrel->version_id);
  free (osrel->codename);
  free (osrel->pretty_name);
  free (osrel->file);
  free (osrel->release);
  free (osrel->release_file);
  free (osrel->problem);
  free (osrel);
}
