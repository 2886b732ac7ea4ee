/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/init/notify.h"

#define MESSAGE_SIZE 4096
#define FD_MAX 253 /* SCM_MAX_FD of the kernel */

static int
bind_file (struct di_notify *notify, const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  static const char tail[] = ".notify";
  const size_t folder_size = strlen (DI_RUN_FOLDER "/");
  char *path = address.sun_path;

  if (folder_size + strlen (name) + sizeof tail > sizeof address.sun_path)
    return -1;
  memcpy (path, DI_RUN_FOLDER "/", folder_size);
  memcpy (path + folder_size, name, strlen (name));
  memcpy (path + folder_size + strlen (name), tail, sizeof tail);
  (void) unlink (path);
  if (bind (notify->fd, (struct sockaddr *) &address, sizeof address) < 0)
    return -1;
  (void) chmod (path, 0666); /* a daemon may have dropped root by then */
  memcpy (notify->path, path, strlen (path) + 1);
  return 0;
}

/* A name of the kernel's choice: NUL and five hex digits. */
static int
bind_anywhere (struct di_notify *notify)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  socklen_t size = sizeof address.sun_family;
  const socklen_t head = offsetof (struct sockaddr_un, sun_path);

  if (bind (notify->fd, (struct sockaddr *) &address, size) < 0)
    return -1;
  size = sizeof address;
  if (getsockname (notify->fd, (struct sockaddr *) &address, &size) < 0 ||
      size <= head + 1)
    return -1;
  memset (notify->path, 0, sizeof notify->path);
  memcpy (notify->path, address.sun_path, size - head);
  notify->path[0] = '@';
  return 0;
}

int
di_notify_open (struct di_notify *notify, const char *name,
                struct di_error *err)
{
  const int yes = 1;

  notify->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (notify->fd < 0)
    return di_fail_errno (err, "cannot make the notify socket", NULL);
  /* Outside a container the folder is not ours, and two of us may run. */
  const bool has_folder = getppid () == 1;
  if (setsockopt (notify->fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0 ||
      ((!has_folder || bind_file (notify, name) < 0) &&
       bind_anywhere (notify) < 0)) {
    di_fail_errno (err, "cannot bind the notify socket", NULL);
    di_notify_close (notify);
    return -1;
  }
  return 0;
}

void
di_notify_close (struct di_notify *notify)
{
  if (notify->fd < 0)
    return;
  close (notify->fd);
  notify->fd = -1;
  if (notify->path[0] == '/')
    (void) unlink (notify->path);
}

static void
read_field (char *line, struct di_message *message)
{
  char *value = strchr (line, '=');
  int64_t n;

  if (value == NULL)
    return;
  *value++ = '\0';
  if (strcmp (line, "READY") == 0)
    message->is_ready |= strcmp (value, "1") == 0;
  else if (strcmp (line, "STOPPING") == 0)
    message->is_stopping |= strcmp (value, "1") == 0;
  else if (strcmp (line, "RELOADING") == 0)
    message->is_reloading |= strcmp (value, "1") == 0;
  else if (strcmp (line, "MAINPID") == 0 &&
           di_number_parse (value, 10, 2, INT32_MAX, &n) == 0)
    message->main_pid = (pid_t) n;
  else if (strcmp (line, "EXTEND_TIMEOUT_USEC") == 0 &&
           di_number_parse (value, 10, 0, INT64_MAX, &n) == 0)
    message->extend_ms = n / 1000;
  else if (strcmp (line, "WATCHDOG") == 0) {
    message->is_alive |= strcmp (value, "1") == 0;
    message->is_sick |= strcmp (value, "trigger") == 0;
  } else if (strcmp (line, "WATCHDOG_USEC") == 0 &&
             di_number_parse (value, 10, 0, INT64_MAX, &n) == 0)
    message->watchdog_ms = n / 1000;
  else if (strcmp (line, "STATUS") == 0) {
    const size_t room = sizeof message->status - 1;
    const size_t size = strlen (value) < room ? strlen (value) : room;
    memcpy (message->status, value, size);
    message->status[size] = '\0';
  }
}

void
di_message_parse (char *text, size_t size, struct di_message *message)
{
  char *const end = text + size;

  *message = (struct di_message){ .extend_ms = -1, .watchdog_ms = -1 };
  for (char *s = text; s < end;) {
    char *eol = memchr (s, '\n', (size_t) (end - s));
    if (eol == NULL)
      eol = end;
    *eol = '\0'; /* TEXT has room for one byte more */
    read_field (s, message);
    s = eol + 1;
  }
}

/* Descriptors (a barrier's, or to be stored) are closed, which is what a
 * barrier waits for.
 */
static void
close_all (const char *data, size_t size)
{
  for (size_t i = 0; i + sizeof (int) <= size; i += sizeof (int)) {
    int fd;
    memcpy (&fd, data + i, sizeof fd);
    close (fd);
  }
}

/* The SIZE bytes at CONTROL beside the datagram: who sent it, descriptors.
 * By hand, because musl's CMSG_NXTHDR does not pass our warnings.
 */
static void
read_control (const char *control, size_t size, struct di_message *message)
{
  const size_t head = CMSG_LEN (0);
  struct cmsghdr c;

  for (size_t at = 0; at + head <= size; at += CMSG_ALIGN (c.cmsg_len)) {
    memcpy (&c, control + at, sizeof c);
    if (c.cmsg_len < head || c.cmsg_len > size - at)
      return;
    const char *data = control + at + head;
    if (c.cmsg_level != SOL_SOCKET)
      continue;
    if (c.cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy (&sender, data, sizeof sender);
      message->sender = sender.pid;
    } else if (c.cmsg_type == SCM_RIGHTS) {
      close_all (data, c.cmsg_len - head);
    }
  }
}

int
di_notify_read (struct di_notify *notify, struct di_message *message)
{
  char text[MESSAGE_SIZE + 1];
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (struct ucred)) +
               CMSG_SPACE (FD_MAX * sizeof (int))];
  } control;
  struct iovec part = { .iov_base = text, .iov_len = MESSAGE_SIZE };
  struct msghdr header = { .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes };

  if (notify->fd < 0)
    return 0;
  const ssize_t size = recvmsg (notify->fd, &header, MSG_CMSG_CLOEXEC);
  if (size < 0)
    return errno == EINTR;
  di_message_parse (text, (size_t) size, message);
  read_control (control.bytes, header.msg_controllen, message);
  return 1;
}
