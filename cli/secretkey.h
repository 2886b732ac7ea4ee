/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_CLI_SECRETKEY_H
#define DC_CLI_SECRETKEY_H

/* secretkey: the key of the fingerprints of secrets, in the state directory
 * of this host and user; made when it is first asked for.
 */

#include <stdbool.h>

#include "analyzer/security/secrets.h"
#include "lib/report.h"

/* True and KEY, or false when it can neither be read nor made, which REPORT
 * hears.
 */
bool dc_secret_key_load (unsigned char key[DC_SECRET_KEY_SIZE],
                         const struct dc_report *report);

#endif
