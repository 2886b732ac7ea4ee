/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_VERIFY_PROCESSES_H
#define DC_RUNTIME_VERIFY_PROCESSES_H

/* processes: what runs in a container, as its own /proc says.
 *
 * Which file a process runs is not asked (that needs the right to trace it),
 * but how it calls itself: its arguments, which anybody may read and the
 * process itself may change.
 *
 * Source: proc(5), /proc/PID/status and cmdline.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/cleanup.h"
#include "lib/error.h"

#define DC_PROCESS_MAX ((size_t) 4096) /* further ones are left out */
#define DC_PROCESS_WORDS 3             /* of the arguments that are kept */

struct dc_process {
  pid_t pid; /* in the container */
  uint32_t uid;
  char *words[DC_PROCESS_WORDS]; /* the first arguments; NULL: fewer */
  char name[16];                 /* as the kernel has it: 15 bytes */
};

struct dc_processes {
  struct dc_process *items;
  size_t count;
};

/* Threads of the kernel and zombies are left out.  0, or -1: DC_ERR_SYSTEM.
 */
int dc_processes_read (struct dc_processes *processes, int proc_fd,
                       struct dc_error *err);
/* Does it look like PROGRAM, or like an interpreter that runs it? */
bool dc_process_runs (const struct dc_process *process, const char *program);
void dc_processes_release (struct dc_processes *processes);

#define AUTO_PROCESSES __attribute__ ((__cleanup__ (dc_processes_release)))

#endif
