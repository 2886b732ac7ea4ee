/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_COUPLING_PRODUCT_H
#define DC_ANALYZER_COUPLING_PRODUCT_H

/* product: services that others connect to, by the words that names of
 * settings use for them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/span.h"

/* The port of the product that NAME ("MYSQL_HOST") holds the word of, 0 when
 * the word says no port ("DB"), and true; false when it holds none.
 */
bool dc_product_port (struct dc_span name, uint16_t *port);

#endif
