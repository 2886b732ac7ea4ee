/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* gem: specifications/[default/]NAME-VERSION[-PLATFORM].gemspec of RubyGems
 * and bundler.
 *
 * A specification is a program in Ruby, but RubyGems writes as its second line
 * "# stub: NAME VERSION PLATFORM PATHS", so as not to run it itself; where that
 * is missing the name of the file is all that is said.
 *
 * Source: RubyGems 3, "gem help platforms"; Gem::StubSpecification.
 */

#include <string.h>

#include "analyzer/language/ecosystem.h"
#include "analyzer/language/parsers.h"

#define HEAD_SIZE ((size_t) 4 * 1024)
#define HEAD_LINES 5

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  return dc_language_is_file (tree, index) &&
         (dc_language_is_in (tree, index, 0, "specifications") ||
          (dc_language_is_in (tree, index, 0, "default") &&
           dc_language_is_in (tree, index, 1, "specifications")));
}

int
dc_gem_parse (const char *text, size_t size, struct dc_language_facts *facts)
{
  struct dc_span rest = { text, size }, line;

  for (unsigned number = 1; number <= HEAD_LINES && dc_span_line (&rest, &line);
       number++)
    if (dc_span_starts (line, "# stub: ")) {
      line = dc_span_skip (line, strlen ("# stub: "));
      facts->line = number;
      return dc_span_word (&line, &facts->name) &&
             dc_span_word (&line, &facts->version);
    }
  return 0;
}

static int
gem_read (struct dc_language_reader *reader, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (HEAD_SIZE);
  const char *name = reader->tree->entries[reader->index].name;
  struct dc_language_facts facts = { .ecosystem = "gem",
                                     .confidence = DC_DECLARED };

  if (reader->system == DC_ANSWER_UNKNOWN &&
      dc_language_is_in (reader->tree, reader->index, 0, "default"))
    reader->system = DC_ANSWER_YES; /* those that ruby itself brings */
  const int status = dc_language_head (reader, reader->index, &b, err);
  if (status < 0)
    return -1;
  if (!dc_gem_parse (dc_buffer_text (&b), b.size, &facts)) {
    (void) dc_language_split (
        (struct dc_span){ name, strlen (name) - strlen (".gemspec") },
        &facts.name, &facts.version); /* no version: none is said */
    facts.confidence = DC_INFERRED;
    facts.line = 0;
  }
  return dc_language_add (reader, &facts, err);
}

static const char *const endings[] = { ".gemspec", NULL };
const struct dc_ecosystem dc_ecosystem_gem = { endings, is_one, false,
                                               gem_read };
