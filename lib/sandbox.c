/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/capability.h"
#include "lib/filter.h"
#include "lib/landlock.h"
#include "lib/sandbox.h"

/* Descriptors with a higher number cannot be made.  A tree is walked with
 * one a level, and its depth is limited.
 */
#define FD_MAX 1024

/* To read what belongs to others. */
#define READ_CAPABILITIES DC_CAPABILITY (CAP_DAC_READ_SEARCH)
/* To make files with the owners, modes and attributes of a guest. */
#define WRITE_CAPABILITIES                                                     \
  (READ_CAPABILITIES | DC_CAPABILITY (CAP_CHOWN) |                             \
   DC_CAPABILITY (CAP_DAC_OVERRIDE) | DC_CAPABILITY (CAP_FOWNER) |             \
   DC_CAPABILITY (CAP_FSETID) | DC_CAPABILITY (CAP_MKNOD) |                    \
   DC_CAPABILITY (CAP_SETFCAP))

/* To connect to a socket whose file belongs to another user. */
#define CONNECT_CAPABILITIES DC_CAPABILITY (CAP_DAC_OVERRIDE)

/* FD becomes a mount of its own, all that is mounted below included. */
static int
detach_folder (int fd)
{
  const int detached = (int) syscall (SYS_open_tree, fd, "",
                                      AT_EMPTY_PATH | AT_RECURSIVE |
                                          OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

  if (detached < 0)
    return -1;
  const int status = dup3 (detached, fd, O_CLOEXEC);
  (void) close (detached); /* FD holds it */
  return status;
}

/* An empty file system of which only this process knows. */
static int
enter_empty_root (void)
{
  AUTO_CLOSE int context = (int) syscall (SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

  if (context < 0 ||
      syscall (SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    return -1;
  AUTO_CLOSE int root =
      (int) syscall (SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
  if (root < 0 || fchdir (root) < 0)
    return -1;
  return chroot (".");
}

/* Landlock does not see chmod(), chown() and setxattr() of a path, and with
 * write_dirs root keeps the capabilities that make them powerful: so the
 * rest of the file system goes out of reach.  Only CAP_SYS_ADMIN can do it;
 * a user without it keeps the power over his own files.
 */
static void
leave_file_system (const struct dc_confine *confine)
{
  bool is_detached = true;

  for (size_t i = 0; i < confine->read_dir_count; i++)
    is_detached = detach_folder (confine->read_dirs[i]) >= 0 && is_detached;
  for (size_t i = 0; i < confine->write_dir_count; i++)
    is_detached = detach_folder (confine->write_dirs[i]) >= 0 && is_detached;
  if (is_detached)
    (void) enter_empty_root ();
}

static int
limit (unsigned resource, rlim_t max, struct dc_error *err)
{
  struct rlimit now;

  if (getrlimit (resource, &now) < 0)
    return dc_fail_errno (err, "cannot ask for a limit");
  if (now.rlim_max > max)
    now.rlim_max = max;
  if (now.rlim_cur > max)
    now.rlim_cur = max;
  if (setrlimit (resource, &now) < 0)
    return dc_fail_errno (err, "cannot set a limit");
  return 0;
}

static int
set_limits (const struct dc_confine *confine, struct dc_error *err)
{
  if (limit (RLIMIT_CORE, 0, err) < 0 || limit (RLIMIT_NOFILE, FD_MAX, err) < 0)
    return -1;
  return confine->file_size_max == 0
             ? 0
             : limit (RLIMIT_FSIZE, confine->file_size_max, err);
}

static int
drop_privileges (const struct dc_confine *confine, struct dc_error *err)
{
  uint64_t keep = 0;

  if (confine->read_dir_count > 0)
    keep |= READ_CAPABILITIES;
  if (confine->write_dir_count > 0)
    keep |= WRITE_CAPABILITIES;
  if (confine->connects)
    keep |= CONNECT_CAPABILITIES;
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    return dc_fail_errno (err, "cannot give up privileges");
  errno = dc_capability_keep (keep);
  return errno == 0 ? 0 : dc_fail_errno (err, "cannot drop capabilities");
}

static int
allow_folders (int ruleset, const int *fds, size_t count,
               enum dc_landlock_access access, struct dc_error *err)
{
  for (size_t i = 0; i < count; i++)
    if (dc_landlock_allow (ruleset, fds[i], access, err) < 0)
      return -1;
  return 0;
}

static int
enter_landlock (const struct dc_confine *confine, struct dc_error *err)
{
  const enum dc_landlock_network network =
      confine->connects ? DC_LANDLOCK_ONLINE : DC_LANDLOCK_OFFLINE;
  AUTO_CLOSE int ruleset = -1;

  if (dc_landlock_new (network, &ruleset, err) < 0 ||
      allow_folders (ruleset, confine->read_dirs, confine->read_dir_count,
                     DC_LANDLOCK_READ, err) < 0 ||
      allow_folders (ruleset, confine->write_dirs, confine->write_dir_count,
                     DC_LANDLOCK_WRITE, err) < 0)
    return -1;
  errno = dc_landlock_enter (ruleset);
  return errno == 0 ? 0 : dc_fail_errno (err, "cannot enter Landlock");
}

static enum dc_filter_files
needed_files (const struct dc_confine *confine)
{
  if (confine->write_dir_count > 0)
    return DC_FILTER_WRITE_FILES;
  return confine->read_dir_count > 0 ? DC_FILTER_READ_FILES
                                     : DC_FILTER_NO_FILES;
}

int
dc_sandbox_enter (const struct dc_confine *confine, struct dc_error *err)
{
  const enum dc_filter_network network =
      confine->connects ? DC_FILTER_CONNECT : DC_FILTER_NO_SOCKETS;

  if (confine->enter == NULL)
    leave_file_system (confine);
  if (set_limits (confine, err) < 0 || drop_privileges (confine, err) < 0 ||
      enter_landlock (confine, err) < 0)
    return -1;
  return dc_filter_enter (needed_files (confine), network, err);
}
