/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The section begins with:
 *
 *    0  "\xff Go buildinf:"     14 bytes
 *   14  size of a pointer, 4 or 8
 *   15  flags: 1 big-endian pointers, 2 texts follow (Go 1.18 and later)
 *   16  without flag 2: pointer to the Go string header of the release, then
 *       of the modules; a string header is address and length
 *   32  with flag 2: the release, then the modules, each a varint length and
 *       the bytes
 *
 * The modules stand between two marks of 16 bytes; a line is
 * "mod|dep|=> TAB PATH TAB VERSION [TAB SUM]".
 *
 * Source: the documentation of Go's debug/buildinfo, runtime/debug.BuildInfo.
 */

#include <stdlib.h>
#include <string.h>

#include "analyzer/language/buildinfo.h"
#include "analyzer/language/parsers.h"
#include "lib/cleanup.h"

#define INFO_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes; real: some 100 KB */
#define HEAD_SIZE 32
#define MARK_SIZE 16
#define FLAG_BIG 1
#define FLAG_TEXTS 2

static const char magic[14] = "\xff Go buildinf:";

/* Text with a varint length before it, from *REST: true; false: damaged. */
static bool
take_text (struct dc_span *rest, struct dc_span *text)
{
  uint64_t size = 0;
  unsigned shift = 0;

  for (; rest->size > 0 && shift < 63; shift += 7) {
    const unsigned char byte = (unsigned char) *rest->text;
    *rest = dc_span_skip (*rest, 1);
    size |= (uint64_t) (byte & 0x7f) << shift;
    if ((byte & 0x80) != 0)
      continue;
    if (size > rest->size)
      return false;
    *text = (struct dc_span){ rest->text, (size_t) size };
    *rest = dc_span_skip (*rest, (size_t) size);
    return true;
  }
  return false;
}

/* What stands between the marks; they are there when a newline is before the
 * last one.
 */
static struct dc_span
without_marks (struct dc_span text)
{
  if (text.size <= 2 * MARK_SIZE ||
      text.text[text.size - MARK_SIZE - 1] != '\n')
    return (struct dc_span){ NULL, 0 };
  return (struct dc_span){ text.text + MARK_SIZE, text.size - 2 * MARK_SIZE };
}

struct module {
  struct dc_span name, version;
};

/* A folder in place of a module, "./x", has neither name nor version. */
static void
replace (struct module *module, struct dc_span name, struct dc_span version)
{
  const bool is_folder =
      dc_span_starts (name, ".") || dc_span_starts (name, "/");

  if (!is_folder)
    module->name = name;
  module->version = is_folder ? (struct dc_span){ NULL, 0 } : version;
}

static int
flush (struct module *module,
       int (*add) (void *self, struct dc_span name, struct dc_span version,
                   struct dc_error *err),
       void *self, struct dc_error *err)
{
  const struct module done = *module;

  *module = (struct module){ { NULL, 0 }, { NULL, 0 } };
  return done.name.text != NULL && done.name.size > 0
             ? add (self, done.name, done.version, err)
             : 0;
}

int
dc_go_modules_parse (const char *text, size_t size,
                     int (*add) (void *self, struct dc_span name,
                                 struct dc_span version, struct dc_error *err),
                     void *self, struct dc_error *err)
{
  struct dc_span rest = { text, size }, line;
  struct module module = { { NULL, 0 }, { NULL, 0 } };

  while (dc_span_line (&rest, &line)) {
    struct dc_span kind = { "", 0 }, name = { "", 0 }, version = { "", 0 };
    (void) dc_span_field (&line, '\t', &kind); /* what is missing stays empty */
    (void) dc_span_field (&line, '\t', &name);
    (void) dc_span_field (&line, '\t', &version);
    if (dc_span_is (kind, "=>")) {
      replace (&module, name, version);
    } else if (dc_span_is (kind, "mod") || dc_span_is (kind, "dep")) {
      if (flush (&module, add, self, err) < 0)
        return -1;
      module = (struct module){ name, version };
    }
  }
  return flush (&module, add, self, err);
}

static int
add_module (void *self, struct dc_span name, struct dc_span version,
            struct dc_error *err)
{
  struct dc_language_facts facts = { .ecosystem = "go",
                                     .name = name,
                                     .version = version,
                                     .confidence = DC_DECLARED };

  if (memchr (name.text, '\0', name.size) != NULL)
    return 0;
  if (version.text != NULL &&
      dc_span_is (version, "(devel)")) /* built where it was written */
    facts.version.text = NULL;
  return dc_language_add (self, &facts, err);
}

static int
add_all (struct dc_language_reader *reader, struct dc_span release,
         struct dc_span modules, struct dc_error *err)
{
  /* "go1.22.1 X:nocoverageredesign" */
  struct dc_span word;
  const struct dc_span text = without_marks (modules);

  if (!dc_span_word (&release, &word))
    return 0;
  if (dc_span_starts (word, "go"))
    word = dc_span_skip (word, 2);
  if (add_module (reader, dc_span_of ("stdlib"), word, err) < 0)
    return -1;
  return text.text != NULL ? dc_go_modules_parse (text.text, text.size,
                                                  add_module, reader, err)
                           : 0;
}

/* The string whose header the pointer at P points to: 1, 0, -1. */
static int
load_string (const struct dc_elfsections *sections, const unsigned char *p,
             size_t word, unsigned char **bytes, struct dc_span *out,
             struct dc_error *err)
{
  AUTO_FREE unsigned char *header = NULL;

  int status =
      dc_elfsections_load (sections, dc_elfsections_number (sections, p, word),
                           2 * word, 2 * word, &header, err);
  if (status <= 0)
    return status;
  const uint64_t size = dc_elfsections_number (sections, header + word, word);
  status = dc_elfsections_load (sections,
                                dc_elfsections_number (sections, header, word),
                                size, INFO_SIZE_MAX, bytes, err);
  if (status > 0)
    *out = (struct dc_span){ (const char *) *bytes, (size_t) size };
  return status;
}

static int
read_pointers (struct dc_language_reader *reader,
               const struct dc_elfsections *sections, const unsigned char *info,
               struct dc_error *err)
{
  AUTO_FREE unsigned char *release_bytes = NULL;
  AUTO_FREE unsigned char *module_bytes = NULL;
  struct dc_span release = { NULL, 0 }, modules = { NULL, 0 };
  const size_t word = info[14];

  if ((word != 4 && word != 8) ||
      ((info[15] & FLAG_BIG) != 0) == sections->is_little)
    return 0;
  int status =
      load_string (sections, info + 16, word, &release_bytes, &release, err);
  if (status <= 0)
    return status;
  status = load_string (sections, info + 16 + word, word, &module_bytes,
                        &modules, err);
  return status < 0 ? -1 : add_all (reader, release, modules, err);
}

int
dc_buildinfo_go (struct dc_language_reader *reader,
                 const struct dc_elfsections *sections, struct dc_error *err)
{
  AUTO_FREE unsigned char *info = NULL;
  struct dc_elfsection place;
  struct dc_span release, modules;

  if (!dc_elfsections_find (sections, ".go.buildinfo", &place))
    return 0;
  const int status = dc_excerpt_load (&sections->excerpt, place.offset,
                                      place.size, INFO_SIZE_MAX, &info, err);
  if (status <= 0)
    return status;
  if (place.size < HEAD_SIZE || memcmp (info, magic, sizeof magic) != 0)
    return 0;
  if ((info[15] & FLAG_TEXTS) == 0)
    return read_pointers (reader, sections, info, err);
  struct dc_span rest = { (const char *) info + HEAD_SIZE,
                          (size_t) place.size - HEAD_SIZE };
  if (!take_text (&rest, &release) || !take_text (&rest, &modules))
    return dc_fail (err, DC_ERR_INVALID, "Go's build information is cut off");
  return add_all (reader, release, modules, err);
}
