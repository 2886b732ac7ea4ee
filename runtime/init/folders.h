/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_FOLDERS_H
#define DC_INIT_FOLDERS_H

/* folders: what must lie in the file system before something starts.
 *
 * Source: systemd.exec(5), RuntimeDirectory=; tmpfiles.d(5).
 */

#include "runtime/init/env.h"
#include "runtime/init/plan.h"

/* Make the `folder` lines of SERVICE for its user: 0, or -1 with ERR.  One
 * that belongs to somebody else, such as a fresh volume, is given to the user
 * with all that is in it; only configuration stays as it is.
 */
int di_folders_make (const struct di_service *service, struct di_error *err);
/* Set RUNTIME_DIRECTORY=, STATE_DIRECTORY= ... */
int di_folders_env (const struct di_service *service, struct di_env *env,
                    struct di_error *err);
/* Remove the runtime folders of a service that stopped. */
void di_folders_remove (const struct di_service *service);

/* Make the `tmpfile` lines of PLAN; failures are said and passed over. */
void di_tmpfiles_make (const struct di_plan *plan);

/* Are the conditions or assertions (KEYWORD) of SERVICE true?  If not, *FAILED
 * is the line.
 */
bool di_conditions_hold (const struct di_service *service,
                         enum di_keyword keyword,
                         const struct di_line **failed);

#endif
