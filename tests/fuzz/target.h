/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_FUZZ_TARGET_H
#define DC_TESTS_FUZZ_TARGET_H

/* target: something that reads what a guest wrote. */

#include <stddef.h>
#include <stdint.h>

#define FUZZ_INPUT_MAX ((size_t) 64 * 1024) /* bytes */

struct target {
  const char *name;
  const char *path;     /* of the guest: the file that the input becomes */
  const char *settings; /* of the guest's one service, or NULL */
  const char *seed;     /* an input without a fault */
};

extern const struct target fuzz_targets[];
extern const size_t fuzz_target_count;

/* The target of this name, or NULL. */
const struct target *fuzz_target (const char *name);
/* Give the input to the target.  That it is refused is no fault; only a
 * crash is.
 */
void fuzz_run (const struct target *target, const uint8_t *data, size_t size);

#endif
