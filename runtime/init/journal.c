/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/init/entry.h"
#include "runtime/init/journal.h"

#define FOLDER "/run/systemd/journal"
#define FORWARD FOLDER "/syslog"
#define TURN 64        /* datagrams in a row, then others have their turn */
#define HEADER_LINES 7 /* of a stream */
#define RECEIVE_SIZE 1048576 /* of a socket, so that bursts are not lost */
#define BACKLOG 16
#define WINDOW_MS 1000

static int
open_socket (const char *path, int type)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int yes = 1, size = RECEIVE_SIZE;
  const int fd = socket (AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  memcpy (address.sun_path, path, strlen (path));
  (void) unlink (path);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0 ||
      chmod (path, 0666) < 0 ||
      (type == SOCK_STREAM && listen (fd, BACKLOG) < 0)) {
    di_say (NULL, "cannot listen at '", path, "': ", strerror (errno), NULL);
    if (fd >= 0)
      close (fd);
    return -1;
  }
  (void) setsockopt (fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
  /* Over the limit of the host where we may. */
  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return fd;
}

void
di_journal_open (struct di_journal *journal, const struct di_plan *plan)
{
  bool is_wanted = false;

  journal->syslog_fd = journal->native_fd = -1;
  journal->listen_fd = journal->forward_fd = -1;
  for (size_t i = 0; i < DI_STREAM_MAX; i++)
    journal->streams[i].fd = -1;
  for (size_t i = 0; i < plan->line_count; i++)
    is_wanted |= plan->lines[i].keyword == DI_JOURNAL;
  if (!is_wanted || getpid () != 1)
    return;
  (void) mkdir ("/run/systemd", 0755);
  (void) mkdir (FOLDER, 0755);
  journal->syslog_fd = open_socket (FOLDER "/dev-log", SOCK_DGRAM);
  journal->native_fd = open_socket (FOLDER "/socket", SOCK_DGRAM);
  journal->listen_fd = open_socket (FOLDER "/stdout", SOCK_STREAM);
  journal->forward_fd =
      socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  (void) unlink ("/dev/log");
  if (symlink (FOLDER "/dev-log", "/dev/log") < 0)
    di_say (NULL, "cannot make '/dev/log': ", strerror (errno), NULL);
}

void
di_journal_watch (const struct di_journal *journal, struct di_watch *watch)
{
  bool has_room = false;

  di_watch_add (watch, journal->syslog_fd, POLLIN);
  di_watch_add (watch, journal->native_fd, POLLIN);
  for (size_t i = 0; i < DI_STREAM_MAX; i++) {
    di_watch_add (watch, journal->streams[i].fd, POLLIN);
    has_room |= journal->streams[i].fd < 0;
  }
  if (has_room)
    di_watch_add (watch, journal->listen_fd, POLLIN);
  if (journal->lost > 0)
    di_watch_until (watch, journal->window_ms + WINDOW_MS);
}

/* May one more line be written now? */
static bool
is_within_rate (struct di_journal *journal)
{
  const int64_t now_ms = di_now_ms ();

  if (now_ms - journal->window_ms >= WINDOW_MS) {
    if (journal->lost > 0)
      di_say (NULL, DI_NUMBER (journal->lost),
              " lines of logs were lost: there were too many", NULL);
    journal->window_ms = now_ms;
    journal->count = journal->lost = 0;
  }
  return ++journal->count <= DI_JOURNAL_RATE;
}

static void
write_entry (struct di_journal *journal, struct di_entry *entry)
{
  char line[DI_LINE_SIZE_MAX];
  size_t size;

  if (entry->text != NULL && entry->size == 0)
    return;
  while (di_entry_line (entry, NULL, line, &size)) {
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
    if (!is_within_rate (journal) || poll (&out, 1, 0) != 1 ||
        (out.revents & POLLOUT) == 0 || write (STDOUT_FILENO, line, size) < 0)
      journal->lost++;
  }
}

/* The content of the memory file FD, in which a large message comes. */
static size_t
read_memory (int fd, char *bytes)
{
  struct stat st;

  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode) ||
      (fcntl (fd, F_GET_SEALS) & F_SEAL_WRITE) == 0)
    return 0; /* it could change or block */
  const ssize_t n = pread (fd, bytes, DI_DATAGRAM_MAX, 0);
  return n < 0 ? 0 : (size_t) n;
}

/* What came beside a datagram: its sender; a descriptor, of which one is kept
 * in *FD.
 */
static pid_t
read_control (const char *control, size_t size, int *fd)
{
  const size_t head = CMSG_LEN (0);
  struct cmsghdr c;
  pid_t pid = 0;

  for (size_t at = 0; at + head <= size; at += CMSG_ALIGN (c.cmsg_len)) {
    memcpy (&c, control + at, sizeof c);
    if (c.cmsg_len < head || c.cmsg_len > size - at)
      break;
    const char *data = control + at + head;
    if (c.cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy (&sender, data, sizeof sender);
      pid = sender.pid;
    }
    for (size_t i = 0;
         c.cmsg_type == SCM_RIGHTS && i + sizeof (int) <= c.cmsg_len - head;
         i += sizeof (int)) {
      if (*fd >= 0)
        close (*fd);
      memcpy (fd, data + i, sizeof *fd);
    }
  }
  return pid;
}

/* One datagram of SOCKET_FD into the memory at BYTES: its size; -1: none. */
static ssize_t
receive (int socket_fd, char *bytes, pid_t *pid)
{
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (struct ucred)) +
               CMSG_SPACE (253 * sizeof (int))];
  } control;
  struct iovec part = { .iov_base = bytes, .iov_len = DI_DATAGRAM_MAX };
  struct msghdr header = { .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes };
  int fd = -1;

  ssize_t size = recvmsg (socket_fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (size < 0)
    return -1;
  *pid = read_control (control.bytes, header.msg_controllen, &fd);
  if (fd >= 0 && size == 0)
    size = (ssize_t) read_memory (fd, bytes);
  if (fd >= 0)
    close (fd);
  return size;
}

static void
forward (const struct di_journal *journal, const char *bytes, size_t size)
{
  const struct sockaddr_un address = { .sun_family = AF_UNIX,
                                       .sun_path = FORWARD };

  /* Nobody listens there, mostly. */
  (void) sendto (journal->forward_fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                 (const struct sockaddr *) &address, sizeof address);
}

static void
take_datagrams (struct di_journal *journal, int fd)
{
  static char bytes[DI_DATAGRAM_MAX]; /* its pages are used when they are */
  const bool is_syslog = fd == journal->syslog_fd;
  struct di_entry entry;
  ssize_t size = 0;
  pid_t pid;

  for (int i = 0; i < TURN; i++) {
    size = receive (fd, bytes, &pid);
    if (size < 0)
      return;
    if (is_syslog) {
      forward (journal, bytes, (size_t) size);
      di_entry_syslog (bytes, (size_t) size, &entry);
    } else if (!di_entry_native (bytes, (size_t) size, &entry)) {
      continue;
    }
    if (entry.pid == 0)
      entry.pid = pid;
    write_entry (journal, &entry);
  }
}

/* A line of a stream: of its header, or a message. */
static void
take_line (struct di_journal *journal, struct di_logstream *stream,
           const char *text, size_t size)
{
  struct di_entry entry = { .priority = stream->priority,
                            .text = text,
                            .size = size };
  const size_t tag_size =
      size < sizeof stream->tag ? size : sizeof stream->tag - 1;

  switch (stream->header++) {
  case 0:
    memcpy (stream->tag, text, tag_size);
    stream->tag[tag_size] = '\0';
    return;
  case 2:
    stream->priority = size == 1 && text[0] >= '0' && text[0] <= '7'
                           ? text[0] - '0'
                           : DI_PRIORITY_DEFAULT;
    return;
  case 3:
    stream->has_levels = size == 1 && text[0] == '1';
    return;
  default:
    if (stream->header <= HEADER_LINES)
      return;
  }
  stream->header = HEADER_LINES;
  memcpy (entry.tag, stream->tag, sizeof entry.tag);
  if (stream->has_levels)
    di_entry_level (&entry);
  write_entry (journal, &entry);
}

static void
take_lines (struct di_journal *journal, struct di_logstream *stream,
            bool is_last)
{
  size_t done = 0;

  while (done < stream->size) {
    const char *text = stream->text + done;
    const size_t left = stream->size - done;
    const char *eol = memchr (text, '\n', left);
    if (eol == NULL && !is_last && (done > 0 || left < sizeof stream->text))
      break;
    const size_t size = eol == NULL ? left : (size_t) (eol - text);
    take_line (journal, stream, text, size);
    done += size + (eol != NULL);
  }
  stream->size -= done;
  memmove (stream->text, stream->text + done, stream->size);
}

static void
read_stream (struct di_journal *journal, struct di_logstream *stream)
{
  const ssize_t n = recv (stream->fd, stream->text + stream->size,
                          sizeof stream->text - stream->size, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n > 0)
    stream->size += (size_t) n;
  take_lines (journal, stream, n <= 0);
  if (n <= 0) {
    close (stream->fd);
    stream->fd = -1;
  }
}

static void
admit (struct di_journal *journal)
{
  const int fd =
      accept4 (journal->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  for (size_t i = 0; i < DI_STREAM_MAX && fd >= 0; i++) {
    struct di_logstream *stream = &journal->streams[i];
    if (stream->fd >= 0)
      continue;
    stream->fd = fd;
    stream->header = 0;
    stream->size = 0;
    stream->has_levels = false;
    stream->priority = DI_PRIORITY_DEFAULT;
    return;
  }
  if (fd >= 0)
    close (fd);
}

void
di_journal_listen (struct di_journal *journal, const struct di_watch *watch)
{
  if (di_watch_is_ready (watch, journal->syslog_fd))
    take_datagrams (journal, journal->syslog_fd);
  if (di_watch_is_ready (watch, journal->native_fd))
    take_datagrams (journal, journal->native_fd);
  for (size_t i = 0; i < DI_STREAM_MAX; i++) {
    if (di_watch_is_ready (watch, journal->streams[i].fd))
      read_stream (journal, &journal->streams[i]);
  }
  if (di_watch_is_ready (watch, journal->listen_fd))
    admit (journal);
  if (journal->lost > 0 && di_now_ms () - journal->window_ms >= WINDOW_MS)
    (void) is_within_rate (journal); /* which tells it */
}
