/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_TOMCAT_H
#define DC_ANALYZER_ENDPOINT_CONF_TOMCAT_H

/* conf_tomcat: where Tomcat's connectors listen, and its databases.
 *
 * Source: tomcat.apache.org/tomcat-10.0-doc/config: server.html, http.html,
 * ajp.html, systemprops.html; catalina.sh and the start script of Debian's
 * tomcat10.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_TOMCAT_PROPERTIES_MAX ((size_t) 256 * 1024) /* bytes of a file */
#define DC_TOMCAT_PROPERTY_MAX 2000                    /* system properties */

int dc_tomcat_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
