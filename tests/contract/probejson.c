/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/contract/probe.h"

static void
put (struct record *record, const char *bytes, size_t size)
{
  if (size > sizeof record->text - record->size)
    size = sizeof record->text - record->size;
  memcpy (record->text + record->size, bytes, size);
  record->size += size;
}

static void
put_quoted (struct record *record, const char *bytes, size_t size)
{
  put (record, "\"", 1);
  for (size_t i = 0; i < size; i++) {
    const unsigned char c = (unsigned char) bytes[i];
    char escape[8];
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
      put (record, &bytes[i], 1);
    } else { /* bytes, not characters: read as latin-1 */
      const int n = snprintf (escape, sizeof escape, "\\u%04x", c);
      put (record, escape, (size_t) n);
    }
  }
  put (record, "\"", 1);
}

static void
put_name (struct record *record, const char *name)
{
  if (record->needs_comma)
    put (record, ", ", 2);
  record->needs_comma = true;
  if (name == NULL)
    return;
  put_quoted (record, name, strlen (name));
  put (record, ": ", 2);
}

void
record_open (struct record *record, const char *name, char bracket)
{
  put_name (record, name);
  put (record, &bracket, 1);
  record->needs_comma = false;
}

void
record_close (struct record *record, char bracket)
{
  put (record, &bracket, 1);
  record->needs_comma = true;
}

void
record_bytes (struct record *record, const char *name, const char *bytes,
              size_t size)
{
  put_name (record, name);
  put_quoted (record, bytes, size);
}

void
record_text (struct record *record, const char *name, const char *text)
{
  record_bytes (record, name, text, strlen (text));
}

void
record_number (struct record *record, const char *name, int64_t number)
{
  char digits[24];
  const int n = snprintf (digits, sizeof digits, "%lld", (long long) number);

  put_name (record, name);
  put (record, digits, (size_t) n);
}

static int64_t
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

void
record_begin (struct record *record, const struct probe *probe,
              const char *event)
{
  record->size = 0;
  record->needs_comma = false;
  put (record, "{", 1);
  record_number (record, "time", now_ns ());
  record_text (record, "unit", probe->unit);
  record_text (record, "label", probe->label);
  record_text (record, "event", event);
}

void
record_end (struct record *record)
{
  char path[128];

  put (record, "}\n", 2);
  if (record->size == sizeof record->text) {
    static const char sorry[] = "PROBE too much to tell\n";
    (void) !write (STDOUT_FILENO, sorry, sizeof sorry - 1);
    return;
  }
  snprintf (path, sizeof path, PROBE_FOLDER "/%lld.%ld.part",
            (long long) now_ns (), (long) getpid ());
  const int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) {
    memmove (record->text + 6, record->text, record->size); /* it fits */
    memcpy (record->text, "PROBE ", 6);
    (void) !write (STDOUT_FILENO, record->text, record->size + 6);
    return;
  }
  const bool is_whole =
      write (fd, record->text, record->size) == (ssize_t) record->size;
  close (fd);
  /* A reader sees whole records only. */
  char done[128];
  memcpy (done, path, sizeof done);
  memcpy (strrchr (done, 0x2e), ".json", 6);
  if (is_whole)
    rename (path, done);
}
