/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROFILEJSON_H
#define DC_ANALYZER_PROFILEJSON_H

/* profilejson: the parts that the files making a profile's JSON share.
 *
 * A function that returns json_t gives a new value, or NULL without memory
 * (lib/json.h, dc_json_put()).
 */

#include <jansson.h>

#include "analyzer/profile.h"
#include "templates/templates.h"

/* The words for enumerations; literals. */
const char *dc_protocol_name (enum dc_protocol protocol);
const char *dc_confidence_name (enum dc_confidence confidence);
/* {"file": FILE, "line": LINE}, line null for 0; null when FILE is NULL. */
json_t *dc_evidence_json (const char *file, unsigned line);

/* servicejson.c: the .service units in full, and the others in short. */
json_t *dc_services_json (const struct dc_units *units,
                          const struct dc_services_template *template);
json_t *dc_units_json (const struct dc_units *units);
/* unitfacts.c: the settings of UNIT that a planner needs, as an array of
 * "KEY=VALUE"; the unit that it sets off, and when a timer does, or null.
 */
json_t *dc_unit_settings_json (const struct dc_unit *unit);
json_t *dc_unit_triggers_json (const struct dc_unit *unit);
json_t *dc_unit_schedule_json (const struct dc_unit *unit);

#endif
