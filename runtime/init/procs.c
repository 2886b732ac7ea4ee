/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/init/procs.h"
#include "runtime/init/text.h"

#define PASS_MAX 10        /* a service that forks faster gets SIGKILL later */
#define PROCESS_MAX 131072 /* of the whole container */
#define STEP 256

struct process {
  pid_t pid, parent;
  bool is_below;
  bool is_told; /* in an earlier pass */
};

struct table {
  struct process *items; /* by rising pid, as /proc lists them */
  size_t count, capacity;
};

bool
di_has_children (void)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A container may show no /proc or, after unshare(1) without mounting it,
 * that of another PID namespace, whose numbers mean other processes.
 */
static bool
is_proc_ours (void)
{
  char target[DI_NUMBER_SIZE] = "";

  return readlink ("/proc/self", target, sizeof target - 1) > 0 &&
         strcmp (target, DI_NUMBER (getpid ())) == 0;
}

/* PID, state and parent of /proc/NAME/stat: "12 (any (name)) S 1 ...".
 * A process that ended is none.
 */
static int
read_stat (int proc_fd, const char *name, struct process *process)
{
  char path[DI_NUMBER_SIZE + 8] = "";
  char text[512];
  int64_t pid, parent;

  if (di_number_parse (name, 10, 1, INT32_MAX, &pid) < 0)
    return -1;
  memcpy (path, name, strlen (name));
  memcpy (path + strlen (name), "/stat", sizeof "/stat");
  const int fd = openat (proc_fd, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  const ssize_t size = read (fd, text, sizeof text - 1);
  close (fd);
  if (size <= 0)
    return -1;
  text[size] = '\0';
  char *s = strrchr (text, ')');
  if (s == NULL || strlen (s) < 5 || strchr ("ZXx", s[2]) != NULL)
    return -1;
  s += 4;
  s[strcspn (s, " ")] = '\0';
  if (di_number_parse (s, 10, 0, INT32_MAX, &parent) < 0)
    return -1;
  *process = (struct process){ .pid = (pid_t) pid, .parent = (pid_t) parent };
  return 0;
}

static int
append (struct table *table, const struct process *process)
{
  if (table->count == PROCESS_MAX)
    return -1;
  if (table->count == table->capacity) {
    const size_t capacity = table->capacity + STEP;
    struct process *items = realloc (table->items, capacity * sizeof *items);
    if (items == NULL)
      return -1;
    table->items = items;
    table->capacity = capacity;
  }
  table->items[table->count++] = *process;
  return 0;
}

static struct process *
find (const struct table *table, pid_t pid)
{
  size_t low = 0, high = table->count;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (table->items[middle].pid == pid)
      return &table->items[middle];
    if (table->items[middle].pid < pid)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* Mark who is below us.  A child has mostly a higher number than its parent,
 * so one round does, and another finds nothing new.
 */
static void
mark (struct table *table)
{
  const pid_t self = getpid ();
  bool has_new = true;

  while (has_new) {
    has_new = false;
    for (size_t i = 0; i < table->count; i++) {
      struct process *process = &table->items[i];
      const struct process *parent = find (table, process->parent);
      if (process->is_below ||
          (process->parent != self && (parent == NULL || !parent->is_below)))
        continue;
      process->is_below = true;
      has_new = true;
    }
  }
}

/* All processes; the caller frees items.  -1: no usable /proc. */
static int
scan (struct table *table)
{
  if (!is_proc_ours ())
    return -1;
  DIR *proc = opendir ("/proc");
  if (proc == NULL)
    return -1;
  const struct dirent *entry;
  struct process process;
  while ((entry = readdir (proc)) != NULL) {
    if (read_stat (dirfd (proc), entry->d_name, &process) == 0 &&
        append (table, &process) < 0)
      break;
  }
  closedir (proc);
  mark (table);
  return 0;
}

int
di_children (pid_t *child)
{
  struct table table = { 0 };
  const pid_t self = getpid ();
  int count = 0;

  if (scan (&table) < 0)
    return -1;
  for (size_t i = 0; i < table.count; i++) {
    if (table.items[i].parent == self) {
      *child = table.items[i].pid;
      count++;
    }
  }
  free (table.items);
  return count;
}

bool
di_is_descendant (pid_t pid)
{
  struct table table = { 0 };

  if (scan (&table) < 0)
    return kill (pid, 0) == 0; /* the best we know */
  const struct process *process = find (&table, pid);
  const bool is_below = process != NULL && process->is_below;
  free (table.items);
  return is_below;
}

int
di_kill_descendants (int signal)
{
  struct table before = { 0 };
  bool has_new = true;

  for (int pass = 0; pass < PASS_MAX && has_new; pass++) {
    struct table now = { 0 };
    has_new = false;
    if (scan (&now) < 0) {
      free (before.items);
      return -1;
    }
    for (size_t i = 0; i < now.count; i++) {
      struct process *process = &now.items[i];
      if (!process->is_below)
        continue;
      const struct process *earlier = find (&before, process->pid);
      process->is_told = true;
      if (earlier != NULL && earlier->is_told)
        continue;
      has_new = true;
      if (kill (process->pid, signal) == 0 && signal != SIGKILL)
        kill (process->pid, SIGCONT);
    }
    free (before.items);
    before = now;
  }
  free (before.items);
  return 0;
}
