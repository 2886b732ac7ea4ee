/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "runtime/init/entry.h"
#include "runtime/init/output.h"

#define READ_MAX 64 /* reads in a row, then others have their turn */
#define FLUSH_TIMEOUT_MS 1000

int
di_output_open (struct di_output *output, const struct di_service *service,
                struct di_error *err)
{
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) < 0)
    return di_fail_errno (err, "cannot make a pipe for the output", NULL);
  (void) fcntl (fds[0], F_SETFL, O_NONBLOCK);
  /* Only then may a daemon that dropped root open /proc/self/fd/2. */
  if (fchown (fds[1], (uid_t) service->user, (gid_t) service->group) < 0) {
    di_fail_errno (err, "cannot give its output to user ",
                   DI_NUMBER (service->user), NULL);
    close (fds[0]);
    close (fds[1]);
    return -1;
  }
  output->name = service->name;
  output->read_fd = fds[0];
  output->write_fd = fds[1];
  output->is_blocked = false;
  output->line_size = output->block_size = 0;
  return 0;
}

/* Write the block.  False when stdout is full.  Where nobody reads any more
 * the block is dropped: a service must not end because its log did.
 */
static bool
write_block (struct di_output *output)
{
  while (output->block_size > 0) {
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
    if (poll (&out, 1, 0) == 0) {
      output->is_blocked = true;
      return false;
    }
    const ssize_t n = write (STDOUT_FILENO, output->block, output->block_size);
    if (n < 0 && errno == EAGAIN) {
      output->is_blocked = true;
      return false;
    }
    if (n < 0 && errno == EINTR)
      continue;
    const size_t done = n < 0 ? output->block_size : (size_t) n;
    output->block_size -= done;
    memmove (output->block, output->block + done, output->block_size);
  }
  output->is_blocked = false;
  return true;
}

/* Add one line of SIZE bytes at TEXT to the block; false when stdout is full
 * and the block too.
 */
static bool
put_line (struct di_output *output, const char *text, size_t size)
{
  struct di_entry entry = { .priority = DI_PRIORITY_DEFAULT,
                            .text = text,
                            .size = size };
  char line[DI_LINE_SIZE_MAX];
  size_t used = 0;

  di_entry_level (&entry);
  (void) di_entry_line (&entry, output->name, line, &used);
  if (output->block_size + used > sizeof output->block && !write_block (output))
    return false;
  memcpy (output->block + output->block_size, line, used);
  output->block_size += used;
  return true;
}

/* Move whole lines from LINE to the block; false when stdout is full. */
static bool
put_lines (struct di_output *output)
{
  size_t done = 0;
  bool has_room = true;

  while (has_room && done < output->line_size) {
    const char *text = output->line + done;
    const size_t left = output->line_size - done;
    const char *eol = memchr (text, '\n', left);
    if (eol == NULL && left < sizeof output->line)
      break;
    const size_t size = eol == NULL ? left : (size_t) (eol - text);
    has_room = put_line (output, text, size);
    if (has_room)
      done += size + (eol != NULL);
  }
  output->line_size -= done;
  memmove (output->line, output->line + done, output->line_size);
  return has_room;
}

void
di_output_pump (struct di_output *output)
{
  for (int i = 0; i < READ_MAX; i++) {
    if (!put_lines (output))
      return;
    const ssize_t n = read (output->read_fd, output->line + output->line_size,
                            sizeof output->line - output->line_size);
    if (n <= 0)
      break;
    output->line_size += (size_t) n;
  }
  if (put_lines (output))
    (void) write_block (output); /* later, when it is blocked */
}

void
di_output_flush (struct di_output *output)
{
  const int64_t end_ms = di_in_ms (FLUSH_TIMEOUT_MS);

  di_output_pump (output);
  while (output->is_blocked && di_now_ms () < end_ms) {
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
    (void) poll (&out, 1, FLUSH_TIMEOUT_MS);
    di_output_pump (output);
  }
  if (output->line_size > 0 &&
      put_line (output, output->line, output->line_size))
    output->line_size = 0;
  (void) write_block (output);
}
