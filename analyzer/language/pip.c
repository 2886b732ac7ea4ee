/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* pip: what pip, uv, setup.py and their kin install, also in virtual
 * environments.
 *
 *   NAME-VERSION.dist-info/METADATA   and INSTALLER: "pip"
 *   NAME-VERSION[-pyX.Y].egg-info     a file, or a folder with PKG-INFO
 *
 * Source: PyPA specifications "Recording installed projects" and "Core
 * metadata" (Name and Version come in the first lines; what is read of a file
 * ends after HEAD_SIZE).
 */

#include <string.h>
#include <sys/stat.h>

#include "analyzer/language/ecosystem.h"
#include "analyzer/language/parsers.h"
#include "lib/quote.h"

#define HEAD_SIZE ((size_t) 16 * 1024)

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  return S_ISDIR (tree->entries[index].mode) ||
         S_ISREG (tree->entries[index].mode);
}

/* Of a system whose packages use the same folder as pip the file INSTALLER
 * tells them apart; where there is none pip was not it.
 */
static int
judge (struct dc_language_reader *reader, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (16);
  static const char *const tools[] = { "pip", "uv", "poetry", "pdm" };

  const int status = dc_language_head (
      reader, dc_tree_child (reader->tree, reader->index, "INSTALLER"), &b,
      err);
  if (status <= 0)
    return status;
  const struct dc_span tool =
      dc_span_trim ((struct dc_span){ b.data, strcspn (b.data, "\n") });
  for (size_t i = 0; i < DC_COUNT (tools); i++)
    if (dc_span_is (tool, tools[i]))
      reader->system = DC_ANSWER_NO;
  return 0;
}

int
dc_pip_parse (const char *text, size_t size, struct dc_language_facts *facts)
{
  struct dc_span rest = { text, size }, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    const struct dc_span header = dc_span_trim (line);
    if (header.size == 0)
      break; /* the description follows */
    if (facts->name.text == NULL && dc_span_starts (line, "Name:")) {
      facts->name = dc_span_trim (dc_span_skip (line, 5));
      facts->line = number;
    } else if (facts->version.text == NULL &&
               dc_span_starts (line, "Version:")) {
      facts->version = dc_span_trim (dc_span_skip (line, 8));
    }
  }
  return facts->name.text != NULL && facts->name.size > 0;
}

static int
pip_read (struct dc_language_reader *reader, struct dc_error *err)
{
  const struct dc_tree *tree = reader->tree;
  const bool is_folder = S_ISDIR (tree->entries[reader->index].mode);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (HEAD_SIZE);
  AUTO_FREE char *file = NULL;
  struct dc_language_facts facts = { .ecosystem = "pip",
                                     .confidence = DC_DECLARED };

  if (reader->system == DC_ANSWER_YES && is_folder && judge (reader, err) < 0)
    return -1;
  if (reader->system == DC_ANSWER_YES) {
    reader->profile->language.system++;
    return 0;
  }
  const uint32_t metadata = dc_tree_child (tree, reader->index, "METADATA");
  const char *name = metadata != DC_TREE_NONE ? "METADATA" : "PKG-INFO";
  const uint32_t index =
      is_folder ? dc_tree_child (tree, reader->index, name) : reader->index;
  const int status = dc_language_head (reader, index, &b, err);
  if (status <= 0)
    return status; /* what an uninstalled package leaves */
  if (!dc_pip_parse (b.data, b.size, &facts))
    return dc_fail (err, DC_ERR_INVALID, "the metadata has no name");
  if (is_folder && asprintf (&file, "%s/%s", reader->path, name) < 0) {
    file = NULL; /* undefined otherwise */
    return dc_fail_errno (err, "cannot keep a path");
  }
  if (file != NULL)
    facts.file = dc_span_of (file);
  return dc_language_add (reader, &facts, err);
}

static const char *const endings[] = { ".dist-info", ".egg-info", NULL };
const struct dc_ecosystem dc_ecosystem_pip = { endings, is_one, true,
                                               pip_read };
