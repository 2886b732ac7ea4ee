/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_DOVECOT_H
#define DC_ANALYZER_ENDPOINT_CONF_DOVECOT_H

/* conf_dovecot: where Dovecot's services listen.
 *
 *   key = value $key      !include FILE      !include_try PATTERN
 *   service imap-login {
 *     inet_listener imaps {
 *       port = 993
 *     }
 *   }
 *
 * Of Unix sockets those are told that the configuration names, and those that
 * are compiled in where the version is one whose list we have.
 *
 * Source: doc.dovecot.org/2.3, "Config File Syntax", "Service
 * configuration"; "doveconf -d" of Dovecot 2.3.19 for the defaults.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_DOVECOT_LISTENER_MAX ((size_t) 1000)
#define DC_DOVECOT_SECTION_MAX 32 /* sections in each other */

int dc_dovecot_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
