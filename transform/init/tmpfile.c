/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unit.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "transform/init/tmpfile.h"
#include "transform/init/unitvalue.h"

#define FACTORY "/usr/share/factory"
#define ID_MAX UINT64_C (4294967294) /* one more is "no change" of chown(2) */

enum property {
  OWNS = 1,     /* decides what the path is */
  PATTERN = 2,  /* the path is one */
  NEEDS = 4,    /* an argument */
  EXPANDS = 8,  /* specifiers and escapes of the argument */
  WRITES = 16,  /* may have ~ and ^ */
  FACTORY_ = 32 /* without an argument: from /usr/share/factory */
};

static const struct {
  char letter;
  unsigned properties;
} types[] = {
  { 'f', OWNS | EXPANDS | WRITES },
  { 'F', OWNS | EXPANDS | WRITES },
  { 'w', OWNS | PATTERN | NEEDS | EXPANDS | WRITES },
  { 'd', OWNS },
  { 'D', OWNS },
  { 'v', OWNS },
  { 'q', OWNS },
  { 'Q', OWNS },
  { 'e', OWNS | PATTERN },
  { 'p', OWNS },
  { 'L', OWNS | EXPANDS | FACTORY_ },
  { 'c', OWNS | NEEDS },
  { 'b', OWNS | NEEDS },
  { 'C', OWNS | EXPANDS | FACTORY_ },
  { 'x', OWNS | PATTERN },
  { 'X', OWNS | PATTERN },
  { 'r', OWNS | PATTERN },
  { 'R', OWNS | PATTERN },
  { 'm', PATTERN },
  { 'z', PATTERN },
  { 'Z', PATTERN },
  { 't', PATTERN | NEEDS },
  { 'T', PATTERN | NEEDS },
  { 'a', PATTERN | NEEDS },
  { 'A', PATTERN | NEEDS },
  { 'h', PATTERN | NEEDS },
  { 'H', PATTERN | NEEDS },
};

static unsigned
properties_of (char letter)
{
  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (types[i].letter == letter)
      return types[i].properties;
  return 0;
}

bool
dc_tmpfile_is_glob (const struct dc_tmpfile *line)
{
  return (properties_of (line->type) & PATTERN) != 0;
}

bool
dc_tmpfile_owns (const struct dc_tmpfile *line)
{
  return (properties_of (line->type) & OWNS) != 0;
}

void
dc_tmpfile_release (struct dc_tmpfile *line)
{
  free (line->path);
  free (line->text);
  free (line->age);
}

static int
by_name (const void *a, const void *b)
{
  const struct dc_group *const *left = a, *const *right = b;
  const int order = strcmp ((*left)->name, (*right)->name);

  if (order != 0)
    return order;
  return *left < *right ? -1 : *left > *right; /* one array: as in the file */
}

int
dc_tmpfile_reader_init (struct dc_tmpfile_reader *reader,
                        const struct dc_bootfile *bootfile,
                        const struct dc_users *users, struct dc_error *err)
{
  *reader = (struct dc_tmpfile_reader){ .bootfile = bootfile, .users = users };
  reader->groups = calloc (users->group_count + 1, sizeof *reader->groups);
  if (reader->groups == NULL)
    return dc_fail_errno (err, "cannot keep %zu groups", users->group_count);
  for (size_t i = 0; i < users->group_count; i++)
    reader->groups[i] = &users->groups[i];
  if (users->group_count > 1)
    qsort (reader->groups, users->group_count, sizeof *reader->groups, by_name);
  return 0;
}

void
dc_tmpfile_reader_release (struct dc_tmpfile_reader *reader)
{
  free (reader->groups);
}

/* The letter and what follows it.  0: the line is for a credential, which
 * nobody gives.
 */
static int
read_type (const char *word, struct dc_tmpfile *line, bool *is_base64,
           struct dc_error *err)
{
  static const char known[] = "!-+=~^", kept[] = "+=-";
  const unsigned properties = properties_of (word[0]);
  size_t count = 0;

  if (properties == 0 || word[1 + strspn (word + 1, known)] != '\0')
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no type of line",
                    dc_quote (word).text);
  const bool is_encoded = strpbrk (word + 1, "~^") != NULL;
  if (is_encoded && (properties & WRITES) == 0)
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no type of line",
                    dc_quote (word).text);
  line->type = word[0];
  for (size_t i = 0; kept[i] != '\0'; i++)
    if (strchr (word + 1, kept[i]) != NULL)
      line->flags[count++] = kept[i];
  if (word[0] == 'F' && line->flags[0] != '+') {
    memmove (line->flags + 1, line->flags, count);
    line->flags[0] = '+';
  }
  *is_base64 = strchr (word + 1, '~') != NULL;
  return strchr (word + 1, '^') == NULL;
}

/* /var/run is /run, as systemd has it; a path that goes up is refused. */
static int
read_path (const struct dc_tmpfile_reader *reader, const char *word,
           struct dc_tmpfile *line, struct dc_error *err)
{
  AUTO_FREE char *path = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
  size_t size;

  if (dc_bootfile_expand (reader->bootfile, word, &path, &line->unknown, err) <
      0)
    return -1;
  if (path[0] != '/')
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no absolute path",
                    dc_quote (path).text);
  const char *s = strncmp (path, "/var/run/", 9) == 0 ? path + 4 : path;
  for (; *s != '\0'; s += size) {
    s += strspn (s, "/");
    size = strcspn (s, "/");
    if (size == 0 || (size == 1 && s[0] == '.'))
      continue;
    if (size == 2 && s[0] == '.' && s[1] == '.')
      return dc_fail (err, DC_ERR_INVALID, "'%s' goes up by '..'",
                      dc_quote (path).text);
    if (dc_buffer_print (&b, err, "/%.*s", (int) size, s) < 0)
      return -1;
  }
  if (b.size == 0 && dc_buffer_append (&b, "/", 1, err) < 0)
    return -1;
  line->path = dc_buffer_take (&b);
  return line->path == NULL ? dc_fail_errno (err, "cannot keep a path") : 0;
}

static bool
is_unset (const char *word)
{
  return word == NULL || word[0] == '\0' || strcmp (word, "-") == 0;
}

static int
read_mode (const char *word, struct dc_tmpfile *line, struct dc_error *err)
{
  unsigned mode;

  (void) snprintf (line->mode, sizeof line->mode, "-");
  if (is_unset (word))
    return 0;
  const char *digits = word + strspn (word, "~:");
  const bool is_masked = memchr (word, '~', (size_t) (digits - word)) != NULL;
  const bool is_new = memchr (word, ':', (size_t) (digits - word)) != NULL;
  if (dc_mode_parse (digits, &mode, err) < 0)
    return -1;
  (void) snprintf (line->mode, sizeof line->mode, "%s%s%04o", is_new ? ":" : "",
                   is_masked ? "~" : "", mode);
  return 0;
}

/* root and nobody need no file: systemd knows them. */
static bool
is_built_in (const char *name, uint32_t *id)
{
  *id = strcmp (name, "root") == 0 ? 0 : 65534;
  return *id == 0 || strcmp (name, "nobody") == 0;
}

static int
find_user (const struct dc_tmpfile_reader *reader, const char *name,
           uint32_t *id, struct dc_error *err)
{
  const struct dc_user *user = dc_users_find (reader->users, name);
  uint64_t number;

  if (user != NULL)
    *id = user->uid;
  else if (dc_number_parse (name, 0, ID_MAX, &number, err) == 0)
    *id = (uint32_t) number;
  else if (!is_built_in (name, id))
    return dc_fail (err, DC_ERR_INVALID,
                    "user '%s' is not in the guest's passwd file",
                    dc_quote (name).text);
  return 0;
}

static int
find_group (const struct dc_tmpfile_reader *reader, const char *name,
            uint32_t *id, struct dc_error *err)
{
  size_t low = 0, high = reader->users->group_count;
  uint64_t number;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (strcmp (reader->groups[middle]->name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < reader->users->group_count &&
      strcmp (reader->groups[low]->name, name) == 0)
    *id = reader->groups[low]->gid;
  else if (dc_number_parse (name, 0, ID_MAX, &number, err) == 0)
    *id = (uint32_t) number;
  else if (!is_built_in (name, id) || *id != 0)
    return dc_fail (err, DC_ERR_INVALID,
                    "group '%s' is not in the guest's group file",
                    dc_quote (name).text);
  return 0;
}

static int
read_id (const struct dc_tmpfile_reader *reader, const char *word,
         int (*find) (const struct dc_tmpfile_reader *reader, const char *name,
                      uint32_t *id, struct dc_error *err),
         char out[16], struct dc_error *err)
{
  const bool is_new = word != NULL && word[0] == ':';
  uint32_t id;

  (void) snprintf (out, 16, "-");
  if (is_unset (word))
    return 0;
  if (find (reader, word + is_new, &id, err) < 0)
    return -1;
  (void) snprintf (out, 16, "%s%u", is_new ? ":" : "", id);
  return 0;
}

/* The bytes that the base64 in *TEXT stands for, in its place. */
static int
decode (char **text, struct dc_error *err)
{
  const size_t size = strlen (*text);
  AUTO_FREE unsigned char *bytes = calloc (1, size + 4);

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot keep a text");
  const int count =
      size > DC_UNIT_WORD_MAX
          ? -1
          : EVP_DecodeBlock (bytes, (unsigned char *) *text, (int) size);
  size_t padding = 0;
  while (padding < 2 && padding < size && (*text)[size - 1 - padding] == '=')
    padding++;
  if (count < 0 || (size_t) count < padding)
    return dc_fail (err, DC_ERR_INVALID, "the argument is not base64");
  if (memchr (bytes, '\0', (size_t) count - padding) != NULL)
    return dc_fail (err, DC_ERR_UNSUPPORTED, "a NUL byte in the argument");
  bytes[(size_t) count - padding] = '\0';
  free (*text);
  *text = (char *) DC_TAKE (bytes);
  return 0;
}

/* "MAJOR:MINOR". */
static bool
is_device (const char *text)
{
  const size_t major = strspn (text, "0123456789");
  const size_t minor =
      text[major] == ':' ? strspn (text + major + 1, "0123456789") : 0;

  return major > 0 && major <= 4 && minor > 0 && minor <= 7 &&
         text[major + 1 + minor] == '\0';
}

static int
expand_text (const struct dc_tmpfile_reader *reader, struct dc_tmpfile *line,
             struct dc_error *err)
{
  AUTO_FREE char *plain = NULL, *text = NULL;

  if (dc_unit_text (line->text, &plain, err) < 0)
    return -1;
  if (dc_bootfile_expand (reader->bootfile, plain, &text, &line->unknown, err) <
      0)
    return -1;
  free (line->text);
  line->text = DC_TAKE (text);
  return 0;
}

static int
read_text (const struct dc_tmpfile_reader *reader, const char *rest,
           bool is_base64, struct dc_tmpfile *line, struct dc_error *err)
{
  const unsigned properties = properties_of (line->type);

  if (!is_unset (rest)) {
    line->text = strdup (rest);
    if (line->text == NULL)
      return dc_fail_errno (err, "cannot keep a text");
  } else if ((properties & NEEDS) != 0) {
    return dc_fail (err, DC_ERR_INVALID, "'%c' needs an argument", line->type);
  } else if ((properties & FACTORY_) != 0) {
    return dc_text_print (&line->text, err, FACTORY "%s", line->path);
  }
  if (line->text == NULL)
    return 0;
  if (is_base64)
    return decode (&line->text, err);
  if ((properties & EXPANDS) != 0 && expand_text (reader, line, err) < 0)
    return -1;
  if (line->type == 'C' && line->text[0] != '/')
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no absolute path",
                    dc_quote (line->text).text);
  if ((line->type == 'c' || line->type == 'b') && !is_device (line->text))
    return dc_fail (err, DC_ERR_INVALID, "'%s' is no device",
                    dc_quote (line->text).text);
  return 0;
}

enum { TYPE, PATH, MODE, USER, GROUP, AGE, WORD_COUNT };

static int
read_fields (const struct dc_tmpfile_reader *reader, char *const *words,
             const char *rest, struct dc_tmpfile *line, struct dc_error *err)
{
  bool is_base64 = false;
  const int status = read_type (words[TYPE], line, &is_base64, err);

  if (status <= 0)
    return status;
  if (words[PATH] == NULL)
    return dc_fail (err, DC_ERR_INVALID, "the line has no path");
  if (read_path (reader, words[PATH], line, err) < 0 ||
      read_text (reader, rest, is_base64, line, err) < 0 ||
      read_mode (words[MODE], line, err) < 0 ||
      read_id (reader, words[USER], find_user, line->owner, err) < 0 ||
      read_id (reader, words[GROUP], find_group, line->group, err) < 0)
    return -1;
  if (!is_unset (words[AGE])) {
    line->age = words[AGE];
    return 2;
  }
  return 1;
}

int
dc_tmpfile_parse (const struct dc_tmpfile_reader *reader, const char *text,
                  struct dc_tmpfile *line, struct dc_error *err)
{
  char *words[WORD_COUNT] = { NULL };
  struct dc_tmpfile read = { .path = NULL };
  const char *s = text + strspn (text, " \t\r");
  int status = 1;

  if (*s == '\0' || *s == '#')
    return 0;
  for (size_t i = 0; i < WORD_COUNT && status == 1; i++)
    status = dc_unit_word (&s, &words[i], err);
  if (status >= 0)
    status = read_fields (reader, words, s, &read, err);
  if (status == 2)
    words[AGE] = NULL; /* taken */
  for (size_t i = 0; i < WORD_COUNT; i++)
    free (words[i]);
  if (status <= 0) {
    dc_tmpfile_release (&read);
    return status;
  }
  *line = read;
  return 1;
}
