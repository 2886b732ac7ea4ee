/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_ACCOUNT_H
#define DC_INIT_ACCOUNT_H

/* account: users of DynamicUser= in /etc/passwd and /etc/group.
 *
 * Under systemd its name service module knows them, which needs a manager to
 * ask; here a line at the start, once, so that programs find their own name.
 */

#include "runtime/init/plan.h"

/* Add those that are not there; what cannot be done is said. */
void di_accounts_add (const struct di_plan *plan);

#endif
