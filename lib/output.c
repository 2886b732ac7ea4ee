/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/output.h"
#include "lib/quote.h"

#define STAGING_HEAD ".decant-"
#define STAGING_TAIL ".partial"
#define STAGING_DIGITS 16
#define STAGING_SIZE                                                           \
  (sizeof STAGING_HEAD + STAGING_DIGITS + sizeof STAGING_TAIL)
#define TRY_MAX 100

struct dc_output {
  enum dc_output_kind kind;
  enum dc_output_policy policy;
  int parent_fd;
  int fd;
  char *name;                 /* the last component of the final path */
  char staging[STAGING_SIZE]; /* "" once it is published */
};

static int
make_staging_name (char name[STAGING_SIZE], struct dc_error *err)
{
  uint64_t number = 0;

  if (getrandom (&number, sizeof number, 0) != sizeof number)
    return dc_fail_errno (err, "cannot make a random name");
  (void) snprintf (name, STAGING_SIZE, STAGING_HEAD "%016llx" STAGING_TAIL,
                   (unsigned long long) number);
  return 0;
}

static bool
is_staging_name (const char *name)
{
  const size_t head = strlen (STAGING_HEAD);

  return strncmp (name, STAGING_HEAD, head) == 0 &&
         strspn (name + head, "0123456789abcdef") == STAGING_DIGITS &&
         strcmp (name + head + STAGING_DIGITS, STAGING_TAIL) == 0;
}

static void
remove_staging (int dir_fd, const char *name)
{
  struct dc_error ignored; /* what cannot be removed stays */

  if (unlinkat (dir_fd, name, 0) < 0 && errno == EISDIR)
    (void) dc_file_remove_tree (dir_fd, name, &ignored);
}

/* Nobody holds it, and it is ours: a killed run's. */
static void
sweep_one (int dir_fd, const char *name)
{
  struct stat about;
  AUTO_CLOSE int fd =
      openat (dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd >= 0 && fstat (fd, &about) == 0 && about.st_uid == geteuid () &&
      flock (fd, LOCK_EX | LOCK_NB) == 0)
    remove_staging (dir_fd, name);
}

void
dc_output_sweep (int dir_fd)
{
  const int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;

  if (dir == NULL) {
    if (fd >= 0)
      (void) close (fd); /* only read */
    return;
  }
  for (const struct dirent *entry = readdir (dir); entry != NULL;
       entry = readdir (dir))
    if (is_staging_name (entry->d_name))
      sweep_one (dir_fd, entry->d_name);
  (void) closedir (dir); /* only read */
}

static int
open_staging (int dir_fd, const char *name, enum dc_output_kind kind)
{
  if (kind == DC_OUTPUT_FILE)
    return openat (dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (mkdirat (dir_fd, name, 0777) < 0)
    return -1;
  return openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A sweeper may have taken it between its birth and its lock. */
static bool
is_still_there (int dir_fd, const char *name, int fd)
{
  struct stat by_name, by_fd;

  return fstatat (dir_fd, name, &by_name, AT_SYMLINK_NOFOLLOW) == 0 &&
         fstat (fd, &by_fd) == 0 && by_name.st_ino == by_fd.st_ino &&
         by_name.st_dev == by_fd.st_dev;
}

/* False: a sweeper has it.  A file system without flock(2), such as NFS for
 * folders, leaves it unlocked: no sweeper can lock it either, so none takes
 * it away.
 */
static bool
lock_staging (int fd)
{
  return flock (fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Make a locked staging file or folder in DIR_FD; return its descriptor. */
static int
make_staging (int dir_fd, enum dc_output_kind kind, char name[STAGING_SIZE],
              struct dc_error *err)
{
  for (int i = 0; i < TRY_MAX; i++) {
    if (make_staging_name (name, err) < 0)
      return -1;
    AUTO_CLOSE int fd = open_staging (dir_fd, name, kind);
    if (fd < 0 && errno == EEXIST)
      continue;
    if (fd < 0)
      return dc_fail_errno (err, "cannot write there");
    if (lock_staging (fd) && is_still_there (dir_fd, name, fd))
      return DC_TAKE_FD (fd);
  }
  return dc_fail (err, DC_ERR_BUSY, "cannot make a temporary name");
}

/* "a/b/" is folder "a", name "b"; "b" is folder ".". */
static int
open_parent (struct dc_output *output, const char *path, struct dc_error *err)
{
  AUTO_FREE char *copy = strdup (path);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  size_t size = strlen (copy);
  while (size > 1 && copy[size - 1] == '/')
    copy[--size] = '\0';
  char *slash = strrchr (copy, '/');
  const char *name = slash != NULL ? slash + 1 : copy;
  if (name[0] == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return dc_fail (err, DC_ERR_INVALID, "that is no name for an output");
  output->name = strdup (name);
  if (output->name == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  if (slash != NULL)
    *slash = '\0';
  const char *parent = slash == NULL ? "." : copy;
  if (slash == copy)
    parent = "/";
  output->parent_fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (output->parent_fd >= 0)
    return 0;
  return errno == ENOENT
             ? dc_fail (err, DC_ERR_NOTFOUND, "there is no folder '%s'",
                        dc_quote (parent).text)
             : dc_fail_errno (err, "cannot open the folder '%s'",
                              dc_quote (parent).text);
}

static bool
is_there (const struct dc_output *output)
{
  return faccessat (output->parent_fd, output->name, F_OK,
                    AT_SYMLINK_NOFOLLOW) == 0;
}

/* A device, pipe or socket, also behind a link: /dev/null is not to become a
 * file.
 */
static bool
is_special (const struct dc_output *output)
{
  struct stat about;

  return fstatat (output->parent_fd, output->name, &about, 0) == 0 &&
         !S_ISREG (about.st_mode) && !S_ISDIR (about.st_mode);
}

static int
begin (struct dc_output *output, const char *path, struct dc_error *err)
{
  if (open_parent (output, path, err) < 0)
    return -1;
  if (is_special (output))
    return dc_fail (err, DC_ERR_INVALID,
                    "it is neither a file nor a folder, so it cannot be "
                    "replaced");
  if (output->policy == DC_OUTPUT_NEW && is_there (output))
    return dc_fail (err, DC_ERR_EXISTS, "it exists; --force replaces it");
  dc_output_sweep (output->parent_fd);
  output->fd =
      make_staging (output->parent_fd, output->kind, output->staging, err);
  return output->fd < 0 ? -1 : 0;
}

int
dc_output_begin (const char *path, enum dc_output_kind kind,
                 enum dc_output_policy policy, struct dc_output **out,
                 struct dc_error *err)
{
  DC_AUTO (dc_output) *output = calloc (1, sizeof *output);

  if (output == NULL)
    return dc_fail_errno (err, "cannot keep an output");
  output->kind = kind;
  output->policy = policy;
  output->parent_fd = output->fd = -1;
  if (begin (output, path, err) < 0)
    return dc_context (err, "cannot write '%s'", dc_quote (path).text);
  *out = DC_TAKE (output);
  return 0;
}

int
dc_output_fd (const struct dc_output *output)
{
  return output->fd;
}

static int
rename_to (const struct dc_output *output, unsigned flags)
{
  return renameat2 (output->parent_fd, output->staging, output->parent_fd,
                    output->name, flags);
}

/* Where the file system cannot do it in one step, a check must do. */
static int
rename_new (const struct dc_output *output)
{
  const int status = rename_to (output, RENAME_NOREPLACE);

  if (status == 0 || (errno != EINVAL && errno != ENOSYS))
    return status;
  errno = EEXIST;
  return is_there (output) ? -1 : rename_to (output, 0);
}

/* The old one goes aside under a staging name, which a sweeper may remove at
 * once.  Killed in between we leave no output, which cannot be helped.
 */
static int
rename_aside (const struct dc_output *output)
{
  struct dc_error ignored; /* errno says it, too */
  const int dir_fd = output->parent_fd;
  char aside[STAGING_SIZE];

  if (make_staging_name (aside, &ignored) < 0 ||
      renameat (dir_fd, output->name, dir_fd, aside) < 0)
    return -1;
  const int status = rename_to (output, 0);
  const int rename_errno = errno;
  if (status == 0)
    remove_staging (dir_fd, aside);
  else
    (void) renameat (dir_fd, aside, dir_fd, output->name); /* as it was */
  errno = rename_errno;
  return status;
}

/* A folder cannot be renamed over one that is not empty, nor over a file: the
 * two change places, and the old one is removed under the staging name.
 */
static int
rename_over (const struct dc_output *output)
{
  const int status = rename_to (output, 0);

  if (status == 0 || (errno != ENOTEMPTY && errno != EEXIST &&
                      errno != ENOTDIR && errno != EISDIR))
    return status;
  if (rename_to (output, RENAME_EXCHANGE) == 0) {
    remove_staging (output->parent_fd, output->staging);
    return 0;
  }
  return errno == EINVAL || errno == ENOSYS ? rename_aside (output) : -1;
}

int
dc_output_publish (struct dc_output *output, struct dc_error *err)
{
  assert (output->staging[0] != '\0');

  if (fsync (output->fd) < 0)
    return dc_fail_errno (err, "cannot write '%s'",
                          dc_quote (output->name).text);
  const int status = output->policy == DC_OUTPUT_NEW ? rename_new (output)
                                                     : rename_over (output);
  if (status < 0 && errno == EEXIST)
    return dc_fail (err, DC_ERR_EXISTS, "'%s' exists now, it did not before",
                    dc_quote (output->name).text);
  if (status < 0)
    return dc_fail_errno (err, "cannot name '%s'",
                          dc_quote (output->name).text);
  output->staging[0] = '\0';
  return fsync (output->parent_fd) == 0
             ? 0
             : dc_fail_errno (err, "cannot sync the folder of '%s'",
                              dc_quote (output->name).text);
}

void
dc_output_free (struct dc_output *output)
{
  if (output == NULL)
    return;
  if (output->staging[0] != '\0' && output->fd >= 0)
    remove_staging (output->parent_fd, output->staging);
  dc_close_auto (&output->fd);
  dc_close_auto (&output->parent_fd);
  free (output->name);
  free (output);
}

int
dc_output_replace (int dir_fd, const char *name, const void *bytes, size_t size,
                   struct dc_error *err)
{
  char staging[STAGING_SIZE];
  AUTO_CLOSE int fd = make_staging (dir_fd, DC_OUTPUT_FILE, staging, err);

  if (fd < 0)
    return dc_context (err, "'%s'", dc_quote (name).text);
  int status = dc_file_write (fd, bytes, size, err);
  if (status == 0 && (fchmod (fd, 0644) < 0 || fsync (fd) < 0 ||
                      renameat (dir_fd, staging, dir_fd, name) < 0))
    status = dc_fail_errno (err, "cannot write");
  if (status < 0) {
    remove_staging (dir_fd, staging);
    return dc_context (err, "'%s'", dc_quote (name).text);
  }
  return fsync (dir_fd) == 0
             ? 0
             : dc_fail_errno (err, "cannot sync '%s'", dc_quote (name).text);
}
