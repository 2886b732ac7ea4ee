/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/init/entry.h"
#include "runtime/init/text.h"

#define STAMP_SIZE 16 /* "Nov 20 12:00:00 " */

bool
di_log_is_json (void)
{
  static int is_json = -1; /* asked for every line */

  if (is_json < 0) {
    const char *form = getenv (DI_LOG_VARIABLE);
    is_json = form != NULL && strcmp (form, "json") == 0;
  }
  return is_json == 1;
}

static void
skip (struct di_entry *entry, size_t count)
{
  entry->text += count;
  entry->size -= count;
}

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* A number in <> at the front: it, or -1. */
static int
take_number (struct di_entry *entry)
{
  size_t i = 1;
  int n = 0;

  if (entry->size < 3 || entry->text[0] != '<')
    return -1;
  for (; i < entry->size && i < 5 && is_digit (entry->text[i]); i++)
    n = n * 10 + (entry->text[i] - '0');
  if (i == 1 || i == entry->size || entry->text[i] != '>')
    return -1;
  skip (entry, i + 1);
  return n;
}

void
di_entry_level (struct di_entry *entry)
{
  const struct di_entry whole = *entry;
  const int level = take_number (entry);

  if (level >= 0 && level <= 7)
    entry->priority = level;
  else
    *entry = whole;
}

static void
set_tag (struct di_entry *entry, const char *text, size_t size)
{
  const size_t kept = size > DI_TAG_MAX ? DI_TAG_MAX : size;

  for (size_t i = 0; i < kept; i++) {
    const unsigned char c = (unsigned char) text[i];
    entry->tag[i] = c < 0x20 || c == 0x7f ? '?' : text[i];
  }
  entry->tag[kept] = '\0';
}

static pid_t
read_pid (const char *text, size_t size)
{
  char digits[DI_NUMBER_SIZE] = "";
  int64_t pid;

  if (size >= sizeof digits)
    return 0;
  memcpy (digits, text, size);
  return di_number_parse (digits, 10, 1, INT32_MAX, &pid) == 0 ? (pid_t) pid
                                                               : 0;
}

/* The next word and the blank after it. */
static size_t
word_size (const struct di_entry *entry)
{
  size_t size = 0;

  while (size < entry->size && entry->text[size] != ' ')
    size++;
  return size;
}

static void
skip_word (struct di_entry *entry)
{
  const size_t size = word_size (entry);

  skip (entry, size < entry->size ? size + 1 : size);
}

/* "1 TIME HOST APP PROCID MSGID [DATA] TEXT" */
static void
read_rfc5424 (struct di_entry *entry)
{
  skip_word (entry);
  skip_word (entry);
  set_tag (entry, entry->text, word_size (entry));
  skip_word (entry);
  entry->pid = read_pid (entry->text, word_size (entry));
  skip_word (entry);
  skip_word (entry);
  if (entry->size > 0 && entry->text[0] == '[') {
    size_t i = 1;
    /* Elements follow each other; in values ] is escaped. */
    while (i < entry->size &&
           (entry->text[i] != ']' || entry->text[i - 1] == '\\' ||
            (i + 1 < entry->size && entry->text[i + 1] == '[')))
      i++;
    skip (entry, i < entry->size ? i + 1 : i);
    if (entry->size > 0 && entry->text[0] == ' ')
      skip (entry, 1);
  } else {
    skip_word (entry);
  }
}

/* "TAG: " or "TAG[7]: "; else all is text. */
static void
read_tag (struct di_entry *entry)
{
  const size_t size = word_size (entry);
  size_t end = size;

  if (size < 2 || size == entry->size || entry->text[size - 1] != ':')
    return;
  end--;
  if (entry->text[end - 1] == ']') {
    const char *bracket = memchr (entry->text, '[', end);
    if (bracket != NULL) {
      const size_t start = (size_t) (bracket - entry->text);
      const pid_t pid = read_pid (bracket + 1, end - start - 2);
      if (pid > 0)
        entry->pid = pid;
      end = start;
    }
  }
  set_tag (entry, entry->text, end);
  skip (entry, size + 1);
}

static void
trim_end (struct di_entry *entry)
{
  while (entry->size > 0 && (entry->text[entry->size - 1] == '\n' ||
                             entry->text[entry->size - 1] == '\0'))
    entry->size--;
}

void
di_entry_syslog (const char *text, size_t size, struct di_entry *entry)
{
  *entry = (struct di_entry){ .priority = DI_PRIORITY_DEFAULT,
                              .text = text,
                              .size = size };
  trim_end (entry);
  const int number = take_number (entry);
  if (number >= 0)
    entry->priority = number & 7;
  if (entry->size > 2 && memcmp (entry->text, "1 ", 2) == 0) {
    skip (entry, 2);
    read_rfc5424 (entry);
    return;
  }
  if (entry->size >= STAMP_SIZE && entry->text[3] == ' ' &&
      entry->text[6] == ' ' && entry->text[9] == ':' &&
      entry->text[12] == ':' && entry->text[15] == ' ')
    skip (entry, STAMP_SIZE);
  read_tag (entry);
}

/* One field of the journal's protocol, by its name. */
static void
take_field (struct di_entry *entry, const char *name, size_t name_size,
            const char *value, size_t size)
{
  static const char *const names[] = { "MESSAGE", "PRIORITY",
                                       "SYSLOG_IDENTIFIER", "SYSLOG_PID",
                                       NULL };
  char word[32] = "";

  if (name_size >= sizeof word)
    return;
  memcpy (word, name, name_size);
  switch (di_choice (names, word)) {
  case 0:
    entry->text = value;
    entry->size = size;
    break;
  case 1:
    if (size == 1 && value[0] >= '0' && value[0] <= '7')
      entry->priority = value[0] - '0';
    break;
  case 2:
    set_tag (entry, value, size);
    break;
  case 3:
    entry->pid = read_pid (value, size);
    break;
  default:
    break; /* what else there is stays with who sent it */
  }
}

/* The size in front of a value that may hold newlines: little-endian. */
static uint64_t
read_size (const char *bytes)
{
  uint64_t size = 0;

  for (int i = 7; i >= 0; i--)
    size = size << 8 | (unsigned char) bytes[i];
  return size;
}

bool
di_entry_native (const char *text, size_t size, struct di_entry *entry)
{
  *entry = (struct di_entry){ .priority = DI_PRIORITY_DEFAULT };

  for (size_t at = 0; at < size;) {
    const char *line = text + at;
    const char *eol = memchr (line, '\n', size - at);
    const size_t line_size = eol == NULL ? size - at : (size_t) (eol - line);
    const char *equals = memchr (line, '=', line_size);
    at += line_size + 1;
    if (equals != NULL) {
      take_field (entry, line, (size_t) (equals - line), equals + 1,
                  line_size - (size_t) (equals - line) - 1);
      continue;
    }
    if (line_size == 0)
      continue;
    if (at > size || size - at < 8)
      break;
    const uint64_t value_size = read_size (text + at);
    at += 8;
    if (value_size > size - at)
      break;
    take_field (entry, line, line_size, text + at, (size_t) value_size);
    at += (size_t) value_size + 1;
  }
  if (entry->text != NULL)
    trim_end (entry);
  return entry->text != NULL;
}

static char *
put (char *out, const char *text)
{
  const size_t size = strlen (text);

  memcpy (out, text, size);
  return out + size;
}

static size_t
json_line (const struct di_entry *entry, size_t size, const char *service,
           char *out)
{
  char *const end = out + DI_LINE_SIZE_MAX - 2; /* brace and newline */
  char *to = put (out, "{\"time\":\"");

  to = put (to, DI_TIME (di_wall_ms ()));
  to = put (to, "\",\"priority\":");
  to = put (to, DI_NUMBER (entry->priority));
  if (service != NULL) {
    to = put (to, ",\"service\":");
    to = di_json (service, strlen (service), to, 300);
  }
  if (entry->tag[0] != '\0') {
    to = put (to, ",\"identifier\":");
    to = di_json (entry->tag, strlen (entry->tag), to, 300);
  }
  if (entry->pid > 0) {
    to = put (to, ",\"pid\":");
    to = put (to, DI_NUMBER (entry->pid));
  }
  to = put (to, ",\"message\":");
  to = di_json (entry->text, size, to, (size_t) (end - to));
  *to++ = '}';
  *to++ = '\n';
  return (size_t) (to - out);
}

static size_t
text_line (const struct di_entry *entry, size_t size, const char *service,
           char *out)
{
  const char *name = service != NULL ? service : entry->tag;
  char *to = out;

  if (name[0] != '\0') {
    to = put (to, name);
    to = put (to, ": ");
  }
  memcpy (to, entry->text, size);
  to[size] = '\n';
  return (size_t) (to - out) + size + 1;
}

bool
di_entry_line (struct di_entry *entry, const char *service, char *out,
               size_t *used)
{
  if (entry->text == NULL)
    return false;
  const size_t most =
      entry->size > DI_ENTRY_TEXT_MAX ? DI_ENTRY_TEXT_MAX : entry->size;
  const char *eol = memchr (entry->text, '\n', most);
  const size_t size = eol == NULL ? most : (size_t) (eol - entry->text);

  *used = di_log_is_json () ? json_line (entry, size, service, out)
                            : text_line (entry, size, service, out);
  skip (entry, size + (eol != NULL));
  if (entry->size == 0)
    entry->text = NULL; /* that was the last */
  return true;
}
