/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITCONVERTED_H
#define DC_ANALYZER_UNIT_UNITCONVERTED_H

/* unitconverted: which units a converted system starts too. */

#include "analyzer/unit/unit.h"
#include "templates/templates.h"

/* Why a converted system does not start UNIT, by any of its names; NULL: it
 * does, if the guest did.  Borrowed from TEMPLATE.
 */
const char *dc_unit_left_out (const struct dc_unit *unit,
                              const struct dc_services_template *template);
/* The guest starts it, and a converted system does. */
bool dc_unit_is_converted (const struct dc_unit *unit,
                           const struct dc_services_template *template);

#endif
