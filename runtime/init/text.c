/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/init/entry.h"
#include "runtime/init/text.h"

static size_t
append (char *out, size_t size, size_t used, const char *text)
{
  for (; *text != '\0' && used < size - 1; text++) {
    const unsigned char c = (unsigned char) *text;
    out[used++] = c < 0x20 || c == 0x7f ? '?' : *text;
  }
  out[used] = '\0';
  return used;
}

static size_t
append_list (char *out, size_t size, size_t used, va_list texts)
{
  const char *text = va_arg (texts, const char *);

  for (; text != NULL; text = va_arg (texts, const char *))
    used = append (out, size, used, text);
  return used;
}

int
di_fail (struct di_error *err, ...)
{
  va_list texts;

  va_start (texts, err);
  append_list (err->text, sizeof err->text, 0, texts);
  va_end (texts);
  return -1;
}

int
di_fail_errno (struct di_error *err, ...)
{
  const char *reason = strerror (errno);
  va_list texts;

  va_start (texts, err);
  size_t used = append_list (err->text, sizeof err->text, 0, texts);
  va_end (texts);
  used = append (err->text, sizeof err->text, used, ": ");
  append (err->text, sizeof err->text, used, reason);
  return -1;
}

int
di_context (struct di_error *err, ...)
{
  const struct di_error inner = *err;
  va_list texts;

  va_start (texts, err);
  size_t used = append_list (err->text, sizeof err->text, 0, texts);
  va_end (texts);
  used = append (err->text, sizeof err->text, used, ": ");
  append (err->text, sizeof err->text, used, inner.text);
  return -1;
}

void
di_say (const char *name, ...)
{
  char text[1024];
  char line[DI_LINE_SIZE_MAX];
  struct di_entry entry = { .priority = DI_PRIORITY_DEFAULT,
                            .tag = "decant-init",
                            .text = text };
  const bool is_json = di_log_is_json ();
  va_list texts;
  size_t used = append (text, sizeof text, 0, "");

  if (!is_json && name != NULL) {
    used = append (text, sizeof text, used, name);
    used = append (text, sizeof text, used, ": ");
  }
  va_start (texts, name);
  entry.size = append_list (text, sizeof text, used, texts);
  va_end (texts);
  (void) di_entry_line (&entry, is_json ? name : NULL, line, &used);

  /* A writable pipe has room for a line of this size: PID 1 never hangs
   * because the reader of the container's log does.
   */
  struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
  if (poll (&out, 1, 0) == 1 && (out.revents & POLLOUT) != 0)
    if (write (STDERR_FILENO, line, used) < 0)
      return; /* there is nobody left to tell */
}

static void
print_line (int fd, const char *text, va_list texts)
{
  char line[8192];
  size_t used = append (line, sizeof line - 1, 0, text);

  used = append_list (line, sizeof line - 1, used, texts);
  line[used++] = '\n';
  for (size_t done = 0; done < used;) {
    const ssize_t n = write (fd, line + done, used - done);
    if (n < 0 && errno != EINTR)
      return; /* who asked does not listen */
    done += n < 0 ? 0 : (size_t) n;
  }
}

void
di_print (const char *text, ...)
{
  va_list texts;

  va_start (texts, text);
  print_line (STDOUT_FILENO, text, texts);
  va_end (texts);
}

void
di_complain (const char *text, ...)
{
  va_list texts;

  va_start (texts, text);
  print_line (STDERR_FILENO, text, texts);
  va_end (texts);
}

const char *
di_number (char *digits, int64_t n)
{
  char *end = digits + DI_NUMBER_SIZE - 1;
  uint64_t rest = n < 0 ? -(uint64_t) n : (uint64_t) n;

  *end = '\0';
  do {
    *--end = (char) ('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (n < 0)
    *--end = '-';
  return end;
}

int
di_number_parse (const char *text, unsigned base, int64_t min, int64_t max,
                 int64_t *out)
{
  int64_t n = 0;

  if (*text == '\0')
    return -1;
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char) *text;
    const unsigned digit =
        c >= 'a' && c <= 'f' ? c - 'a' + 10U : c - (unsigned) '0';
    if (digit >= base || __builtin_mul_overflow (n, (int64_t) base, &n) ||
        __builtin_add_overflow (n, (int64_t) digit, &n))
      return -1;
  }
  if (n < min || n > max)
    return -1;
  *out = n;
  return 0;
}

int
di_choice (const char *const *names, const char *word)
{
  for (int i = 0; names[i] != NULL; i++) {
    if (strcmp (names[i], word) == 0)
      return i;
  }
  return -1;
}

static int64_t
clock_ms (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
di_now_ms (void)
{
  return clock_ms (CLOCK_MONOTONIC);
}

int64_t
di_wall_ms (void)
{
  return clock_ms (CLOCK_REALTIME);
}

int64_t
di_in_ms (int64_t ms)
{
  int64_t then;

  if (ms == DI_NEVER || __builtin_add_overflow (di_now_ms (), ms, &then))
    return DI_NEVER;
  return then;
}
