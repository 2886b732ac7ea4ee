/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CONDITION_H
#define DC_INIT_CONDITION_H

/* condition: what can be asked of the container and its kernel, each by the
 * word of its line (plan.h).
 */

#include <stdbool.h>
#include <stddef.h>

bool di_is_machine (const char *pattern);
bool di_is_kernel (const char *comparisons);
bool di_is_memory (const char *comparison);
bool di_is_cpus (const char *comparison);
bool di_has_cpu_flag (const char *flag);
bool di_has_capability (const char *number);
bool di_has_controllers (const char *names);
bool di_is_user_namespace (const char *word);

/* The first SIZE - 1 bytes of a file with a NUL behind them: how many; 0 when
 * it cannot be read.
 */
size_t di_file_read (const char *path, char *text, size_t size);

#endif
