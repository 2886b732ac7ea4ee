/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITEXEC_H
#define DC_ANALYZER_UNIT_UNITEXEC_H

/* unitexec: the command lines of a unit (ExecStart= and its kin), as systemd
 * would run them.
 *
 * Two steps, because variables may come from files that change after the
 * conversion: dc_execs_read() takes a unit's settings apart and expands the
 * specifiers; dc_exec_argv() puts the variables in.
 *
 * Source: systemd.service(5), "Command lines"; the prefixes: table "Special
 * executable prefixes".
 */

#include "analyzer/unit/unit.h"
#include "lib/words.h"

#define DC_EXEC_COUNT_MAX 1024 /* commands of one unit */

/* The prefixes of the program, in any order. */
enum dc_exec_flag {
  DC_EXEC_IGNORE_FAILURE = 1 << 0,  /* -   a failure counts as success */
  DC_EXEC_OWN_ARGV0 = 1 << 1,       /* @   the next word is argv[0] */
  DC_EXEC_NO_VARIABLES = 1 << 2,    /* :   $X is not replaced */
  DC_EXEC_FULL_PRIVILEGES = 1 << 3, /* +   no User=, no sandbox */
  DC_EXEC_NO_SETUID = 1 << 4,       /* !   sandbox, but no User= */
  DC_EXEC_AMBIENT = 1 << 5,         /* !!  the same where the kernel has no
                                      ambient capabilities, else User= */
};

struct dc_exec {
  char *program;        /* "/usr/sbin/nginx", or "nginx": looked up in PATH */
  struct dc_words argv; /* argv[0] first; specifiers done, variables not */
  unsigned flags;       /* of enum dc_exec_flag */
  const struct dc_setting *setting; /* where it is from; the unit owns it */
};

struct dc_execs {
  struct dc_exec *items; /* in the order in which they run */
  size_t count;
};

/* The commands of KEY ("ExecStart") in SECTION ("Service"; sockets and mounts
 * have some too).  HOSTNAME for %H, may be NULL.  UNIT must outlive them.  0
 * and *OUT for the caller, or -1: DC_ERR_INVALID "FILE:LINE: ..." for what
 * systemd would refuse to start (no program, a program that is no path, an
 * open quote), DC_ERR_UNSUPPORTED (a specifier of the running system),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_execs_read (const struct dc_unit *unit, const char *section,
                   const char *key, const char *hostname, struct dc_execs **out,
                   struct dc_error *err);
void dc_execs_free (struct dc_execs *execs);
DC_DEFINE_AUTO (dc_execs)

/* Append the argument vector of EXEC to ARGV, with the variables of
 * ENVIRONMENT ("K=V" each) put in: ${X} inside a word, $X as a word of its
 * own, which becomes as many words as it holds.  Unknown ones are empty.  0,
 * or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_exec_argv (const struct dc_exec *exec,
                  const struct dc_words *environment, struct dc_words *argv,
                  struct dc_error *err);

#endif
