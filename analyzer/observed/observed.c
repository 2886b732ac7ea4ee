/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/observed/observed.h"
#include "lib/array.h"
#include "lib/number.h"
#include "lib/span.h"

/* Fields by letter: n a number, o a number or nothing, p a protocol, d in or
 * out, w a word, t any text.
 */
static const struct kind {
  const char *name;
  const char *fields;
} kinds[] = {
  [DC_SEEN_ADDRESS] = { "address", "ww" },
  [DC_SEEN_CONNECT] = { "connect", "dpwnwn" },
  [DC_SEEN_CPU] = { "cpu", "nn" },
  [DC_SEEN_CPUS] = { "cpus", "n" },
  [DC_SEEN_HOSTNAME] = { "hostname", "t" },
  [DC_SEEN_KERNEL] = { "kernel", "ww" },
  [DC_SEEN_LISTEN] = { "listen", "ptwtw" },
  [DC_SEEN_LOAD] = { "load", "www" },
  [DC_SEEN_MACHINE_ID] = { "machine-id", "t" },
  [DC_SEEN_MEMORY] = { "memory", "nooo" },
  [DC_SEEN_MISSING] = { "missing", "w" },
  [DC_SEEN_MODULE] = { "module", "w" },
  [DC_SEEN_MOUNT] = { "mount", "wwwtoo" },
  [DC_SEEN_OPEN] = { "open", "ww" },
  [DC_SEEN_OS] = { "os", "tt" },
  [DC_SEEN_PROCESS] = { "process", "nnwnntt" },
  [DC_SEEN_SECURITY] = { "security", "ww" },
  [DC_SEEN_SYSCTL] = { "sysctl", "wt" },
  [DC_SEEN_TIME] = { "time", "n" },
  [DC_SEEN_UNIT] = { "unit", "ww" },
  [DC_SEEN_UPTIME] = { "uptime", "n" },
  [DC_SEEN_USER] = { "user", "n" },
};

int
dc_observed_check (const char *text, size_t size, struct dc_error *err)
{
  static const char any[] = "decant-observed ";
  struct dc_span rest = { text, size }, line;

  if (!dc_span_line (&rest, &line) || !dc_span_starts (line, any))
    return dc_fail (err, DC_ERR_INVALID,
                    "this is no record of 'decant collect'");
  if (!dc_span_is (line, DC_OBSERVED_HEADER))
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "a record of another version of 'decant collect'");
  return 0;
}

static bool
is_number (const char *text)
{
  struct dc_error ignored;
  uint64_t number;

  return dc_number_parse (text, 0, INT64_MAX, &number, &ignored) == 0;
}

static bool
is_protocol (const char *text)
{
  return strcmp (text, "tcp") == 0 || strcmp (text, "udp") == 0 ||
         strcmp (text, "unix") == 0;
}

static bool
is_right (char letter, const char *text)
{
  switch (letter) {
  case 'n':
    return is_number (text);
  case 'o':
    return *text == '\0' || is_number (text);
  case 'p':
    return is_protocol (text);
  case 'd':
    return strcmp (text, "in") == 0 || strcmp (text, "out") == 0;
  case 'w':
    return *text != '\0';
  default:
    return true;
  }
}

/* Ports are numbers in their range, but for the path of a Unix socket. */
static bool
has_right_port (const struct dc_observed_row *row)
{
  struct dc_error ignored;
  uint64_t port;
  const bool is_listen = row->kind == DC_SEEN_LISTEN;

  if (!is_listen && row->kind != DC_SEEN_CONNECT)
    return true;
  if (strcmp (row->fields[is_listen ? 0 : 1], "unix") == 0)
    return is_listen;
  return (!is_listen || *row->fields[1] != '\0') &&
         dc_number_parse (row->fields[is_listen ? 2 : 3], 1, UINT16_MAX, &port,
                          &ignored) == 0;
}

/* Take LINE apart, in place; false where it is damaged. */
static bool
split (char *line, struct dc_observed_row *row)
{
  size_t count = 0, kind = 0;
  char *rest = line;
  const char *name = strsep (&rest, "\t");

  while (kind < DC_COUNT (kinds) && strcmp (kinds[kind].name, name) != 0)
    kind++;
  if (kind == DC_COUNT (kinds))
    return false;
  const char *letters = kinds[kind].fields;
  for (; rest != NULL && letters[count] != '\0'; count++) {
    row->fields[count] = strsep (&rest, "\t");
    if (!is_right (letters[count], row->fields[count]))
      return false;
  }
  row->kind = (enum dc_observed_kind) kind;
  return rest == NULL && letters[count] == '\0' && has_right_port (row);
}

static int
keep_line (struct dc_observed *observed, char *line, size_t size,
           unsigned number, struct dc_error *err)
{
  struct dc_observed_row row = { .line = number };

  if (strcmp (line, "end") == 0) {
    observed->is_complete = true;
    return 0;
  }
  if (observed->count == DC_OBSERVED_ROW_MAX || strlen (line) != size ||
      observed->is_complete || !split (line, &row)) {
    observed->damaged++;
    return 0;
  }
  if (DC_ARRAY_GROW (observed->rows, observed->count, DC_OBSERVED_ROW_MAX,
                     "lines", err) < 0)
    return -1;
  observed->rows[observed->count++] = row;
  return 0;
}

int
dc_observed_parse (const char *text, size_t size, const char *file,
                   struct dc_observed *observed, struct dc_error *err)
{
  assert (observed->rows == NULL);
  if (size > DC_OBSERVED_SIZE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "the record is %zu bytes, limit %zu",
                    size, DC_OBSERVED_SIZE_MAX);
  if (dc_observed_check (text, size, err) < 0)
    return -1;
  struct dc_observed all = { .file = strdup (file), .text = malloc (size + 1) };
  int status = 0;
  if (all.file == NULL || all.text == NULL)
    status = dc_fail_errno (err, "cannot keep a record");
  else
    memcpy (all.text, text, size);

  struct dc_span rest = { all.text, size }, line;
  for (unsigned number = 1; status == 0 && dc_span_line (&rest, &line);
       number++) {
    char *start = all.text + (line.text - all.text);
    start[line.size] = '\0'; /* the newline, or the byte behind the text */
    if (number > 1)
      status = keep_line (&all, start, line.size, number, err);
  }
  if (status < 0) {
    dc_observed_release (&all);
    return -1;
  }
  *observed = all;
  return 0;
}

void
dc_observed_release (struct dc_observed *observed)
{
  free (observed->file);
  free (observed->text);
  free (observed->rows);
  *observed = (struct dc_observed){ .file = NULL };
}

const struct dc_observed_row *
dc_observed_next (const struct dc_observed *observed,
                  enum dc_observed_kind kind, size_t *position)
{
  while (*position < observed->count) {
    const struct dc_observed_row *row = &observed->rows[(*position)++];
    if (row->kind == kind)
      return row;
  }
  return NULL;
}

const char *
dc_observed_text (const struct dc_observed *observed,
                  enum dc_observed_kind kind)
{
  size_t position = 0;
  const struct dc_observed_row *row =
      dc_observed_next (observed, kind, &position);

  return row != NULL ? row->fields[0] : NULL;
}

uint64_t
dc_observed_number (const struct dc_observed_row *row, size_t field)
{
  struct dc_error ignored;
  uint64_t number = 0;

  if (dc_number_parse (row->fields[field], 0, INT64_MAX, &number, &ignored) < 0)
    return 0; /* empty, the others are checked */
  return number;
}

json_t *
dc_observed_bytes (const struct dc_observed_row *row, size_t field)
{
  uint64_t bytes = 0;

  if (*row->fields[field] == '\0')
    return json_null ();
  if (__builtin_mul_overflow (dc_observed_number (row, field), 1024, &bytes) ||
      bytes > INT64_MAX)
    bytes = INT64_MAX;
  return json_integer ((json_int_t) bytes);
}
