/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_DEFINITION_H
#define DC_ANALYZER_SOURCE_DEFINITION_H

/* definition: a file that says which disks make a machine, opened.
 *
 *   ova     a tar archive with an OVF, its disks and a manifest; or the OVF
 *           itself, the others beside it
 *   vmx     VMware's, the disks beside it
 *   domain  libvirt's XML, the disks anywhere: the host's administrator
 *           wrote it
 *
 * The parent opens the file; a confined worker parses it (analyzer/machine/)
 * and says which disks and digests there are; the parent opens these, from
 * inside the archive or by lib/disk/policy.h.  The digests are computed by
 * another confined worker while the guest is read: a result with a wrong one
 * is thrown away.
 */

#include <jansson.h>

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/disk/open.h"
#include "lib/report.h"

enum dc_definition_kind {
  DC_DEFINITION_OVA,
  DC_DEFINITION_VMX,
  DC_DEFINITION_DOMAIN,
};

struct dc_definition;

/* Open and parse PATH.  ALLOW_BACKING as in lib/disk/open.h, borrowed.  0 and
 * *OUT, or -1: as dc_policy_open(), DC_ERR_INVALID, DC_ERR_UNSUPPORTED,
 * DC_ERR_ENCRYPTED, DC_ERR_LIMIT, DC_ERR_SYSTEM; the text names the file.
 */
int dc_definition_open (const char *path, enum dc_definition_kind kind,
                        const char *const *allow_backing,
                        const struct dc_report *report,
                        struct dc_definition **out, struct dc_error *err);
/* The same of SIZE bytes at TEXT, which NAME is said to hold. */
int dc_definition_parse (const char *name, enum dc_definition_kind kind,
                         const char *text, size_t size,
                         const struct dc_report *report,
                         struct dc_definition **out, struct dc_error *err);
/* What the profile says of it (analyzer/machine/machine.h); borrowed. */
json_t *dc_definition_machine (const struct dc_definition *definition);
/* Its disks that have a file: 1 and what to open disk INDEX with, 0 when
 * there are no more, -1.  OPTIONS keep their format unless there is none;
 * TARGET is the definition's name of it, NULL: none; what PATH and they refer to lives as long as the definition.
 */
int dc_definition_disk (struct dc_definition *definition, size_t index,
                        const char **path, const char **target,
                        struct dc_disk_options *options, struct dc_error *err);
/* Begin to compute the digests; *OUT is NULL when there is none to compute.
 * The worker ends with DC_ERR_INVALID at the first one that is wrong.
 */
int dc_definition_check (struct dc_definition *definition,
                         const struct dc_report *report, struct dc_worker **out,
                         struct dc_error *err);
void dc_definition_free (struct dc_definition *definition);
DC_DEFINE_AUTO (dc_definition)

#endif
