/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/quote.h"

#define READ_SIZE ((size_t) 64 * 1024) /* bytes asked for at a time */

/* openat2() says EAGAIN when somebody renames inside the root meanwhile. */
#define OPENAT2_TRIES 100

static int
fail_open (const char *path, struct dc_error *err)
{
  const bool is_missing = errno == ENOENT || errno == ENOTDIR;

  (void) dc_fail_errno (err, "cannot open '%s'", dc_quote (path).text);
  if (is_missing)
    err->code = DC_ERR_NOTFOUND;
  return -1;
}

int
dc_file_open (int dir_fd, const char *path, struct dc_error *err)
{
  AUTO_CLOSE int fd =
      openat (dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    return fail_open (path, err);
  const int flags = fcntl (fd, F_GETFL);
  if (flags < 0 || fcntl (fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
    return fail_open (path, err);
  return DC_TAKE_FD (fd);
}

int
dc_file_open_in_root (int dir_fd, const char *path, int flags,
                      struct dc_error *err)
{
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  struct open_how how = {
    .flags = (unsigned) flags | O_CLOEXEC | O_NOCTTY,
    .mode = makes ? 0600 : 0,
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };

  for (int i = 0; i < OPENAT2_TRIES; i++) {
    const long fd = syscall (SYS_openat2, dir_fd, path, &how, sizeof how);
    if (fd >= 0)
      return (int) fd;
    if (errno != EAGAIN && errno != EINTR)
      break;
  }
  if (errno == ENOSYS)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "cannot open '%s': this kernel has no openat2 (Linux 5.6 "
                    "and later have it)",
                    dc_quote (path).text);
  return fail_open (path, err);
}

int
dc_file_size (int fd, uint64_t *size, struct dc_error *err)
{
  struct stat st;

  if (fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot ask for the size");
  if (S_ISREG (st.st_mode)) {
    *size = (uint64_t) st.st_size;
    return 0;
  }
  if (!S_ISBLK (st.st_mode))
    return dc_fail (err, DC_ERR_INVALID,
                    "is neither a regular file nor a block device");
  /* Not BLKGETSIZE64: a confined worker has no ioctl(). */
  const off_t here = lseek (fd, 0, SEEK_CUR);
  const off_t end = lseek (fd, 0, SEEK_END);
  if (here < 0 || end < 0 || lseek (fd, here, SEEK_SET) < 0)
    return dc_fail_errno (err, "cannot ask for the size of a block device");
  *size = (uint64_t) end;
  return 0;
}

/* POSITION is where a read found nothing; the file may end far before. */
static int
fail_early_end (int fd, uint64_t position, struct dc_error *err)
{
  uint64_t size = 0;

  if (dc_file_size (fd, &size, err) < 0 || size > position)
    size = position;
  return dc_fail (err, DC_ERR_INVALID, "ends after %llu bytes",
                  (unsigned long long) size);
}

int
dc_file_read_at (int fd, uint64_t offset, void *bytes, size_t size,
                 struct dc_error *err)
{
  uint64_t end;

  if (__builtin_add_overflow (offset, size, &end) || end > INT64_MAX)
    return dc_fail (err, DC_ERR_INVALID, "offset %llu is beyond any file",
                    (unsigned long long) offset);
  for (size_t done = 0; done < size;) {
    const ssize_t n =
        pread (fd, (char *) bytes + done, size - done, (off_t) (offset + done));
    if (n == 0)
      return fail_early_end (fd, offset + done, err);
    if (n < 0 && errno != EINTR)
      return dc_fail_errno (err, "cannot read %zu bytes at offset %llu", size,
                            (unsigned long long) offset);
    if (n > 0)
      done += (size_t) n;
  }
  return 0;
}

/* read() that an interruption does not end. */
static ssize_t
read_some (int fd, void *bytes, size_t size)
{
  ssize_t n;

  do
    n = read (fd, bytes, size);
  while (n < 0 && errno == EINTR);
  return n;
}

/* B is full: only the end of the file is right now. */
static int
expect_end (int fd, struct dc_buffer *b, struct dc_error *err)
{
  char byte;
  const ssize_t n = read_some (fd, &byte, 1);

  if (n < 0)
    return dc_fail_errno (err, "cannot read");
  return n == 0 ? 0 : dc_buffer_reserve (b, 1, err);
}

int
dc_file_read_all (int fd, struct dc_buffer *b, struct dc_error *err)
{
  while (b->size < b->max) {
    const size_t left = b->max - b->size;
    const size_t room = left < READ_SIZE ? left : READ_SIZE;
    if (dc_buffer_reserve (b, room, err) < 0)
      return -1;
    const ssize_t n = read_some (fd, b->data + b->size, room);
    if (n < 0)
      return dc_fail_errno (err, "cannot read");
    b->size += (size_t) n;
    b->data[b->size] = '\0';
    if (n == 0)
      return 0;
  }
  return expect_end (fd, b, err);
}

int
dc_file_write (int fd, const void *bytes, size_t size, struct dc_error *err)
{
  for (size_t done = 0; done < size;) {
    const ssize_t n = write (fd, (const char *) bytes + done, size - done);
    if (n < 0 && errno != EINTR)
      return dc_fail_errno (err, "cannot write");
    if (n > 0)
      done += (size_t) n;
  }
  return 0;
}

/* A pipe and a file system without fsync() say EINVAL: nothing to sync.
 * close() after EINTR has closed on Linux, and the data are synced by then.
 */
int
dc_file_pipe (int *read_fd, int *write_fd, struct dc_error *err)
{
  int pair[2];

  if (pipe2 (pair, O_CLOEXEC) < 0)
    return dc_fail_errno (err, "cannot make a pipe");
  *read_fd = pair[0];
  *write_fd = pair[1];
  if (fcntl (pair[0], F_SETFL, O_NONBLOCK) < 0)
    return dc_fail_errno (err, "cannot prepare a pipe");
  return 0;
}

void
dc_file_write_behind (int fd, uint64_t offset, uint64_t size)
{
  /* Where it is not possible, the sync takes longer. */
  (void) sync_file_range (fd, (off64_t) offset, (off64_t) size,
                          SYNC_FILE_RANGE_WRITE);
}

int
dc_file_close (int *fd, struct dc_error *err)
{
  const int closing = DC_TAKE_FD (*fd);
  const int sync_errno =
      fsync (closing) < 0 && errno != EINVAL && errno != EROFS ? errno : 0;
  const int close_errno = close (closing) < 0 && errno != EINTR ? errno : 0;

  if (sync_errno == 0 && close_errno == 0)
    return 0;
  errno = sync_errno != 0 ? sync_errno : close_errno;
  return dc_fail_errno (err, "cannot finish writing");
}

/* For file systems without O_TMPFILE, such as NFS. */
static int
spool_by_name (const char *folder, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  if (asprintf (&path, "%s/.decant-XXXXXX", folder) < 0) {
    path = NULL; /* undefined after a failure */
    return dc_fail_errno (err, "cannot name a temporary file");
  }
  AUTO_CLOSE int fd = mkostemp (path, O_CLOEXEC);
  if (fd < 0)
    return dc_fail_errno (err, "cannot make a temporary file in '%s'",
                          dc_quote (folder).text);
  if (unlink (path) < 0)
    return dc_fail_errno (err, "cannot unlink '%s'", dc_quote (path).text);
  return DC_TAKE_FD (fd);
}

int
dc_file_data (int fd, uint64_t offset, uint64_t size, uint64_t *begin,
              uint64_t *end, struct dc_error *err)
{
  const off_t data = lseek (fd, (off_t) offset, SEEK_DATA);

  if (data < 0 && errno != ENXIO && errno != EINVAL)
    return dc_fail_errno (err, "cannot look for holes");
  *end = size;
  if (data < 0) {
    *begin = errno == ENXIO ? size : offset;
    return 0;
  }
  *begin = (uint64_t) data < size ? (uint64_t) data : size;
  const off_t hole = lseek (fd, data, SEEK_HOLE);
  if (hole > data && (uint64_t) hole < size)
    *end = (uint64_t) hole;
  return 0;
}

int
dc_file_spool (struct dc_error *err)
{
  const char *folder = getenv ("TMPDIR");

  if (folder == NULL || folder[0] == '\0')
    folder = "/var/tmp";
  const int fd = open (folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    return fd;
  /* EISDIR: what a kernel says that does not know the flag. */
  if (errno == EOPNOTSUPP || errno == EISDIR)
    return spool_by_name (folder, err);
  return dc_fail_errno (err, "cannot make a temporary file in '%s'",
                        dc_quote (folder).text);
}
