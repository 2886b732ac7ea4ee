/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_USERS_H
#define DC_ANALYZER_SYSTEM_USERS_H

/* users: the accounts and groups of a guest's own files.
 *
 * Read as the C library's "files" service does: blanks in front, empty lines
 * and lines that begin with "#" are nothing, a line without a number where
 * one belongs is skipped.  Lines that begin with "+" or "-" mean another
 * service and count as skipped.
 *
 * Source: passwd(5), group(5), shadow(5).  Of shadow only whether a password
 * is set is kept, never a hash.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

#define DC_USERS_SIZE_MAX ((size_t) 32 * 1024 * 1024) /* bytes of a file */
/* Users, groups, all members together; further ones are counted, not kept. */
#define DC_USER_COUNT_MAX ((size_t) 65536) /* 150 MiB of profile */
#define DC_USER_GROUP_MAX ((size_t) 1024) /* supplementary groups of one user */

struct dc_user {
  char *name;
  char *home;
  char *shell; /* "/bin/sh" where the line has none */
  uint32_t uid, gid;
  bool has_password; /* a hash is set and not locked */
  bool can_login;    /* the shell is none of nologin, false, sync, ... */
  unsigned line;     /* in /etc/passwd */
};

struct dc_group {
  char *name;
  char **members; /* in the line's order */
  size_t member_count;
  uint32_t gid;
  unsigned line; /* in /etc/group */
};

struct dc_users {
  struct dc_user *users; /* in file order */
  size_t user_count;
  struct dc_group *groups; /* in file order */
  size_t group_count;
  uint64_t lines_skipped; /* damaged or beyond the limit */
  uint32_t *by_name;      /* indexes of users; of equal names the first first */
  size_t members_left;    /* that groups may still have */
};

/* 0 and *OUT, empty when there is no passwd; or -1: DC_ERR_LIMIT (a file is
 * too large), DC_ERR_SYSTEM, what the tree says.
 */
int dc_users_load (struct dc_tree *tree, struct dc_users **out,
                   struct dc_error *err);
/* First match, as getpwnam(3); NULL when there is none. */
const struct dc_user *dc_users_find (const struct dc_users *users,
                                     const char *name);
const struct dc_user *dc_users_find_uid (const struct dc_users *users,
                                         uint32_t uid);
const struct dc_group *dc_users_find_group (const struct dc_users *users,
                                            const char *name);
/* The gids of USER as initgroups(3) gives them: BASE first, then the groups
 * that list it, each once, at most DC_USER_GROUP_MAX.  The caller frees *GIDS.
 * 0, or -1: DC_ERR_SYSTEM.
 */
int dc_users_groups (const struct dc_users *users, const char *user,
                     uint32_t base, uint32_t **gids, size_t *count,
                     struct dc_error *err);
void dc_users_free (struct dc_users *users);
DC_DEFINE_AUTO (dc_users)

#endif
