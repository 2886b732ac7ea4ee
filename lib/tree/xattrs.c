/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tree/xattrs.h"

#define NAME_MAX_BYTES 255 /* XATTR_NAME_MAX of the kernel */
#define ACL_VERSION 2
#define ACL_NO_ID UINT32_MAX

enum {
  TAG_OWNER = 0x01,
  TAG_USER = 0x02,
  TAG_OWNING_GROUP = 0x04,
  TAG_GROUP = 0x08,
  TAG_MASK = 0x10,
  TAG_REST = 0x20,
};

struct acl_entry { /* as in the value */
  uint16_t tag, permission;
  uint32_t id;
};

static int
compare_acl_entries (const void *a, const void *b)
{
  const struct acl_entry *x = a, *y = b;
  const uint32_t xid = le32toh (x->id), yid = le32toh (y->id);

  if (x->tag != y->tag)
    return le16toh (x->tag) < le16toh (y->tag) ? -1 : 1;
  return xid == yid ? 0 : xid < yid ? -1 : 1;
}

/* Give undefined ids their one value.  False for what no ACL holds. */
static bool
normalise_acl_entry (struct acl_entry *entry)
{
  if (le16toh (entry->permission) > 7)
    return false;
  switch (le16toh (entry->tag)) {
  case TAG_USER:
  case TAG_GROUP:
    return entry->id != ACL_NO_ID;
  case TAG_OWNER:
  case TAG_OWNING_GROUP:
  case TAG_MASK:
  case TAG_REST:
    entry->id = ACL_NO_ID;
    return true;
  default:
    return false;
  }
}

/* COUNT sorted entries: each of owner, owning group and rest once, at most
 * one mask, which must be there with named users or groups; nobody twice.
 */
static bool
is_complete_acl (const struct acl_entry *entries, size_t count)
{
  const unsigned base = TAG_OWNER | TAG_OWNING_GROUP | TAG_REST;
  unsigned seen = 0;

  for (size_t i = 0; i < count; i++) {
    if (i > 0 && compare_acl_entries (&entries[i - 1], &entries[i]) == 0)
      return false;
    seen |= le16toh (entries[i].tag);
  }
  const bool needs_mask = (seen & (TAG_USER | TAG_GROUP)) != 0;
  return (seen & base) == base && (!needs_mask || (seen & TAG_MASK) != 0);
}

/* 1 and the normal form of XATTR in B; 0: it is not a valid ACL. */
static int
normalise_acl (const struct dc_xattr *xattr, struct dc_buffer *b,
               struct dc_error *err)
{
  const uint32_t version = htole32 (ACL_VERSION);
  const size_t head = sizeof version;

  if (xattr->size < head || memcmp (xattr->value, &version, head) != 0 ||
      (xattr->size - head) % sizeof (struct acl_entry) != 0)
    return 0;
  const size_t count = (xattr->size - head) / sizeof (struct acl_entry);
  AUTO_FREE struct acl_entry *entries = calloc (count + 1, sizeof *entries);
  if (entries == NULL)
    return dc_fail_errno (err, "cannot keep an ACL");
  memcpy (entries, (const char *) xattr->value + head, xattr->size - head);
  for (size_t i = 0; i < count; i++)
    if (!normalise_acl_entry (&entries[i]))
      return 0;
  qsort (entries, count, sizeof *entries, compare_acl_entries);
  if (!is_complete_acl (entries, count))
    return 0;
  if (dc_buffer_append (b, &version, head, err) < 0 ||
      dc_buffer_append (b, entries, count * sizeof *entries, err) < 0)
    return -1;
  return 1;
}

static void
leave_out (struct dc_xattr_choice *choice, const char *name, const char *why)
{
  if (choice->left_out_count == DC_COUNT (choice->left_out))
    return;
  choice->left_out[choice->left_out_count].name = name;
  choice->left_out[choice->left_out_count].why = why;
  choice->left_out_count++;
}

static const char *const acl_names[] = { "system.posix_acl_access",
                                         "system.posix_acl_default" };

bool
dc_xattrs_is_kept (const char *name, uint16_t mode)
{
  if (!S_ISREG (mode) && !S_ISDIR (mode))
    return false;
  if (strcmp (name, acl_names[1]) == 0)
    return S_ISDIR (mode);
  if (strcmp (name, acl_names[0]) == 0 ||
      strcmp (name, "security.capability") == 0)
    return true;
  return strncmp (name, "user.", 5) == 0 && name[5] != '\0' &&
         strlen (name) <= NAME_MAX_BYTES;
}

/* Put XATTR where its name belongs, pushing out the last if all is full. */
static void
insert (struct dc_xattr_choice *choice, const struct dc_xattr *xattr)
{
  size_t i = choice->count;

  while (i > 0 && strcmp (choice->items[i - 1].name, xattr->name) > 0)
    i--;
  if (i > 0 && strcmp (choice->items[i - 1].name, xattr->name) == 0)
    return;
  if (choice->count == DC_XATTR_COUNT_MAX) {
    choice->over_count++;
    if (i == choice->count)
      return;
    choice->count--;
  }
  memmove (&choice->items[i + 1], &choice->items[i],
           (choice->count - i) * sizeof choice->items[0]);
  choice->items[i] = *xattr;
  choice->count++;
}

/* Replace the value of an ACL in CHOICE by its normal form, or drop it. */
static int
normalise_item (struct dc_xattr_choice *choice, size_t i, struct dc_buffer *b,
                struct dc_error *err)
{
  struct dc_xattr *item = &choice->items[i];

  const int status = normalise_acl (item, b, err);
  if (status < 0)
    return -1;
  if (status == 1) {
    item->value = dc_buffer_text (b);
    item->size = b->size;
    return 0;
  }
  /* An ACL without entries is how some tools say that there is none. */
  if (item->size > sizeof (uint32_t))
    leave_out (choice, item->name, "is not a valid ACL");
  choice->count--;
  memmove (item, item + 1, (choice->count - i) * sizeof *item);
  return 0;
}

int
dc_xattrs_choose (const struct dc_raw_entry *raw,
                  struct dc_xattr_choice *choice, struct dc_error *err)
{
  const struct dc_buffer empty = DC_BUFFER_INIT (DC_XATTR_SIZE_MAX);

  choice->count = choice->left_out_count = choice->over_count = 0;
  for (size_t i = 0; i < DC_COUNT (acl_names); i++)
    choice->acls[i] = empty;
  for (size_t i = 0; i < raw->xattr_count; i++) {
    if (!dc_xattrs_is_kept (raw->xattrs[i].name, raw->mode))
      continue;
    if (raw->xattrs[i].size > DC_XATTR_SIZE_MAX)
      leave_out (choice, raw->xattrs[i].name, "is over 64 KiB");
    else
      insert (choice, &raw->xattrs[i]);
  }
  for (size_t n = 0; n < DC_COUNT (acl_names); n++)
    for (size_t i = 0; i < choice->count; i++)
      if (strcmp (choice->items[i].name, acl_names[n]) == 0) {
        if (normalise_item (choice, i, &choice->acls[n], err) < 0)
          return -1;
        break;
      }
  return 0;
}

void
dc_xattrs_release (struct dc_xattr_choice *choice)
{
  for (size_t i = 0; i < DC_COUNT (choice->acls); i++)
    dc_buffer_release (&choice->acls[i]);
}
