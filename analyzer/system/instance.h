/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_INSTANCE_H
#define DC_ANALYZER_SYSTEM_INSTANCE_H

/* instance: what makes a guest this one: time zone, locale, machine id, and
 * what cloud-init made of it.
 *
 * Source: localtime(5), Debian's timezone(5), locale.conf(5), machine-id(5),
 * cloud-init's "Instance metadata" and its ds-identify.
 */

#include "analyzer/configfile.h"

/* Fill profile->identity.  0, or -1: DC_ERR_SYSTEM, the tree's medium. */
int dc_instance_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);

#endif
