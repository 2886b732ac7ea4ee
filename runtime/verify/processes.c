/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "lib/file.h"
#include "lib/number.h"
#include "lib/span.h"
#include "runtime/verify/processes.h"

#define FILE_SIZE_MAX ((size_t) 16 * 1024) /* bytes that are read of one */

/* The beginning of the file NAME of process PID; 0, or -1 when it has ended
 * meanwhile.
 */
static int
read_part (int proc_fd, const char *pid, const char *name,
           char text[FILE_SIZE_MAX], size_t *size)
{
  char path[64];
  struct dc_error ignored; /* it has ended */

  (void) snprintf (path, sizeof path, "%s/%s", pid, name);
  AUTO_CLOSE int fd = dc_file_open (proc_fd, path, &ignored);
  if (fd < 0)
    return -1;
  const ssize_t n = read (fd, text, FILE_SIZE_MAX - 1);
  *size = n > 0 ? (size_t) n : 0;
  text[*size] = '\0';
  return n < 0 ? -1 : 0;
}

static bool
read_status (struct dc_span text, struct dc_process *process)
{
  struct dc_span line, key, word;
  struct dc_error ignored; /* no number: not a status file */
  uint64_t uid = 0;
  bool has_uid = false;

  while (dc_span_line (&text, &line)) {
    if (!dc_span_word (&line, &key) || !dc_span_word (&line, &word))
      continue;
    if (dc_span_is (key, "Name:"))
      (void) snprintf (process->name, sizeof process->name, "%.*s",
                       word.size < 16 ? (int) word.size : 15, word.text);
    if (dc_span_is (key, "State:") && dc_span_is (word, "Z"))
      return false;
    if (dc_span_is (key, "Uid:")) { /* real, effective, saved, file system */
      if (!dc_span_word (&line, &word))
        return false;
      has_uid = dc_number_parse_bytes (word.text, word.size, 0, UINT32_MAX,
                                       &uid, &ignored) == 0;
    }
  }
  process->uid = (uint32_t) uid;
  return has_uid;
}

static void
release_process (struct dc_process *process)
{
  for (size_t i = 0; i < DC_PROCESS_WORDS; i++)
    free (process->words[i]);
}

/* 1, 0 when it is none, -1. */
static int
read_process (int proc_fd, const char *pid, struct dc_process *process,
              struct dc_error *err)
{
  char text[FILE_SIZE_MAX];
  size_t size = 0;

  if (read_part (proc_fd, pid, "status", text, &size) < 0 ||
      !read_status ((struct dc_span){ text, size }, process) ||
      read_part (proc_fd, pid, "cmdline", text, &size) < 0 || size == 0)
    return 0;
  const char *at = text;
  for (size_t i = 0; i < DC_PROCESS_WORDS && at < text + size; i++) {
    process->words[i] = strdup (at);
    if (process->words[i] == NULL)
      return dc_fail_errno (err, "cannot keep a process");
    at += strlen (at) + 1;
  }
  return 1;
}

static void
close_dir_auto (DIR **dir)
{
  if (*dir != NULL)
    (void) closedir (*dir); /* it was only read */
}

int
dc_processes_read (struct dc_processes *processes, int proc_fd,
                   struct dc_error *err)
{
  AUTO_CLOSE int fd = openat (proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  __attribute__ ((__cleanup__ (close_dir_auto))) DIR *dir =
      fd < 0 ? NULL : fdopendir (fd);

  if (dir == NULL)
    return dc_fail_errno (err, "cannot list its processes");
  fd = -1; /* now DIR's */
  for (;;) {
    const struct dirent *entry = readdir (dir);
    struct dc_error ignored; /* not a process */
    uint64_t pid = 0;
    if (entry == NULL || processes->count == DC_PROCESS_MAX)
      return 0;
    if (dc_number_parse (entry->d_name, 1, INT32_MAX, &pid, &ignored) < 0)
      continue;
    if (DC_ARRAY_GROW (processes->items, processes->count, DC_PROCESS_MAX,
                       "processes", err) < 0)
      return -1;
    struct dc_process *process = &processes->items[processes->count];
    process->pid = (pid_t) pid;
    const int is_there = read_process (proc_fd, entry->d_name, process, err);
    processes->count += is_there > 0;
    if (is_there <= 0)
      release_process (process);
    if (is_there <= 0)
      *process = (struct dc_process){ .pid = 0 };
    if (is_there < 0)
      return -1;
  }
}

static const char *
last_part (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* The first argument may be a title: "nginx: master process /usr/...". */
static bool
is_title_of (const char *title, const char *name)
{
  const size_t size = strlen (name);

  title = title[0] == '-' ? title + 1 : title;
  return strncmp (title, name, size) == 0 &&
         (title[size] == '\0' || title[size] == ':' || title[size] == ' ');
}

bool
dc_process_runs (const struct dc_process *process, const char *program)
{
  const char *name = last_part (program);

  if (process->words[0] != NULL &&
      (is_title_of (process->words[0], name) ||
       is_title_of (last_part (process->words[0]), name)))
    return true;
  for (size_t i = 0; i < DC_PROCESS_WORDS; i++)
    if (process->words[i] != NULL && strcmp (process->words[i], program) == 0)
      return true;
  return strncmp (process->name, name, sizeof process->name - 1) == 0;
}

void
dc_processes_release (struct dc_processes *processes)
{
  for (size_t i = 0; i < processes->count; i++)
    release_process (&processes->items[i]);
  free (processes->items);
  *processes = (struct dc_processes){ .items = NULL };
}
