/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/text.h"
#include "tests/unit/endpoints.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* Small guests for each application of templates/apps/: tests/data/apps/NAME,
 * cases between lines "---".  A case is lines of
 *
 *   run COMMAND LINE       what the service starts
 *   set KEY=VALUE          another line of its [Service]
 *   file /PATH             and below it its lines, after two blanks each
 *   link /PATH TARGET
 *   PROTOCOL ADDRESS PORT CONFIDENCE PROOF, or a finding: what comes out
 *
 * with "@unit" for the line of "run".
 */

#define FILE_MAX 40

struct guest {
  struct dc_memory_file files[FILE_MAX];
  size_t count;
  struct dc_words texts; /* of the paths and contents */
  struct dc_buffer unit, expected;
};

static const char *
keep (struct guest *guest, char *text)
{
  struct dc_error err = { .code = DC_OK };

  ck_assert_ok (dc_words_take (&guest->texts, text, &err));
  return text;
}

static bool
has_file (const struct guest *guest, const char *path)
{
  for (size_t i = 0; i < guest->count; i++)
    if (strcmp (guest->files[i].path, path) == 0)
      return true;
  return false;
}

/* PATH, less its slash, after the folders that it needs. */
static void
add_file (struct guest *guest, const char *path, uint16_t mode,
          const char *data)
{
  for (const char *slash = strchr (path, '/'); slash != NULL;
       slash = strchr (slash + 1, '/')) {
    char *folder = strndup (path, (size_t) (slash - path));
    if (has_file (guest, folder)) {
      free (folder);
      continue;
    }
    guest->files[guest->count++] =
        (struct dc_memory_file){ .path = keep (guest, folder),
                                 .mode = 0040755 };
  }
  ck_assert_uint_lt (guest->count, FILE_MAX);
  guest->files[guest->count++] =
      (struct dc_memory_file){ .path = path, .mode = mode, .data = data };
}

/* The lines after two blanks at *REST, less these. */
static const char *
take_content (struct guest *guest, char **rest)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_buffer b = DC_BUFFER_INIT (100000);

  while (strncmp (*rest, "  ", 2) == 0) {
    const size_t size = strcspn (*rest, "\n");
    ck_assert_ok (dc_buffer_append (&b, *rest + 2, size - 2, &err));
    ck_assert_ok (dc_buffer_append (&b, "\n", 1, &err));
    *rest += size + ((*rest)[size] == '\n');
  }
  return keep (guest, dc_buffer_take (&b));
}

static void
read_line (struct guest *guest, char *line, char **rest)
{
  struct dc_error err = { .code = DC_OK };

  if (strncmp (line, "run ", 4) == 0) {
    ck_assert_ok (
        dc_buffer_print (&guest->unit, &err, "ExecStart=%s\n", line + 4));
  } else if (strncmp (line, "set ", 4) == 0) {
    ck_assert_ok (dc_buffer_print (&guest->unit, &err, "%s\n", line + 4));
  } else if (strncmp (line, "file /", 6) == 0) {
    const char *content = take_content (guest, rest);
    add_file (guest, line + 6, 0100644, content);
  } else if (strncmp (line, "link /", 6) == 0) {
    char *target = strchr (line + 6, ' ');
    ck_assert_ptr_nonnull (target);
    *target = '\0';
    add_file (guest, line + 6, 0120777, target + 1);
  } else if (line[0] != '\0' && line[0] != '#') {
    char *unit = strstr (line, "@unit");
    if (unit != NULL)
      *unit = '\0';
    ck_assert_ok (dc_buffer_print (
        &guest->expected, &err, "%s%s%s\n", line,
        unit != NULL ? "/usr/lib/systemd/system/s.service:2" : "",
        unit != NULL ? unit + strlen ("@unit") : ""));
  }
}

/* The lines of TEXT, less the name of the service, sorted. */
static char *
sorted (const char *text)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_WORDS struct dc_words lines = { NULL, 0 };
  struct dc_buffer b = DC_BUFFER_INIT (100000);
  struct dc_span rest = dc_span_of (text), line;

  while (dc_span_line (&rest, &line)) {
    if (dc_span_starts (line, "s.service "))
      line = dc_span_skip (line, strlen ("s.service "));
    ck_assert_ok (dc_words_add_bytes (&lines, line.text, line.size, &err));
  }
  dc_words_sort (&lines);
  for (size_t i = 0; i < lines.count; i++)
    ck_assert_ok (dc_buffer_print (&b, &err, "%s\n", lines.items[i]));
  char *joined = dc_buffer_take (&b);
  ck_assert_ptr_nonnull (joined);
  return joined;
}

static void
run_case (const char *name, size_t number, char *text)
{
  struct dc_error err = { .code = DC_OK };
  struct guest guest = { .unit = DC_BUFFER_INIT (10000),
                         .expected = DC_BUFFER_INIT (10000) };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  ck_assert_ok (dc_buffer_print (&guest.unit, &err, "[Service]\n"));
  add_file (&guest, USR "/default.target", 0100644,
            "[Unit]\nWants=s.service\n");
  add_file (&guest, "lib", 0120777, "usr/lib");
  while (*text != '\0') {
    char *line = text;
    text += strcspn (text, "\n");
    if (*text != '\0')
      *text++ = '\0';
    read_line (&guest, line, &text);
  }
  add_file (&guest, USR "/s.service", 0100644, dc_buffer_text (&guest.unit));
  ck_assert_ok (print_endpoints (guest.files, guest.count, &b, &err));
  AUTO_FREE char *found = sorted (dc_buffer_text (&b));
  AUTO_FREE char *expected = sorted (dc_buffer_text (&guest.expected));
  ck_assert_msg (strcmp (found, expected) == 0,
                 "%s, case %zu: expected\n%sfound\n%s", name, number, expected,
                 found);
  OOM_LOOP (status, print_endpoints (guest.files, guest.count, &b, &err))
  {
    ck_assert_msg (status == 0 || err.code == DC_ERR_SYSTEM, "%s: %s", name,
                   err.text);
  }
  dc_words_release (&guest.texts);
  dc_buffer_release (&guest.unit);
  dc_buffer_release (&guest.expected);
}

static char *
read_data (const char *name)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *path = NULL;
  struct dc_buffer b = DC_BUFFER_INIT (100000);
  char bytes[4096];
  const char *source = getenv ("top_srcdir");

  ck_assert_ok (dc_text_print (&path, &err, "%s/tests/data/apps/%s",
                               source != NULL ? source : ".", name));
  FILE *file = fopen (path, "r");
  if (file == NULL)
    return NULL;
  for (size_t n; (n = fread (bytes, 1, sizeof bytes, file)) > 0;)
    ck_assert_ok (dc_buffer_append (&b, bytes, n, &err));
  ck_assert_int_eq (fclose (file), 0);
  return dc_buffer_take (&b);
}

/* One that listens nowhere is no unknown one. */
static void
check_nowhere (const struct dc_app *app)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_FREE char *text = NULL;

  if (app->listens_nowhere == NULL)
    return;
  ck_assert_ok (dc_text_print (&text, &err, "run /usr/sbin/%s\n",
                               app->programs.items[0]));
  run_case (app->name, 1, text);
}

/* Those with a reader in C have a test of that. */
START_TEST (test_app)
{
  struct dc_error err = { .code = DC_OK };
  struct dc_apps apps = { NULL };
  const struct dc_app *app = NULL;
  size_t count = 0;

  ck_assert_ok (dc_apps_get (&apps, (size_t) _i, &app, &err));
  check_nowhere (app);
  AUTO_FREE char *data = read_data (app->name);
  for (char *text = data; text != NULL;) {
    char *end = strstr (text, "---\n");
    if (end != NULL)
      *end = '\0';
    run_case (app->name, ++count, text);
    text = end != NULL ? end + strlen ("---\n") : NULL;
  }
  ck_assert_msg (app->listen.count == 0 || count > 1,
                 "%s: a default and a changed port are the least", app->name);
  dc_apps_release (&apps);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_app, 0, (int) dc_apps_count ());
}

int
main (void)
{
  return unit_run ("applisten", add);
}
