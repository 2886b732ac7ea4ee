/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_USERS_H
#define DC_ANALYZER_USERS_H

/* users: the accounts and groups of a guest's own files.
 *
 * Source: passwd(5), group(5), shadow(5).  Of shadow only whether a password
 * is set is kept, never a hash.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

#define DC_USERS_SIZE_MAX ((size_t) 32 * 1024 * 1024) /* bytes of a file */
#define DC_USER_COUNT_MAX 200000 /* further ones are counted, not kept */
#define DC_USER_GROUP_MAX 1024   /* supplementary groups of one user */

struct dc_user {
  char *name;
  char *home;
  char *shell;
  uint32_t uid, gid;
  bool has_password; /* a hash is set and not locked */
  bool can_login;    /* the shell is none of nologin, false, sync, ... */
  unsigned line;     /* in /etc/passwd */
};

struct dc_group {
  char *name;
  char **members;
  size_t member_count;
  uint32_t gid;
  unsigned line;
};

struct dc_users {
  struct dc_user *users; /* in file order */
  size_t user_count;
  struct dc_group *groups;
  size_t group_count;
  uint64_t lines_skipped; /* damaged or beyond the limit */
};

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
 * that list it, each once.  The caller frees *GIDS.
 */
int dc_users_groups (const struct dc_users *users, const char *user,
                     uint32_t base, uint32_t **gids, size_t *count,
                     struct dc_error *err);
void dc_users_free (struct dc_users *users);
DC_DEFINE_AUTO (dc_users)

#endif
