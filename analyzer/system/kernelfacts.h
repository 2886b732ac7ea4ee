/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_KERNELFACTS_H
#define DC_ANALYZER_SYSTEM_KERNELFACTS_H

/* kernelfacts: what the files that read the kernel's section share. */

#include "analyzer/profile.h"

/* Texts are copied; VALUE and BY may be NULL.  0 or -1: DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_kernel_add (struct dc_kernel_facts *facts, const char *name,
                   const char *value, const char *by, struct dc_proof proof,
                   struct dc_error *err);
void dc_kernel_fact_release (struct dc_kernel_fact *fact);

/* kernelparameters.c: sysctl.conf and sysctl.d. */
int dc_kernel_parameters (struct dc_tree *tree, struct dc_kernel *kernel,
                          struct dc_error *err);
/* kernelservices.c: what the services that start say of devices and modules
 * in their units.
 */
int dc_kernel_services (const struct dc_profile *profile,
                        struct dc_kernel *kernel, struct dc_error *err);

#endif
