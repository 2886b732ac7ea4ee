/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_POLICY_H
#define DC_LIB_DISK_POLICY_H

/* policy: which files a disk may bring along.
 *
 * A disk file names others: backing files, data files, extents.  Such a name
 * may come from a guest or from whoever sent the file, so it is followed
 * only to files in the folder of the disk and below, also through symbolic
 * links, or to files that the user listed.  A relative name starts at the
 * folder of the file that holds it, as in QEMU.  "json:{...}", "nbd:...",
 * "http://..." are QEMU's protocols and never files.
 *
 * What is outside is not even looked at, unless the user listed something:
 * then the name is good if it leads to one of the listed files.
 *
 * Source: QEMU block.c, path_has_protocol(); openat2(2).
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/disk/window.h"
#include "lib/error.h"

/* A disk file, open for reading. */
struct dc_policy_file {
  char *name;      /* for messages: as the user would write it */
  char *path;      /* absolute */
  int fd;          /* -1: none */
  uint64_t offset; /* bytes; of a disk inside an archive, else 0 */
  uint64_t size;   /* bytes */
  bool is_device;
  bool is_member; /* of an archive: it is a part of the file only */
};
void dc_policy_file_release (struct dc_policy_file *file);
/* Its bytes; as long as FILE is open. */
struct dc_window dc_policy_window (const struct dc_policy_file *file);
#define AUTO_POLICY_FILE __attribute__ ((__cleanup__ (dc_policy_file_release)))

struct dc_policy;
/* Open the disk PATH that the user named, and remember its folder.  ALLOW is
 * a NULL-terminated list of paths or NULL; borrowed.  0, or -1:
 * DC_ERR_NOTFOUND, DC_ERR_INVALID (neither a file nor a block device),
 * DC_ERR_BUSY (a device that is mounted), DC_ERR_SYSTEM.
 */
int dc_policy_open (const char *path, const char *const *allow,
                    struct dc_policy **out, struct dc_policy_file *file,
                    struct dc_error *err);
/* Open NAME as the file BY names it; ROLE is "backing file".  0, or -1:
 * DC_ERR_NOTFOUND, DC_ERR_UNSUPPORTED (refused; the text has the name and
 * what to say), or as above.
 */
int dc_policy_follow (const struct dc_policy *policy,
                      const struct dc_policy_file *by, const char *role,
                      const char *name, struct dc_policy_file *file,
                      struct dc_error *err);
void dc_policy_free (struct dc_policy *policy);
DC_DEFINE_AUTO (dc_policy)

#endif
