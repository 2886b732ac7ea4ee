/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/disk/policy.h"
#include "lib/file.h"
#include "lib/quote.h"

/* O_NONBLOCK: a FIFO must not stop us; for files it means nothing. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* openat2() says EAGAIN when somebody renames in the folder meanwhile. */
#define OPENAT2_TRIES 100

/* qemu-nbd gets its socket as 3, so no file that we pass may be 3. */
#define FD_MIN 4

struct dc_policy {
  int folder_fd;
  char *folder;  /* without symbolic links */
  char *spelled; /* absolute, as the user wrote it */
  const char *const *allow;
};

void
dc_policy_file_release (struct dc_policy_file *file)
{
  free (file->name);
  free (file->path);
  dc_close_auto (&file->fd);
  *file = (struct dc_policy_file){ .fd = -1 };
}

struct dc_window
dc_policy_window (const struct dc_policy_file *file)
{
  return (struct dc_window){ file->fd, file->offset, file->size };
}

void
dc_policy_free (struct dc_policy *policy)
{
  if (policy == NULL)
    return;
  dc_close_auto (&policy->folder_fd);
  free (policy->folder);
  free (policy->spelled);
  free (policy);
}

static int
fail_open (const char *path, struct dc_error *err)
{
  const enum dc_code code =
      errno == ENOENT || errno == ENOTDIR ? DC_ERR_NOTFOUND : DC_ERR_SYSTEM;

  (void) dc_fail_errno (err, "cannot open '%s'", dc_quote (path).text);
  err->code = code;
  return -1;
}

/* A device is claimed, so that neither a mount nor another claim is there or
 * can come: that is what O_EXCL means for one.
 */
static int
claim_device (const char *path, int *fd, struct dc_error *err)
{
  char name[32];

  (void) snprintf (name, sizeof name, "/proc/self/fd/%d", *fd);
  AUTO_CLOSE int claimed = open (name, OPEN_FLAGS | O_EXCL);
  if (claimed < 0 && errno == EBUSY)
    return dc_fail (err, DC_ERR_BUSY,
                    "'%s' is in use: it or a part of it is mounted",
                    dc_quote (path).text);
  if (claimed < 0)
    return fail_open (path, err);
  dc_close_auto (fd);
  *fd = DC_TAKE_FD (claimed);
  return 0;
}

/* TAKE_FD is what FILE->path leads to; it goes to *FILE. */
static int
keep_fd (int take_fd, struct dc_policy_file *file, struct dc_error *err)
{
  AUTO_CLOSE int fd = take_fd;
  const char *name = file->name;
  struct stat st;

  if (fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot ask what '%s' is", dc_quote (name).text);
  if (S_ISDIR (st.st_mode))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is a folder",
                    dc_quote (name).text);
  file->is_device = S_ISBLK (st.st_mode);
  if (file->is_device && claim_device (name, &fd, err) < 0)
    return -1;
  if (dc_file_size (fd, &file->size, err) < 0)
    return dc_context (err, "'%s'", dc_quote (name).text);
  file->fd = fcntl (fd, F_DUPFD_CLOEXEC, FD_MIN);
  if (file->fd < 0)
    return dc_fail_errno (err, "cannot keep '%s' open", dc_quote (name).text);
  return 0;
}

/* NAME as seen from the folder of FILE, for the caller; NULL: no memory. */
static char *
join (const char *file, const char *name)
{
  const char *slash = strrchr (file, '/');
  char *path = NULL;

  if (name[0] == '/' || slash == NULL)
    return strdup (name);
  return asprintf (&path, "%.*s/%s", (int) (slash - file), file, name) < 0
             ? NULL
             : path;
}

/* PATH as it is, but absolute. */
static int
make_absolute (const char *path, char **out, struct dc_error *err)
{
  AUTO_FREE char *here = path[0] == '/' ? strdup ("") : getcwd (NULL, 0);
  char *absolute = NULL;

  if (here == NULL || asprintf (&absolute, "%s%s%s", here,
                                here[0] != '\0' ? "/" : "", path) < 0)
    return dc_fail_errno (err, "cannot name '%s'", dc_quote (path).text);
  *out = absolute;
  return 0;
}

static int
remember_folder (struct dc_policy *policy, const char *path,
                 struct dc_error *err)
{
  if (make_absolute (path, &policy->spelled, err) < 0)
    return -1;
  /* At least "/": the path is absolute.  The root's own "/" stays. */
  char *slash = strrchr (policy->spelled, '/');
  slash[slash == policy->spelled] = '\0';
  policy->folder_fd = open (policy->spelled, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (policy->folder_fd < 0)
    return fail_open (policy->spelled, err);
  policy->folder = realpath (policy->spelled, NULL);
  if (policy->folder == NULL)
    return fail_open (policy->spelled, err);
  return 0;
}

/* The name of the file PATH in the folder. */
static int
name_first (const struct dc_policy *policy, const char *path,
            struct dc_policy_file *file, struct dc_error *err)
{
  const char *slash = strrchr (path, '/');
  const char *folder = policy->folder[1] != '\0' ? policy->folder : "";
  const char *base = slash != NULL ? slash + 1 : path;

  file->name = strdup (path);
  if (asprintf (&file->path, "%s/%s", folder, base) < 0)
    file->path = NULL; /* undefined after a failure */
  return file->name != NULL && file->path != NULL
             ? 0
             : dc_fail_errno (err, "cannot keep a path");
}

int
dc_policy_open (const char *path, const char *const *allow,
                struct dc_policy **out, struct dc_policy_file *file,
                struct dc_error *err)
{
  DC_AUTO (dc_policy) *policy = calloc (1, sizeof *policy);
  AUTO_POLICY_FILE struct dc_policy_file opened = { .fd = -1 };

  if (policy == NULL)
    return dc_fail_errno (err, "cannot keep a folder");
  policy->folder_fd = -1;
  policy->allow = allow;
  AUTO_CLOSE int fd = open (path, OPEN_FLAGS);
  if (fd < 0)
    return fail_open (path, err);
  if (remember_folder (policy, path, err) < 0 ||
      name_first (policy, path, &opened, err) < 0 ||
      keep_fd (DC_TAKE_FD (fd), &opened, err) < 0)
    return -1;
  *out = DC_TAKE (policy);
  *file = opened;
  opened = (struct dc_policy_file){ .fd = -1 };
  return 0;
}

/* The rest of PATH below FOLDER, or NULL: it does not start there. */
static const char *
below (const char *path, const char *folder)
{
  const size_t size = folder[1] != '\0' ? strlen (folder) : 0; /* "/" */

  if (strncmp (path, folder, size) != 0 || path[size] != '/')
    return NULL;
  while (path[size + 1] == '/')
    path++;
  return path + size + 1;
}

/* Open RELATIVE without leaving the folder.  The descriptor, or -1 and errno:
 * EXDEV when it leads out.
 */
static int
open_below (const struct dc_policy *policy, const char *relative)
{
  struct open_how how = { .flags = OPEN_FLAGS,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
  long fd = -1;

  for (int i = 0; i < OPENAT2_TRIES && fd < 0; i++) {
    fd = syscall (SYS_openat2, policy->folder_fd, relative, &how, sizeof how);
    if (fd < 0 && errno != EAGAIN && errno != EINTR)
      break;
  }
  return (int) fd;
}

/* Does PATH, which is outside, lead to one of the listed files?  Then it is
 * opened.  The descriptor, or -1.
 */
static int
open_allowed (const struct dc_policy *policy, const char *path)
{
  const char *const *allow = policy->allow;

  if (allow == NULL || *allow == NULL)
    return -1;
  AUTO_CLOSE int fd = open (path, O_PATH | O_CLOEXEC);
  struct stat found, listed;
  char name[32];
  if (fd < 0 || fstat (fd, &found) < 0)
    return -1;
  for (; *allow != NULL; allow++)
    if (stat (*allow, &listed) == 0 && listed.st_dev == found.st_dev &&
        listed.st_ino == found.st_ino) {
      (void) snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
      return open (name, OPEN_FLAGS);
    }
  return -1;
}

static int
refuse (const struct dc_policy_file *by, const char *role, const char *name,
        struct dc_error *err)
{
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' names the %s '%s' outside its folder; say "
                  "--allow-backing FILE if it belongs to the disk",
                  dc_quote (by->name).text, role, dc_quote (name).text);
}

/* Open what FILE->path leads to.  The descriptor, or -1 and ERR. */
static int
open_companion (const struct dc_policy *policy, const struct dc_policy_file *by,
                const char *role, const char *name,
                const struct dc_policy_file *file, struct dc_error *err)
{
  const char *relative = below (file->path, policy->folder);
  if (relative == NULL)
    relative = below (file->path, policy->spelled);
  int fd = relative != NULL ? open_below (policy, relative) : -1;
  if (relative == NULL || (fd < 0 && errno == EXDEV)) {
    fd = open_allowed (policy, file->path);
    return fd >= 0 ? fd : refuse (by, role, name, err);
  }
  if (fd >= 0)
    return fd;
  (void) fail_open (file->name, err);
  return dc_context (err, "the %s of '%s'", role, dc_quote (by->name).text);
}

int
dc_policy_follow (const struct dc_policy *policy,
                  const struct dc_policy_file *by, const char *role,
                  const char *name, struct dc_policy_file *file,
                  struct dc_error *err)
{
  AUTO_POLICY_FILE struct dc_policy_file opened = { .fd = -1 };

  if (name[strcspn (name, ":/")] == ':')
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "'%s' names the %s '%s', which is no file; only files "
                    "are opened",
                    dc_quote (by->name).text, role, dc_quote (name).text);
  opened.path = join (by->path, name);
  opened.name = join (by->name, name);
  if (opened.path == NULL || opened.name == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  const int fd = open_companion (policy, by, role, name, &opened, err);
  if (fd < 0 || keep_fd (fd, &opened, err) < 0)
    return -1;
  *file = opened;
  opened = (struct dc_policy_file){ .fd = -1 };
  return 0;
}
