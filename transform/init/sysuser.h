/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_SYSUSER_H
#define DC_TRANSFORM_SYSUSER_H

/* sysuser: one line of sysusers.d(5), and what the lines of all files say
 * together.
 */

#include <stdbool.h>
#include <stdint.h>

#include "transform/init/bootfile.h"
#include "transform/init/sysusers.h"

#define DC_SYSUSER_NAME_MAX 31 /* bytes */

/* A user or a group that is to be there. */
struct dc_sysuser {
  char *name;
  char *path;                 /* whose owner or group gives the number; NULL */
  char *group_name;           /* the primary group; NULL: of the same name */
  char *gecos, *home, *shell; /* NULL: not said */
  uint32_t uid, gid;
  bool has_uid, has_gid;
  bool is_strict;           /* the group must be there already */
  bool is_user;             /* else only a group */
  bool is_new, has_new_gid; /* it is added; its own group is */
};

struct dc_sysuser_member {
  char *user, *group;
};

struct dc_sysuser_range {
  uint32_t from, to;
};

/* All that is said; the first line on a name counts. */
struct dc_sysuser_list {
  struct dc_sysuser *users, *groups; /* in order of appearance */
  size_t user_count, group_count;
  struct dc_sysuser_member *members;
  size_t member_count;
  struct dc_sysuser_range *ranges; /* to take numbers from */
  size_t range_count;
};

/* Add what the line TEXT says.  0, or -1: DC_ERR_INVALID, DC_ERR_UNSUPPORTED
 * (what is wrong with the line, which is passed over), DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_sysuser_read (struct dc_sysuser_list *list,
                     const struct dc_bootfile *bootfile, const char *text,
                     struct dc_error *err);
/* Add the users and groups that only memberships name. */
int dc_sysuser_imply (struct dc_sysuser_list *list, struct dc_error *err);
struct dc_sysuser *dc_sysuser_find (struct dc_sysuser *items, size_t count,
                                    const char *name);
void dc_sysuser_list_release (struct dc_sysuser_list *list);

/* The text of /etc/passwd and /etc/group with what LIST adds, for the caller;
 * *OUT is NULL when nothing is added.
 */
int dc_sysuser_passwd (struct dc_tree *tree, const struct dc_sysuser_list *list,
                       char **out, struct dc_error *err);
int dc_sysuser_group (struct dc_tree *tree, const struct dc_sysuser_list *list,
                      char **out, struct dc_error *err);

#endif
