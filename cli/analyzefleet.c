/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/profiletext.h"
#include "cli/analyzefleet.h"
#include "lib/columns.h"
#include "lib/file.h"
#include "lib/json.h"
#include "lib/quote.h"
#include "lib/text.h"

#define TABLE_SIZE_MAX ((size_t) 64 * 1024 * 1024) /* bytes */
#define TABLE_ROW_MAX 2000 /* guests aligned to each other */
#define CELL_COUNT 6

struct sink {
  const struct dc_analyze_fleet *analyze;
  struct dc_terminal *terminal;
  struct dc_columns columns;
  size_t row_count;
};

/* What the user said of all sources goes to each process. */
static int
add_option (struct dc_words *options, const char *name, const char *value,
            struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (value == NULL)
    return 0;
  if (dc_text_print (&text, err, "--%s=%s", name, value) < 0)
    return -1;
  return dc_words_take (options, DC_TAKE (text), err);
}

static int
make_options (const struct dc_source_flags *flags, struct dc_words *options,
              struct dc_error *err)
{
  if (add_option (options, "format", flags->format, err) < 0 ||
      add_option (options, "root", flags->root, err) < 0 ||
      add_option (options, "key", flags->key, err) < 0 ||
      add_option (options, "connect", flags->connect, err) < 0)
    return -1;
  for (size_t i = 0; i < flags->allow_backing.count; i++)
    if (add_option (options, "allow-backing", flags->allow_backing.items[i],
                    err) < 0)
      return -1;
  return 0;
}

int
dc_analyze_line (int fd, const json_t *json, struct dc_error *err)
{
  AUTO_FREE char *text = json_dumps (json, JSON_COMPACT);

  if (text == NULL)
    return dc_json_no_memory (err);
  if (dc_file_write (fd, text, strlen (text), err) < 0)
    return -1;
  return dc_file_write (fd, "\n", 1, err);
}

int
dc_analyze_failure (int fd, const char *source, const char *reason,
                    struct dc_error *err)
{
  json_t *json = json_object (), *sources = json_array ();
  json_t *part = json_object ();

  dc_json_put_text (&part, "path", source);
  dc_json_put (&part, "format", json_null ());
  dc_json_push (&sources, part);
  dc_json_put (&json, "source", sources);
  dc_json_put_text (&json, "error", reason);
  if (json == NULL)
    return dc_json_no_memory (err);
  const int status = dc_analyze_line (fd, json, err);
  json_decref (json);
  return status;
}

/* Print the rows that wait, and begin anew. */
static int
print_rows (struct sink *sink, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (TABLE_SIZE_MAX);

  if (sink->columns.cells.count == 0)
    return 0;
  if (dc_columns_print (&sink->columns, 0, dc_terminal_columns (), &text, err) <
      0)
    return -1;
  dc_columns_release (&sink->columns);
  sink->columns = (struct dc_columns){ .count = CELL_COUNT };
  dc_terminal_clear (sink->terminal);
  return dc_file_write (sink->analyze->fd, text.data, text.size, err);
}

static size_t
count_started (const json_t *profile)
{
  const json_t *services = json_object_get (profile, "services"), *item;
  size_t count = 0, i = 0;

  json_array_foreach (services, i, item)
  {
    count +=
        dc_page_is (item, "started") && dc_page_text (item, "left_out") == NULL;
  }
  return count;
}

static size_t
count_of (const json_t *profile, const char *key)
{
  return json_array_size (json_object_get (profile, key));
}

static int
add_row (struct sink *sink, const char *source, const json_t *profile,
         struct dc_error *err)
{
  const json_t *os = json_object_get (profile, "os");
  const char *name = dc_page_text (os, "pretty_name");
  const json_t *packages =
      json_object_get (json_object_get (profile, "packages"), "items");
  const size_t numbers[] = { count_started (profile),
                             count_of (profile, "endpoints"),
                             json_array_size (packages),
                             count_of (profile, "findings") };
  static const char *const things[] = { "services", "endpoints", "packages",
                                        "findings" };
  char texts[4][48];
  const char *cells[CELL_COUNT] = { source, name != NULL ? name : "unknown" };

  for (size_t i = 0; i < DC_COUNT (numbers); i++) {
    (void) snprintf (texts[i], sizeof texts[i], "%zu %s", numbers[i],
                     things[i]); /* fits */
    cells[2 + i] = texts[i];
  }
  if (dc_columns_add (&sink->columns, cells, err) < 0)
    return -1;
  return ++sink->row_count % TABLE_ROW_MAX == 0 ? print_rows (sink, err) : 0;
}

/* A reason that does not name its source gets the name before it. */
static int
take_failure (const struct sink *sink, const char *source, const char *reason,
              struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  const struct dc_quoted name = dc_quote (source);

  if (strstr (reason, name.text) == NULL) {
    if (dc_text_print (&text, err, "'%s': %s", name.text, reason) < 0)
      return -1;
    reason = text;
  }
  if (sink->analyze->is_json)
    return dc_analyze_failure (sink->analyze->fd, source, reason, err);
  dc_terminal_error (sink->terminal, reason);
  return 0;
}

static int
take (void *self, const char *source, const json_t *profile, const char *reason,
      struct dc_error *err)
{
  struct sink *sink = self;

  if (profile == NULL)
    return take_failure (sink, source, reason, err);
  return sink->analyze->is_json
             ? dc_analyze_line (sink->analyze->fd, profile, err)
             : add_row (sink, source, profile, err);
}

int
dc_analyze_fleet (const struct dc_analyze_fleet *analyze,
                  struct dc_terminal *terminal, bool *has_failures,
                  struct dc_error *err)
{
  AUTO_WORDS struct dc_words options = { NULL, 0 };
  struct sink sink = { .analyze = analyze,
                       .terminal = terminal,
                       .columns = { .count = CELL_COUNT } };
  const struct dc_fleet fleet = {
    .sources = analyze->sources,
    .count = analyze->count,
    .jobs = analyze->jobs,
    .group_max = analyze->flags->key != NULL ? 1 : analyze->group_max,
    .backend = (enum dc_backend) analyze->flags->backend,
    .options = &options,
    .terminal = terminal,
    .take = take,
    .self = &sink,
  };
  size_t failed = 0;

  if (make_options (analyze->flags, &options, err) < 0)
    return -1;
  int status = dc_fleet_run (&fleet, &failed, err);
  if (status == 0)
    status = print_rows (&sink, err);
  dc_columns_release (&sink.columns);
  *has_failures = failed > 0;
  if (status == 0 && failed > 0)
    dc_warn (&terminal->report, "%zu of %zu guests could not be read", failed,
             analyze->count);
  return status;
}
