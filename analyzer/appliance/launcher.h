/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHER_H
#define DC_ANALYZER_APPLIANCE_LAUNCHER_H

/* launcher: the process in which libguestfs works; see appliance.h. */

#include <guestfs.h>

#include "analyzer/appliance/appliance.h"

struct dc_launcher {
  const struct dc_appliance_options *options;
  int out_fd;   /* the pipe to the reader */
  int uses_kvm; /* else software emulation */
};

/* A dc_work; ARG is a struct dc_launcher.  No result: all goes to the pipe.
 * DC_ERR_CANCELLED when the reader went away.
 */
int dc_launcher_work (void *arg, const struct dc_report *report,
                      json_t **result, struct dc_error *err);

/* What G says was wrong, as our error: DC_ERR_TOOL, "WHAT: ...". */
int dc_launcher_fail (guestfs_h *g, struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 3, 4)));

/* A NULL-terminated array of strings, as libguestfs gives them. */
void dc_strings_free (char **strings);
static inline void
dc_strings_auto (char ***strings)
{
  dc_strings_free (*strings);
}
#define AUTO_STRINGS __attribute__ ((__cleanup__ (dc_strings_auto)))

#endif
