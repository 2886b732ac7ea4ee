/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLANROWS_H
#define DC_TRANSFORM_PLANROWS_H

/* planrows: the plan's format as the tables that read and release it.
 *
 * A key here stands also in doc/plan.schema.json and decant-plan(5); a test
 * compares them.
 */

#include "transform/plan.h"

extern const struct dc_yaml_row dc_plan_rows[];
extern const struct dc_yaml_row dc_plan_image_rows[];
/* The words of choices, in the order of their enumerations, NULL behind. */
extern const char *const dc_plan_init_words[];
extern const char *const dc_plan_files_words[];
extern const char *const dc_plan_data_words[];
extern const char *const dc_plan_secret_words[];
extern const char *const dc_plan_protocol_words[];

/* What of PLAN is wrong whatever the guest: a name twice, a path that is none,
 * ...  0, or -1: DC_ERR_INVALID, with the place.
 */
int dc_plan_check_form (const struct dc_plan *plan, struct dc_error *err);
/* Put where PLAN's file has VALUE (for the NTH time, from 0) before what ERR
 * says.  -1.
 */
int dc_plan_at (const struct dc_plan *plan, const char *value, size_t nth,
                struct dc_error *err);

#endif
