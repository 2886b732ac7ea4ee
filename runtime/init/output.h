/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_OUTPUT_H
#define DC_INIT_OUTPUT_H

/* output: what a service writes, as lines with its name on our stdout.
 *
 *   nginx: 2026/01/01 12:00:00 [notice] 7#7: start worker process 8
 *
 * One pipe a service, whatever number of processes and starts write to it.
 * When stdout is full, the pipe is not read until it is not: the service
 * waits, as with any log, and the init does not.
 */

#include <stdbool.h>
#include <stddef.h>

#include "runtime/init/plan.h"

/* Bytes; longer lines are split.  A block is one write: up to PIPE_BUF bytes
 * go into a pipe in one piece, so that services do not cut each other's
 * lines.
 */
#define DI_OUTPUT_LINE_SIZE 3072
#define DI_OUTPUT_BLOCK_SIZE 4096

struct di_output {
  const char *name;
  int read_fd, write_fd;
  bool is_blocked;   /* wait until stdout is writable, then pump */
  size_t line_size;  /* bytes in LINE, not yet a whole line */
  size_t block_size; /* bytes in BLOCK, not yet written */
  char line[DI_OUTPUT_LINE_SIZE];
  char block[DI_OUTPUT_BLOCK_SIZE];
};

/* Make the pipe; the service's user may open it as /dev/stdout. */
int di_output_open (struct di_output *output, const struct di_service *service,
                    struct di_error *err);
/* Pass on what is there, without waiting. */
void di_output_pump (struct di_output *output);
/* The same, and an unfinished last line; waits at most a second. */
void di_output_flush (struct di_output *output);

#endif
