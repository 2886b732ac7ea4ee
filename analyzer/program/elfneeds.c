/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/program/elfneeds.h"

/* A file being read.  Nothing in it is trusted: a place outside the file makes
 * it damaged.
 */
struct reader {
  struct dc_tree *tree;
  uint32_t index;
  uint64_t size; /* bytes of the file */
  bool is_64, is_little;
  unsigned char *segments; /* the program headers */
  unsigned segment_size, segment_count;
};

static uint64_t
number (const struct reader *r, const unsigned char *p, size_t size)
{
  uint64_t value = 0;

  for (size_t i = 0; i < size; i++)
    value = value << 8 | p[r->is_little ? size - 1 - i : i];
  return value;
}

/* SIZE bytes at OFFSET: 1, 0 outside the file, -1. */
static int
read_at (const struct reader *r, uint64_t offset, void *bytes, size_t size,
         struct dc_error *err)
{
  uint64_t end;

  if (__builtin_add_overflow (offset, size, &end) || end > r->size)
    return 0;
  return dc_tree_read (r->tree, r->index, offset, bytes, size, err) < 0 ? -1
                                                                        : 1;
}

/* The text at OFFSET into *OUT: 1, 0 when it has no end, -1. */
static int
read_text (const struct reader *r, uint64_t offset, char **out,
           struct dc_error *err)
{
  char text[DC_ELF_TEXT_MAX];
  const size_t steps[] = { 256, sizeof text };

  for (size_t i = 0; i < DC_COUNT (steps); i++) {
    size_t size = steps[i];
    if (offset >= r->size)
      return 0;
    if (size > r->size - offset)
      size = (size_t) (r->size - offset);
    const int status = read_at (r, offset, text, size, err);
    if (status <= 0)
      return status;
    if (memchr (text, '\0', size) == NULL)
      continue;
    *out = strdup (text);
    return *out != NULL ? 1 : dc_fail_errno (err, "cannot keep a library");
  }
  return 0;
}

/* The fields of a program header that matter here. */
struct segment {
  uint32_t type;
  uint64_t offset, address, size;
};

static struct segment
get_segment (const struct reader *r, unsigned i)
{
  const unsigned char *p = r->segments + (size_t) i * r->segment_size;

  if (r->is_64)
    return (struct segment){ (uint32_t) number (r, p, 4), number (r, p + 8, 8),
                             number (r, p + 16, 8), number (r, p + 32, 8) };
  return (struct segment){ (uint32_t) number (r, p, 4), number (r, p + 4, 4),
                           number (r, p + 8, 4), number (r, p + 16, 4) };
}

/* Where in the file the loaded ADDRESS lies; 0: nowhere. */
static uint64_t
offset_of (const struct reader *r, uint64_t address)
{
  for (unsigned i = 0; i < r->segment_count; i++) {
    const struct segment s = get_segment (r, i);
    if (s.type == PT_LOAD && address >= s.address &&
        address - s.address < s.size)
      return s.offset + (address - s.address);
  }
  return 0;
}

/* One string of the dynamic section: 1, 0, -1. */
static int
take_entry (const struct reader *r, struct dc_elf *elf, uint64_t tag,
            uint64_t offset, struct dc_error *err)
{
  char **const target = tag == DT_RPATH ? &elf->rpath : &elf->runpath;
  AUTO_FREE char *text = NULL;

  const int status = read_text (r, offset, &text, err);
  if (status <= 0)
    return status;
  if (tag == DT_NEEDED)
    return elf->needed.count < DC_ELF_NEEDED_MAX
               ? dc_words_take (&elf->needed, DC_TAKE (text), err) < 0 ? -1 : 1
               : 0;
  free (*target);
  *target = DC_TAKE (text);
  return 1;
}

/* The entries of the dynamic section, of which the one with the place of the
 * strings may come last.
 */
static int
take_dynamic (const struct reader *r, struct dc_elf *elf,
              const unsigned char *bytes, size_t size, struct dc_error *err)
{
  const size_t word = r->is_64 ? 8 : 4;
  uint64_t strings = 0, tag;

  for (size_t at = 0; at + 2 * word <= size; at += 2 * word) {
    tag = number (r, bytes + at, word);
    if (tag == DT_STRTAB)
      strings = offset_of (r, number (r, bytes + at + word, word));
  }
  if (strings == 0)
    return 0;
  for (size_t at = 0; at + 2 * word <= size; at += 2 * word) {
    tag = number (r, bytes + at, word);
    if (tag == DT_NULL)
      break;
    if (tag != DT_NEEDED && tag != DT_RPATH && tag != DT_RUNPATH)
      continue;
    uint64_t place;
    if (__builtin_add_overflow (strings, number (r, bytes + at + word, word),
                                &place))
      return 0;
    const int status = take_entry (r, elf, tag, place, err);
    if (status <= 0)
      return status;
  }
  return 1;
}

static int
read_dynamic (const struct reader *r, struct dc_elf *elf,
              const struct segment *segment, struct dc_error *err)
{
  if (segment->size == 0 || segment->size > DC_ELF_DYNAMIC_MAX)
    return 0;
  AUTO_FREE unsigned char *bytes = malloc ((size_t) segment->size);
  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read a program");
  const int status =
      read_at (r, segment->offset, bytes, (size_t) segment->size, err);
  return status <= 0
             ? status
             : take_dynamic (r, elf, bytes, (size_t) segment->size, err);
}

static int
read_segments (const struct reader *r, struct dc_elf *elf, struct dc_error *err)
{
  for (unsigned i = 0; i < r->segment_count; i++) {
    const struct segment segment = get_segment (r, i);
    int status = 1;
    if (segment.type == PT_INTERP && elf->interpreter == NULL)
      status = read_text (r, segment.offset, &elf->interpreter, err);
    else if (segment.type == PT_DYNAMIC)
      status = read_dynamic (r, elf, &segment, err);
    if (status <= 0)
      return status;
  }
  return 1;
}

/* The program headers: in HEAD, the first SIZE bytes of the file, or not. */
static int
load_segments (struct reader *r, const unsigned char *head,
               struct dc_error *err)
{
  const uint64_t place =
      number (r, head + (r->is_64 ? 32 : 28), r->is_64 ? 8 : 4);
  const unsigned char *sizes = head + (r->is_64 ? 54 : 42);

  r->segment_size = (unsigned) number (r, sizes, 2);
  r->segment_count = (unsigned) number (r, sizes + 2, 2);
  if (r->segment_size < (r->is_64 ? 56 : 32) || r->segment_count == 0 ||
      r->segment_count > DC_ELF_SEGMENT_MAX)
    return 0;
  const size_t size = (size_t) r->segment_size * r->segment_count;
  r->segments = malloc (size);
  if (r->segments == NULL)
    return dc_fail_errno (err, "cannot read a program");
  return read_at (r, place, r->segments, size, err);
}

/* Header, segments, needs: 1, 0 for what is no program or damaged, -1. */
static int
read_file (struct reader *r, struct dc_elf *elf, struct dc_error *err)
{
  unsigned char head[sizeof (Elf64_Ehdr)];

  const int status = read_at (r, 0, head, sizeof head, err);
  if (status <= 0)
    return status;
  const unsigned class = head[EI_CLASS], order = head[EI_DATA];
  if (memcmp (head, ELFMAG, SELFMAG) != 0 ||
      (class != ELFCLASS32 && class != ELFCLASS64) ||
      (order != ELFDATA2LSB && order != ELFDATA2MSB))
    return 0;
  r->is_64 = elf->is_64 = class == ELFCLASS64;
  r->is_little = elf->is_little = order == ELFDATA2LSB;
  elf->machine = (unsigned) number (r, head + 18, 2);
  const int loaded = load_segments (r, head, err);
  return loaded <= 0 ? loaded : read_segments (r, elf, err);
}

int
dc_elf_read (struct dc_tree *tree, uint32_t index, struct dc_elf *out,
             struct dc_error *err)
{
  struct dc_elf elf = { .machine = 0 };
  struct reader reader = { .tree = tree,
                           .index = index,
                           .size = tree->entries[index].size };

  if (!S_ISREG (tree->entries[index].mode))
    return 0;
  const int status = read_file (&reader, &elf, err);
  free (reader.segments);
  if (status > 0)
    *out = elf;
  else
    dc_elf_release (&elf);
  return status;
}

void
dc_elf_release (struct dc_elf *elf)
{
  free (elf->interpreter);
  free (elf->rpath);
  free (elf->runpath);
  dc_words_release (&elf->needed);
  *elf = (struct dc_elf){ .machine = 0 };
}
