/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_APPLIANCE_LAUNCHER_H
#define DC_ANALYZER_APPLIANCE_LAUNCHER_H

/* launcher: the process in which libguestfs works; see appliance.h. */

#include <guestfs.h>

#include "analyzer/appliance/appliance.h"

/* Said on the pipe of verdicts when a guest's turn is over. */
#define DC_LAUNCHER_SENT '+'
#define DC_LAUNCHER_FAILED '-'

struct dc_launcher {
  const struct dc_appliance_options *options;
  int out_fds[DC_APPLIANCE_GUEST_MAX + 1]; /* the pipes to the readers, and
                                              the one of verdicts; -1 */
  int verdict_fd;                          /* the same as that */
  int uses_kvm;                            /* else software emulation */
};

/* A dc_work; ARG is a struct dc_launcher.  No result: all goes to the pipes.
 * DC_ERR_CANCELLED when the reader went away.  A failure with one of several
 * guests is a message and a verdict.
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
