/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"
#include "lib/tree/backends.h"
#include "transform/init/sysuser.h"

#define FINDING_MAX 100
#define ID_NONE UINT32_MAX
#define SYSTEM_UID_MIN 100
#define SYSTEM_UID_MAX 999

/* A number that is taken, and by whom. */
struct taken {
  uint32_t id;
  const char *name; /* borrowed */
};

struct decision {
  struct dc_tree *tree;
  struct dc_sysuser_list list;
  struct taken *uids, *gids; /* of the files, sorted; then those given */
  size_t uid_count, gid_count;
  struct taken *new_uids, *new_gids;
  size_t new_uid_count, new_gid_count;
  uint32_t search; /* the last number tried */
  const struct dc_users *users;
  struct dc_words *findings;
  size_t finding_count;
};

static int
note (struct decision *decision, const char *file, unsigned row,
      const char *text, struct dc_error *err)
{
  char *finding = NULL;

  if (decision->finding_count++ >= FINDING_MAX)
    return 0;
  if (dc_text_print (&finding, err, "%s:%u: %s", dc_quote (file).text, row,
                     text) < 0)
    return -1;
  return dc_words_take (decision->findings, finding, err);
}

static int
read_file (struct decision *decision, const struct dc_bootfile *bootfile,
           const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SYSUSERS_SIZE_MAX);
  const int status = dc_tree_read_file (decision->tree, path, &b, err);
  struct dc_span rest = { dc_buffer_text (&b), b.size }, line;
  struct dc_error problem;

  if (status < 0 && err->code != DC_ERR_LIMIT)
    return -1;
  if (status < 0) {
    problem = *err;
    return note (decision, path, 1, problem.text, err);
  }
  for (unsigned row = 1; dc_span_line (&rest, &line); row++) {
    AUTO_FREE char *text = NULL;
    if ((dc_span_copy (dc_span_trim (line), &text, err) < 0 ||
         dc_sysuser_read (&decision->list, bootfile, text, err) < 0)) {
      if (err->code == DC_ERR_SYSTEM)
        return -1;
      problem = *err;
      if (note (decision, path, row, problem.text, err) < 0)
        return -1;
    }
  }
  return 0;
}

static int
read_all (struct decision *decision, const char *hostname, struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  struct dc_bootfile bootfile;
  int status = 0;

  if (dc_bootfile_paths (decision->tree, "sysusers.d", &paths, err) < 0 ||
      dc_bootfile_init (&bootfile, decision->tree, hostname, err) < 0)
    return -1;
  for (size_t i = 0; i < paths.count && status == 0; i++)
    status = read_file (decision, &bootfile, paths.items[i], err);
  dc_bootfile_release (&bootfile);
  return status < 0 ? -1 : dc_sysuser_imply (&decision->list, err);
}

static int
by_id (const void *a, const void *b)
{
  const struct taken *left = a, *right = b;

  return left->id < right->id ? -1 : left->id > right->id;
}

/* Who has the number ID: among COUNT of the files, or given before. */
static const char *
owner (const struct taken *taken, size_t count, const struct taken *given,
       size_t given_count, uint32_t id)
{
  const struct taken key = { .id = id };
  const struct taken *found =
      count > 0 ? bsearch (&key, taken, count, sizeof *taken, by_id) : NULL;

  for (size_t i = 0; i < given_count && found == NULL; i++)
    if (given[i].id == id)
      found = &given[i];
  return found != NULL ? found->name : NULL;
}

static const char *
uid_owner (const struct decision *decision, uint32_t id)
{
  return owner (decision->uids, decision->uid_count, decision->new_uids,
                decision->new_uid_count, id);
}

static const char *
gid_owner (const struct decision *decision, uint32_t id)
{
  return owner (decision->gids, decision->gid_count, decision->new_gids,
                decision->new_gid_count, id);
}

/* Users and groups with one number should have one name. */
static bool
is_other (const char *owner_name, const char *name)
{
  return owner_name != NULL && strcmp (owner_name, name) != 0;
}

static bool
is_free_uid (const struct decision *decision, uint32_t id, const char *name,
             bool checks_groups)
{
  return uid_owner (decision, id) == NULL &&
         !(checks_groups && is_other (gid_owner (decision, id), name));
}

static bool
is_free_gid (const struct decision *decision, uint32_t id, const char *name,
             bool checks_users)
{
  return gid_owner (decision, id) == NULL &&
         !(checks_users && is_other (uid_owner (decision, id), name));
}

static bool
is_in_range (const struct decision *decision, uint32_t id)
{
  for (size_t i = 0; i < decision->list.range_count; i++)
    if (id >= decision->list.ranges[i].from &&
        id <= decision->list.ranges[i].to)
      return true;
  return false;
}

/* The next lower number of the ranges; false: there is none. */
static bool
has_next (struct decision *decision)
{
  const uint32_t candidate = decision->search - 1; /* at first the highest */
  bool has_lower = false;

  if (decision->search == 0)
    return false;
  if (is_in_range (decision, candidate)) {
    decision->search = candidate;
    return true;
  }
  for (size_t i = 0; i < decision->list.range_count; i++) {
    const uint32_t to = decision->list.ranges[i].to;
    if (to >= candidate || (has_lower && to <= decision->search))
      continue;
    decision->search = to;
    has_lower = true;
  }
  return has_lower;
}

/* The entry whose owner or group ITEM is to have; DC_TREE_NONE. */
static uint32_t
find_path (const struct decision *decision, const struct dc_sysuser *item)
{
  return item->path != NULL ? dc_tree_resolve (decision->tree, item->path)
                            : DC_TREE_NONE;
}

/* Choose the number of the group ITEM: 0; -1 in the order of sysusers.c. */
static int
choose_gid (struct decision *decision, struct dc_sysuser *item,
            struct dc_error *err)
{
  const uint32_t entry = find_path (decision, item);

  if (item->has_gid && item->is_strict) {
    if (is_free_gid (decision, item->gid, item->name, false))
      return dc_fail (err, DC_ERR_INVALID, "group %u does not exist",
                      item->gid);
    return 1; /* somebody else's group */
  }
  if (item->has_gid && is_free_gid (decision, item->gid, item->name, false))
    return 0;
  item->gid = item->uid;
  if (item->has_uid && is_free_gid (decision, item->gid, item->name, true))
    return 0;
  if (entry != DC_TREE_NONE) {
    item->gid = decision->tree->entries[entry].gid;
    if (is_free_gid (decision, item->gid, item->name, true))
      return 0;
  }
  do {
    if (!has_next (decision))
      return dc_fail (err, DC_ERR_LIMIT, "no free number for group '%s'",
                      item->name);
  } while (!is_free_gid (decision, decision->search, item->name, true));
  item->gid = decision->search;
  return 0;
}

static int
add_group (struct decision *decision, struct dc_sysuser *item,
           struct dc_error *err)
{
  const struct dc_group *group =
      dc_users_find_group (decision->users, item->name);

  if (group != NULL) {
    item->gid = group->gid;
    item->has_gid = true;
    return 0;
  }
  const int status = choose_gid (decision, item, err);
  if (status != 0)
    return status < 0 ? -1 : 0;
  item->has_gid = true;
  item->has_new_gid = true;
  decision->new_gids[decision->new_gid_count++] =
      (struct taken){ item->gid, item->name };
  return 0;
}

/* The primary group of the user ITEM, which is made if it is its own. */
static int
add_primary (struct decision *decision, struct dc_sysuser *item,
             struct dc_error *err)
{
  const char *name = item->group_name != NULL ? item->group_name : item->name;
  const struct dc_sysuser *queued =
      item->has_gid ? NULL
                    : dc_sysuser_find (decision->list.groups,
                                       decision->list.group_count, name);

  if (queued != NULL && queued->has_new_gid) {
    item->gid = queued->gid;
    item->has_gid = true;
    return 0;
  }
  if (item->group_name == NULL)
    return add_group (decision, item, err);
  const struct dc_group *group = dc_users_find_group (decision->users, name);
  if (group == NULL)
    return dc_fail (err, DC_ERR_INVALID, "there is no group '%s'",
                    dc_quote (name).text);
  item->gid = group->gid;
  item->has_gid = true;
  return 0;
}

static int
choose_uid (struct decision *decision, struct dc_sysuser *item,
            struct dc_error *err)
{
  const uint32_t entry = find_path (decision, item);

  if (item->has_uid &&
      is_free_uid (decision, item->uid, item->name, !item->is_strict))
    return 0;
  if (entry != DC_TREE_NONE) {
    item->uid = decision->tree->entries[entry].uid;
    if (item->uid > 0 && is_in_range (decision, item->uid) &&
        is_free_uid (decision, item->uid, item->name, true))
      return 0;
  }
  item->uid = item->gid;
  if (item->has_gid && is_free_uid (decision, item->uid, item->name, true))
    return 0;
  do {
    if (!has_next (decision))
      return dc_fail (err, DC_ERR_LIMIT, "no free number for user '%s'",
                      item->name);
  } while (!is_free_uid (decision, decision->search, item->name, true));
  item->uid = decision->search;
  return 0;
}

static int
add_user (struct decision *decision, struct dc_sysuser *item,
          struct dc_error *err)
{
  if (add_primary (decision, item, err) < 0)
    return -1;
  if (dc_users_find (decision->users, item->name) != NULL)
    return 0;
  if (choose_uid (decision, item, err) < 0)
    return -1;
  item->is_new = true;
  decision->new_uids[decision->new_uid_count++] =
      (struct taken){ item->uid, item->name };
  return 0;
}

/* The numbers that automatic ones are taken from when no line says.  Debian's
 * systemd has them compiled in and does not ask login.defs(5).
 */
static int
set_range (struct decision *decision, struct dc_error *err)
{
  if (decision->list.range_count > 0)
    return 0;
  decision->list.ranges = calloc (1, sizeof *decision->list.ranges);
  if (decision->list.ranges == NULL)
    return dc_fail_errno (err, "cannot keep a range");
  decision->list.ranges[decision->list.range_count++] =
      (struct dc_sysuser_range){ SYSTEM_UID_MIN, SYSTEM_UID_MAX };
  return 0;
}

static int
index_users (struct decision *decision, struct dc_error *err)
{
  const struct dc_users *users = decision->users;
  const size_t added = decision->list.user_count + decision->list.group_count;

  decision->uids = calloc (users->user_count + 1, sizeof *decision->uids);
  decision->gids = calloc (users->group_count + 1, sizeof *decision->gids);
  decision->new_uids = calloc (added + 1, sizeof *decision->new_uids);
  decision->new_gids = calloc (added + 1, sizeof *decision->new_gids);
  if (decision->uids == NULL || decision->gids == NULL ||
      decision->new_uids == NULL || decision->new_gids == NULL)
    return dc_fail_errno (err, "cannot keep %zu users", users->user_count);
  for (size_t i = 0; i < users->user_count; i++)
    decision->uids[decision->uid_count++] =
        (struct taken){ users->users[i].uid, users->users[i].name };
  for (size_t i = 0; i < users->group_count; i++)
    decision->gids[decision->gid_count++] =
        (struct taken){ users->groups[i].gid, users->groups[i].name };
  if (decision->uid_count > 1)
    qsort (decision->uids, decision->uid_count, sizeof *decision->uids, by_id);
  if (decision->gid_count > 1)
    qsort (decision->gids, decision->gid_count, sizeof *decision->gids, by_id);
  return 0;
}

/* One that cannot be made is said and left out, with those after it that
 * could be: systemd stops there, but it would have been seen.
 */
static int
decide (struct decision *decision, struct dc_error *err)
{
  struct dc_sysuser_list *list = &decision->list;
  const size_t count = list->group_count + list->user_count;

  for (size_t i = 0; i < count; i++) {
    struct dc_sysuser *item = i < list->group_count
                                  ? &list->groups[i]
                                  : &list->users[i - list->group_count];
    const int status = item->is_user ? add_user (decision, item, err)
                                     : add_group (decision, item, err);
    if (status == 0)
      continue;
    const struct dc_error problem = *err;
    if (problem.code == DC_ERR_SYSTEM ||
        note (decision, "sysusers.d", 0, problem.text, err) < 0)
      return -1;
  }
  return 0;
}

/* The users of the files as they will be. */
static int
load_users (struct dc_sysusers *out, struct dc_tree *tree, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer old = DC_BUFFER_INIT (DC_USERS_SIZE_MAX);
  DC_AUTO (dc_tree) *files_tree = NULL;
  const char *same = out->passwd == NULL ? "etc/passwd" : "etc/group";

  if ((out->passwd == NULL || out->group == NULL) &&
      dc_tree_read_file (tree, same, &old, err) < 0)
    return -1;
  const char *passwd =
      out->passwd != NULL ? out->passwd : dc_buffer_text (&old);
  const char *group = out->group != NULL ? out->group : dc_buffer_text (&old);
  const struct dc_memory_file files[] = {
    { .path = "", .mode = S_IFDIR | 0755 },
    { .path = "etc", .mode = S_IFDIR | 0755 },
    { .path = "etc/group", .mode = S_IFREG | 0644, .data = group },
    { .path = "etc/passwd", .mode = S_IFREG | 0644, .data = passwd },
  };
  if (dc_tree_memory (files, DC_COUNT (files), &files_tree, err) < 0)
    return -1;
  return dc_users_load (files_tree, &out->users, err);
}

static int
make (struct decision *decision, const char *hostname, struct dc_sysusers *out,
      struct dc_error *err)
{
  if (read_all (decision, hostname, err) < 0 || set_range (decision, err) < 0 ||
      index_users (decision, err) < 0 || decide (decision, err) < 0 ||
      dc_sysuser_passwd (decision->tree, &decision->list, &out->passwd, err) <
          0 ||
      dc_sysuser_group (decision->tree, &decision->list, &out->group, err) < 0)
    return -1;
  return out->passwd == NULL && out->group == NULL
             ? 0
             : load_users (out, decision->tree, err);
}

int
dc_sysusers_make (struct dc_tree *tree, const struct dc_users *users,
                  const char *hostname, struct dc_words *findings,
                  struct dc_sysusers **out, struct dc_error *err)
{
  DC_AUTO (dc_sysusers) *made = calloc (1, sizeof *made);
  struct decision decision = {
    .tree = tree, .users = users, .search = ID_NONE, .findings = findings
  };

  if (made == NULL)
    return dc_fail_errno (err, "cannot keep users");
  const int status = make (&decision, hostname, made, err);
  dc_sysuser_list_release (&decision.list);
  free (decision.uids);
  free (decision.gids);
  free (decision.new_uids);
  free (decision.new_gids);
  if (status < 0)
    return -1;
  *out = DC_TAKE (made);
  return 0;
}

void
dc_sysusers_free (struct dc_sysusers *sysusers)
{
  if (sysusers == NULL)
    return;
  free (sysusers->passwd);
  free (sysusers->group);
  dc_users_free (sysusers->users);
  free (sysusers);
}
