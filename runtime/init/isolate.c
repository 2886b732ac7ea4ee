/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/init/child.h"
#include "runtime/init/walk.h"

/* Of the kernel's headers, which are not ours to include. */
#define SYS_MOUNT_SETATTR 442
#define ATTRIBUTE_READ_ONLY 1
#define ATTRIBUTE_NO_EXEC 8

#define MOUNTS_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of mountinfo */
#define HIDDEN "/run/decant/hidden" /* nothing, which nobody may open */
#define PRIVATE_PATH_MAX 512        /* bytes */
#define PRIVATE_BASE "/run/decant/private/"

struct mount_attributes {
  uint64_t set, clear, propagation, user_ns;
};

/* A line that is done, and where its mount really is: its path may lead over
 * links, as /var/run does, or a dynamic user's folder in /var/lib.
 */
struct place {
  const struct di_line *line;
  char *path;
  size_t size; /* of PATH */
};

struct places {
  struct place *items; /* the shorter path before the longer one */
  size_t count;
};

static bool
is_folder (const char *path)
{
  struct stat found;

  return stat (path, &found) == 0 && S_ISDIR (found.st_mode);
}

/* A place to mount at, like SOURCE: best effort, the mount says if it is none.
 */
static void
make_place (const char *path, bool is_for_folder)
{
  struct stat found;

  if (stat (path, &found) == 0 || di_make_parents (path) < 0)
    return;
  if (is_for_folder)
    (void) mkdir (path, 0755);
  else
    (void) close (open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int
bind_path (const char *source, const char *path, bool is_shallow)
{
  return mount (source, path, NULL, MS_BIND | (is_shallow ? 0 : MS_REC), NULL);
}

/* What nobody may look into: a folder or file without any right. */
static int
hide (const char *path)
{
  if (is_folder (path))
    return mount ("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                  "mode=000,size=4k");
  if (di_make_parents (HIDDEN) < 0)
    return -1;
  const int fd = open (HIDDEN, O_WRONLY | O_CREAT | O_CLOEXEC, 0000);
  if (fd >= 0)
    close (fd);
  return bind_path (HIDDEN, path, true);
}

/* A folder of the service's own, the same for all its commands. */
static int
bind_private (const struct di_service *service, const char *path)
{
  char own[sizeof PRIVATE_BASE + DI_NAME_MAX + PRIVATE_PATH_MAX] = PRIVATE_BASE;
  const size_t name_size = strlen (service->name), path_size = strlen (path);
  char *to = own + sizeof PRIVATE_BASE - 1;

  if (path_size >= PRIVATE_PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy (to, service->name, name_size);
  memcpy (to + name_size, path, path_size + 1);
  if (di_make_parents (own) < 0)
    return -1;
  if (mkdir (own, 0) == 0)
    (void) chmod (own, 01777);
  make_place (path, true);
  return bind_path (own, path, false);
}

static int
mount_line (const struct di_service *service, const struct di_line *line)
{
  const char *path = line->words[2];
  const char *text = line->count > 3 ? line->words[3] : "";

  switch ((enum di_mount) line->choice) {
  case DI_MOUNT_BIND:
  case DI_MOUNT_BIND_READ_ONLY:
    make_place (path, is_folder (text));
    return bind_path (text, path, (line->flags & DI_LITERAL) != 0);
  case DI_MOUNT_TMPFS:
    make_place (path, true);
    return mount ("tmpfs", path, "tmpfs", MS_NODEV | MS_STRICTATIME, text);
  case DI_MOUNT_PRIVATE:
    return bind_private (service, path);
  case DI_MOUNT_HIDE:
    return hide (path);
  case DI_MOUNT_READ_ONLY:
  case DI_MOUNT_READ_WRITE:
  case DI_MOUNT_EXEC:
  case DI_MOUNT_NO_EXEC:
    break;
  }
  /* What it says is told of a mount, so it becomes one. */
  return strcmp (path, "/") == 0 ? 0 : bind_path (path, path, false);
}

/* Is PATH the folder ROOT or below it? */
static bool
is_at (const char *path, const char *root)
{
  const size_t size = strlen (root);

  return strcmp (root, "/") == 0 || (strncmp (path, root, size) == 0 &&
                                     (path[size] == '\0' || path[size] == '/'));
}

/* Put the place of LINE behind those that are not deeper. */
static int
add_place (struct places *places, const struct di_line *line)
{
  char *path = realpath (line->words[2], NULL);
  const size_t size = path == NULL ? 0 : strlen (path);
  size_t i = places->count;

  if (path == NULL)
    return -1;
  for (; i > 0 && places->items[i - 1].size > size; i--)
    places->items[i] = places->items[i - 1];
  places->items[i] = (struct place){ line, path, size };
  places->count++;
  return 0;
}

static void
release (struct places *places)
{
  for (size_t i = 0; i < places->count; i++)
    free (places->items[i].path);
  free (places->items);
}

/* What the lines say of the mount at PATH: the deepest decides, the later of
 * two.
 */
static uint64_t
attributes_of (const struct places *places, const char *path)
{
  static const struct {
    unsigned char attribute;
    bool is_set;
  } said[] = {
    [DI_MOUNT_BIND] = { ATTRIBUTE_READ_ONLY, false },
    [DI_MOUNT_BIND_READ_ONLY] = { ATTRIBUTE_READ_ONLY, true },
    [DI_MOUNT_TMPFS] = { ATTRIBUTE_READ_ONLY, false },
    [DI_MOUNT_PRIVATE] = { ATTRIBUTE_READ_ONLY, false },
    [DI_MOUNT_HIDE] = { ATTRIBUTE_READ_ONLY, true },
    [DI_MOUNT_READ_ONLY] = { ATTRIBUTE_READ_ONLY, true },
    [DI_MOUNT_READ_WRITE] = { ATTRIBUTE_READ_ONLY, false },
    [DI_MOUNT_EXEC] = { ATTRIBUTE_NO_EXEC, false },
    [DI_MOUNT_NO_EXEC] = { ATTRIBUTE_NO_EXEC, true },
  };
  uint64_t attributes = 0;

  for (size_t i = 0; i < places->count; i++) {
    const int choice = places->items[i].line->choice;
    if (!is_at (path, places->items[i].path))
      continue;
    if (said[choice].is_set)
      attributes |= said[choice].attribute;
    else
      attributes &= ~(uint64_t) said[choice].attribute;
  }
  return attributes;
}

/* The field of a line of mountinfo, with its octal escapes replaced. */
static char *
mount_point (char *s)
{
  for (int field = 0; field < 4 && s != NULL; field++) {
    s = strchr (s, ' ');
    if (s != NULL)
      s++;
  }
  if (s == NULL)
    return NULL;
  char *out = s;
  const char *in = s;
  for (; *in != ' ' && *in != '\0'; in++) {
    if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] != '\0' &&
        in[3] != '\0') {
      *out++ = (char) ((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
      in += 3;
    } else {
      *out++ = *in;
    }
  }
  *out = '\0';
  return s;
}

/* Only ever take rights away: a mount that the container has read-only stays
 * so.
 */
static int
restrict_mounts (const struct places *places, char *text)
{
  for (char *line = text; *line != '\0';) {
    char *eol = strchr (line, '\n');
    if (eol != NULL)
      *eol = '\0';
    char *next = eol == NULL ? line + strlen (line) : eol + 1;
    const char *path = mount_point (line);
    const struct mount_attributes attributes = {
      .set = path == NULL ? 0 : attributes_of (places, path)
    };
    if (attributes.set != 0 &&
        syscall (SYS_MOUNT_SETATTR, AT_FDCWD, path, 0, &attributes,
                 sizeof attributes) < 0 &&
        errno == ENOSYS)
      return -1;
    line = next;
  }
  return 0;
}

/* All of the mounts as the kernel tells them; NULL with errno. */
static char *
read_mounts (void)
{
  const int fd = open ("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  char *text = fd < 0 ? NULL : malloc (MOUNTS_SIZE_MAX + 1);
  size_t size = 0;
  ssize_t n = 1;

  while (text != NULL && n > 0 && size < MOUNTS_SIZE_MAX) {
    n = read (fd, text + size, MOUNTS_SIZE_MAX - size);
    if (n > 0)
      size += (size_t) n;
  }
  if (fd >= 0)
    close (fd);
  if (text != NULL)
    text[size] = '\0';
  return text;
}

/* All the mounts of the lines: 1; 0 when the container may not make them, which
 * is said; -1.
 */
static int
mount_lines (const struct di_child *child, struct places *places,
             struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_MOUNT, &position)) != NULL) {
    if ((mount_line (service, line) == 0 && add_place (places, line) == 0) ||
        ((line->flags & DI_IGNORE) != 0 && errno == ENOENT))
      continue;
    const bool is_denied = errno == EPERM || errno == EACCES;
    di_fail_errno (err, "cannot mount at ", line->words[2], NULL);
    if (!is_denied)
      return -1;
    di_child_tell (child, err); /* the container's own confinement has to do */
    return 0;
  }
  return 1;
}

static int
make_mounts (const struct di_child *child, struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  size_t count = 0, position = 0;

  while (di_next (service, DI_MOUNT, &position) != NULL)
    count++;
  struct places places = { calloc (count + 1, sizeof *places.items), 0 };
  if (places.items == NULL ||
      mount (NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
    free (places.items);
    return di_fail_errno (err, "cannot part its mounts", NULL);
  }
  int status = mount_lines (child, &places, err);
  if (status > 0) {
    char *text = read_mounts ();
    status = text == NULL ? -1 : restrict_mounts (&places, text);
    free (text);
    if (status < 0)
      di_fail_errno (err, "cannot restrict its mounts", NULL);
  }
  release (&places);
  return status;
}

/* In a network of its own there is at least the loopback. */
static void
raise_loopback (void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
  const int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return;
  (void) ioctl (fd, SIOCSIFFLAGS, &request);
  close (fd);
}

int
di_isolate (const struct di_child *child, struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  const int spaces = (int) service->namespaces;

  /* Without the right to it the container's own isolation has to do. */
  if (spaces == 0 || !di_is_administrator ())
    return 0;
  if (unshare (spaces) < 0) {
    di_fail_errno (err, "its isolation is not allowed here", NULL);
    di_child_tell (child, err);
    return 0;
  }
  if ((spaces & CLONE_NEWNET) != 0)
    raise_loopback ();
  return (spaces & CLONE_NEWNS) == 0 ? 0 : make_mounts (child, err);
}

int
di_enter_root (const struct di_child *child, struct di_error *err)
{
  const char *path = child->spawn->service->root;

  return path != NULL && (chroot (path) < 0 || chdir ("/") < 0)
             ? di_fail_errno (err, "cannot make its root of ", path, NULL)
             : 0;
}
