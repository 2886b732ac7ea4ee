/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "transform/init/sysuser.h"

#define ID_MAX UINT64_C (4294967294)
#define ID_PLACEHOLDER 65535 /* of 16 bits: never given */

enum { TYPE, NAME, ID, GECOS, HOME, SHELL, WORD_COUNT };

struct dc_sysuser *
dc_sysuser_find (struct dc_sysuser *items, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp (items[i].name, name) == 0)
      return &items[i];
  return NULL;
}

static void
release (struct dc_sysuser *item)
{
  free (item->name);
  free (item->path);
  free (item->group_name);
  free (item->gecos);
  free (item->home);
  free (item->shell);
}

static bool
is_name (const char *text)
{
  static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                              "WXYZ_0123456789-";
  const size_t size = text != NULL ? strlen (text) : 0;

  return size > 0 && size <= DC_SYSUSER_NAME_MAX &&
         strspn (text, bytes) == size && strchr ("-0123456789", *text) == NULL;
}

/* A field of passwd: no colon, no line, valid for systemd. */
static bool
is_field (const char *text, bool is_path)
{
  if (text == NULL)
    return true;
  for (const char *s = text; *s != '\0'; s++)
    if ((unsigned char) *s < ' ' || *s == 0x7f || *s == ':')
      return false;
  return !is_path || text[0] == '/';
}

static int
read_number (const char *text, uint32_t *id, struct dc_error *err)
{
  uint64_t number;

  if (dc_number_parse (text, 0, ID_MAX, &number, err) < 0)
    return -1;
  if (number == ID_PLACEHOLDER)
    return dc_fail (err, DC_ERR_INVALID, "%d is no number for a user",
                    ID_PLACEHOLDER);
  *id = (uint32_t) number;
  return 0;
}

/* "UID:GID", "UID:GROUP", either UID may be "-". */
static int
read_pair (const char *text, const char *colon, struct dc_sysuser *item,
           struct dc_error *err)
{
  struct dc_error ignored;
  AUTO_FREE char *uid = strndup (text, (size_t) (colon - text));

  if (uid == NULL)
    return dc_fail_errno (err, "cannot keep a number");
  item->has_gid = read_number (colon + 1, &item->gid, &ignored) == 0;
  item->is_strict = true;
  if (!item->has_gid && !is_name (colon + 1))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no group",
                    dc_quote (colon + 1).text);
  if (!item->has_gid && dc_text_copy (colon + 1, &item->group_name, err) < 0)
    return -1;
  item->has_uid = strcmp (uid, "-") != 0;
  return item->has_uid ? read_number (uid, &item->uid, err) : 0;
}

static int
read_id (const char *text, struct dc_sysuser *item, struct dc_error *err)
{
  const char *colon = text != NULL ? strchr (text, ':') : NULL;

  if (text == NULL)
    return 0;
  if (text[0] == '/')
    return dc_text_copy (text, &item->path, err);
  if (!item->is_user) {
    item->has_gid = true;
    return read_number (text, &item->gid, err);
  }
  if (colon != NULL)
    return read_pair (text, colon, item, err);
  item->has_uid = true;
  return read_number (text, &item->uid, err);
}

static int
fill (char **words, struct dc_sysuser *item, struct dc_error *err)
{
  if (!is_name (words[NAME]))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no name",
                    dc_quote (words[NAME]).text);
  if (read_id (words[ID], item, err) < 0)
    return -1;
  if (!item->is_user &&
      (words[GECOS] != NULL || words[HOME] != NULL || words[SHELL] != NULL))
    return dc_fail (err, DC_ERR_INVALID, "a group takes no more than a number");
  if (!is_field (words[GECOS], false) || !is_field (words[HOME], true) ||
      !is_field (words[SHELL], true))
    return dc_fail (err, DC_ERR_INVALID, "a field is none for passwd");
  if (dc_text_copy (words[NAME], &item->name, err) < 0 ||
      dc_text_copy (words[GECOS], &item->gecos, err) < 0 ||
      dc_text_copy (words[HOME], &item->home, err) < 0 ||
      dc_text_copy (words[SHELL], &item->shell, err) < 0)
    return -1;
  return 0;
}

/* Append ITEM, which is taken in any case, unless its name is there. */
static int
add (struct dc_sysuser_list *list, struct dc_sysuser *item,
     struct dc_error *err)
{
  struct dc_sysuser **items = item->is_user ? &list->users : &list->groups;
  size_t *count = item->is_user ? &list->user_count : &list->group_count;
  int status = 0;

  if (dc_sysuser_find (*items, *count, item->name) == NULL) {
    status = DC_ARRAY_GROW (*items, *count, DC_SYSUSERS_COUNT_MAX,
                            "users or groups of sysusers.d", err);
    if (status == 0) {
      (*items)[(*count)++] = *item;
      return 0;
    }
  }
  release (item);
  return status;
}

static int
add_item (struct dc_sysuser_list *list, char **words, bool is_user,
          struct dc_error *err)
{
  struct dc_sysuser item = { .is_user = is_user };

  if (fill (words, &item, err) == 0)
    return add (list, &item, err);
  release (&item);
  return -1;
}

static int
add_member (struct dc_sysuser_list *list, char **words, struct dc_error *err)
{
  struct dc_sysuser_member member = { NULL, NULL };

  if (!is_name (words[NAME]) || !is_name (words[ID]) || words[GECOS] != NULL ||
      words[HOME] != NULL || words[SHELL] != NULL)
    return dc_fail (err, DC_ERR_INVALID, "a membership is a user and a group");
  for (size_t i = 0; i < list->member_count; i++)
    if (strcmp (list->members[i].user, words[NAME]) == 0 &&
        strcmp (list->members[i].group, words[ID]) == 0)
      return 0;
  if (DC_ARRAY_GROW (list->members, list->member_count, DC_SYSUSERS_COUNT_MAX,
                     "memberships of sysusers.d", err) < 0 ||
      dc_text_copy (words[NAME], &member.user, err) < 0)
    return -1;
  if (dc_text_copy (words[ID], &member.group, err) < 0) {
    free (member.user);
    return -1;
  }
  list->members[list->member_count++] = member;
  return 0;
}

/* "FROM-TO" or one number. */
static int
add_range (struct dc_sysuser_list *list, char **words, struct dc_error *err)
{
  const char *text = words[ID] != NULL ? words[ID] : "";
  const size_t size = strcspn (text, "-");
  const char *to = text[size] == '-' ? text + size + 1 : text;
  uint64_t first, last;

  if (words[NAME] != NULL ||
      dc_number_parse_bytes (text, size, 0, ID_MAX, &first, err) < 0 ||
      dc_number_parse (to, 0, ID_MAX, &last, err) < 0 || last < first)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no range",
                    dc_quote (text).text);
  if (DC_ARRAY_GROW (list->ranges, list->range_count, DC_SYSUSERS_COUNT_MAX,
                     "ranges of sysusers.d", err) < 0)
    return -1;
  list->ranges[list->range_count++] =
      (struct dc_sysuser_range){ (uint32_t) first, (uint32_t) last };
  return 0;
}

static int
add_words (struct dc_sysuser_list *list, char **words, const char *rest,
           struct dc_error *err)
{
  const char *type = words[TYPE];

  if (strlen (type) != 1 || strchr ("ugmr", type[0]) == NULL)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no type of line",
                    dc_quote (type).text);
  if (*rest != '\0')
    return dc_fail (err, DC_ERR_INVALID, "the line has too many fields");
  if (type[0] == 'm')
    return add_member (list, words, err);
  if (type[0] == 'r')
    return add_range (list, words, err);
  return add_item (list, words, type[0] == 'u', err);
}

/* "-" is nothing; specifiers are replaced. */
static int
expand (const struct dc_bootfile *bootfile, char **word, struct dc_error *err)
{
  AUTO_FREE char *out = NULL;
  char unknown = '\0';

  if (dc_bootfile_expand (bootfile, *word, &out, &unknown, err) < 0)
    return -1;
  if (unknown != '\0')
    return dc_fail (err, DC_ERR_UNSUPPORTED, "only a running system knows %%%c",
                    unknown);
  free (*word);
  *word = *out == '\0' || strcmp (out, "-") == 0 ? NULL : DC_TAKE (out);
  return 0;
}

int
dc_sysuser_read (struct dc_sysuser_list *list,
                 const struct dc_bootfile *bootfile, const char *text,
                 struct dc_error *err)
{
  char *words[WORD_COUNT] = { NULL };
  const char *s = text + strspn (text, " \t\r");
  int status = 1;

  if (*s == '\0' || *s == '#')
    return 0;
  for (size_t i = 0; i < WORD_COUNT && status == 1; i++) {
    status = dc_unit_word (&s, &words[i], err);
    if (status == 1 && i > TYPE && expand (bootfile, &words[i], err) < 0)
      status = -1;
  }
  if (status >= 0)
    status = add_words (list, words, s, err);
  for (size_t i = 0; i < WORD_COUNT; i++)
    free (words[i]);
  return status;
}

static int
imply (struct dc_sysuser_list *list, const char *name, bool is_user,
       struct dc_error *err)
{
  struct dc_sysuser item = { .is_user = is_user };

  if (dc_text_copy (name, &item.name, err) < 0)
    return -1;
  return add (list, &item, err);
}

int
dc_sysuser_imply (struct dc_sysuser_list *list, struct dc_error *err)
{
  for (size_t i = 0; i < list->member_count; i++) {
    const struct dc_sysuser_member *member = &list->members[i];
    if (imply (list, member->user, true, err) < 0)
      return -1;
    if (dc_sysuser_find (list->users, list->user_count, member->group) ==
            NULL &&
        imply (list, member->group, false, err) < 0)
      return -1;
  }
  return 0;
}

void
dc_sysuser_list_release (struct dc_sysuser_list *list)
{
  for (size_t i = 0; i < list->user_count; i++)
    release (&list->users[i]);
  for (size_t i = 0; i < list->group_count; i++)
    release (&list->groups[i]);
  for (size_t i = 0; i < list->member_count; i++) {
    free (list->members[i].user);
    free (list->members[i].group);
  }
  free (list->users);
  free (list->groups);
  free (list->members);
  free (list->ranges);
}
