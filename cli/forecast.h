/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_FORECAST_H
#define DC_CLI_FORECAST_H

/* forecast: --estimate, and how fast conversions were on this host.
 *
 * The state folder's "image-rate" has the bytes of archive that a second made.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/* As remembered, or the usual one. */
uint64_t dc_forecast_rate (void);
/* The images of RESULT took so long.  What cannot be remembered is not. */
void dc_forecast_learn (json_t *result, double seconds);
/* Print the "images" of RESULT, as dc_image_estimate() gives them.  0 or -1. */
int dc_forecast_print (json_t *result, bool is_json, struct dc_error *err);

#endif
