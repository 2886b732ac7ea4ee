/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CREDENTIAL_H
#define DC_INIT_CREDENTIAL_H

/* credential: files that only the service's user can read, in a folder of its
 * own that $CREDENTIALS_DIRECTORY names, while the service is up.
 *
 * Source: systemd.exec(5), "LoadCredential=".
 */

#include "runtime/init/env.h"
#include "runtime/init/plan.h"

#define DI_CREDENTIALS_MAX ((size_t) 1024 * 1024) /* bytes, as in systemd */
#define DI_CREDENTIAL_DEPTH_MAX 8                 /* of a folder's folders */

/* Make the folder and its files, or do nothing where there are no lines. */
int di_credentials_make (const struct di_service *service,
                         struct di_error *err);
int di_credentials_env (const struct di_service *service, struct di_env *env,
                        struct di_error *err);
void di_credentials_remove (const struct di_service *service);

#endif
