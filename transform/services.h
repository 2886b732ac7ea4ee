/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_SERVICES_H
#define DC_TRANSFORM_SERVICES_H

/* services: which of a guest's services the converted system starts.
 *
 * All that the guest starts at boot, or by a socket, a timer or a path, less
 * those that templates/services.yaml names because decant-init, the runtime or
 * the host does their work.
 */

#include "analyzer/unit/unitload.h"
#include "lib/words.h"
#include "templates/templates.h"
#include "transform/plan.h"

struct dc_service_choice {
  const struct dc_unit *unit; /* borrowed */
  const char *reason;         /* why it is left out; NULL: it is started */
  bool with_systemd;          /* left out, unless systemd itself is process 1 */
  const struct dc_yaml_texts *prepare; /* run before its start; NULL: none */
  bool is_essential;                   /* its failure stops the container */
};

struct dc_services {
  struct dc_services_template *template;
  struct dc_service_choice *items; /* by name */
  size_t count;
};

/* The default choice, which becomes a plan.  UNITS must outlive the result. */
int dc_services_choose (const struct dc_units *units, struct dc_services **out,
                        struct dc_error *err);
/* What IMAGE of PLAN starts, and what the plan leaves out.  UNITS and PLAN must
 * outlive the result.  DC_ERR_NOTFOUND: a unit that there is not.
 */
int dc_services_planned (const struct dc_units *units,
                         const struct dc_plan *plan,
                         const struct dc_plan_image *image,
                         struct dc_services **out, struct dc_error *err);
/* Is UNIT, also one that is no service, left out by what we know even where
 * systemd is process 1 (apt-daily.timer)?
 */
bool dc_services_leaves (const struct dc_services *services,
                         const struct dc_unit *unit);
void dc_services_free (struct dc_services *services);
DC_DEFINE_AUTO (dc_services)

#endif
