/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_DOMAIN_H
#define DC_ANALYZER_MACHINE_DOMAIN_H

/* domain: libvirt's definition of a machine.
 *
 * Source: libvirt's formatdomain.html.
 */

#include <stddef.h>

#include "analyzer/machine/machine.h"

#define DC_DOMAIN_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes */

/* 0 and *OUT for the caller, or -1: DC_ERR_INVALID (no such XML),
 * DC_ERR_UNSUPPORTED (a disk that is neither a file nor a block device),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_domain_parse (const char *text, size_t size, struct dc_machine **out,
                     struct dc_error *err);

#endif
