/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_OLDRELEASE_H
#define DC_ANALYZER_SYSTEM_OLDRELEASE_H

/* oldrelease: the files that named a distribution before os-release.
 *
 * Most hold one line, "NAME release VERSION (CODENAME)"; alpine-release and
 * debian_version only the version; lsb-release is assignments.  What they
 * say is put as the same distribution's os-release later put it: "rhel",
 * VERSION_ID "12" for Debian's "12.5".
 *
 * Source: the files themselves, as tests of python-distro collected them;
 * debian_version of base-files; lsb_release(1).
 */

#include "analyzer/system/osrel.h"

/* 1 and *OUT, whose `file` is set; 0 when there is none of them; -1 as
 * dc_osrel_load().
 */
int dc_oldrelease_load (struct dc_tree *tree, struct dc_osrel **out,
                        struct dc_error *err);
/* What those of them say together that are about the distribution ID. */
int dc_oldrelease_load_of (struct dc_tree *tree, const char *id,
                           struct dc_osrel **out, struct dc_error *err);
/* A file that we have no row for: NAME-release or NAME_version in /etc, whose
 * line says "release" or "Linux", then issue: `is_inferred`.
 */
int dc_oldrelease_load_other (struct dc_tree *tree, struct dc_osrel **out,
                              struct dc_error *err);

#endif
