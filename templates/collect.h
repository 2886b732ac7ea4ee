/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TEMPLATES_COLLECT_H
#define DC_TEMPLATES_COLLECT_H

/* collect: the script for live hosts whose record `decant analyze
 * --observed` reads; what it prints is in doc/decant-collect.pod.
 */

#include <stddef.h>

extern const char dc_collect_script[]; /* not ended by a NUL */
extern const size_t dc_collect_script_size;

#endif
