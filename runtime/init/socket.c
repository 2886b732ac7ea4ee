/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/address.h"
#include "runtime/init/socket.h"
#include "runtime/init/walk.h"

#define FLUSH_MAX 1024 /* connections or messages thrown away at once */

/* Give what was made at PATH to its owner. */
static int
give (const struct di_trigger *trigger, const char *path)
{
  if (trigger->owner[0] == DI_KEEP)
    return 0;
  return lchown (path, (uid_t) trigger->owner[0], (gid_t) trigger->owner[1]);
}

static int
make_parents (const struct di_trigger *trigger, const char *path)
{
  return di_make_parents_mode (path, (mode_t) trigger->folder_mode);
}

static int
make_socket (const struct di_trigger *trigger, enum di_listen type,
             struct di_address *address)
{
  static const int types[] = { [DI_LISTEN_STREAM] = SOCK_STREAM,
                               [DI_LISTEN_DATAGRAM] = SOCK_DGRAM,
                               [DI_LISTEN_SEQPACKET] = SOCK_SEQPACKET };
  const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  const int yes = 1;

  if (type == DI_LISTEN_NETLINK)
    return socket (AF_NETLINK, SOCK_RAW | flags, address->protocol);
  int fd = socket (address->at.any.sa_family, types[type] | flags, 0);
  if (fd < 0 && errno == EAFNOSUPPORT && address->is_any) {
    di_address_to_ip4 (address);
    fd = socket (AF_INET, types[type] | flags, 0);
  }
  if (fd >= 0) {
    (void) setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    di_options_set (trigger, fd, type, address->at.any.sa_family);
  }
  return fd;
}

/* A socket that an earlier life left is in the way. */
static int
bind_local (const struct di_trigger *trigger, int fd,
            const struct di_address *address)
{
  const char *path = address->at.local.sun_path;

  if (make_parents (trigger, path) < 0)
    return -1;
  const mode_t mask = umask ((mode_t) (~trigger->mode & 0777));
  int status = bind (fd, &address->at.any, address->size);
  if (status < 0 && errno == EADDRINUSE && unlink (path) == 0)
    status = bind (fd, &address->at.any, address->size);
  (void) umask (mask);
  return status < 0 ? -1 : give (trigger, path);
}

static int
bind_any (const struct di_trigger *trigger, int fd,
          const struct di_address *address)
{
  const bool is_path = address->at.any.sa_family == AF_UNIX &&
                       address->at.local.sun_path[0] == '/';

  return is_path ? bind_local (trigger, fd, address)
                 : bind (fd, &address->at.any, address->size);
}

static int
open_socket (const struct di_trigger *trigger, enum di_listen type,
             const char *text)
{
  struct di_address address;

  if (di_address_parse (type, text, &address) < 0) {
    errno = EINVAL;
    return -1;
  }
  const int fd = make_socket (trigger, type, &address);
  if (fd < 0)
    return -1;
  const bool listens = type == DI_LISTEN_STREAM || type == DI_LISTEN_SEQPACKET;
  if (bind_any (trigger, fd, &address) < 0 ||
      (listens && listen (fd, (int) trigger->backlog) < 0)) {
    const int code = errno;
    close (fd);
    errno = code;
    return -1;
  }
  return fd;
}

static int
open_fifo (const struct di_trigger *trigger, const char *path)
{
  struct stat st;

  if (make_parents (trigger, path) < 0 ||
      (mkfifo (path, (mode_t) trigger->mode) < 0 && errno != EEXIST))
    return -1;
  const int fd =
      open (path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  if (fd < 0)
    return -1;
  if (fstat (fd, &st) < 0 || !S_ISFIFO (st.st_mode) ||
      give (trigger, path) < 0) {
    close (fd);
    errno = EEXIST;
    return -1;
  }
  if (trigger->pipe_size > 0 &&
      fcntl (fd, F_SETPIPE_SZ, (int) trigger->pipe_size) < 0)
    di_say (trigger->name, "cannot set the pipe's size: ", strerror (errno),
            NULL);
  return fd;
}

static int
open_queue (const struct di_trigger *trigger, const char *name)
{
  struct mq_attr limits = { .mq_maxmsg = (long) trigger->message_limits[0],
                            .mq_msgsize = (long) trigger->message_limits[1] };
  const bool has_limits = limits.mq_maxmsg > 0 && limits.mq_msgsize > 0;

  const int fd = mq_open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_CREAT,
                          (mode_t) trigger->mode, has_limits ? &limits : NULL);
  if (fd >= 0 && trigger->owner[0] != DI_KEEP &&
      fchown (fd, (uid_t) trigger->owner[0], (gid_t) trigger->owner[1]) < 0)
    di_say (trigger->name, "cannot give the queue away: ", strerror (errno),
            NULL);
  return fd;
}

static int
open_line (const struct di_trigger *trigger, const struct di_line *line)
{
  const char *text = line->words[1];

  switch ((enum di_listen) line->choice) {
  case DI_LISTEN_FIFO:
    return open_fifo (trigger, text);
  case DI_LISTEN_SPECIAL:
    return open (text, (trigger->is_writable ? O_RDWR : O_RDONLY) | O_CLOEXEC |
                           O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
  case DI_LISTEN_MQUEUE:
    return open_queue (trigger, text);
  case DI_LISTEN_STREAM:
  case DI_LISTEN_DATAGRAM:
  case DI_LISTEN_SEQPACKET:
  case DI_LISTEN_NETLINK:
    break;
  }
  return open_socket (trigger, (enum di_listen) line->choice, text);
}

/* Does LINE stand for a file that we make? */
static bool
has_path (const struct di_line *line)
{
  return line->words[1][0] == '/' && line->choice != DI_LISTEN_SPECIAL &&
         line->choice != DI_LISTEN_MQUEUE;
}

static const char *
first_path (const struct di_trigger *trigger)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_trigger_next (trigger, DI_LISTEN, &position)) != NULL) {
    if (has_path (line))
      return line->words[1];
  }
  return NULL;
}

static void
make_links (const struct di_trigger *trigger)
{
  const char *path = first_path (trigger);
  size_t position = 0;
  const struct di_line *line;

  while (path != NULL &&
         (line = di_trigger_next (trigger, DI_SYMLINK, &position)) != NULL) {
    for (size_t i = 0; i < line->count; i++) {
      (void) unlink (line->words[i]); /* of an earlier life */
      if (make_parents (trigger, line->words[i]) < 0 ||
          symlink (path, line->words[i]) < 0)
        di_say (trigger->name, "cannot make link '", line->words[i],
                "': ", strerror (errno), NULL);
    }
  }
}

static void
open_trigger (struct di_sockets *sockets, size_t index)
{
  const struct di_trigger *trigger = &sockets->plan->triggers[index];
  size_t position = 0;
  const struct di_line *line;

  sockets->firsts[index] = sockets->count;
  while ((line = di_trigger_next (trigger, DI_LISTEN, &position)) != NULL) {
    const int fd = sockets->count < DI_LISTEN_MAX ? open_line (trigger, line)
                                                  : (errno = EMFILE, -1);
    if (fd < 0) {
      di_say (trigger->name, "cannot listen on '", line->words[1],
              "': ", strerror (errno), NULL);
      di_sockets_close (sockets, index);
      return;
    }
    sockets->fds[sockets->count++] = fd;
    sockets->counts[index]++;
  }
  make_links (trigger);
}

void
di_sockets_open (struct di_sockets *sockets, const struct di_plan *plan)
{
  *sockets = (struct di_sockets){ .plan = plan };
  for (size_t i = 0; i < plan->trigger_count; i++) {
    if (plan->triggers[i].kind == DI_OF_SOCKET)
      open_trigger (sockets, i);
  }
}

static void
remove_files (const struct di_trigger *trigger)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_trigger_next (trigger, DI_LISTEN, &position)) != NULL) {
    if (has_path (line))
      (void) unlink (line->words[1]);
    else if (line->choice == DI_LISTEN_MQUEUE)
      (void) mq_unlink (line->words[1]);
  }
  position = 0;
  while ((line = di_trigger_next (trigger, DI_SYMLINK, &position)) != NULL) {
    for (size_t i = 0; i < line->count; i++)
      (void) unlink (line->words[i]);
  }
}

void
di_sockets_close (struct di_sockets *sockets, size_t trigger)
{
  const size_t count = sockets->counts[trigger];

  for (size_t i = 0; i < count; i++)
    close (sockets->fds[sockets->firsts[trigger] + i]);
  sockets->counts[trigger] = 0;
  if (count > 0 && sockets->plan->triggers[trigger].is_removed)
    remove_files (&sockets->plan->triggers[trigger]);
}

void
di_sockets_flush (const struct di_sockets *sockets, size_t trigger)
{
  char rest[4096];

  for (size_t i = 0; i < sockets->counts[trigger]; i++) {
    const int fd = sockets->fds[sockets->firsts[trigger] + i];
    for (int k = 0; k < FLUSH_MAX; k++) {
      const int connection = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
      if (connection >= 0)
        close (connection);
      else if (read (fd, rest, sizeof rest) <= 0)
        break;
    }
  }
}

/* The socket NAME of the plan, which has it. */
static size_t
find_socket (const struct di_plan *plan, const char *name)
{
  size_t i = 0;

  while (plan->triggers[i].kind != DI_OF_SOCKET ||
         strcmp (plan->triggers[i].name, name) != 0)
    i++;
  return i;
}

static void
pass_socket (const struct di_sockets *sockets, size_t index,
             struct di_passing *passing)
{
  const struct di_trigger *trigger = &sockets->plan->triggers[index];

  for (size_t i = 0; i < sockets->counts[index] && passing->count < DI_PASS_MAX;
       i++) {
    passing->fds[passing->count] = sockets->fds[sockets->firsts[index] + i];
    passing->names[passing->count++] = trigger->descriptor;
  }
}

void
di_sockets_pass (const struct di_sockets *sockets,
                 const struct di_service *service, struct di_passing *passing)
{
  size_t position = 0;
  const struct di_line *line;

  passing->count = 0;
  passing->remote = NULL;
  while ((line = di_next (service, DI_SOCKETS, &position)) != NULL) {
    for (size_t i = 0; i < line->count; i++)
      pass_socket (sockets, find_socket (sockets->plan, line->words[i]),
                   passing);
  }
}
