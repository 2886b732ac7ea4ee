/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_DIRECTIVEROWS_H
#define DC_TRANSFORM_DIRECTIVEROWS_H

/* directiverows: the rows behind directive.h, by section. */

#include "lib/cleanup.h"
#include "transform/init/directive.h"

extern const struct dc_directive dc_directive_unit[];
extern const size_t dc_directive_unit_count;
extern const struct dc_directive dc_directive_install[];
extern const size_t dc_directive_install_count;
extern const struct dc_directive dc_directive_timer[];
extern const size_t dc_directive_timer_count;
extern const struct dc_directive dc_directive_path[];
extern const size_t dc_directive_path_count;
extern const struct dc_directive dc_directive_service[];
extern const size_t dc_directive_service_count;
extern const struct dc_directive dc_directive_socket[];
extern const size_t dc_directive_socket_count;

#endif
