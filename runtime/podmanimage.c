/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/quote.h"
#include "lib/run.h"
#include "lib/statedir.h"
#include "runtime/podmancall.h"
#include "runtime/podmanimage.h"

#define FOLDER "podman-images"
#define HEX_SIZE 64 /* of a digest */
#define STATUS_IN_USE 2

static int
mark (const char *hex, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_statedir_open_folder (FOLDER, err);

  if (dir < 0)
    return -1;
  AUTO_CLOSE int fd =
      openat (dir, hex, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0 || flock (fd, LOCK_SH) < 0)
    return dc_fail_errno (err, "cannot mark the image as ours");
  return DC_TAKE_FD (fd);
}

static int
is_marked (const char *hex, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_statedir_open_folder (FOLDER, err);

  return dir < 0 ? -1 : faccessat (dir, hex, F_OK, 0) == 0;
}

/* podman's exit status for ARGV. */
static int
ask (const char *const *argv, int *status, const struct dc_report *report,
     struct dc_error *err)
{
  const struct dc_run run = { .argv = argv,
                              .pass_env = dc_podman_env,
                              .timeout_ms = DC_PODMAN_TIMEOUT_MS,
                              .exit_status = status };

  return dc_run (&run, report, err);
}

const char *
dc_podmanimage_id (const struct dc_started *started)
{
  const char *colon = strchr (started->image, ':');

  return colon != NULL ? colon + 1 : started->image;
}

int
dc_podmanimage_pull (const struct dc_start *start,
                     const struct dc_started *started,
                     const struct dc_report *report, int *fd,
                     struct dc_error *err)
{
  const char *hex = dc_podmanimage_id (started);
  AUTO_FREE char *source = NULL;
  int status = 0;

  const char *const exists_argv[] = { "podman", "image", "exists",
                                      "--",     hex,     NULL };
  const int is_ours = is_marked (hex, err);
  if (is_ours < 0 || ask (exists_argv, &status, report, err) < 0)
    return -1;
  AUTO_CLOSE int mark_fd = -1;
  if (status != 0 || is_ours) {
    mark_fd = mark (hex, err);
    if (mark_fd < 0)
      return -1;
  }
  if (asprintf (&source, "oci:%s:%s", start->layout_path, start->tag) < 0)
    return dc_fail_errno (err, "cannot keep the image's name");
  const char *const pull_argv[] = { "podman", "pull", "--quiet", source, NULL };
  if (status != 0 && dc_podman (pull_argv, NULL, report, err) < 0)
    return -1;
  *fd = DC_TAKE_FD (mark_fd);
  return 0;
}

/* One that a container uses stays, with its mark.  One that has got other
 * names meanwhile, or is gone, is not ours any more.
 */
static int
remove_copy (int dir_fd, const char *hex, const struct dc_report *report,
             struct dc_error *err)
{
  const char *const argv[] = { "podman", "rmi", "--", hex, NULL };
  int status = 0;
  AUTO_CLOSE int fd = openat (dir_fd, hex, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0 || flock (fd, LOCK_EX | LOCK_NB) < 0)
    return 0; /* another decant is about to use it, or has removed it */
  if (ask (argv, &status, report, err) < 0)
    return -1;
  if (status != STATUS_IN_USE)
    (void) unlinkat (dir_fd, hex, 0); /* then the next sweep asks again */
  return 0;
}

static void
close_dir_auto (DIR **dir)
{
  if (*dir != NULL)
    (void) closedir (*dir); /* it was only read */
}

int
dc_podmanimage_sweep (const struct dc_report *report, struct dc_error *err)
{
  AUTO_CLOSE int fd = dc_statedir_open_folder (FOLDER, err);

  if (fd < 0)
    return -1;
  __attribute__ ((__cleanup__ (close_dir_auto))) DIR *dir = fdopendir (fd);
  if (dir == NULL)
    return dc_fail_errno (err, "cannot list '%s'", FOLDER);
  fd = -1; /* now DIR's */
  const struct dirent *entry;
  while ((entry = readdir (dir)) != NULL)
    if (strlen (entry->d_name) == HEX_SIZE &&
        remove_copy (dirfd (dir), entry->d_name, report, err) < 0)
      return -1;
  return 0;
}
