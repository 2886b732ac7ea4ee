/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_LIB_DISK_OPEN_H
#define DC_LIB_DISK_OPEN_H

/* open: from a file name to a disk, without trusting the file.
 *
 *   parent (unconfined)                        worker (confined)
 *   dc_disk_source_open(): descriptor, format,
 *     locks, policy, helpers running in jails
 *                                  -- fork --> dc_disk_source_attach():
 *                                                parse the map or shake
 *                                                hands with the NBD server
 *
 * Policy.  The format is stated (FORMAT) or follows from the file's suffix
 * and must agree with its header; a header found under a name that does not
 * state a format is refused, because the guest of a raw disk could have
 * written it.  Backing files, external data files and extents outside the
 * folder of the file are refused unless ALLOW_BACKING names them; measured,
 * a hostile qcow2 or VMDK makes qemu-nbd serve any host file.  The check of
 * names is for the message; the safety is that QEMU's tools run in a jail
 * (lib/run.h) that can open nothing else.
 * A file that a running QEMU has locked for writing is DC_ERR_BUSY, as is a
 * block device that is mounted; we hold the locks of a QEMU reader while we
 * read.  A file that ends before its data is DC_ERR_INVALID, where QEMU would
 * read zeros.
 *
 * Ways to read: a raw disk, and qcow2, VMDK, VDI and VHD without compression
 * or extents (with up to DC_DISK_FD_MAX backing files), are read from their
 * files by the worker itself; all others over NBD.
 *
 * Source: QEMU docs/interop/qcow2.txt, vmdk, vhdx, vdi, vpc drivers;
 * qemu-img(1), qemu-nbd(8); block/file-posix.c for the lock bytes.
 */

#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/disk/disk.h"
#include "lib/error.h"
#include "lib/report.h"

#define DC_DISK_FD_MAX 8

/* A disk that lies in an archive as it is: the archive is what is opened. */
struct dc_disk_member {
  const char *name;      /* in the archive: states the format by its suffix */
  uint64_t offset, size; /* bytes, inside the archive */
};

struct dc_disk_options {
  const char *format;               /* "raw", "qcow2", ...; NULL: see above */
  const char *const *allow_backing; /* NULL-terminated paths, NULL: none */
  /* The file of another kind that names the disk (a VMX, an OVF): PATH is the
   * name in it, and may lead where a backing file may, seen from its folder.
   * NULL: the user named the disk.
   */
  const char *named_by;
  /* PATH is an archive, and this the disk, which can have no further files;
   * NULL: PATH is a disk.
   */
  const struct dc_disk_member *member;
  enum {
    DC_DISK_DIRECT_IF_POSSIBLE,
    DC_DISK_ALWAYS_NBD, /* for tests and comparisons */
  } access;
};

struct dc_disk_source;

/* In the parent.  0 and *OUT, or -1: DC_ERR_NOTFOUND, DC_ERR_INVALID (not a
 * disk, truncated, header and format disagree), DC_ERR_UNSUPPORTED (refused
 * by the policy; format unknown), DC_ERR_BUSY, DC_ERR_ENCRYPTED (qcow2 with
 * encryption), DC_ERR_TOOL, DC_ERR_CANCELLED, DC_ERR_SYSTEM.
 */
int dc_disk_source_open (const char *path,
                         const struct dc_disk_options *options,
                         const struct dc_report *report,
                         struct dc_disk_source **out, struct dc_error *err);
/* A disk on the NBD server of another program, which keeps its contents still
 * until the source is released.
 */
struct dc_disk_remote {
  const char *socket; /* path of a Unix socket */
  const char *export; /* the disk's name there */
  const char *name;   /* for messages and the profile */
  const char *format; /* how the other program holds it; NULL: raw */
};
/* 0 and *OUT, or -1: DC_ERR_UNSUPPORTED (unknown format), DC_ERR_SYSTEM (it
 * does not answer).
 */
int dc_disk_source_remote (const struct dc_disk_remote *remote,
                           const struct dc_report *report,
                           struct dc_disk_source **out, struct dc_error *err);
/* In the parent before each worker: the descriptors that it must keep, at
 * FDS (room for DC_DISK_FD_MAX), and how many.  They stay the source's.  Over
 * NBD every worker gets connections of its own, so that one can follow the
 * other; two at a time must each be started right after this call.  0, or
 * -1: DC_ERR_TOOL (the server has ended), DC_ERR_CANCELLED, DC_ERR_SYSTEM.
 */
int dc_disk_source_fds (struct dc_disk_source *source,
                        const struct dc_report *report, int *fds, size_t *count,
                        struct dc_error *err);
/* In the worker, after confinement, once: the disk.  SOURCE must outlive it.
 * 0 and *OUT, or -1: DC_ERR_INVALID (the file has been cut off),
 * DC_ERR_SYSTEM.
 */
int dc_disk_source_attach (struct dc_disk_source *source, struct dc_disk **out,
                           struct dc_error *err);

/* For the appliance, which opens disks itself: what to give libguestfs.
 * RAW: PATH is read directly; else a jailed NBD server (started when first
 * asked for) listens on the Unix socket PATH, which is "/proc/PID/fd/N" of the
 * calling process: there as long as this process and SOURCE are, for programs
 * of the same user.
 */
struct dc_disk_export {
  enum { DC_DISK_EXPORT_RAW, DC_DISK_EXPORT_NBD } kind;
  const char *path;   /* borrowed from the source */
  const char *export; /* the name on an NBD server; as PATH */
};
/* 0 and *OUT, or -1 as dc_disk_source_fds(). */
int dc_disk_source_export (struct dc_disk_source *source,
                           const struct dc_report *report,
                           struct dc_disk_export *out, struct dc_error *err);

/* As the user would write it; "web.ova/disk1.vmdk". */
const char *dc_disk_source_path (const struct dc_disk_source *source);
const char *dc_disk_source_format (const struct dc_disk_source *source);
/* In the parent: stops the servers.  A worker leaves the source alone. */
void dc_disk_source_free (struct dc_disk_source *source);
DC_DEFINE_AUTO (dc_disk_source)

#endif
