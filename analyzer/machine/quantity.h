/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_MACHINE_QUANTITY_H
#define DC_ANALYZER_MACHINE_QUANTITY_H

/* quantity: a number of bytes and the unit that a definition counts in.
 *
 * Source: DSP0243 2.1, annex D ("byte * 2^20"), and what makers of OVFs write
 * besides ("MegaBytes", "GB", always of 1024); libvirt's formatdomain.html
 * ("KiB", "MB"; there KB is of 1000).
 */

#include <stdint.h>

enum dc_quantity_words {
  DC_QUANTITY_OVF,    /* KB is 1024 bytes */
  DC_QUANTITY_LIBVIRT /* KB is 1000 bytes, no unit is KiB */
};

/* NUMBER in UNIT (NULL or "": bytes, or libvirt's default) as bytes; 0: it is
 * no number, an unknown unit, or too large.
 */
uint64_t dc_quantity_bytes (const char *number, const char *unit,
                            enum dc_quantity_words words);

#endif
