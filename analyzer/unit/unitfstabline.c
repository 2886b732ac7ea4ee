/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitfstab.h"
#include "analyzer/unit/unitplace.h"
#include "lib/text.h"

/* Bytes that udev keeps in the name of a link below /dev/disk. */
static bool
is_plain (unsigned char byte)
{
  return isalnum (byte) || strchr ("#+-.:=@_", byte) != NULL || byte >= 0x80;
}

static int
encode (struct dc_span value, const char *folder, char **out,
        struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);

  if (dc_buffer_print (&b, err, "/dev/disk/%s/", folder) < 0)
    return -1;
  for (size_t i = 0; i < value.size; i++) {
    const unsigned char byte = (unsigned char) value.text[i];
    if (dc_buffer_print (&b, err, is_plain (byte) ? "%c" : "\\x%02x", byte) < 0)
      return -1;
  }
  *out = dc_buffer_take (&b);
  return *out != NULL ? 0 : dc_fail_errno (err, "cannot keep a device");
}

int
dc_fstab_node (const char *what, char **out, struct dc_error *err)
{
  static const struct {
    const char *tag, *folder;
  } tags[] = {
    { "LABEL=", "by-label" },
    { "UUID=", "by-uuid" },
    { "PARTUUID=", "by-partuuid" },
    { "PARTLABEL=", "by-partlabel" },
  };

  for (size_t i = 0; i < DC_COUNT (tags); i++) {
    struct dc_span value = dc_span_of (what);
    if (!dc_span_starts (value, tags[i].tag))
      continue;
    value = dc_span_skip (value, strlen (tags[i].tag));
    if (value.size >= 2 && (*value.text == '"' || *value.text == '\'') &&
        value.text[value.size - 1] == *value.text)
      value = (struct dc_span){ value.text + 1, value.size - 2 };
    return encode (value, tags[i].folder, out, err);
  }
  return dc_span_copy (dc_span_of (what), out, err);
}

int
dc_fstab_place (const struct dc_tree *tree, const char *where, char **out,
                struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);
  AUTO_BUFFER struct dc_buffer clean = DC_BUFFER_INIT (2 * DC_TREE_PATH_MAX);
  AUTO_FREE char *prefix = strdup (where);
  size_t size = strlen (where);

  if (prefix == NULL)
    return dc_fail_errno (err, "cannot keep a mount point");
  while (size > 0 && dc_tree_resolve (tree, prefix) == DC_TREE_NONE) {
    while (size > 0 && prefix[--size] != '/')
      ;
    prefix[size] = '\0';
  }
  if (dc_tree_path (tree, dc_tree_resolve (tree, prefix), &b, err) < 0 ||
      dc_buffer_print (&b, err, "/%s", where + size) < 0)
    return -1;
  AUTO_FREE char *path = NULL;
  if (dc_text_print (&path, err, "/%s", dc_buffer_text (&b)) < 0 ||
      dc_unit_clean_path (path, &clean, err) < 0)
    return -1;
  return dc_text_print (out, err, "%s",
                        clean.size > 0 ? dc_buffer_text (&clean) : "/");
}

bool
dc_fstab_has (const char *options, const char *name)
{
  struct dc_span rest = dc_span_of (options), option;

  while (dc_span_field (&rest, ',', &option))
    if (dc_span_is (option, name))
      return true;
  return false;
}

bool
dc_fstab_is (const char *options, const char *yes, const char *no)
{
  struct dc_span rest = dc_span_of (options), option;
  bool value = false;

  while (dc_span_field (&rest, ',', &option))
    if (dc_span_is (option, yes) || dc_span_is (option, no))
      value = dc_span_is (option, yes);
  return value;
}

bool
dc_fstab_next (struct dc_span *rest, const char *name, struct dc_span *value)
{
  while (dc_span_field (rest, ',', value))
    if (dc_span_starts (*value, name)) {
      *value = dc_span_skip (*value, strlen (name));
      return true;
    }
  return false;
}

bool
dc_fstab_is_network (const char *type, const char *options)
{
  static const char *const types[] = {
    "afs",       "ceph",     "cifs",  "davfs", "gfs",   "gfs2",
    "glusterfs", "lustre",   "ncp",   "ncpfs", "nfs",   "nfs4",
    "ocfs2",     "orangefs", "pvfs2", "smb3",  "smbfs", "sshfs",
  };

  if (strncmp (type, "fuse.", 5) == 0)
    type += 5;
  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (strcmp (type, types[i]) == 0)
      return true;
  return dc_fstab_has (options, "_netdev");
}

bool
dc_fstab_is_api (const char *where)
{
  static const char *const places[] = {
    "/dev",
    "/dev/console",
    "/dev/pts",
    "/dev/shm",
    "/proc",
    "/proc/kmsg",
    "/proc/sys",
    "/proc/sys/kernel/random/boot_id",
    "/run",
    "/sys",
    "/sys/firmware/efi/efivars",
    "/sys/fs/bpf",
    "/sys/fs/pstore",
    "/sys/fs/selinux",
    "/sys/fs/smackfs",
    "/sys/kernel/security",
  };

  for (size_t i = 0; i < DC_COUNT (places); i++)
    if (strcmp (where, places[i]) == 0)
      return true;
  static const char cgroups[] = "/sys/fs/cgroup";
  return strncmp (where, cgroups, strlen (cgroups)) == 0 &&
         (where[strlen (cgroups)] == '/' || where[strlen (cgroups)] == '\0');
}
