/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_EXT_EXTREPLAY_H
#define DC_ANALYZER_EXT_EXTREPLAY_H

/* extreplay: from an open file system to the newest copies in its journal. */

#include "analyzer/ext/extfs.h"

/* Find the journal by its inode and read it.  0 and *OUT for the caller, or
 * -1: DC_ERR_APPLIANCE (on another device; too large; see extjournal.h),
 * DC_ERR_INVALID, DC_ERR_SYSTEM.
 */
int dc_extreplay (struct dc_ext *ext, struct dc_extjournal **out,
                  struct dc_error *err);

#endif
