/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/init/copy.h"
#include "runtime/init/folders.h"
#include "runtime/init/pattern.h"
#include "runtime/init/reach.h"
#include "runtime/init/walk.h"

/* The fixed words of a line: type, path, mode, owner, group. */
#define PATH_WORD 1
#define TEXT_WORD 5
#define PROC_FD "/proc/self/fd/"
#define PROC_PATH_SIZE (sizeof PROC_FD + DI_NUMBER_SIZE)
enum number { MODE, OWNER, GROUP };

static const char *
text_of (const struct di_line *line)
{
  return line->count > TEXT_WORD ? line->words[TEXT_WORD] : "";
}

static bool
has_flag (const struct di_line *line, enum di_tmpfile_flag flag)
{
  return (line->flags & flag) != 0;
}

/* Is the number given, and meant for what is there (or new)? */
static bool
applies (const struct di_line *line, enum number number, bool is_new)
{
  return line->numbers[number] != DI_KEEP &&
         (is_new || !has_flag (line, DI_TMP_NEW_MODE << number));
}

static mode_t
mode_or (const struct di_line *line, mode_t otherwise)
{
  return line->numbers[MODE] == DI_KEEP ? otherwise
                                        : (mode_t) line->numbers[MODE];
}

/* Opened with O_PATH: no fchmod(2), and nothing without a path before 6.6. */
static const char *
proc_path (char path[PROC_PATH_SIZE], int fd)
{
  const char *digits = DI_NUMBER (fd);

  memcpy (path, PROC_FD, strlen (PROC_FD));
  memcpy (path + strlen (PROC_FD), digits, strlen (digits) + 1);
  return path;
}

/* MODE less what nobody may do with what is there: "~" of tmpfiles.d(5). */
static mode_t
masked (mode_t mode, mode_t there)
{
  static const mode_t kinds[] = { 0111, 0222, 0444 };

  for (size_t i = 0; i < DI_COUNT (kinds); i++)
    mode &= (there & kinds[i]) == 0 ? ~kinds[i] : (mode_t) -1;
  return S_ISDIR (there) ? mode : mode & 0777;
}

/* A second name may be that of a file which was none of the line's. */
static bool
is_safe (const struct stat *st)
{
  char word = '0';
  const int fd =
      open ("/proc/sys/fs/protected_hardlinks", O_RDONLY | O_CLOEXEC);

  if (fd >= 0) {
    (void) !read (fd, &word, 1); /* then it stays '0' */
    close (fd);
  }
  return S_ISDIR (st->st_mode) || st->st_nlink <= 1 || word == '1';
}

/* Owner and mode of what is open as FD. */
static int
adjust (const struct di_line *line, int fd, bool is_new)
{
  struct stat st;
  char path[PROC_PATH_SIZE];

  if (fstat (fd, &st) < 0)
    return -1;
  mode_t mode = st.st_mode & 07777;
  if (applies (line, MODE, is_new))
    mode = has_flag (line, DI_TMP_MASK)
               ? masked ((mode_t) line->numbers[MODE], st.st_mode)
               : (mode_t) line->numbers[MODE];
  const uid_t owner =
      applies (line, OWNER, is_new) ? (uid_t) line->numbers[OWNER] : st.st_uid;
  const gid_t group =
      applies (line, GROUP, is_new) ? (gid_t) line->numbers[GROUP] : st.st_gid;
  const bool is_given = owner != st.st_uid || group != st.st_gid;
  if (!is_given && (mode == (st.st_mode & 07777) || S_ISLNK (st.st_mode)))
    return 0;
  if (!is_safe (&st)) {
    errno = EMLINK;
    return -1;
  }
  /* In this order: a change of owner takes set-id bits away. */
  if (is_given && fchownat (fd, "", owner, group, AT_EMPTY_PATH) < 0)
    return -1;
  return S_ISLNK (st.st_mode) ? 0 : chmod (proc_path (path, fd), mode);
}

static int
open_entry (int dir_fd, const char *name)
{
  return openat (dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* Adjust what is there, if it is of this TYPE (0: any). */
static int
adjust_at (const struct di_line *line, int dir_fd, const char *name,
           mode_t type, bool is_new)
{
  const int fd = open_entry (dir_fd, name);
  struct stat st;
  int status = fd < 0 ? -1 : fstat (fd, &st);

  if (status == 0 && type != 0 && (st.st_mode & S_IFMT) != type) {
    errno = EEXIST;
    status = -1;
  }
  if (status == 0)
    status = adjust (line, fd, is_new);
  const int saved = errno;
  if (fd >= 0)
    close (fd);
  errno = saved;
  return status;
}

static int
make_folder (const struct di_line *line, int dir_fd, const char *name)
{
  const bool is_new = mkdirat (dir_fd, name, mode_or (line, 0755)) == 0;

  if (!is_new && errno != EEXIST)
    return -1;
  return adjust_at (line, dir_fd, name, S_IFDIR, is_new);
}

/* Write the text, set owner and mode, close. */
static int
fill (const struct di_line *line, int fd, bool is_new)
{
  const char *text = text_of (line);
  int status = 0;

  while (status == 0 && *text != '\0') {
    const ssize_t written = write (fd, text, strlen (text));
    if (written < 0)
      status = -1;
    else
      text += written;
  }
  if (status == 0)
    status = adjust (line, fd, is_new);
  const int saved = errno;
  close (fd);
  errno = saved;
  return status;
}

static int
make_file (const struct di_line *line, int dir_fd, const char *name)
{
  const int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  struct stat st;
  int fd =
      openat (dir_fd, name, flags | O_CREAT | O_EXCL, mode_or (line, 0644));

  if (fd >= 0)
    return fill (line, fd, true);
  if (errno != EEXIST)
    return -1;
  if (!has_flag (line, DI_TMP_FORCE))
    return adjust_at (line, dir_fd, name, S_IFREG, false);
  fd = openat (dir_fd, name, flags);
  if (fd < 0)
    return -1;
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) || ftruncate (fd, 0) < 0) {
    close (fd);
    errno = EEXIST;
    return -1;
  }
  return fill (line, fd, false);
}

static int
write_file (const struct di_line *line, int dir_fd, const char *name)
{
  const int append = has_flag (line, DI_TMP_FORCE) ? O_APPEND : 0;
  const int fd = openat (dir_fd, name,
                         O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
                             O_NOCTTY | append);

  return fd < 0 ? -1 : fill (line, fd, false);
}

static bool
is_link_to (int dir_fd, const char *name, const char *target)
{
  const size_t size = strlen (target);
  char *there = malloc (size + 1);
  const bool is_same =
      there != NULL &&
      readlinkat (dir_fd, name, there, size + 1) == (ssize_t) size &&
      memcmp (there, target, size) == 0;

  free (there);
  return is_same;
}

static int
make_link (const struct di_line *line, int dir_fd, const char *name)
{
  const char *target = text_of (line);
  bool is_new = symlinkat (target, dir_fd, name) == 0;

  if (!is_new && errno != EEXIST)
    return -1;
  if (!is_new && !is_link_to (dir_fd, name, target)) {
    if (!has_flag (line, DI_TMP_FORCE))
      return 0;
    if (di_walk_remove_at (dir_fd, name) < 0 ||
        symlinkat (target, dir_fd, name) < 0)
      return -1;
    is_new = true;
  }
  return adjust_at (line, dir_fd, name, S_IFLNK, is_new);
}

/* A device as "MAJOR:MINOR". */
static dev_t
device_of (const char *text)
{
  unsigned numbers[2] = { 0, 0 };

  for (size_t i = 0; *text != '\0'; text++) {
    if (*text == ':')
      i = 1;
    else
      numbers[i] = numbers[i] * 10 + (unsigned) (*text - '0');
  }
  return makedev (numbers[0], numbers[1]);
}

static int
make_node (const struct di_line *line, int dir_fd, const char *name)
{
  static const mode_t types[] = { [DI_TMP_FIFO] = S_IFIFO,
                                  [DI_TMP_CHARACTER] = S_IFCHR,
                                  [DI_TMP_BLOCK] = S_IFBLK };
  const mode_t type = types[line->choice];
  const mode_t mode = type | mode_or (line, 0644);
  const dev_t device =
      line->choice == DI_TMP_FIFO ? 0 : device_of (text_of (line));
  bool is_new = mknodat (dir_fd, name, mode, device) == 0;
  struct stat st;

  if (!is_new && errno != EEXIST)
    return -1;
  if (!is_new && has_flag (line, DI_TMP_FORCE) &&
      (fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
       (st.st_mode & S_IFMT) != type || st.st_rdev != device)) {
    if (di_walk_remove_at (dir_fd, name) < 0 ||
        mknodat (dir_fd, name, mode, device) < 0)
      return -1;
    is_new = true;
  }
  return adjust_at (line, dir_fd, name, type, is_new);
}

static int
copy (const struct di_line *line, int dir_fd, const char *name)
{
  if (di_copy (text_of (line), dir_fd, name, line->numbers[OWNER],
               line->numbers[GROUP]) < 0)
    return errno == ENOENT ? 0 : -1;
  return adjust_at (line, dir_fd, name, 0, false);
}

static int
adjust_folder (const struct di_line *line, int dir_fd, const char *name)
{
  return adjust_at (line, dir_fd, name, S_IFDIR, false);
}

static int
adjust_any (const struct di_line *line, int dir_fd, const char *name)
{
  return adjust_at (line, dir_fd, name, 0, false);
}

/* "NAME=VALUE". */
static int
set_attribute (const struct di_line *line, int dir_fd, const char *name)
{
  const char *text = text_of (line), *equals = strchr (text, '=');
  char *key = equals != NULL ? strndup (text, (size_t) (equals - text)) : NULL;
  const int fd = open_entry (dir_fd, name);
  char path[PROC_PATH_SIZE];
  int status = -1;

  if (key != NULL && fd >= 0)
    status = setxattr (proc_path (path, fd), key, equals + 1,
                       strlen (equals + 1), 0);
  const int saved = errno;
  free (key);
  if (fd >= 0)
    close (fd);
  errno = saved;
  return status;
}

/* As at a boot.  Not when we are only some process of a host, whose files
 * they may be.
 */
static bool
is_boot (void)
{
  return getpid () == 1;
}

static int
empty_folder (const struct di_line *line, int dir_fd, const char *name)
{
  (void) line;
  const int fd = is_boot ()
                     ? openat (dir_fd, name,
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                     : -1;

  if (fd >= 0) {
    di_walk_empty (fd);
    close (fd);
  }
  return 0;
}

static int
remove_one (const struct di_line *line, int dir_fd, const char *name)
{
  (void) line;
  if (!is_boot () || unlinkat (dir_fd, name, 0) == 0)
    return 0;
  return unlinkat (dir_fd, name, AT_REMOVEDIR);
}

static int
remove_all (const struct di_line *line, int dir_fd, const char *name)
{
  (void) line;
  return is_boot () ? di_walk_remove_at (dir_fd, name) : 0;
}

typedef int maker (const struct di_line *line, int dir_fd, const char *name);

/* What a type does.  All that is removed is removed before anything is made,
 * as systemd-tmpfiles --remove --create does.
 */
static const struct {
  maker *remove, *make;
  bool is_pattern; /* for what is there and fits the path */
  bool is_deep;    /* and for all in it */
  mode_t type;     /* of what is made */
} types[] = {
  [DI_TMP_FOLDER] = { NULL, make_folder, false, false, S_IFDIR },
  [DI_TMP_EMPTY] = { empty_folder, make_folder, false, false, S_IFDIR },
  [DI_TMP_FILE] = { NULL, make_file, false, false, S_IFREG },
  [DI_TMP_LINK] = { NULL, make_link, false, false, S_IFLNK },
  [DI_TMP_FIFO] = { NULL, make_node, false, false, S_IFIFO },
  [DI_TMP_CHARACTER] = { NULL, make_node, false, false, S_IFCHR },
  [DI_TMP_BLOCK] = { NULL, make_node, false, false, S_IFBLK },
  [DI_TMP_COPY] = { NULL, copy, false, false, 0 },
  [DI_TMP_WRITE] = { NULL, write_file, true, false, 0 },
  [DI_TMP_ADJUST_FOLDER] = { NULL, adjust_folder, true, false, 0 },
  [DI_TMP_ADJUST] = { NULL, adjust_any, true, false, 0 },
  [DI_TMP_ADJUST_ALL] = { NULL, adjust_any, true, true, 0 },
  [DI_TMP_ATTRIBUTE] = { NULL, set_attribute, true, false, 0 },
  [DI_TMP_ATTRIBUTE_ALL] = { NULL, set_attribute, true, true, 0 },
  [DI_TMP_REMOVE] = { remove_one, NULL, true, false, 0 },
  [DI_TMP_REMOVE_ALL] = { remove_all, NULL, true, false, 0 },
};

/* A line that is done to all in a folder. */
struct deep {
  struct di_walk walk;
  const struct di_line *line;
  maker *make;
};

static int
do_deep (const struct di_walk *walk, int dir_fd, const char *name,
         bool is_folder)
{
  const struct deep *deep = (const struct deep *) walk;

  (void) is_folder;
  return deep->make (deep->line, dir_fd, name);
}

/* With "=", what is of another type gives way. */
static int
give_way (const struct di_line *line, int dir_fd, const char *name)
{
  const mode_t type = types[line->choice].type;
  struct stat st;

  if (!has_flag (line, DI_TMP_REPLACE) || type == 0 ||
      fstatat (dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
      (st.st_mode & S_IFMT) == type)
    return 0;
  return di_walk_remove_at (dir_fd, name);
}

static int
act_at (const struct di_line *line, maker *make, int dir_fd, const char *name)
{
  const struct deep deep = { { do_deep }, line, make };
  const bool is_adjusted = types[line->choice].is_pattern &&
                           line->choice != DI_TMP_WRITE &&
                           types[line->choice].remove == NULL;

  if (is_adjusted && !di_reach_is_safe (dir_fd, name))
    return -1;
  if (types[line->choice].is_deep) {
    const int fd =
        openat (dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const unsigned failures = fd < 0 ? 0 : di_walk (&deep.walk, fd);
    if (fd >= 0)
      close (fd);
    if (failures > 0)
      di_say (NULL, "cannot adjust ", DI_NUMBER (failures), " entries of '",
              name, "'", NULL);
  }
  return give_way (line, dir_fd, name) < 0 ? -1 : make (line, dir_fd, name);
}

static void
act (const struct di_line *line, maker *make, const char *path)
{
  const char *name;
  const bool makes =
      types[line->choice].type != 0 || line->choice == DI_TMP_COPY;
  const int dir_fd =
      di_reach (path, makes && make == types[line->choice].make, &name);
  const int status = dir_fd < 0 ? -1 : act_at (line, make, dir_fd, name);

  /* Nothing there to be removed or adjusted is no failure. */
  if (status < 0 && !has_flag (line, DI_TMP_QUIET) &&
      (makes || errno != ENOENT))
    di_say (NULL, makes ? "cannot make '" : "cannot adjust '", path,
            "': ", di_reach_problem (), NULL);
  if (dir_fd >= 0)
    close (dir_fd);
}

static void
act_on_all (const struct di_line *line, maker *make)
{
  struct di_found found;

  if (di_pattern_find (line->words[PATH_WORD], &found) < 0)
    return;
  for (size_t i = 0; i < found.count; i++)
    act (line, make, found.paths[i]);
  di_found_release (&found);
}

static void
do_line (const struct di_line *line, maker *make)
{
  if (make == NULL)
    return;
  if (types[line->choice].is_pattern)
    act_on_all (line, make);
  else
    act (line, make, line->words[PATH_WORD]);
}

void
di_tmpfiles_make (const struct di_plan *plan)
{
  const mode_t mask = umask (0);

  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < plan->line_count; i++)
      if (plan->lines[i].keyword == DI_TMPFILE) {
        const int type = plan->lines[i].choice;
        do_line (&plan->lines[i],
                 pass == 0 ? types[type].remove : types[type].make);
      }
  umask (mask);
}
