/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/system/users.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/span.h"

/* (uid_t) -1 means "none" to the kernel. */
#define ID_MAX (UINT32_MAX - 1)

/* A passwd line has the most fields that we read. */
#define FIELD_MAX 7

struct line {
  struct dc_span fields[FIELD_MAX];
  size_t count;
  unsigned number;
};

static void
release_user (struct dc_user *user)
{
  free (user->name);
  free (user->home);
  free (user->shell);
}

static void
release_group (struct dc_group *group)
{
  for (size_t i = 0; i < group->member_count; i++)
    free (group->members[i]);
  free (group->members);
  free (group->name);
}

/* Is there something on the line?  Then *LINE are its fields, none when it is
 * no line of ours.
 */
static bool
split (struct dc_span text, struct line *line)
{
  while (text.size > 0 && (*text.text == ' ' || *text.text == '\t'))
    text = dc_span_skip (text, 1);
  if (text.size == 0 || *text.text == '#')
    return false;
  line->count = 0;
  if (strchr ("+-:", *text.text) != NULL || dc_span_has (text, '\0'))
    return true;
  while (line->count < FIELD_MAX - 1 &&
         dc_span_field (&text, ':', &line->fields[line->count]))
    line->count++;
  if (text.text != NULL) /* the last one is all that is left */
    line->fields[line->count++] = text;
  return true;
}

static bool
read_id (struct dc_span field, uint32_t *id)
{
  struct dc_error ignored; /* the line counts as skipped */
  uint64_t value;

  if (dc_number_parse_bytes (field.text, field.size, 0, ID_MAX, &value,
                             &ignored) < 0)
    return false;
  *id = (uint32_t) value;
  return true;
}

/* A hash is there and not locked: "!" and "*" begin what no password makes. */
static bool
is_hash (struct dc_span field)
{
  return field.size > 0 && *field.text != '!' && *field.text != '*' &&
         !dc_span_is (field, "x");
}

static bool
is_login_shell (const char *shell)
{
  static const char *const others[] = {
    "false", "halt", "nologin", "shutdown", "sync", "true",
  };
  const char *slash = strrchr (shell, '/');
  const char *name = slash != NULL ? slash + 1 : shell;

  for (size_t i = 0; i < DC_COUNT (others); i++)
    if (strcmp (name, others[i]) == 0)
      return false;
  return true;
}

/* 1 when LINE is a user and was added, 0 when it is none, -1. */
static int
add_user (struct dc_users *users, const struct line *line, struct dc_error *err)
{
  struct dc_user user = { .line = line->number };

  if (line->count < FIELD_MAX || users->user_count == DC_USER_COUNT_MAX ||
      !read_id (line->fields[2], &user.uid) ||
      !read_id (line->fields[3], &user.gid))
    return 0;
  if (DC_ARRAY_GROW (users->users, users->user_count, DC_USER_COUNT_MAX,
                     "users", err) < 0)
    return -1;
  const struct dc_span shell = dc_span_trim (line->fields[6]);
  if (dc_span_copy (line->fields[0], &user.name, err) < 0 ||
      dc_span_copy (line->fields[5], &user.home, err) < 0 ||
      dc_span_copy (shell.size > 0 ? shell : dc_span_of ("/bin/sh"),
                    &user.shell, err) < 0) {
    release_user (&user);
    return -1;
  }
  user.has_password = is_hash (line->fields[1]);
  user.can_login = is_login_shell (user.shell);
  users->users[users->user_count++] = user;
  return 1;
}

static int
add_members (struct dc_users *users, struct dc_group *group,
             struct dc_span list, struct dc_error *err)
{
  struct dc_span member;

  while (dc_span_field (&list, ',', &member)) {
    member = dc_span_trim (member);
    if (member.size == 0)
      continue;
    if (users->members_left == 0) {
      users->lines_skipped++; /* once for what is left of this line */
      break;
    }
    if (DC_ARRAY_GROW (group->members, group->member_count, DC_USER_COUNT_MAX,
                       "members", err) < 0 ||
        dc_span_copy (member, &group->members[group->member_count], err) < 0)
      return -1;
    group->member_count++;
    users->members_left--;
  }
  return 0;
}

/* As add_user(). */
static int
add_group (struct dc_users *users, const struct line *line,
           struct dc_error *err)
{
  struct dc_group group = { .line = line->number };

  if (line->count < 3 || users->group_count == DC_USER_COUNT_MAX ||
      !read_id (line->fields[2], &group.gid))
    return 0;
  if (DC_ARRAY_GROW (users->groups, users->group_count, DC_USER_COUNT_MAX,
                     "groups", err) < 0)
    return -1;
  if (dc_span_copy (line->fields[0], &group.name, err) < 0 ||
      (line->count > 3 &&
       add_members (users, &group, line->fields[3], err) < 0)) {
    release_group (&group);
    return -1;
  }
  users->groups[users->group_count++] = group;
  return 1;
}

static int
by_name (const void *a, const void *b, void *users)
{
  const struct dc_user *items = users;
  const uint32_t *i = a, *j = b;
  const int order = strcmp (items[*i].name, items[*j].name);

  return order != 0 ? order : (*i > *j) - (*i < *j);
}

static int
index_names (struct dc_users *users, struct dc_error *err)
{
  if (users->user_count == 0)
    return 0;
  users->by_name = calloc (users->user_count, sizeof *users->by_name);
  if (users->by_name == NULL)
    return dc_fail_errno (err, "cannot sort the users");
  for (size_t i = 0; i < users->user_count; i++)
    users->by_name[i] = (uint32_t) i;
  qsort_r (users->by_name, users->user_count, sizeof *users->by_name, by_name,
           users->users);
  return 0;
}

/* The first user of this name; NULL: none. */
static struct dc_user *
find_user (const struct dc_users *users, struct dc_span name)
{
  size_t low = 0, high = users->user_count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const struct dc_user *user = &users->users[users->by_name[middle]];
    if (dc_span_compare (dc_span_of (user->name), name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == users->user_count)
    return NULL;
  struct dc_user *user = &users->users[users->by_name[low]];
  return dc_span_is (name, user->name) ? user : NULL;
}

/* What passwd replaces by "x" stands in shadow. */
static int
add_password (struct dc_users *users, const struct line *line,
              struct dc_error *err)
{
  (void) err; /* nothing here can fail */
  if (line->count < 2)
    return 0;
  struct dc_user *user = find_user (users, line->fields[0]);
  if (user != NULL && is_hash (line->fields[1]))
    user->has_password = true;
  return 1;
}

static int
read_file (struct dc_tree *tree, const char *file, struct dc_users *users,
           int (*add) (struct dc_users *users, const struct line *line,
                       struct dc_error *err),
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_USERS_SIZE_MAX);

  if (dc_tree_read_file (tree, file, &b, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size }, text;
  for (unsigned number = 1; dc_span_line (&rest, &text); number++) {
    struct line line = { .number = number };
    if (!split (text, &line))
      continue;
    const int added = add (users, &line, err);
    if (added < 0)
      return dc_context (err, "%s line %u", file, number);
    users->lines_skipped += added == 0;
  }
  return 0;
}

int
dc_users_load (struct dc_tree *tree, struct dc_users **out,
               struct dc_error *err)
{
  DC_AUTO (dc_users) *users = calloc (1, sizeof *users);

  if (users == NULL)
    return dc_fail_errno (err, "cannot keep the users");
  users->members_left = DC_USER_COUNT_MAX;
  if (read_file (tree, "/etc/passwd", users, add_user, err) < 0 ||
      index_names (users, err) < 0 ||
      read_file (tree, "/etc/shadow", users, add_password, err) < 0 ||
      read_file (tree, "/etc/group", users, add_group, err) < 0)
    return -1;
  *out = DC_TAKE (users);
  return 0;
}

const struct dc_user *
dc_users_find (const struct dc_users *users, const char *name)
{
  return find_user (users, dc_span_of (name));
}

const struct dc_user *
dc_users_find_uid (const struct dc_users *users, uint32_t uid)
{
  for (size_t i = 0; i < users->user_count; i++)
    if (users->users[i].uid == uid)
      return &users->users[i];
  return NULL;
}

const struct dc_group *
dc_users_find_group (const struct dc_users *users, const char *name)
{
  for (size_t i = 0; i < users->group_count; i++)
    if (strcmp (users->groups[i].name, name) == 0)
      return &users->groups[i];
  return NULL;
}

static bool
has_member (const struct dc_group *group, const char *name)
{
  for (size_t i = 0; i < group->member_count; i++)
    if (strcmp (group->members[i], name) == 0)
      return true;
  return false;
}

static bool
has_gid (const uint32_t *gids, size_t count, uint32_t gid)
{
  for (size_t i = 0; i < count; i++)
    if (gids[i] == gid)
      return true;
  return false;
}

int
dc_users_groups (const struct dc_users *users, const char *user, uint32_t base,
                 uint32_t **gids, size_t *count, struct dc_error *err)
{
  AUTO_FREE uint32_t *found = calloc (DC_USER_GROUP_MAX + 1, sizeof *found);
  size_t n = 0;

  if (found == NULL)
    return dc_fail_errno (err, "cannot keep the groups of a user");
  found[n++] = base;
  for (size_t i = 0; i < users->group_count && n <= DC_USER_GROUP_MAX; i++)
    if (has_member (&users->groups[i], user) &&
        !has_gid (found, n, users->groups[i].gid))
      found[n++] = users->groups[i].gid;
  *gids = DC_TAKE (found);
  *count = n;
  return 0;
}

void
dc_users_free (struct dc_users *users)
{
  if (users == NULL)
    return;
  for (size_t i = 0; i < users->user_count; i++)
    release_user (&users->users[i]);
  for (size_t i = 0; i < users->group_count; i++)
    release_group (&users->groups[i]);
  free (users->users);
  free (users->groups);
  free (users->by_name);
  free (users);
}
