/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_APACHE_H
#define DC_ANALYZER_ENDPOINT_CONF_APACHE_H

/* conf_apache: where Apache's httpd listens and what it passes on.
 *
 * Source: httpd.apache.org/docs/2.4: mpm_common "Listen", core "Include",
 * "Define", "IfModule", "IfDefine", "IfFile", mod_version, mod_macro,
 * mod_proxy; httpd(8), apache2ctl(8) and /etc/apache2/envvars of Debian.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_APACHE_FOLDER_MAX 1000         /* folders that are included */
#define DC_APACHE_FOLDER_DEPTH_MAX 20     /* as Apache has it */
#define DC_APACHE_NAME_MAX ((size_t) 500) /* modules, defines, macros: each */
#define DC_APACHE_VARIABLE_MAX 100000     /* uses of variables */

int dc_apache_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
