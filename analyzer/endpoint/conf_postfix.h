/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_POSTFIX_H
#define DC_ANALYZER_ENDPOINT_CONF_POSTFIX_H

/* conf_postfix: where Postfix's master listens, and where mail goes.
 *
 *   master.cf   smtp inet n - y - - smtpd      a service a line
 *                 -o name=value                that begins with a blank: more
 *   main.cf     name = value $name
 *
 * A service of the type "unix", "unix-dgram" or "pass" has a socket in
 * queue_directory, in private/ or public/.
 *
 * Source: master(5), postconf(5), postmulti(1); services(5); what ss(8)
 * says of Postfix 3.7.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_POSTFIX_PARAMETER_MAX 2000 /* of one main.cf */
#define DC_POSTFIX_INSTANCE_MAX 100
#define DC_POSTFIX_NESTED_MAX 8      /* variables in variables */
#define DC_POSTFIX_VARIABLE_MAX 1000 /* of one value */

int dc_postfix_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
