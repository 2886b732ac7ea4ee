/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_DIRECTORY_H
#define DC_ANALYZER_SYSTEM_DIRECTORY_H

/* directory: users that come from elsewhere.  Passwords for binding are not
 * read.
 *
 * Source: nsswitch.conf(5), sssd.conf(5), sssd-ldap(5), krb5.conf(5),
 * nslcd.conf(5), ldap.conf(5) of pam_ldap, smb.conf(5).
 */

#include "analyzer/configfile.h"

/* Parse functions of struct dc_configreader; ARG is a struct dc_identity. */
int dc_directory_parse_nsswitch (void *arg, const struct dc_configfile *file,
                                 struct dc_error *err);
int dc_directory_parse_sssd (void *arg, const struct dc_configfile *file,
                             struct dc_error *err);
int dc_directory_parse_krb5 (void *arg, const struct dc_configfile *file,
                             struct dc_error *err);
int dc_directory_parse_ldap (void *arg, const struct dc_configfile *file,
                             struct dc_error *err);
int dc_directory_parse_smb (void *arg, const struct dc_configfile *file,
                            struct dc_error *err);

#endif
