/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "runtime/init/notify.h"
#include "tests/unit/unit.h"

/* One datagram to where NOTIFY is, with a descriptor. */
static void
send_to (const struct di_notify *notify, const char *text, int fd)
{
  struct sockaddr_un to = { .sun_family = AF_UNIX };
  AUTO_CLOSE int client = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof fd)];
  } control = { 0 };
  const size_t path_size = strlen (notify->path);
  struct iovec part = { .iov_len = strlen (text) };
  struct msghdr message = { .msg_name = &to,
                            .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };

  memcpy (&part.iov_base, &text, sizeof text);
  memcpy (to.sun_path, notify->path, path_size);
  to.sun_path[0] = '\0'; /* '@' stands for it */
  message.msg_namelen =
      (socklen_t) (offsetof (struct sockaddr_un, sun_path) + path_size);
  control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
                                     .cmsg_type = SCM_RIGHTS,
                                     .cmsg_len = CMSG_LEN (sizeof fd) };
  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  ck_assert_int_eq (sendmsg (client, &message, 0), (int) strlen (text));
}

START_TEST (test_sender_and_barrier)
{
  struct di_error err;
  struct di_notify notify;
  struct di_message message;
  int barrier[2];
  char byte;

  ck_assert_msg (di_notify_open (&notify, "web", &err) == 0, "%s", err.text);
  ck_assert_int_eq (notify.path[0], '@'); /* our parent is not PID 1 */
  ck_assert_int_eq (di_notify_read (&notify, &message), 0);
  ck_assert_int_eq (pipe (barrier), 0);
  send_to (&notify, "READY=1\nSTATUS=fine\n", barrier[1]);
  close (barrier[1]);
  ck_assert_int_eq (di_notify_read (&notify, &message), 1);
  ck_assert (message.is_ready);
  ck_assert_str_eq (message.status, "fine");
  ck_assert_int_eq (message.sender, getpid ());
  ck_assert_int_eq (read (barrier[0], &byte, 1), 0); /* nobody has it open */
  close (barrier[0]);
  di_notify_close (&notify);
  ck_assert_int_eq (notify.fd, -1);
  ck_assert_int_eq (di_notify_read (&notify, &message), 0);
}
END_TEST

static const struct {
  const char *text;
  struct di_message message;
} cases[] = {
  { "", { .extend_ms = -1 } },
  { "READY=1", { .is_ready = true, .extend_ms = -1 } },
  { "READY=0\nREADY", { .extend_ms = -1 } },
  { "STOPPING=1\nRELOADING=1\n",
    { .is_stopping = true, .is_reloading = true, .extend_ms = -1 } },
  { "MAINPID=77\nEXTEND_TIMEOUT_USEC=2500000",
    { .main_pid = 77, .extend_ms = 2500 } },
  { "MAINPID=1", { .extend_ms = -1 } },
  { "MAINPID=-5\nMAINPID=x\nMAINPID=99999999999", { .extend_ms = -1 } },
  { "STATUS=a=b\nX_OTHER=1\n\n=\n", { .status = "a=b", .extend_ms = -1 } },
};

START_TEST (test_fields)
{
  char text[128];
  struct di_message message;
  const struct di_message *expected = &cases[_i].message;
  const size_t size = strlen (cases[_i].text);

  memcpy (text, cases[_i].text, size);
  di_message_parse (text, size, &message);
  ck_assert_int_eq (message.is_ready, expected->is_ready);
  ck_assert_int_eq (message.is_stopping, expected->is_stopping);
  ck_assert_int_eq (message.is_reloading, expected->is_reloading);
  ck_assert_int_eq (message.main_pid, expected->main_pid);
  ck_assert_int_eq (message.extend_ms, expected->extend_ms);
  ck_assert_str_eq (message.status, expected->status);
}
END_TEST

START_TEST (test_long_status_is_cut)
{
  char text[1001] = "STATUS=";
  struct di_message message;

  memset (text + 7, 'x', 993);
  di_message_parse (text, 1000, &message);
  ck_assert_uint_eq (strlen (message.status), sizeof message.status - 1);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_sender_and_barrier);
  tcase_add_loop_test (tcase, test_fields, 0, DC_COUNT (cases));
  tcase_add_test (tcase, test_long_status_is_cut);
}

int
main (void)
{
  return unit_run ("init-notify", add);
}
