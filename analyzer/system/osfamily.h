/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_OSFAMILY_H
#define DC_ANALYZER_SYSTEM_OSFAMILY_H

/* osfamily: which distributions are of one kind, and which systems are no
 * Linux.
 *
 * A family shares a package manager and the places of its configuration.
 *
 * Source: the os-release files themselves (ID and ID_LIKE); what has no
 * ID_LIKE is in the table.
 */

/* The family of an ID, else of the first word of ID_LIKE that has one:
 * "debian", "rhel" (with Fedora), "suse", "alpine", "arch", "mandriva", "bsd",
 * "solaris", "windows", ... or the distribution itself when it is known to
 * stand alone ("gentoo").  NULL: not known.  Either may be NULL.
 */
const char *dc_osfamily_of (const char *id, const char *id_like);
/* The kernel of a system with this ID: "freebsd"; "linux" for all that are not
 * known to have another.
 */
const char *dc_osfamily_kernel (const char *id);

#endif
