/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* libFuzzer's entry: $DECANT_FUZZ names the target. */

#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct target *target;

  if (target == NULL) {
    const char *name = getenv ("DECANT_FUZZ");
    target = fuzz_target (name != NULL ? name : "");
    if (target == NULL) {
      (void) fprintf (stderr, "DECANT_FUZZ must name a target\n");
      exit (2);
    }
  }
  if (size <= FUZZ_INPUT_MAX)
    fuzz_run (target, data, size);
  return 0;
}
