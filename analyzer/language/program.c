/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* program: programs whose compilers wrote into them what they are made of.
 *
 * Only those outside the folders of the distribution are opened: its own are
 * many, and described by their packages.
 */

#include <sys/stat.h>

#include "analyzer/language/buildinfo.h"
#include "analyzer/language/place.h"

/* The smallest program of Go 1.13 to 1.24, stripped, has 700 KB, one of Rust
 * with a list of crates 250 KB; smaller ones are not opened.
 */
#define PROGRAM_SIZE_MIN ((uint64_t) 128 * 1024)

static bool
is_one (const struct dc_tree *tree, uint32_t index)
{
  const struct dc_entry *entry = &tree->entries[index];

  return S_ISREG (entry->mode) && (entry->mode & 0111) != 0 &&
         entry->size >= PROGRAM_SIZE_MIN &&
         dc_place_system (tree, index) != DC_ANSWER_YES;
}

static int
program_read (struct dc_language_reader *reader, struct dc_error *err)
{
  const struct dc_excerpt excerpt = dc_excerpt_of (reader);
  struct dc_elfsections sections;

  int status = dc_elfsections_open (&excerpt, &sections, err);
  if (status <= 0)
    return status;
  status = dc_buildinfo_go (reader, &sections, err);
  if (status == 0)
    status = dc_buildinfo_rust (reader, &sections, err);
  dc_elfsections_release (&sections);
  return status;
}

static const char *const endings[] = { "", NULL };
const struct dc_ecosystem dc_ecosystem_program = { endings, is_one, false,
                                                   program_read };
