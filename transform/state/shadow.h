/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_STATE_SHADOW_H
#define DC_TRANSFORM_STATE_SHADOW_H

/* shadow: /etc/shadow without the hashes of passwords.
 *
 * Every hash becomes "!*", which no password has; accounts that are locked or
 * have no password stay as they are.  The true file is a secret that is
 * mounted over it.
 *
 * Source: shadow(5).
 */

#include "lib/tree/backends.h"

struct dc_shadow {
  char *text; /* NULL: there is none */
  struct dc_memory_file row;
};

/* TEXT is that of the guest's file ENTRY.  0 and SHADOW for the caller to
 * release, or -1: DC_ERR_SYSTEM.
 */
int dc_shadow_lock (const struct dc_entry *entry, const char *text, size_t size,
                    struct dc_shadow *shadow, struct dc_error *err);
void dc_shadow_release (struct dc_shadow *shadow);

#endif
