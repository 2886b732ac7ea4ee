/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/assign.h"
#include "analyzer/profile.h"
#include "analyzer/security/privileges.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/text.h"

#define SELINUX_CONFIG "/etc/selinux/config"
#define SELINUX_CONFIG_MAX ((size_t) 64 * 1024) /* bytes */
#define APPARMOR "/etc/apparmor.d"

static const struct dc_xattr *
find_caps (const struct dc_entry *entry)
{
  for (size_t i = 0; entry->xattrs != NULL && i < entry->xattrs->count; i++)
    if (strcmp (entry->xattrs->items[i].name, "security.capability") == 0)
      return &entry->xattrs->items[i];
  return NULL;
}

static int
read_caps (struct dc_profile *profile, const struct dc_xattr *xattr,
           struct dc_privileged *file, struct dc_error *err)
{
  if (dc_file_caps_parse (xattr->value, xattr->size, &file->caps, err) == 0) {
    file->has_caps = true;
    return 0;
  }
  const struct dc_error why = *err;
  return dc_profile_note (profile, "security.capabilities", file->path, 0, err,
                          "'%s': %s", dc_quote (file->path).text, why.text);
}

static int
add_file (struct dc_tree *tree, struct dc_profile *profile, uint32_t index,
          const struct dc_xattr *xattr, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  struct dc_security *security = &profile->security;
  const struct dc_entry *entry = &tree->entries[index];
  struct dc_privileged file = { .uid = entry->uid,
                                .gid = entry->gid,
                                .mode = entry->mode & 07777 };

  if (security->count == DC_PRIVILEGED_MAX) {
    security->lost++;
    return 0;
  }
  if (dc_tree_path (tree, index, &path, err) < 0 ||
      dc_text_print (&file.path, err, "/%s", dc_buffer_text (&path)) < 0)
    return -1;
  if ((xattr != NULL && read_caps (profile, xattr, &file, err) < 0) ||
      DC_ARRAY_GROW (security->items, security->count, DC_PRIVILEGED_MAX,
                     "privileged files", err) < 0) {
    free (file.path);
    return -1;
  }
  security->items[security->count++] = file;
  return 0;
}

/* A setgid bit without execution is one for mandatory locks (chmod(2)). */
static bool
has_set_id (mode_t mode)
{
  return (mode & S_ISUID) != 0 ||
         ((mode & S_ISGID) != 0 && (mode & S_IXGRP) != 0);
}

static int
read_files (struct dc_tree *tree, struct dc_profile *profile,
            struct dc_error *err)
{
  for (uint32_t i = 0; i < tree->count; i++) {
    const struct dc_entry *entry = &tree->entries[i];
    if (!S_ISREG (entry->mode))
      continue;
    const struct dc_xattr *xattr = find_caps (entry);
    if ((xattr != NULL || has_set_id (entry->mode)) &&
        add_file (tree, profile, i, xattr, err) < 0)
      return -1;
  }
  return 0;
}

/* The names in FOLDER that are of a kind in KINDS (an S_IFMT each, 0 ends). */
static int
list_names (struct dc_tree *tree, const char *folder, const mode_t *kinds,
            struct dc_words *names, struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (tree, folder);

  if (index == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[index].first_child;
       i != DC_TREE_NONE && names->count < DC_SECURITY_NAME_MAX;
       i = tree->entries[i].next_sibling) {
    const struct dc_entry *entry = &tree->entries[i];
    bool is_one = false;
    for (size_t k = 0; kinds[k] != 0; k++)
      is_one = is_one || (entry->mode & S_IFMT) == kinds[k];
    if (is_one && entry->name[0] != '.' &&
        dc_words_add (names, entry->name, err) < 0)
      return -1;
  }
  dc_words_sort (names);
  return 0;
}

/* Priority 400 is what semodule(8) gives a module that an administrator adds;
 * distributions use 100 and 200.  Red Hat moved the store to /var/lib.
 */
static int
read_modules (struct dc_tree *tree, struct dc_security *security,
              struct dc_error *err)
{
  static const char *const stores[] = { "/var/lib/selinux", "/etc/selinux" };
  static const mode_t folders[] = { S_IFDIR, 0 };

  for (size_t i = 0; i < DC_COUNT (stores); i++) {
    AUTO_FREE char *path = NULL;
    if (security->selinux_policy == NULL)
      return 0;
    if (dc_text_print (&path, err, "%s/%s/active/modules/400", stores[i],
                       security->selinux_policy) < 0 ||
        list_names (tree, path, folders, &security->selinux_modules, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_selinux (struct dc_tree *tree, struct dc_security *security,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (SELINUX_CONFIG_MAX);
  const struct dc_assign rows[] = {
    { "SELINUX", &security->selinux_mode },
    { "SELINUXTYPE", &security->selinux_policy },
  };
  const int found = dc_tree_read_file (tree, SELINUX_CONFIG, &b, err);

  if (found <= 0)
    return found;
  return dc_assign_read (dc_buffer_text (&b), b.size, rows, DC_COUNT (rows),
                         err) < 0
             ? -1
             : read_modules (tree, security, err);
}

static int
read_apparmor (struct dc_tree *tree, struct dc_security *security,
               struct dc_error *err)
{
  static const mode_t files[] = { S_IFREG, 0 };
  static const mode_t links[] = { S_IFREG, S_IFLNK, 0 };

  security->has_apparmor = dc_tree_resolve (tree, APPARMOR) != DC_TREE_NONE;
  return list_names (tree, APPARMOR, files, &security->apparmor_profiles, err) <
                     0 ||
                 list_names (tree, APPARMOR "/disable", links,
                             &security->apparmor_disabled, err) < 0
             ? -1
             : list_names (tree, APPARMOR "/force-complain", links,
                           &security->apparmor_complaining, err);
}

int
dc_security_read (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_error *err)
{
  struct dc_security *security = &profile->security;

  if (read_files (tree, profile, err) < 0 ||
      read_selinux (tree, security, err) < 0)
    return -1;
  return read_apparmor (tree, security, err);
}

void
dc_security_forget (struct dc_profile *profile)
{
  struct dc_security *security = &profile->security;

  for (size_t i = 0; i < security->count; i++)
    free (security->items[i].path);
  free (security->items);
  free (security->selinux_mode);
  free (security->selinux_policy);
  dc_words_release (&security->selinux_modules);
  dc_words_release (&security->apparmor_profiles);
  dc_words_release (&security->apparmor_disabled);
  dc_words_release (&security->apparmor_complaining);
  *security = (struct dc_security){ .items = NULL };
}
