/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "cli/sourceoptions.h"
#include "lib/quote.h"

int
dc_source_flags_fail (const char *name, struct dc_error *err)
{
  const struct dc_quoted quoted = dc_quote (name);
  const char *colon = strchr (quoted.text, ':');

  /* A kind before the path ("tar:") is not part of what errors say. */
  if (err->code == DC_ERR_CANCELLED ||
      strstr (err->text, quoted.text) != NULL ||
      (colon != NULL && colon[1] != '\0' &&
       strstr (err->text, colon + 1) != NULL))
    return -1;
  return dc_context (err, "'%s'", quoted.text);
}

int
dc_source_flags_open (const struct dc_source_flags *flags, const char *name,
                      struct dc_terminal *terminal, struct dc_source **out,
                      struct dc_error *err)
{
  const struct dc_source_options options = {
    .format = flags->format,
    .libvirt_uri = flags->connect,
    .root = flags->root,
    .key_file = flags->key,
    .allow_backing = flags->allow_backing.items,
    .backend = (enum dc_backend) flags->backend,
  };

  const char *names[DC_OPTION_TEXTS_MAX + 1] = { name };
  for (size_t i = 0; i < flags->add.count; i++)
    names[i + 1] = flags->add.items[i];
  terminal->is_verbose = flags->is_verbose;
  terminal->is_quiet = flags->is_quiet;
  return dc_source_open (names, flags->add.count + 1, &options,
                         &terminal->report, out, err);
}
