/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/language/elfsections.h"
#include "lib/cleanup.h"

uint64_t
dc_elfsections_number (const struct dc_elfsections *sections,
                       const unsigned char *p, size_t size)
{
  uint64_t value = 0;

  for (size_t i = 0; i < size; i++)
    value = value << 8 | p[sections->is_little ? size - 1 - i : i];
  return value;
}

/* The header of section I: its name's place and where it is. */
static struct dc_elfsection
get_place (const struct dc_elfsections *s, size_t i, uint64_t *name,
           uint64_t *type)
{
  const unsigned char *p = s->headers + i * s->entry_size;
  const size_t word = s->is_64 ? 8 : 4;

  *name = dc_elfsections_number (s, p, 4);
  *type = dc_elfsections_number (s, p + 4, 4);
  return (struct dc_elfsection){
    dc_elfsections_number (s, p + 8 + word, word),
    dc_elfsections_number (s, p + 8 + 2 * word, word),
    dc_elfsections_number (s, p + 8 + 3 * word, word),
  };
}

static int
load_names (struct dc_elfsections *s, size_t index, struct dc_error *err)
{
  uint64_t name, type;
  unsigned char *names = NULL;

  if (index >= s->count)
    return 0;
  const struct dc_elfsection place = get_place (s, index, &name, &type);
  const int status = dc_excerpt_load (&s->excerpt, place.offset, place.size,
                                      DC_SECTION_NAMES_MAX, &names, err);
  s->names = (char *) names;
  s->names_size = status > 0 ? (size_t) place.size : 0;
  return status;
}

static int
load_headers (struct dc_elfsections *s, const unsigned char *head,
              struct dc_error *err)
{
  const uint64_t place =
      dc_elfsections_number (s, head + (s->is_64 ? 40 : 32), s->is_64 ? 8 : 4);
  const unsigned char *sizes = head + (s->is_64 ? 58 : 46);

  s->entry_size = (size_t) dc_elfsections_number (s, sizes, 2);
  s->count = (size_t) dc_elfsections_number (s, sizes + 2, 2);
  if (s->entry_size < (s->is_64 ? sizeof (Elf64_Shdr) : sizeof (Elf32_Shdr)) ||
      s->count == 0 || s->count > DC_SECTION_MAX)
    return 0;
  const size_t size = s->entry_size * s->count;
  const int status =
      dc_excerpt_load (&s->excerpt, place, size, size, &s->headers, err);
  return status > 0
             ? load_names (s, (size_t) dc_elfsections_number (s, sizes + 4, 2),
                           err)
             : status;
}

int
dc_elfsections_open (const struct dc_excerpt *excerpt,
                     struct dc_elfsections *out, struct dc_error *err)
{
  unsigned char head[sizeof (Elf64_Ehdr)];
  struct dc_elfsections s = { .excerpt = *excerpt };

  int status = dc_excerpt_read (excerpt, 0, head, sizeof head, err);
  if (status <= 0)
    return status;
  const unsigned class = head[EI_CLASS], order = head[EI_DATA];
  if (memcmp (head, ELFMAG, SELFMAG) != 0 ||
      (class != ELFCLASS32 && class != ELFCLASS64) ||
      (order != ELFDATA2LSB && order != ELFDATA2MSB))
    return 0;
  s.is_64 = class == ELFCLASS64;
  s.is_little = order == ELFDATA2LSB;
  status = load_headers (&s, head, err);
  if (status > 0)
    *out = s;
  else
    dc_elfsections_release (&s);
  return status;
}

bool
dc_elfsections_find (const struct dc_elfsections *sections, const char *name,
                     struct dc_elfsection *place)
{
  for (size_t i = 0; i < sections->count; i++) {
    uint64_t at, type;
    const struct dc_elfsection found = get_place (sections, i, &at, &type);
    /* A NUL is behind the names. */
    if (at < sections->names_size && type != SHT_NOBITS &&
        strcmp (sections->names + at, name) == 0) {
      *place = found;
      return true;
    }
  }
  return false;
}

int
dc_elfsections_load (const struct dc_elfsections *sections, uint64_t address,
                     uint64_t size, size_t max, unsigned char **out,
                     struct dc_error *err)
{
  for (size_t i = 0; i < sections->count; i++) {
    uint64_t at, type;
    const struct dc_elfsection place = get_place (sections, i, &at, &type);
    if (type == SHT_NOBITS || place.address == 0 || address < place.address ||
        address - place.address >= place.size)
      continue;
    const uint64_t skip = address - place.address;
    uint64_t offset;
    if (size > place.size - skip ||
        __builtin_add_overflow (place.offset, skip, &offset))
      return 0;
    return dc_excerpt_load (&sections->excerpt, offset, size, max, out, err);
  }
  return 0;
}

void
dc_elfsections_release (struct dc_elfsections *sections)
{
  free (sections->headers);
  free (sections->names);
  *sections = (struct dc_elfsections){ .headers = NULL };
}
