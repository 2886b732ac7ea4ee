/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_OWNADDRESS_H
#define DC_TRANSFORM_OWNADDRESS_H

/* ownaddress: the virtual machine's own addresses in files of configuration.
 *
 * A container has another address, so a service that listens on the machine's
 * fails to start (EADDRNOTAVAIL), and one that is told where to find itself
 * looks at the wrong place.  Looked through are text files below /etc, /opt,
 * /srv and /usr/local/etc that are kept and are not as a package brought them;
 * comments are not.  What is a listen directive is guessed from the words of
 * its line.
 */

#include "analyzer/profile.h"
#include "transform/select.h"

#define DC_OWNADDRESS_FILE_MAX 5000                           /* files */
#define DC_OWNADDRESS_SIZE_MAX ((size_t) 256 * 1024)          /* bytes of one */
#define DC_OWNADDRESS_TOTAL_MAX ((uint64_t) 16 * 1024 * 1024) /* of all */
#define DC_OWNADDRESS_FINDING_MAX 100

/* Append a sentence with FILE:LINE for each line to FINDINGS.  OWNERS as
 * dc_packages_owners() gives them.  0, or -1: DC_ERR_SYSTEM, what the tree
 * says.
 */
int dc_ownaddress_find (struct dc_tree *tree, const struct dc_profile *profile,
                        const uint32_t *owners,
                        const struct dc_selection *selection,
                        struct dc_words *findings, struct dc_error *err);

#endif
