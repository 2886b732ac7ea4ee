/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "analyzer/system/identity.h"
#include "lib/array.h"
#include "lib/cleanup.h"

int
dc_identity_directory (struct dc_identity *identity, const char *kind,
                       const char *file, unsigned line,
                       struct dc_directory **out, struct dc_error *err)
{
  AUTO_FREE char *copy = strdup (file);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  if (DC_ARRAY_GROW (identity->directories, identity->directory_count,
                     DC_DIRECTORY_MAX, "directories", err) < 0)
    return -1;
  struct dc_directory *directory =
      &identity->directories[identity->directory_count++];
  *directory = (struct dc_directory){ .kind = kind,
                                      .evidence = { DC_TAKE (copy), line } };
  *out = directory;
  return 0;
}

static void
release_directory (struct dc_directory *directory)
{
  free (directory->domain);
  free (directory->provider);
  free (directory->realm);
  dc_words_release (&directory->servers);
  free (directory->evidence.file);
}

static void
release_sudo (struct dc_sudo *sudo)
{
  free (sudo->who);
  free (sudo->host);
  free (sudo->runas);
  free (sudo->commands);
  free (sudo->evidence.file);
}

void
dc_identity_release (struct dc_identity *identity)
{
  for (size_t i = 0; i < identity->lookup_count; i++) {
    free (identity->lookups[i].database);
    dc_words_release (&identity->lookups[i].services);
  }
  for (size_t i = 0; i < identity->directory_count; i++)
    release_directory (&identity->directories[i]);
  for (size_t i = 0; i < identity->sudo_count; i++)
    release_sudo (&identity->sudo[i]);
  free (identity->lookups);
  free (identity->directories);
  free (identity->sudo);
  free (identity->time_zone);
  free (identity->time_zone_file);
  free (identity->locale);
  free (identity->locale_file);
  free (identity->cloud_source);
  free (identity->cloud_source_file);
  dc_words_release (&identity->cloud_sources);
  *identity = (struct dc_identity){ .lookups = NULL };
}
