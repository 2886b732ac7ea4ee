/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITPLAN_H
#define DC_TRANSFORM_INITPLAN_H

/* initplan: the units of a guest, compiled into the plan that decant-init
 * reads.
 *
 * The plan's format is drawn in runtime/init/plan.h; decant-init includes
 * nothing of ours and we nothing of it, a test feeds it what is made here.
 * Names of users become numbers, specifiers and the order of units are
 * resolved; variables and environment files are left to each start.
 *
 * What systemd would do and decant-init does not is a finding; what would
 * have to be guessed (a user that the guest's own files do not have) fails.
 *
 * Source: systemd.unit(5), systemd.service(5), systemd.exec(5),
 * systemd.kill(5) of systemd 252 to 257.
 */

#include "analyzer/unit/unitload.h"
#include "analyzer/system/users.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_INITPLAN_PATH "/.decant/init.plan"
#define DC_INITPLAN_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_INITPLAN_SERVICE_MAX 256
#define DC_INITPLAN_EDGE_MAX 16384 /* orderings */

/* A service of the converted system. */
struct dc_init_choice {
  const char *unit;               /* its name or an alias: "ssh.service" */
  const struct dc_words *prepare; /* commands as ExecStartPre= takes them,
                                      run as root before all others; NULL */
  bool is_essential;              /* its failure stops everything */
  bool is_on_demand;              /* not started at the beginning */
};

struct dc_initplan {
  char *text;
  size_t size;
  struct dc_words services; /* those in the plan, as it names them: "ssh" */
  struct dc_words findings; /* sentences: "nginx.service: ..." */
};

/* Compile COUNT choices, and on demand the services that they start when they
 * fail or end well.  HOSTNAME is for specifiers, may be NULL.  Same
 * input, same plan, whatever the order of the choices.  0 and *OUT for the
 * caller, or -1: DC_ERR_NOTFOUND (no such unit), DC_ERR_INVALID (an unknown
 * user or group, a unit that is no service, one chosen twice),
 * DC_ERR_UNSUPPORTED (an essential service cannot be in the plan),
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_initplan_make (struct dc_tree *tree, const struct dc_units *units,
                      const struct dc_users *users, const char *hostname,
                      const struct dc_init_choice *choices, size_t count,
                      struct dc_initplan **out, struct dc_error *err);
/* Append to PLAN what the guest's tmpfiles.d makes at each start
 * (transform/init/tmpfiles.h).  0, or -1 as dc_initplan_make().
 */
int dc_initplan_add_tmpfiles (struct dc_initplan *plan, struct dc_tree *tree,
                              const struct dc_users *users,
                              const char *hostname, struct dc_error *err);
void dc_initplan_free (struct dc_initplan *plan);
DC_DEFINE_AUTO (dc_initplan)

#endif
