/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/init/account.h"

#define LINE_MAX_SIZE 1024 /* bytes; the compiler makes shorter ones */

/* Append TEXT up to a NULL to the line that SIZE bytes of are in LINE. */
static size_t
join (char line[LINE_MAX_SIZE], const char *const *texts)
{
  size_t size = 0;

  for (; *texts != NULL; texts++) {
    const size_t length = strlen (*texts);
    if (size + length > LINE_MAX_SIZE)
      return 0;
    memcpy (line + size, *texts, length);
    size += length;
  }
  return size;
}

/* Does a line of the file FD begin with NAME and a colon? */
static bool
has_name (int fd, const char *name)
{
  char bytes[4096];
  const size_t name_size = strlen (name);
  size_t matched = 0; /* of the name; beyond it: of another line */
  ssize_t n;

  while ((n = read (fd, bytes, sizeof bytes)) > 0) {
    for (ssize_t i = 0; i < n; i++) {
      if (bytes[i] == '\n')
        matched = 0;
      else if (matched == name_size && bytes[i] == ':')
        return true;
      else if (matched < name_size && bytes[i] == name[matched])
        matched++;
      else
        matched = name_size + 1;
    }
  }
  return false;
}

static int
add_line (const char *path, const char *name, const char *const *texts)
{
  char line[LINE_MAX_SIZE];
  const size_t size = join (line, texts);
  const int fd = open (path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY);
  int status = 0;

  if (fd < 0)
    return errno == ENOENT ? 0 : -1; /* a system without users */
  if (!has_name (fd, name))
    status = write (fd, line, size) == (ssize_t) size ? 0 : -1;
  const int code = errno;
  close (fd);
  errno = code;
  return status;
}

/* Words: name, id. */
static int
add_account (const struct di_line *line)
{
  const char *name = line->words[0], *id = line->words[1];
  const char *const user[] = {
    name, ":!*:", id, ":", id, ":Dynamic User:/:/usr/sbin/nologin\n", NULL
  };
  const char *const group[] = { name, ":!*:", id, ":\n", NULL };

  return add_line ("/etc/group", name, group) < 0 ||
                 add_line ("/etc/passwd", name, user) < 0
             ? -1
             : 0;
}

void
di_accounts_add (const struct di_plan *plan)
{
  struct di_error err;

  for (size_t i = 0; i < plan->line_count; i++) {
    const struct di_line *line = &plan->lines[i];
    if (line->keyword != DI_ACCOUNT || add_account (line) == 0)
      continue;
    di_fail_errno (&err, "cannot make user ", line->words[0], " known", NULL);
    di_say (NULL, err.text, NULL);
  }
}
