/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/init/child.h"

/* Of the kernel's headers, which are not ours to include. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_CLASS_SHIFT 13

static int
write_text (const char *path, const char *text)
{
  const int fd = open (path, O_WRONLY | O_CLOEXEC);
  const size_t size = strlen (text);

  if (fd < 0)
    return -1;
  const ssize_t n = write (fd, text, size);
  const int code = errno;
  close (fd);
  errno = code;
  return n == (ssize_t) size ? 0 : -1;
}

static int
set_nice (const struct di_line *line)
{
  return setpriority (PRIO_PROCESS, 0, (int) line->numbers[0]);
}

static int
set_oom_score (const struct di_line *line)
{
  return write_text ("/proc/self/oom_score_adj", line->words[0]);
}

/* By the call itself: musl's function refuses, the kernel's means a thread. */
static int
set_scheduler (const struct di_line *line)
{
  const struct sched_param parameter = { .sched_priority =
                                             (int) line->numbers[0] };
  const int policy =
      line->choice | (line->numbers[1] != 0 ? SCHED_RESET_ON_FORK : 0);

  return (int) syscall (SYS_sched_setscheduler, 0, policy, &parameter);
}

static int
set_cpus (const struct di_line *line)
{
  cpu_set_t set;
  int64_t number;

  CPU_ZERO (&set);
  for (size_t i = 0; i < line->count; i++) {
    if (di_number_parse (line->words[i], 10, 0, CPU_SETSIZE - 1, &number) == 0)
      CPU_SET ((size_t) number, &set);
  }
  return sched_setaffinity (0, sizeof set, &set);
}

static int
set_io_priority (const struct di_line *line)
{
  return (int) syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
                        line->choice << IOPRIO_CLASS_SHIFT | line->numbers[0]);
}

static int
set_timer_slack (const struct di_line *line)
{
  return prctl (PR_SET_TIMERSLACK, line->numbers[0], 0, 0, 0);
}

static int
set_personality (const struct di_line *line)
{
  return personality ((unsigned long) line->numbers[0]) < 0 ? -1 : 0;
}

static int
set_coredump_filter (const struct di_line *line)
{
  char text[2 + DI_NUMBER_SIZE] = "0x";
  const size_t size = strlen (line->words[0]);

  if (size >= DI_NUMBER_SIZE)
    return 0;
  memcpy (text + 2, line->words[0], size);
  return write_text ("/proc/self/coredump_filter", text);
}

static const struct {
  enum di_keyword keyword;
  int (*set) (const struct di_line *line);
  const char *name;
} settings[] = {
  { DI_OOM_SCORE, set_oom_score, "OOM score" },
  { DI_COREDUMP_FILTER, set_coredump_filter, "coredump filter" },
  { DI_NICE, set_nice, "nice value" },
  { DI_SCHEDULER, set_scheduler, "scheduler" },
  { DI_CPUS, set_cpus, "set of processors" },
  { DI_IO_PRIORITY, set_io_priority, "I/O priority" },
  { DI_TIMER_SLACK, set_timer_slack, "timer slack" },
  { DI_PERSONALITY, set_personality, "personality" },
};

int
di_take_schedule (const struct di_child *child, struct di_error *err)
{
  for (size_t i = 0; i < DI_COUNT (settings); i++) {
    size_t position = 0;
    const struct di_line *line =
        di_next (child->spawn->service, settings[i].keyword, &position);
    if (line == NULL || settings[i].set (line) == 0)
      continue;
    di_fail_errno (err, "its ", settings[i].name, " is not allowed here", NULL);
    di_child_tell (child, err);
  }
  return 0;
}
