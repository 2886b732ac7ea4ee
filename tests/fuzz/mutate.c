/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "tests/fuzz/mutate.h"

#define BLOCK_MAX 64 /* bytes moved at once */

uint64_t
fuzz_next (struct fuzz_random *random)
{
  random->state ^= random->state << 13;
  random->state ^= random->state >> 7;
  random->state ^= random->state << 17;
  return random->state;
}

struct input {
  uint8_t *data;
  size_t size, max;
};

static size_t
below (struct fuzz_random *random, size_t limit)
{
  return limit == 0 ? 0 : (size_t) (fuzz_next (random) % limit);
}

static size_t
block_size (struct fuzz_random *random, size_t limit)
{
  return 1 + below (random, limit < BLOCK_MAX ? limit : BLOCK_MAX);
}

static void
flip (struct fuzz_random *random, struct input *in)
{
  in->data[below (random, in->size)] ^= (uint8_t) (1 << below (random, 8));
}

/* A byte that means something in some language. */
static void
set (struct fuzz_random *random, struct input *in)
{
  static const char bytes[] = "\0\xff\x80\n\r\t {}[]()\"'\\/=:;,#$%*@~!|<>&"
                              "-+.09azAZ";

  in->data[below (random, in->size)] =
      (uint8_t) bytes[below (random, sizeof bytes - 1)];
}

static void
cut (struct fuzz_random *random, struct input *in)
{
  const size_t at = below (random, in->size);
  const size_t size = block_size (random, in->size - at - 1);

  if (at + size >= in->size)
    return;
  memmove (in->data + at, in->data + at + size, in->size - at - size);
  in->size -= size;
}

static void
put (struct input *in, size_t at, const void *bytes, size_t size)
{
  if (size > in->max - in->size)
    return;
  memmove (in->data + at + size, in->data + at, in->size - at);
  memcpy (in->data + at, bytes, size);
  in->size += size;
}

/* A copy of a part somewhere else. */
static void
copy (struct fuzz_random *random, struct input *in)
{
  uint8_t block[BLOCK_MAX + 1];
  const size_t from = below (random, in->size);
  const size_t size = block_size (random, in->size - from - 1);

  if (from + size > in->size)
    return;
  memcpy (block, in->data + from, size);
  put (in, below (random, in->size), block, size);
}

/* The same byte, many times. */
static void
repeat (struct fuzz_random *random, struct input *in)
{
  uint8_t block[512];
  const size_t at = below (random, in->size);

  memset (block, in->data[at], sizeof block);
  put (in, at, block, 1 + below (random, sizeof block));
}

static void
number (struct fuzz_random *random, struct input *in)
{
  static const char *const numbers[] = {
    "0",          "-1",         "65535",      "65536", "4294967295",
    "4294967296", "2147483648", "1e999",      "0x",    "9223372036854775808",
    "%n",         "${X}",       "../../../x", "\xc3(", "18446744073709551616",
  };
  const char *text = numbers[below (random, DC_COUNT (numbers))];

  put (in, below (random, in->size), text, strlen (text));
}

/* Binary formats: a field of four bytes becomes very large or small. */
static void
field (struct fuzz_random *random, struct input *in)
{
  static const uint32_t values[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
  const uint32_t value = values[below (random, DC_COUNT (values))];

  if (in->size >= sizeof value)
    memcpy (in->data + below (random, in->size - sizeof value + 1), &value,
            sizeof value);
}

size_t
fuzz_mutate (struct fuzz_random *random, uint8_t *data, size_t size, size_t max)
{
  static void (*const kinds[]) (struct fuzz_random *, struct input *) = {
    flip, set, cut, copy, repeat, number, field,
  };
  struct input in = { data, size, max };
  const size_t times = 1 + below (random, 8);

  for (size_t i = 0; i < times && in.size > 0; i++)
    kinds[below (random, DC_COUNT (kinds))](random, &in);
  return in.size;
}
