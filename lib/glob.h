/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_GLOB_H
#define DC_LIB_GLOB_H

/* glob: does a name fit a shell's pattern?
 *
 * For patterns from a guest, which fnmatch(3) may need exponential time for
 * and reads by our locale.  Bytes are compared; time is at most the product
 * of the two lengths.
 *
 * Source: POSIX.1-2024, XCU 2.14 "Pattern Matching Notation": * ? [a-z]
 * [!a-z] [[:digit:]] and \ before a byte that means itself.  Equivalence
 * classes and collating symbols match nothing.
 */

#include <stdbool.h>

/* A slash or a leading dot in TEXT is a byte like any other. */
bool dc_glob_match (const char *pattern, const char *text);
/* Has PATTERN anything but ordinary bytes? */
bool dc_glob_is_pattern (const char *pattern);

#endif
