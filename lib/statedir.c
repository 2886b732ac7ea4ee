/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/output.h"
#include "lib/quote.h"
#include "lib/statedir.h"

#define PATH_SIZE_MAX 4096 /* bytes */

static const char *
variable (const char *name)
{
  const char *value = getenv (name);

  return value != NULL && value[0] == '/' ? value : NULL;
}

int
dc_statedir_path (struct dc_buffer *b, struct dc_error *err)
{
  const char *path = variable ("DECANT_STATE_DIR");

  if (path != NULL)
    return dc_buffer_print (b, err, "%s", path);
  if (geteuid () == 0)
    return dc_buffer_print (b, err, "/var/lib/decant");
  path = variable ("XDG_STATE_HOME");
  if (path != NULL)
    return dc_buffer_print (b, err, "%s/decant", path);
  path = variable ("HOME");
  if (path == NULL)
    return dc_fail (err, DC_ERR_NOTFOUND,
                    "no place for decant's state: set DECANT_STATE_DIR");
  return dc_buffer_print (b, err, "%s/.local/state/decant", path);
}

/* Make PATH and what is missing above it. */
static int
make_folders (char *path)
{
  for (char *p = path + 1;; p++) {
    const char c = *p;
    if (c != '/' && c != '\0')
      continue;
    *p = '\0';
    const int status = mkdir (path, 0700);
    *p = c;
    if (status < 0 && errno != EEXIST)
      return -1; /* the caller reports it */
    if (c == '\0')
      return 0;
  }
}

int
dc_statedir_open (struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (PATH_SIZE_MAX);

  if (dc_statedir_path (&path, err) < 0)
    return -1;
  int fd = -1;
  if (make_folders (path.data) == 0)
    fd = open (path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd >= 0 ? fd
                 : dc_fail_errno (err, "cannot use the state folder '%s'",
                                  dc_quote (path.data).text);
}

int
dc_statedir_open_folder (const char *name, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_statedir_open (err);

  if (dir < 0)
    return -1;
  int fd = -1;
  if (mkdirat (dir, name, 0700) == 0 || errno == EEXIST)
    fd = openat (dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  return fd >= 0
             ? fd
             : dc_fail_errno (err, "cannot use the state folder's '%s'", name);
}

int
dc_statedir_recall (const char *name, struct dc_buffer *b, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_statedir_open (err);

  if (dir < 0)
    return -1;
  AUTO_CLOSE int fd = dc_file_open_in_root (dir, name, O_RDONLY, err);
  if (fd < 0)
    return err->code == DC_ERR_NOTFOUND ? 0 : -1;
  return dc_file_read_all (fd, b, err) < 0 ? -1 : 1;
}

int
dc_statedir_remember (const char *name, const char *text, struct dc_error *err)
{
  AUTO_CLOSE int dir = dc_statedir_open (err);

  return dir < 0 ? -1 : dc_output_replace (dir, name, text, strlen (text), err);
}
