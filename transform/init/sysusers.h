/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_SYSUSERS_H
#define DC_TRANSFORM_SYSUSERS_H

/* sysusers: the users and groups that the guest would make at its next boot,
 * made at conversion time, with the numbers that systemd-sysusers would give.
 *
 * They are lines added to passwd and group.  Their password is locked in
 * passwd itself, so that shadow and gshadow, which are secrets, need no change.
 *
 * Not done: users that are made of credentials.
 *
 * Source: sysusers.d(5) of systemd 252; where it is silent, what
 * systemd-sysusers of systemd 252 does.
 */

#include "analyzer/system/users.h"
#include "lib/tree/tree.h"
#include "lib/words.h"

#define DC_SYSUSERS_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of one file */
#define DC_SYSUSERS_COUNT_MAX 1024 /* users, groups, memberships: each */

struct dc_sysusers {
  char *passwd, *group;   /* the whole new files; NULL: as they are */
  struct dc_users *users; /* what they say; NULL: as it was */
};

/* What the guest in TREE adds to USERS.  HOSTNAME is for specifiers, may be
 * NULL; to FINDINGS come sentences with FILE:LINE.  0 and *OUT for the caller,
 * or -1: DC_ERR_LIMIT (passwd or group), DC_ERR_SYSTEM, what the tree says.
 */
int dc_sysusers_make (struct dc_tree *tree, const struct dc_users *users,
                      const char *hostname, struct dc_words *findings,
                      struct dc_sysusers **out, struct dc_error *err);
void dc_sysusers_free (struct dc_sysusers *sysusers);
DC_DEFINE_AUTO (dc_sysusers)

#endif
