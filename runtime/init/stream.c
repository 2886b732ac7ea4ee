/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/init/child.h"
#include "runtime/init/passing.h"

#define FILE_MODE 0666 /* less the service's umask, which is set before */

static int
open_data (const char *text)
{
  const int fd = memfd_create ("stdin", MFD_CLOEXEC);
  size_t left = strlen (text);

  while (fd >= 0 && left > 0) {
    const ssize_t n = write (fd, text, left);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      close (fd);
      return -1;
    }
    text += n;
    left -= (size_t) n;
  }
  if (fd >= 0)
    (void) lseek (fd, 0, SEEK_SET);
  return fd;
}

/* One of the three streams, less its default. */
struct stream {
  enum di_keyword keyword;
  int fd;
  int kind; /* when there is no line */
};

/* The descriptor that STREAM is a copy of; -1 with errno.  One that was
 * opened for it is above the three.
 */
static int
open_stream (const struct di_child *child, const struct stream *stream,
             int kind, const char *path)
{
  const bool is_input = stream->fd == STDIN_FILENO;
  const int making = O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC;

  switch ((enum di_stream) kind) {
  case DI_STREAM_LOG:
    return child->spawn->output_fd;
  case DI_STREAM_INHERIT:
    return stream->fd - 1;
  case DI_STREAM_SOCKET:
    return di_passing_stream (child->spawn->passing);
  case DI_STREAM_FILE:
    return open (path, is_input ? O_RDONLY | O_NOCTTY | O_CLOEXEC : making,
                 FILE_MODE);
  case DI_STREAM_APPEND:
    return open (path, making | O_APPEND, FILE_MODE);
  case DI_STREAM_TRUNCATE:
    return open (path, making | O_TRUNC, FILE_MODE);
  case DI_STREAM_DATA:
    return open_data (path);
  case DI_STREAM_NULL:
    break;
  }
  return open ("/dev/null", (is_input ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
}

static int
take_stream (const struct di_child *child, const struct stream *stream,
             struct di_error *err)
{
  size_t position = 0;
  const struct di_line *line =
      di_next (child->spawn->service, stream->keyword, &position);
  const int kind = line == NULL ? stream->kind : line->choice;
  const bool has_path = line != NULL && line->count > 1;

  if (kind >= DI_STREAM_FILE && !has_path)
    return di_fail (err, "a stream has no file", NULL);
  const char *path = has_path ? line->words[1] : "";
  const int fd = open_stream (child, stream, kind, path);
  if (fd >= 0 && dup2 (fd, stream->fd) >= 0)
    return 0; /* what was opened is closed by exec */
  return kind >= DI_STREAM_FILE && kind <= DI_STREAM_TRUNCATE
             ? di_fail_errno (err, "cannot open ", path, NULL)
             : di_fail_errno (err, "cannot set input and output", NULL);
}

int
di_take_streams (const struct di_child *child, struct di_error *err)
{
  static const struct stream streams[] = {
    { DI_STDIN, STDIN_FILENO, DI_STREAM_NULL },
    { DI_STDOUT, STDOUT_FILENO, DI_STREAM_LOG },
    { DI_STDERR, STDERR_FILENO, DI_STREAM_INHERIT },
  };

  for (size_t i = 0; i < DI_COUNT (streams); i++) {
    if (take_stream (child, &streams[i], err) < 0)
      return -1;
  }
  return 0;
}
