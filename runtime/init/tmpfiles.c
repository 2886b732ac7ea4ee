/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/folders.h"
#include "runtime/init/walk.h"

/* The fixed words of a line: type, path, mode, owner, group. */
#define PATH_WORD 1
#define TEXT_WORD 5

static const char *
text_of (const struct di_line *line)
{
  return line->count > TEXT_WORD ? line->words[TEXT_WORD] : "";
}

/* Owner and mode of what is open as FD, which is then closed. */
static int
finish (int fd, const struct di_line *line)
{
  if (fd < 0)
    return -1;
  /* In this order: a change of owner takes set-id bits away. */
  const int status =
      fchown (fd, (uid_t) line->numbers[1], (gid_t) line->numbers[2]) < 0 ||
              fchmod (fd, (mode_t) line->numbers[0]) < 0
          ? -1
          : 0;
  const int saved = errno;
  close (fd);
  errno = saved;
  return status;
}

static int
make_folder (const struct di_line *line)
{
  const char *path = line->words[PATH_WORD];

  if (mkdir (path, 0755) < 0 && errno != EEXIST)
    return -1;
  const int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* As at a boot.  Not when we are only some process of a host, whose folder
   * it may be.
   */
  if (fd >= 0 && line->choice == DI_TMP_EMPTY && getpid () == 1)
    di_walk_empty (fd);
  return finish (fd, line);
}

static int
make_file (const struct di_line *line)
{
  const char *text = text_of (line);
  const int fd =
      open (line->words[PATH_WORD],
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    return errno == EEXIST ? 0 : -1;
  const ssize_t written = write (fd, text, strlen (text));
  if (written != (ssize_t) strlen (text)) {
    close (fd);
    return -1;
  }
  return finish (fd, line);
}

static int
make_link (const struct di_line *line)
{
  if (symlink (text_of (line), line->words[PATH_WORD]) < 0)
    return errno == EEXIST ? 0 : -1;
  return lchown (line->words[PATH_WORD], (uid_t) line->numbers[1],
                 (gid_t) line->numbers[2]);
}

static int (*const makers[]) (const struct di_line *line) = {
  [DI_TMP_FOLDER] = make_folder,
  [DI_TMP_EMPTY] = make_folder,
  [DI_TMP_FILE] = make_file,
  [DI_TMP_LINK] = make_link,
};

void
di_tmpfiles_make (const struct di_plan *plan)
{
  for (size_t i = 0; i < plan->line_count; i++) {
    const struct di_line *line = &plan->lines[i];
    if (line->keyword != DI_TMPFILE)
      continue;
    const char *path = line->words[PATH_WORD];
    if (di_make_parents (path) < 0 || makers[line->choice](line) < 0)
      di_say (NULL, "cannot make '", path, "': ", strerror (errno), NULL);
  }
}
