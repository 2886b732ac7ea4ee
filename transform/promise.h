/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PROMISE_H
#define DC_TRANSFORM_PROMISE_H

/* promise: what the profile says a converted system will do, for the image to
 * carry (runtime/verify/promise.h has the format).
 */

#include "analyzer/profile.h"
#include "lib/words.h"
#include "runtime/verify/promise.h"

#define DC_PROMISE_ENTRY ".decant/promise.json" /* in an image */

/* UNITS are those that the image starts, INIT is how.  What of them listens is
 * promised, as are their users and programs where the disk tells them.  0 and
 * *OUT for the caller, or -1: DC_ERR_SYSTEM.
 */
int dc_promise_make (const struct dc_profile *profile,
                     const struct dc_words *units, const char *init,
                     struct dc_promise **out, struct dc_error *err);

#endif
