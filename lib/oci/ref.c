/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "lib/oci/ref.h"
#include "lib/quote.h"

static const struct {
  const char *prefix;
  enum dc_ref_kind kind;
  bool has_tag; /* a colon behind the path begins a tag */
} kinds[] = {
  { "oci:", DC_REF_OCI, true },
  { "oci-archive:", DC_REF_OCI_ARCHIVE, true },
  { "docker-archive:", DC_REF_DOCKER_ARCHIVE, true },
  { "docker://", DC_REF_DOCKER, false },
  { "containers-storage:", DC_REF_CONTAINERS_STORAGE, false },
};

static const char tag_bytes[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-/:@+";

static int
read_tag (struct dc_ref *ref, const char *tag, struct dc_error *err)
{
  if (*tag == '\0' || strchr ("._-/:@+", *tag) != NULL ||
      tag[strspn (tag, tag_bytes)] != '\0' || strlen (tag) > DC_REF_TAG_MAX)
    return dc_fail (err, DC_ERR_INVALID, "'%s' cannot be a tag",
                    dc_quote (tag).text);
  ref->tag = strdup (tag);
  return ref->tag != NULL ? 0 : dc_fail_errno (err, "cannot keep a tag");
}

static int
read_rest (struct dc_ref *ref, const char *rest, bool has_tag,
           struct dc_error *err)
{
  const char *colon = has_tag ? strchr (rest, ':') : NULL;
  const size_t size = colon != NULL ? (size_t) (colon - rest) : strlen (rest);

  if (size == 0)
    return dc_fail (err, DC_ERR_INVALID, "nothing behind '%s:'",
                    dc_ref_kind_name (ref->kind));
  ref->path = strndup (rest, size);
  if (ref->path == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  return has_tag ? read_tag (
                       ref, colon != NULL ? colon + 1 : DC_REF_TAG_DEFAULT, err)
                 : 0;
}

int
dc_ref_parse (const char *text, struct dc_ref **out, struct dc_error *err)
{
  assert (text != NULL);

  for (size_t i = 0; i < DC_COUNT (kinds); i++) {
    const size_t size = strlen (kinds[i].prefix);
    if (strncmp (text, kinds[i].prefix, size) != 0)
      continue;
    DC_AUTO (dc_ref) *ref = calloc (1, sizeof *ref);
    if (ref == NULL)
      return dc_fail_errno (err, "cannot keep an image reference");
    ref->kind = kinds[i].kind;
    if (read_rest (ref, text + size, kinds[i].has_tag, err) < 0)
      return dc_context (err, "image reference '%s'", dc_quote (text).text);
    *out = DC_TAKE (ref);
    return 0;
  }
  return dc_fail (err, DC_ERR_INVALID,
                  "'%s' is no image reference; an OCI layout in a folder is "
                  "'oci:%s'",
                  dc_quote (text).text, dc_quote (text).text);
}

const char *
dc_ref_kind_name (enum dc_ref_kind kind)
{
  static const char *const names[] = {
    [DC_REF_OCI] = "oci",
    [DC_REF_OCI_ARCHIVE] = "oci-archive",
    [DC_REF_DOCKER_ARCHIVE] = "docker-archive",
    [DC_REF_DOCKER] = "docker",
    [DC_REF_CONTAINERS_STORAGE] = "containers-storage",
  };

  return names[kind];
}

void
dc_ref_free (struct dc_ref *ref)
{
  if (ref == NULL)
    return;
  free (ref->path);
  free (ref->tag);
  free (ref);
}
