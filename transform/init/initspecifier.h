/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITSPECIFIER_H
#define DC_TRANSFORM_INITSPECIFIER_H

/* initspecifier: the specifiers that need more than the unit.
 *
 * What the guest's files tell (%A %B %M %o %q %s %w %W, and %a) is put in, for
 * what only the running system knows (%b %m %v) a mark, which becomes a
 * placeholder in the line of the plan (runtime/init/live.h).  The others are
 * left to dc_unit_expand().
 *
 * Source: systemd.unit(5), "Specifiers"; os-release(5), machine-info(5).
 */

#include "transform/init/initcompiler.h"

/* In a value a mark is a character of Unicode's private area, U+F700 and the
 * letter: valid wherever text is.  Its bytes but the last, which holds the low
 * six bits of the letter.
 */
#define DC_INIT_LIVE_MARK "\xef\x9d"
#define DC_INIT_LIVE_LETTERS "bmv"

/* A unit whose values have been looked through. */
struct dc_init_unit {
  struct dc_unit unit; /* its settings are these */
  struct dc_setting *settings;
  struct dc_words texts;
};

/* Look through UNIT, which must outlive OUT. */
int dc_init_unit_read (struct dc_initcompiler *compiler,
                       const struct dc_unit *unit, struct dc_init_unit *out,
                       struct dc_error *err);
void dc_init_unit_release (struct dc_init_unit *unit);
#define DC_INIT_UNIT_AUTO __attribute__ ((__cleanup__ (dc_init_unit_release)))

#endif
