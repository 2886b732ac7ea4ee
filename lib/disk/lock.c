/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "lib/cleanup.h"
#include "lib/disk/lock.h"

enum {
  USES_READ = 100,
  USES_WRITE = 101,
  USES_RESIZE = 103,
  FORBIDS_READ = 200,
  FORBIDS_WRITE = 201,
  FORBIDS_RESIZE = 203,
};

static struct flock
one_byte (int byte, short type)
{
  return (struct flock){
    .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
  };
}

/* Network and FUSE file systems may have none. */
static bool
has_no_locks (int code)
{
  return code == ENOLCK || code == EOPNOTSUPP || code == ENOSYS ||
         code == EINVAL;
}

/* 1 locked, 0 no locks here, -1. */
static int
hold (int fd, int byte, struct dc_error *err)
{
  struct flock lock = one_byte (byte, F_RDLCK);

  if (fcntl (fd, F_OFD_SETLK, &lock) == 0)
    return 1;
  if (has_no_locks (errno))
    return 0;
  /* Nobody of QEMU's takes an exclusive lock on these bytes. */
  if (errno == EACCES || errno == EAGAIN)
    return dc_fail (err, DC_ERR_BUSY, "is locked by another program");
  return dc_fail_errno (err, "cannot lock it");
}

static int
look (int fd, int byte, const char *complaint, struct dc_error *err)
{
  struct flock lock = one_byte (byte, F_WRLCK);

  if (fcntl (fd, F_OFD_GETLK, &lock) < 0)
    return dc_fail_errno (err, "cannot ask for its locks");
  return lock.l_type == F_UNLCK
             ? 0
             : dc_fail (err, DC_ERR_BUSY, "is in use: %s", complaint);
}

int
dc_lock_as_reader (int fd, struct dc_error *err)
{
  static const int ours[] = { USES_READ, FORBIDS_WRITE, FORBIDS_RESIZE };
  static const struct {
    int byte;
    const char *complaint;
  } theirs[] = {
    { USES_WRITE, "another program (a running QEMU?) may write to it" },
    { USES_RESIZE, "another program (a running QEMU?) may resize it" },
    { FORBIDS_READ, "another program does not let others read it" },
  };

  for (size_t i = 0; i < DC_COUNT (ours); i++) {
    const int status = hold (fd, ours[i], err);
    if (status <= 0)
      return status;
  }
  for (size_t i = 0; i < DC_COUNT (theirs); i++)
    if (look (fd, theirs[i].byte, theirs[i].complaint, err) < 0)
      return -1;
  return 1;
}
