/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_FUZZ_MUTATE_H
#define DC_TESTS_FUZZ_MUTATE_H

/* mutate: damage to an input, the same for the same state. */

#include <stddef.h>
#include <stdint.h>

/* Not 0.  Source: Marsaglia, "Xorshift RNGs", 2003. */
struct fuzz_random {
  uint64_t state;
};
uint64_t fuzz_next (struct fuzz_random *random);

/* Change the SIZE bytes of DATA, which has room for MAX, a few times: bits,
 * bytes, parts cut out, doubled or moved, numbers made extreme.  Returns the
 * new size.
 */
size_t fuzz_mutate (struct fuzz_random *random, uint8_t *data, size_t size,
                    size_t max);

#endif
