/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_CAPABILITY_H
#define DC_LIB_CAPABILITY_H

/* capability: the parts of root's power that a process gives up.
 *
 * Source: capabilities(7), capset(2).
 */

#include <stdint.h>

#define DC_CAPABILITY(number) (UINT64_C (1) << (number))

/* Keep the capabilities of the mask KEEP that the calling thread has, drop
 * all others, also from the bounding set, so that no program it starts gets
 * them back.  0, or the errno.  Async-signal-safe.
 */
int dc_capability_keep (uint64_t keep);

#endif
