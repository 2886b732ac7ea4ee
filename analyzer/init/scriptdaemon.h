/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_SCRIPTDAEMON_H
#define DC_ANALYZER_INIT_SCRIPTDAEMON_H

/* scriptdaemon: which program an init script starts.
 *
 * The unit of a script runs the script.  What that starts is told in a
 * section of its own, [X-Daemon], with systemd's words: ExecStart, User,
 * Group, PIDFile, WorkingDirectory; and Incomplete=yes where an argument is
 * computed by the script and therefore missing.
 *
 * Read are `start-stop-daemon --start` of Debian and of OpenRC,
 * `supervise-daemon`, the functions `daemon` of Red Hat and `start_daemon` of
 * the Linux Standard Base, and the variables of Debian's init-d-script(5); a
 * script that has DAEMON=PATH and none of these tells the program alone.
 *
 * Source: start-stop-daemon(8) of dpkg 1.21, start-stop-daemon(8) and
 * supervise-daemon(8) of OpenRC 0.45, init-d-script(5), the Linux Standard
 * Base 5.0, section 22.8.
 */

#include "analyzer/init/initload.h"

/* Add [X-Daemon] to the services of PROFILE that run scripts.  A script that
 * cannot be read to its end becomes a finding.  0, or -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_scriptdaemons_find (struct dc_tree *tree, struct dc_profile *profile,
                           struct dc_error *err);
/* The command line of a start-stop-daemon or its like, in WORDS, into
 * settings of SECTION: 1; 0 when it starts nothing; -1.
 */
int dc_scriptdaemon_command (struct dc_unit *unit, const char *section,
                             const struct dc_shell_command *command,
                             struct dc_error *err);

/* The same of the command line in COMMAND that begins at AT with the program;
 * USER may be NULL.
 */
int dc_scriptdaemon_tell (struct dc_unit *unit, const char *section,
                          const struct dc_shell_command *command, size_t at,
                          const char *user, struct dc_error *err);

#endif
