/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_INITPROGRAM_H
#define DC_CLI_INITPROGRAM_H

/* initprogram: where decant-init is: beside a decant that runs in its build
 * folder, else where it was installed.
 */

#include "lib/buffer.h"
#include "lib/error.h"

#define DC_INIT_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes */

/* Its path appended to B; DC_ERR_NOTFOUND when it is at neither place. */
int dc_init_program_path (struct dc_buffer *b, struct dc_error *err);
/* Its bytes appended to B. */
int dc_init_program_read (struct dc_buffer *b, struct dc_error *err);
/* The architecture it was built for, OCI's word: "amd64"; NULL: another. */
const char *dc_init_program_arch (void);

#endif
