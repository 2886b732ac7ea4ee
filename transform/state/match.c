/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "transform/state/match.h"

#define BLOCK DC_MATCH_BLOCK /* bytes that are looked at together */
#define SLOTS (1 << 14) /* small enough to stay in a cache of the first level */
#define NONE UINT32_MAX

struct needle {
  unsigned char bytes[DC_MATCH_SIZE_MAX];
  size_t size;
  uint32_t next; /* of those whose window ends alike; NONE */
};

struct dc_match {
  struct needle *needles;
  size_t count, window, longest;
  uint8_t shift[SLOTS];  /* how far the window may move; 0: look */
  uint32_t first[SLOTS]; /* needle to compare; NONE */
};

static uint32_t
slot_of (const unsigned char *bytes)
{
  const uint32_t block = (uint32_t) bytes[0] | (uint32_t) bytes[1] << 8 |
                         (uint32_t) bytes[2] << 16;

  return block * 2654435761u >> 18; /* Knuth's multiplier, 14 bits */
}

static void
enter (struct dc_match *match, uint32_t index)
{
  struct needle *needle = &match->needles[index];

  for (size_t i = 0; i + BLOCK <= match->window; i++) {
    const uint32_t slot = slot_of (needle->bytes + i);
    const size_t shift = match->window - BLOCK - i;
    if (shift < match->shift[slot])
      match->shift[slot] = (uint8_t) shift;
    if (shift == 0) {
      needle->next = match->first[slot];
      match->first[slot] = index;
    }
  }
}

int
dc_match_new (const struct dc_span *needles, size_t count,
              struct dc_match **out, struct dc_error *err)
{
  *out = NULL;
  if (count == 0)
    return 0;
  DC_AUTO (dc_match) *match = calloc (1, sizeof *match);
  if (match == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  match->needles = calloc (count, sizeof *match->needles);
  if (match->needles == NULL)
    return dc_fail_errno (err, "cannot look for %zu secrets", count);
  match->window = DC_MATCH_SIZE_MAX;
  for (size_t i = 0; i < count; i++) {
    struct needle *needle = &match->needles[match->count++];
    needle->size = needles[i].size < DC_MATCH_SIZE_MAX ? needles[i].size
                                                       : DC_MATCH_SIZE_MAX;
    memcpy (needle->bytes, needles[i].text, needle->size);
    if (needle->size < match->window)
      match->window = needle->size;
    if (needle->size > match->longest)
      match->longest = needle->size;
  }
  memset (match->shift, (int) (match->window - BLOCK + 1), sizeof match->shift);
  memset (match->first, 0xff, sizeof match->first);
  for (uint32_t i = 0; i < match->count; i++)
    enter (match, i);
  *out = DC_TAKE (match);
  return 0;
}

void
dc_match_free (struct dc_match *match)
{
  if (match == NULL)
    return;
  if (match->needles != NULL)
    explicit_bzero (match->needles, match->count * sizeof *match->needles);
  free (match->needles);
  free (match);
}

/* Those that begin at BEGIN, below LIMIT bytes, and end behind AFTER. */
struct search {
  const struct dc_match *match;
  uint64_t offset; /* of the bytes in the file */
  size_t after;    /* a hit that ends before was seen already */
  dc_match_found *found;
  void *self;
};

static int
compare (const struct search *search, const unsigned char *bytes, size_t size,
         size_t begin, struct dc_error *err)
{
  const struct dc_match *match = search->match;
  const uint32_t slot = slot_of (bytes + begin + match->window - BLOCK);

  for (uint32_t i = match->first[slot]; i != NONE; i = match->needles[i].next) {
    const struct needle *needle = &match->needles[i];
    if (needle->size <= size - begin && begin + needle->size > search->after &&
        memcmp (bytes + begin, needle->bytes, needle->size) == 0 &&
        search->found (search->self, i, search->offset + begin, err) < 0)
      return -1;
  }
  return 0;
}

static int
look (const struct search *search, const unsigned char *bytes, size_t size,
      struct dc_error *err)
{
  const struct dc_match *match = search->match;
  const size_t window = match->window;

  for (size_t end = window; end <= size;) {
    const uint8_t shift = match->shift[slot_of (bytes + end - BLOCK)];
    if (shift == 0 && compare (search, bytes, size, end - window, err) < 0)
      return -1;
    end += shift > 0 ? shift : 1;
  }
  return 0;
}

/* What lies across the border of two pieces. */
static int
look_across (struct search *search, const struct dc_match_place *place,
             const unsigned char *bytes, size_t size, struct dc_error *err)
{
  unsigned char both[2 * DC_MATCH_SIZE_MAX];
  const size_t more =
      size < search->match->longest - 1 ? size : search->match->longest - 1;

  memcpy (both, place->tail, place->tail_size);
  memcpy (both + place->tail_size, bytes, more);
  search->offset = place->offset - place->tail_size;
  search->after = place->tail_size;
  /* What begins behind the border is found in the piece itself. */
  const size_t end = place->tail_size + more;
  for (size_t begin = 0; begin < place->tail_size; begin++)
    if (begin + search->match->window <= end &&
        compare (search, both, end, begin, err) < 0)
      return -1;
  return 0;
}

static void
keep_tail (const struct dc_match *match, struct dc_match_place *place,
           const unsigned char *bytes, size_t size)
{
  const size_t wanted = match->longest - 1;

  if (size >= wanted) {
    memcpy (place->tail, bytes + size - wanted, wanted);
    place->tail_size = wanted;
    return;
  }
  const size_t old =
      place->tail_size + size > wanted ? wanted - size : place->tail_size;
  memmove (place->tail, place->tail + place->tail_size - old, old);
  memcpy (place->tail + old, bytes, size);
  place->tail_size = old + size;
}

int
dc_match_feed (const struct dc_match *match, struct dc_match_place *place,
               const void *bytes, size_t size, dc_match_found *found,
               void *self, struct dc_error *err)
{
  struct search search = { .match = match, .found = found, .self = self };

  if (size == 0)
    return 0;
  if (place->tail_size > 0 &&
      look_across (&search, place, bytes, size, err) < 0)
    return -1;
  search.offset = place->offset;
  search.after = 0;
  if (look (&search, bytes, size, err) < 0)
    return -1;
  keep_tail (match, place, bytes, size);
  place->offset += size;
  return 0;
}
