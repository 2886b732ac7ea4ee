/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/span.h"
#include "lib/text.h"
#include "transform/init/sysuser.h"

/* Locked, and not in shadow: see transform/init/sysusers.h. */
#define LOCKED "!*"
#define NO_SHELL "/usr/sbin/nologin"

typedef int adder (const struct dc_sysuser_list *list, struct dc_buffer *b,
                   struct dc_error *err);
/* Append LINE as it is to be. */
typedef int writer (const struct dc_sysuser_list *list, struct dc_span line,
                    struct dc_buffer *b, struct dc_error *err);

static int
copy_line (const struct dc_sysuser_list *list, struct dc_span line,
           struct dc_buffer *b, struct dc_error *err)
{
  (void) list;
  if (dc_buffer_append (b, line.text, line.size, err) < 0)
    return -1;
  return dc_buffer_append (b, "\n", 1, err);
}

/* The file at PATH, each line by WRITE, and what ADD adds before the lines of
 * another service, which begin with "+" or "-".  NULL when it comes out as it
 * was.
 */
static int
rewrite (struct dc_tree *tree, const char *path,
         const struct dc_sysuser_list *list, writer *write, adder *add_all,
         char **out, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer old = DC_BUFFER_INIT (DC_USERS_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_USERS_SIZE_MAX);
  bool is_added = false;

  if (dc_tree_read_file (tree, path, &old, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&old), old.size }, line;
  while (dc_span_line (&rest, &line)) {
    const bool is_foreign =
        line.size > 0 && (line.text[0] == '+' || line.text[0] == '-');
    if (is_foreign && !is_added) {
      if (add_all (list, &b, err) < 0)
        return -1;
      is_added = true;
    }
    if ((is_foreign ? copy_line : write) (list, line, &b, err) < 0)
      return -1;
  }
  if (!is_added && add_all (list, &b, err) < 0)
    return -1;
  if (b.size <= old.size + 1 &&
      memcmp (dc_buffer_text (&b), dc_buffer_text (&old), old.size) == 0)
    return 0; /* at most a newline at the end */
  *out = dc_buffer_take (&b);
  return *out == NULL ? dc_fail_errno (err, "cannot keep '%s'", path) : 0;
}

static int
add_users (const struct dc_sysuser_list *list, struct dc_buffer *b,
           struct dc_error *err)
{
  for (size_t i = 0; i < list->user_count; i++) {
    const struct dc_sysuser *user = &list->users[i];
    const char *home = user->uid == 0 ? "/root" : "/";
    const char *shell = user->uid == 0 ? "/bin/sh" : NO_SHELL;
    if (user->is_new &&
        dc_buffer_print (b, err, "%s:" LOCKED ":%u:%u:%s:%s:%s\n", user->name,
                         user->uid, user->gid,
                         user->gecos != NULL ? user->gecos : "",
                         user->home != NULL ? user->home : home,
                         user->shell != NULL ? user->shell : shell) < 0)
      return -1;
  }
  return 0;
}

/* Add to WORDS who is to be in the group NAME: true, if that is somebody new.
 */
static int
add_members (const struct dc_sysuser_list *list, struct dc_span name,
             struct dc_words *words, struct dc_error *err)
{
  int added = 0;

  for (size_t i = 0; i < list->member_count; i++) {
    const struct dc_sysuser_member *member = &list->members[i];
    if (!dc_span_is (name, member->group) || dc_words_has (words, member->user))
      continue;
    if (dc_words_add (words, member->user, err) < 0)
      return -1;
    added = 1;
  }
  if (added)
    dc_words_sort (words);
  return added;
}

static int
write_members (const struct dc_words *words, struct dc_buffer *b,
               struct dc_error *err)
{
  for (size_t i = 0; i < words->count; i++)
    if (dc_buffer_print (b, err, "%s%s", i > 0 ? "," : "", words->items[i]) < 0)
      return -1;
  return dc_buffer_append (b, "\n", 1, err);
}

/* A line of a group that is there: more members, sorted then as systemd does.
 */
static int
write_group (const struct dc_sysuser_list *list, struct dc_span line,
             struct dc_buffer *b, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  struct dc_span rest = line, name, field = { NULL, 0 }, one;
  bool is_named = false;

  (void) dc_span_field (&rest, ':', &name);
  for (size_t i = 0; i < list->member_count && !is_named; i++)
    is_named = dc_span_is (name, list->members[i].group);
  for (size_t i = 0; i < 3; i++)
    if (!dc_span_field (&rest, ':', &field))
      is_named = false; /* no whole line */
  if (!is_named)
    return copy_line (list, line, b, err);
  struct dc_span members = field;
  while (dc_span_field (&members, ',', &one))
    if (one.size > 0 &&
        dc_words_add_bytes (&words, one.text, one.size, err) < 0)
      return -1;
  const int added = add_members (list, name, &words, err);
  if (added <= 0)
    return added < 0 ? -1 : copy_line (list, line, b, err);
  if (dc_buffer_append (b, line.text, (size_t) (field.text - line.text), err) <
      0)
    return -1;
  return write_members (&words, b, err);
}

static int
add_group (const struct dc_sysuser_list *list, const struct dc_sysuser *item,
           struct dc_buffer *b, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (!item->has_new_gid)
    return 0;
  if (add_members (list, dc_span_of (item->name), &words, err) < 0 ||
      dc_buffer_print (b, err, "%s:x:%u:", item->name, item->gid) < 0)
    return -1;
  return write_members (&words, b, err);
}

static int
add_groups (const struct dc_sysuser_list *list, struct dc_buffer *b,
            struct dc_error *err)
{
  for (size_t i = 0; i < list->group_count; i++)
    if (add_group (list, &list->groups[i], b, err) < 0)
      return -1;
  for (size_t i = 0; i < list->user_count; i++)
    if (add_group (list, &list->users[i], b, err) < 0)
      return -1;
  return 0;
}

int
dc_sysuser_passwd (struct dc_tree *tree, const struct dc_sysuser_list *list,
                   char **out, struct dc_error *err)
{
  return rewrite (tree, "etc/passwd", list, copy_line, add_users, out, err);
}

int
dc_sysuser_group (struct dc_tree *tree, const struct dc_sysuser_list *list,
                  char **out, struct dc_error *err)
{
  return rewrite (tree, "etc/group", list, write_group, add_groups, out, err);
}
