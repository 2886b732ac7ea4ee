/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_GUEST_H
#define DC_ANALYZER_SOURCE_GUEST_H

/* guest: the one tree that a guest's disks make when it runs.
 *
 * Partitions are named as the guest's kernel would name them on its first
 * controller: disk 1 is /dev/sda, its third partition /dev/sda3.  A file
 * system is a root when it holds an operating system; its fstab says where
 * the others are mounted.  Only what ext needs is read here, also on linear
 * and striped volumes of LVM; a guest with anything else that matters (other
 * kinds of LVM, LUKS, RAID, XFS, btrfs, an ext feature or journal we do not
 * know) is DC_ERR_APPLIANCE.
 *
 * Source: fstab(5), libblkid.
 */

#include <jansson.h>

#include "lib/disk/disk.h"
#include "lib/report.h"
#include "lib/tree/tree.h"

#define DC_GUEST_DISK_MAX 26

struct dc_guest_fs {
  char *device;     /* "/dev/sda1" */
  char *type;       /* "ext4", "swap", "vfat"; "" unknown */
  char *uuid;       /* "" none */
  char *label;      /* "" none; raw bytes */
  char *mountpoint; /* "/", "/var"; NULL: not mounted */
  char *state;      /* "clean", "journal replayed in memory (12 blocks)",
                       "read by the appliance", "replayed by the appliance",
                       "not read: ...", "part of volume group 'debian'" */
  uint64_t size;    /* bytes */
};

/* How the tree was read; part of the profile. */
struct dc_guest {
  char *backend; /* "ext", "appliance", "dir", "tar" */
  struct dc_guest_fs *items;
  size_t count;
  json_t *machine; /* its definition (analyzer/machine/machine.h); NULL: the
                      source has none */
};

/* Open the guest on DISKS (borrowed; they must outlive the tree).  ROOT is a
 * device as above or NULL.  0 and both *TREE and *GUEST for the caller, or
 * -1: DC_ERR_NOTFOUND "no operating system found", DC_ERR_INVALID (several
 * and no ROOT: the text names them; damaged beyond use), DC_ERR_ENCRYPTED,
 * DC_ERR_APPLIANCE, DC_ERR_SYSTEM.
 */
int dc_guest_open (struct dc_disk *const *disks, size_t count, const char *root,
                   const struct dc_report *report, struct dc_tree **tree,
                   struct dc_guest **guest, struct dc_error *err);
/* For the trees that are not disks: BACKEND and no file systems. */
int dc_guest_new (const char *backend, struct dc_guest **out,
                  struct dc_error *err);
int dc_guest_add (struct dc_guest *guest, const struct dc_guest_fs *fs,
                  struct dc_error *err); /* copies the texts */
void dc_guest_free (struct dc_guest *guest);
DC_DEFINE_AUTO (dc_guest)

#endif
