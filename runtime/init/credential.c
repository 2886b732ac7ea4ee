/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/credential.h"
#include "runtime/init/walk.h"

#define BASE "/run/credentials/"
#define SUFFIX ".service"

struct folder {
  char path[sizeof BASE + DI_NAME_MAX + sizeof SUFFIX];
};

static struct folder
folder_of (const struct di_service *service)
{
  struct folder folder = { BASE };
  const size_t size = strlen (service->name);

  memcpy (folder.path + sizeof BASE - 1, service->name, size);
  memcpy (folder.path + sizeof BASE - 1 + size, SUFFIX, sizeof SUFFIX);
  return folder;
}

static bool
has_any (const struct di_service *service)
{
  size_t position = 0;

  return di_next (service, DI_CREDENTIAL, &position) != NULL;
}

/* Where credentials are made. */
struct maker {
  const struct di_service *service;
  int fd;      /* of the folder */
  size_t left; /* bytes */
};

/* A new file NAME for the user; -1 also when there is one already. */
static int
make_file (const struct maker *maker, const char *name)
{
  const struct di_service *service = maker->service;
  const int fd =
      openat (maker->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

  if (fd >= 0 && service->user != DI_KEEP &&
      fchown (fd, (uid_t) service->user, (gid_t) -1) < 0) {
    close (fd);
    return -1;
  }
  return fd;
}

static int
put (struct maker *maker, int fd, const char *bytes, size_t size)
{
  if (size > maker->left) {
    errno = EFBIG;
    return -1;
  }
  maker->left -= size;
  while (size > 0) {
    const ssize_t n = write (fd, bytes, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    bytes += n;
    size -= (size_t) n;
  }
  return 0;
}

static int
put_file (struct maker *maker, int fd, int source)
{
  char bytes[4096];
  ssize_t n;

  while ((n = read (source, bytes, sizeof bytes)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 || put (maker, fd, bytes, (size_t) n) < 0)
      return -1;
  }
  return 0;
}

static int load (struct maker *maker, const char *name, int at,
                 const char *path, unsigned depth);

/* NAME_ENTRY for each file in the folder SOURCE, which is closed. */
static int
load_folder (struct maker *maker, const char *name, int source, unsigned depth)
{
  char joined[DI_NAME_MAX + 1];
  const size_t size = strlen (name);
  DIR *stream = fdopendir (source);
  const struct dirent *entry;
  int status = 0;

  if (stream == NULL) {
    close (source);
    return -1;
  }
  while (status == 0 && (entry = readdir (stream)) != NULL) {
    const size_t entry_size = strlen (entry->d_name);
    if (entry->d_name[0] == '.' || depth == DI_CREDENTIAL_DEPTH_MAX ||
        size + 1 + entry_size > DI_NAME_MAX)
      continue;
    memcpy (joined, name, size);
    joined[size] = '_';
    memcpy (joined + size + 1, entry->d_name, entry_size + 1);
    status = load (maker, joined, dirfd (stream), entry->d_name, depth + 1);
  }
  closedir (stream);
  return status;
}

static int
load (struct maker *maker, const char *name, int at, const char *path,
      unsigned depth)
{
  struct stat found;
  const int source = openat (at, path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

  if (source < 0)
    return -1;
  if (fstat (source, &found) == 0 && S_ISDIR (found.st_mode))
    return load_folder (maker, name, source, depth);
  const int fd = make_file (maker, name);
  const int status = fd < 0 ? -1 : put_file (maker, fd, source);
  const int code = errno;
  if (fd >= 0)
    close (fd);
  close (source);
  errno = code;
  return status;
}

/* Is there a text for NAME, should its file be missing? */
static bool
has_text (const struct di_service *service, const char *name)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_CREDENTIAL, &position)) != NULL) {
    if (line->choice == DI_CREDENTIAL_TEXT &&
        strcmp (line->words[1], name) == 0)
      return true;
  }
  return false;
}

static int
make_one (struct maker *maker, const struct di_line *line)
{
  const char *name = line->words[1], *value = line->words[2];

  if (line->choice == DI_CREDENTIAL_FILE)
    return load (maker, name, AT_FDCWD, value, 0) == 0 ||
                   (errno == ENOENT && has_text (maker->service, name))
               ? 0
               : -1;
  const int fd = make_file (maker, name);
  if (fd < 0)
    return errno == EEXIST ? 0 : -1; /* of its file */
  const int status = put (maker, fd, value, strlen (value));
  close (fd);
  return status;
}

static int
make_all (struct maker *maker, struct di_error *err)
{
  const struct di_service *service = maker->service;
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_next (service, DI_CREDENTIAL, &position)) != NULL) {
    if (make_one (maker, line) < 0)
      return di_fail_errno (
          err, "cannot make credential ", line->words[1],
          line->choice == DI_CREDENTIAL_FILE ? " from " : "",
          line->choice == DI_CREDENTIAL_FILE ? line->words[2] : "", NULL);
  }
  if (fchmod (maker->fd, 0500) < 0 ||
      (service->user != DI_KEEP &&
       fchown (maker->fd, (uid_t) service->user, (gid_t) -1) < 0))
    return di_fail_errno (err, "cannot close the folder of credentials", NULL);
  return 0;
}

int
di_credentials_make (const struct di_service *service, struct di_error *err)
{
  const struct folder folder = folder_of (service);
  struct maker maker = { .service = service, .left = DI_CREDENTIALS_MAX };

  if (!has_any (service))
    return 0;
  di_credentials_remove (service); /* of another life */
  if (di_make_parents (folder.path) < 0 || mkdir (folder.path, 0700) < 0)
    return di_fail_errno (err, "cannot make ", folder.path, NULL);
  maker.fd = open (folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (maker.fd < 0)
    return di_fail_errno (err, "cannot open ", folder.path, NULL);
  const int status = make_all (&maker, err);
  close (maker.fd);
  return status;
}

int
di_credentials_env (const struct di_service *service, struct di_env *env,
                    struct di_error *err)
{
  static const char name[] = "CREDENTIALS_DIRECTORY";

  return has_any (service) ? di_env_set (env, name, sizeof name - 1,
                                         folder_of (service).path, err)
                           : 0;
}

void
di_credentials_remove (const struct di_service *service)
{
  if (has_any (service))
    di_walk_remove (folder_of (service).path);
}
