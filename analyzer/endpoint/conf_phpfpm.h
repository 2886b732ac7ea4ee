/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONF_PHPFPM_H
#define DC_ANALYZER_ENDPOINT_CONF_PHPFPM_H

/* conf_phpfpm: where the pools of php-fpm listen.
 *
 * Source: php.net/manual/en/install.fpm.configuration.php; php-fpm(8) -y -p;
 * the commented php-fpm.conf and www.conf of PHP 8.2.
 */

#include "analyzer/endpoint/daemon.h"

#define DC_PHPFPM_POOL_MAX ((size_t) 1000)

int dc_phpfpm_endpoints (const struct dc_daemon *daemon, struct dc_error *err);

#endif
