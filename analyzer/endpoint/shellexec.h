/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_SHELLEXEC_H
#define DC_ANALYZER_ENDPOINT_SHELLEXEC_H

/* shellexec: the program that stays when a unit's command is a shell.
 *
 *   sh -c "set -f; [ -e /x ] || exit 1; exec /usr/sbin/mariadbd $OPTS"
 *   sh -c '/usr/sbin/ejabberdctl foreground'
 *
 * That of the last exec counts, else the only command there is.  What is
 * around them is not followed: no conditions, no functions, and what a
 * command prints is not known.
 *
 * Source: POSIX.1-2024, XCU 2 "Shell Command Language".
 */

#include "analyzer/unit/unitexec.h"

#define DC_SHELL_SIZE_MAX ((size_t) 128 * 1024) /* bytes of a script: execve */

/* Append to ARGV the program of SCRIPT and its arguments, without quotes, with
 * $X and ${X} where the shell would put variables ("$$": a dollar), as
 * dc_exec_argv() wants them.  1; 0 when there is none or more than one, or
 * the script is no script; -1: DC_ERR_SYSTEM.
 */
int dc_shellexec_parse (const char *script, size_t size, struct dc_words *argv,
                        struct dc_error *err);
/* Does EXEC run a shell that ends up as another program?  1 and *OUT, which
 * has the flags and setting of EXEC and is to be released; 0; -1:
 * DC_ERR_SYSTEM.
 */
int dc_shellexec (const struct dc_exec *exec, struct dc_exec *out,
                  struct dc_error *err);
void dc_shellexec_release (struct dc_exec *exec);

#endif
