/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* conda: NAME-VERSION-BUILD.json in conda-meta/, whose name says it all.
 *
 * Source: conda-build documentation, "Package naming conventions": neither
 * version nor build has a '-'.
 */

#include <string.h>

#include "analyzer/language/ecosystem.h"

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  return dc_language_is_file (tree, index) &&
         dc_language_is_in (tree, index, 0, "conda-meta");
}

/* TEXT up to the last '-', and the rest into *TAIL; false: there is none. */
static bool
cut_last (struct dc_span *text, struct dc_span *tail)
{
  const char *dash = memrchr (text->text, '-', text->size);

  if (dash == NULL)
    return false;
  const size_t size = (size_t) (dash - text->text);
  *tail = dc_span_skip (*text, size + 1);
  text->size = size;
  return true;
}

static int
conda_read (struct dc_language_reader *reader, struct dc_error *err)
{
  const char *file = reader->tree->entries[reader->index].name;
  struct dc_language_facts facts = { .ecosystem = "conda",
                                     .confidence = DC_DECLARED };

  facts.name = (struct dc_span){ file, strlen (file) - strlen (".json") };
  if (!cut_last (&facts.name, &facts.revision) ||
      !cut_last (&facts.name, &facts.version))
    return 0; /* conda's own state, "state.json" */
  return dc_language_add (reader, &facts, err);
}

static const char *const endings[] = { ".json", NULL };
const struct dc_ecosystem dc_ecosystem_conda = { endings, is_one, false,
                                                 conda_read };
