/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/package/deb822.h"
#include "analyzer/package/repositories.h"
#include "lib/cleanup.h"

/* Less a comment. */
static struct dc_span
uncomment (struct dc_span line)
{
  const char *sign = line.size > 0 ? memchr (line.text, '#', line.size) : NULL;

  if (sign != NULL)
    line.size = (size_t) (sign - line.text);
  return dc_span_trim (line);
}

/* "deb [signed-by=/x y=z] https://deb.debian.org/debian bookworm main" */
static int
read_apt_line (const struct dc_repository_file *file, struct dc_span line,
               unsigned number, struct dc_error *err)
{
  struct dc_repository_words words = { .name = { NULL, 0 } };
  struct dc_span word;

  if (!dc_span_word (&line, &word) || !dc_span_is (word, "deb"))
    return 0; /* sources of packages are none of the guest's */
  line = dc_span_trim (line);
  if (dc_span_starts (line, "[")) {
    const char *end = memchr (line.text, ']', line.size);
    if (end == NULL)
      return 0;
    line = dc_span_skip (line, (size_t) (end + 1 - line.text));
  }
  if (!dc_span_word (&line, &words.location) ||
      !dc_span_word (&line, &words.name))
    return 0;
  line = dc_span_trim (line);
  if (line.size > 0)
    words.components = line;
  return dc_repositories_add (file, number, &words, true, err);
}

int
dc_repositories_apt (const struct dc_repository_file *file,
                     struct dc_error *err)
{
  struct dc_span rest = file->text, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++)
    if (read_apt_line (file, uncomment (line), number, err) < 0)
      return -1;
  return 0;
}

/* The next word of a value that may have several lines. */
static bool
next_word (struct dc_span *value, struct dc_span *word)
{
  while (value->size > 0 && strchr (" \t\r\n", *value->text) != NULL)
    *value = dc_span_skip (*value, 1);
  *word = (struct dc_span){ value->text, 0 };
  while (word->size < value->size &&
         (value->text[word->size] == '\0' ||
          strchr (" \t\r\n", value->text[word->size]) == NULL))
    word->size++;
  *value = dc_span_skip (*value, word->size);
  return word->size > 0;
}

static bool
has_word (struct dc_span value, const char *text)
{
  struct dc_span word;

  while (value.text != NULL && next_word (&value, &word))
    if (dc_span_is (word, text))
      return true;
  return false;
}

static int
read_stanza (const struct dc_repository_file *file,
             const struct dc_stanza *stanza, struct dc_error *err)
{
  const struct dc_span enabled = dc_stanza_value (stanza, "Enabled");
  struct dc_repository_words words = { .components = dc_stanza_value (
                                           stanza, "Components") };
  struct dc_span locations = dc_stanza_value (stanza, "URIs");

  if (!has_word (dc_stanza_value (stanza, "Types"), "deb"))
    return 0;
  while (locations.text != NULL && next_word (&locations, &words.location)) {
    struct dc_span suites = dc_stanza_value (stanza, "Suites");
    while (suites.text != NULL && next_word (&suites, &words.name))
      if (dc_repositories_add (file, stanza->line, &words,
                               !dc_span_is (enabled, "no") &&
                                   !dc_span_is (enabled, "false"),
                               err) < 0)
        return -1;
  }
  return 0;
}

int
dc_repositories_apt822 (const struct dc_repository_file *file,
                        struct dc_error *err)
{
  struct dc_deb822 reader = { file->text, 0 };
  struct dc_stanza stanza;

  while (dc_deb822_next (&reader, &stanza))
    if (read_stanza (file, &stanza, err) < 0)
      return -1;
  return 0;
}

/* A section of an INI file; its name is NULL before the first. */
struct section {
  struct dc_repository_words words;
  unsigned line;
  bool is_enabled;
};

/* Sections of general settings are no repositories. */
static int
end_section (const struct dc_repository_file *file,
             const struct section *section, struct dc_error *err)
{
  if (section->words.name.text == NULL ||
      dc_span_is (section->words.name, "main") ||
      dc_span_is (section->words.name, "options"))
    return 0;
  return dc_repositories_add (file, section->line, &section->words,
                              section->is_enabled, err);
}

/* "enabled=0"; of several locations the first counts. */
static void
read_setting (struct section *section, struct dc_span line)
{
  static const char *const locations[] = { "baseurl", "metalink", "mirrorlist",
                                           "Server", "Include" };
  struct dc_span key;

  if (!dc_span_field (&line, '=', &key) || line.text == NULL)
    return;
  key = dc_span_trim (key);
  line = dc_span_trim (line);
  if (dc_span_is (key, "enabled"))
    section->is_enabled = dc_span_is (line, "1") || dc_span_is (line, "true") ||
                          dc_span_is (line, "True") || dc_span_is (line, "yes");
  for (size_t i = 0; i < DC_COUNT (locations); i++)
    if (dc_span_is (key, locations[i]) && section->words.location.text == NULL)
      section->words.location = line;
}

int
dc_repositories_ini (const struct dc_repository_file *file,
                     struct dc_error *err)
{
  struct dc_span rest = file->text, line;
  struct section section = { .line = 0 };

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    line = dc_span_trim (line);
    if (line.size == 0 || *line.text == '#' || *line.text == ';')
      continue;
    if (*line.text != '[' || line.text[line.size - 1] != ']') {
      read_setting (&section, line);
      continue;
    }
    if (end_section (file, &section, err) < 0)
      return -1;
    section =
        (struct section){ .words = { .name = { line.text + 1, line.size - 2 } },
                          .line = number,
                          .is_enabled = true };
  }
  return end_section (file, &section, err);
}

/* "https://dl-cdn.alpinelinux.org/alpine/edge/testing", with "@edge" before it
 * for packages that ask for this one by name.
 */
int
dc_repositories_apk (const struct dc_repository_file *file,
                     struct dc_error *err)
{
  struct dc_span rest = file->text, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    struct dc_repository_words words = { .name = { NULL, 0 } };
    line = dc_span_trim (line);
    if (line.size == 0 || *line.text == '#' ||
        !dc_span_word (&line, &words.location))
      continue;
    if (dc_span_starts (words.location, "@")) {
      words.name = dc_span_skip (words.location, 1);
      if (!dc_span_word (&line, &words.location))
        continue;
    }
    if (dc_repositories_add (file, number, &words, true, err) < 0)
      return -1;
  }
  return 0;
}
