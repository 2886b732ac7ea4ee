/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/number.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"

#define ID_MAX UINT64_C (4294967294) /* one more is "no change" of chown(2) */

/* What systemd knows without passwd (nss-systemd, user-record-nss.c). */
static const struct {
  const char *name, *home, *shell;
  uint32_t id;
} built_in[] = {
  { "root", "/root", "/bin/sh", 0 },
  { "nobody", "/", "/usr/sbin/nologin", 65534 },
};

struct identity {
  const char *name, *home, *shell; /* borrowed */
  uint32_t uid, gid;
};

/* The user TEXT, a name or a number, which must exist: 1; 0. */
static int
find_user (const struct dc_users *users, const char *text,
           struct identity *identity)
{
  struct dc_error err;
  uint64_t number;
  const struct dc_user *user = dc_users_find (users, text);

  const bool is_number = dc_number_parse (text, 0, ID_MAX, &number, &err) == 0;
  if (user == NULL && is_number)
    user = dc_users_find_uid (users, (uint32_t) number);
  if (user != NULL) {
    *identity = (struct identity){ .name = user->name,
                                   .home = user->home,
                                   .shell = user->shell,
                                   .uid = user->uid,
                                   .gid = user->gid };
    return 1;
  }
  for (size_t i = 0; i < DC_COUNT (built_in); i++) {
    if (strcmp (text, built_in[i].name) != 0 &&
        (!is_number || number != built_in[i].id))
      continue;
    *identity = (struct identity){ .name = built_in[i].name,
                                   .home = built_in[i].home,
                                   .shell = built_in[i].shell,
                                   .uid = built_in[i].id,
                                   .gid = built_in[i].id };
    return 1;
  }
  return 0;
}

static int
find_group (const struct dc_initservice *service, const char *text,
            const struct dc_setting *where, uint32_t *gid, struct dc_error *err)
{
  const struct dc_group *group =
      dc_users_find_group (service->compiler->users, text);
  uint64_t number;

  if (group != NULL) {
    *gid = group->gid;
    return 0;
  }
  if (strcmp (text, "root") == 0) {
    *gid = 0;
    return 0;
  }
  if (dc_number_parse (text, 0, ID_MAX, &number, err) < 0)
    return dc_fail (err, DC_ERR_INVALID,
                    "%s:%u: group '%s' is not in the guest's group file",
                    dc_quote (where->file).text, where->line,
                    dc_quote (text).text);
  *gid = (uint32_t) number;
  return 0;
}

static bool
is_taken (const struct dc_initcompiler *compiler, uint32_t id)
{
  for (size_t i = 0; i < compiler->dynamic_count; i++) {
    if (compiler->dynamic_uids[i] == id)
      return true;
  }
  for (size_t i = 0; i < compiler->users->group_count; i++) {
    if (compiler->users->groups[i].gid == id)
      return true;
  }
  return dc_users_find_uid (compiler->users, id) != NULL;
}

/* A number of systemd's range that depends on the name alone (FNV-1a), so
 * that it is the same in the next conversion, as long as it is free.
 */
static int
give_dynamic (struct dc_initcompiler *compiler, const char *name, uint32_t *uid,
              struct dc_error *err)
{
  const uint32_t count = DC_DYNAMIC_UID_MAX - DC_DYNAMIC_UID_MIN + 1;
  uint32_t hash = 2166136261U;

  for (const char *s = name; *s != '\0'; s++)
    hash = (hash ^ (unsigned char) *s) * 16777619U;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t id = DC_DYNAMIC_UID_MIN + (hash % count + i) % count;
    if (is_taken (compiler, id))
      continue;
    compiler->dynamic_uids[compiler->dynamic_count++] = id;
    *uid = id;
    return 0;
  }
  return dc_fail (err, DC_ERR_LIMIT, "no user is left for DynamicUser=");
}

/* Make the user NAME known, on the first use. */
static int
add_account (struct dc_initcompiler *compiler, const char *name, uint32_t uid,
             struct dc_error *err)
{
  struct dc_buffer *lines = &compiler->global;

  if (dc_words_add (&compiler->dynamic_names, name, err) < 0)
    return -1;
  if (strchr (name, ':') != NULL)
    return 0; /* none that a line can hold */
  if (dc_buffer_print (lines, err, "account") < 0 ||
      dc_initline_word (lines, name, err) < 0 ||
      dc_initline_word (lines, dc_init_decimal (uid).text, err) < 0)
    return -1;
  return dc_initline_end (lines, err);
}

/* The user that DynamicUser= would make, when nobody has its name; services
 * that name the same one share it.
 */
static int
make_dynamic (struct dc_initservice *service, const char *name,
              struct identity *identity, struct dc_error *err)
{
  struct dc_initcompiler *compiler = service->compiler;
  size_t i = 0;

  while (i < compiler->dynamic_names.count &&
         strcmp (compiler->dynamic_names.items[i], name) != 0)
    i++;
  if (i == compiler->dynamic_names.count) {
    if (give_dynamic (compiler, service->unit->name, &identity->uid, err) < 0 ||
        add_account (compiler, name, identity->uid, err) < 0)
      return -1;
  }
  identity->uid = compiler->dynamic_uids[i];
  identity->gid = identity->uid;
  identity->name = name;
  identity->home = "/";
  identity->shell = "/usr/sbin/nologin";
  return dc_init_note (compiler, service->unit, NULL, err,
                       "DynamicUser= becomes the fixed user %u", identity->uid);
}

static int
add_group (struct dc_initservice *service, uint32_t gid, struct dc_error *err)
{
  return dc_initline_word (service->lines, dc_init_decimal (gid).text, err);
}

/* The groups of commands that keep root are the user's own, as measured on
 * systemd 252: a trace of its looking for them.
 */
static int
write_own_groups (struct dc_initservice *service, const uint32_t *gids,
                  size_t count, struct dc_error *err)
{
  if (dc_initline_begin (service->lines, "own-groups", err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    if (add_group (service, gids[i], err) < 0)
      return -1;
  }
  return dc_initline_end (service->lines, err);
}

/* All supplementary groups: the user's own, then those of the unit. */
static int
write_groups (struct dc_initservice *service, const struct identity *identity,
              struct dc_error *err)
{
  AUTO_FREE uint32_t *gids = NULL;
  AUTO_WORDS struct dc_words extra = { NULL, 0 };
  const struct dc_setting *where = NULL;
  size_t count = 0;

  if (dc_init_words (service, "Service", "SupplementaryGroups", &extra, err) <
      0)
    return -1;
  if (identity->name == NULL && extra.count == 0)
    return 0;
  if (identity->name != NULL && identity->uid != 0 &&
      dc_users_groups (service->compiler->users, identity->name, identity->gid,
                       &gids, &count, err) < 0)
    return -1;
  (void) dc_unit_value (service->unit, "Service", "SupplementaryGroups",
                        &where);
  if (dc_initline_begin (service->lines, "groups", err) < 0)
    return -1;
  for (size_t i = 0; i < count; i++) {
    if (add_group (service, gids[i], err) < 0)
      return -1;
  }
  for (size_t i = 0; i < extra.count; i++) {
    uint32_t gid;
    if (find_group (service, extra.items[i], where, &gid, err) < 0 ||
        add_group (service, gid, err) < 0)
      return -1;
  }
  if (dc_initline_end (service->lines, err) < 0)
    return -1;
  return extra.count > 0 && count > 0
             ? write_own_groups (service, gids, count, err)
             : 0;
}

/* Shells that stand for none. */
static bool
is_placeholder (const char *shell)
{
  static const char *const placeholders[] = {
    "",
    "/bin/nologin",
    "/sbin/nologin",
    "/usr/bin/nologin",
    "/usr/sbin/nologin",
    "/bin/false",
    "/usr/bin/false",
    "/bin/true",
    "/usr/bin/true",
  };

  for (size_t i = 0; i < DC_COUNT (placeholders); i++) {
    if (strcmp (shell, placeholders[i]) == 0)
      return true;
  }
  return false;
}

/* The variables of a login, as systemd sets them where User= is given (so
 * measured on systemd 252).
 */
static int
write_login (struct dc_initservice *service, const struct identity *identity,
             struct dc_error *err)
{
  const struct {
    const char *name, *value;
    bool is_left_out;
  } variables[] = {
    { "HOME", identity->home,
      identity->home[0] != '/' || strcmp (identity->home, "/") == 0 },
    { "LOGNAME", identity->name, false },
    { "SHELL", identity->shell, is_placeholder (identity->shell) },
    { "USER", identity->name, false },
  };

  if (dc_initline_begin (service->lines, "env", err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (variables); i++) {
    AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_UNIT_WORD_MAX);
    if (variables[i].is_left_out)
      continue;
    if (dc_buffer_print (&b, err, "%s=%s", variables[i].name,
                         variables[i].value) < 0 ||
        dc_initline_word (service->lines, dc_buffer_text (&b), err) < 0)
      return -1;
  }
  return dc_initline_end (service->lines, err);
}

/* Who the unit names in User=, or has by DynamicUser=: 1; 0: nobody. */
static int
find_identity (struct dc_initservice *service, const char *name,
               const struct dc_setting *where, struct identity *identity,
               struct dc_error *err)
{
  const bool is_dynamic =
      dc_unit_is (service->unit, "Service", "DynamicUser", false);
  /* Without User= it is called after the unit. */
  const char *wanted = name == NULL && is_dynamic ? service->name : name;

  if (wanted == NULL)
    return 0;
  if (find_user (service->compiler->users, wanted, identity))
    return 1;
  if (is_dynamic)
    return make_dynamic (service, wanted, identity, err) < 0 ? -1 : 1;
  return dc_fail (
      err, DC_ERR_INVALID, "%s:%u: user '%s' is not in the guest's passwd file",
      dc_quote (where->file).text, where->line, dc_quote (wanted).text);
}

int
dc_init_user (struct dc_initservice *service, struct dc_error *err)
{
  AUTO_FREE char *user = NULL, *group = NULL;
  const struct dc_setting *user_where = NULL, *group_where = NULL;
  struct identity identity = { .name = NULL };

  if (dc_init_value (service, "Service", "User", &user, &user_where, err) < 0 ||
      dc_init_value (service, "Service", "Group", &group, &group_where, err) <
          0)
    return -1;
  const int has_user =
      find_identity (service, user, user_where, &identity, err);
  if (has_user < 0 || (group != NULL && find_group (service, group, group_where,
                                                    &identity.gid, err) < 0))
    return -1;
  service->home = has_user ? identity.home : "/root";

  if (has_user && dc_initline (service->lines, err, "user",
                               dc_init_decimal (identity.uid).text, NULL) < 0)
    return -1;
  if ((has_user || group != NULL) &&
      dc_initline (service->lines, err, "group",
                   dc_init_decimal (identity.gid).text, NULL) < 0)
    return -1;
  if (write_groups (service, &identity, err) < 0 ||
      (has_user && write_login (service, &identity, err) < 0))
    return -1;
  return 1;
}
