/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init/mainpid.h"
#include "runtime/init/procs.h"

pid_t
di_mainpid_read (const char *path)
{
  char text[DI_NUMBER_SIZE] = "";
  int64_t pid;

  const int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return 0;
  const ssize_t size = read (fd, text, sizeof text - 1);
  close (fd);
  if (size <= 0)
    return 0;
  const char *start = text + strspn (text, " \t\n");
  text[strcspn (start, " \t\r\n") + (size_t) (start - text)] = '\0';
  if (di_number_parse (start, 10, 2, INT32_MAX, &pid) < 0 ||
      !di_is_descendant ((pid_t) pid))
    return 0;
  return (pid_t) pid;
}

pid_t
di_mainpid_guess (void)
{
  pid_t child = 0;

  return di_children (&child) == 1 ? child : 0;
}

void
di_mainpid_set (struct di_life *life, pid_t pid)
{
  siginfo_t info;

  life->main_pid = life->record->main_pid = pid;
  life->main_status = -1;
  life->has_main = true;
  life->is_main_child =
      waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}
