/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "analyzer/security/secretsearch.h"
#include "lib/glob.h"
#include "lib/tree/glob.h"

#define VALUE_MIN 3 /* bytes; shorter ones are no secrets worth the name */
#define NAME_MAX_SIZE 128

static bool
is_name_byte (char byte)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' ||
         byte == '-';
}

static bool
is_letter (char byte)
{
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Does NAME end in WORD, or in WORD and digits ("password1"), as the name of a
 * value does and that of "password_file" does not?
 */
static bool
ends_in_word (struct dc_span name, const char *word)
{
  const size_t size = strlen (word);

  while (name.size > 0 && name.text[name.size - 1] >= '0' &&
         name.text[name.size - 1] <= '9')
    name.size--;
  if (name.size < size ||
      strncasecmp (name.text + name.size - size, word, size) != 0)
    return false;
  /* "compass" is no password, "dbPassword" and "DBPASSWORD" are. */
  return name.size == size || size > 4 ||
         !is_letter (name.text[name.size - size - 1]);
}

static const char *
kind_of (const struct dc_secret_search *search, struct dc_span name)
{
  const struct dc_secret_setting_rule *rules = search->template->settings.items;

  for (size_t i = 0; i < search->template->settings.count; i++)
    if (ends_in_word (name, rules[i].word))
      return rules[i].kind;
  return NULL;
}

/* Variables, examples and switches are no secrets. */
static bool
is_secret (struct dc_span value)
{
  static const char *const others[] = {
    "true",     "false",    "yes",      "none",      "null",
    "required", "no",       "changeme", "off",       "disabled",
    "enabled",  "optional", "nil",      "undefined", "sufficient",
  };

  if (value.size < VALUE_MIN || strchr ("$%{<", *value.text) != NULL ||
      dc_span_has (value, '\0'))
    return false;
  for (size_t i = 0; i < DC_COUNT (others); i++)
    if (strlen (others[i]) == value.size &&
        strncasecmp (value.text, others[i], value.size) == 0)
      return false;
  /* A path is where a secret lies, and found as a file. */
  return *value.text != '/';
}

/* The value behind a name: "=", ":", "=>", "," or blanks, then perhaps in
 * quotes.  An expression (getenv ('X')) is none.
 */
static struct dc_span
value_of (struct dc_span rest)
{
  char quote = '\0';
  size_t size = 0;

  while (rest.size > 0 && strchr (" \t\"'=:>,()", *rest.text) != NULL &&
         *rest.text != '\0') {
    quote = *rest.text == '"' || *rest.text == '\'' ? *rest.text : '\0';
    rest = dc_span_skip (rest, 1);
  }
  while (size < rest.size &&
         (quote != '\0' ? rest.text[size] != quote
                        : strchr (" \t\r\"',;)}<", rest.text[size]) == NULL))
    size++;
  const struct dc_span value = { rest.text, size };
  const bool is_expression =
      quote == '\0' && (dc_span_has (value, '(') || dc_span_has (value, '['));
  return is_expression ? (struct dc_span){ rest.text, 0 } : value;
}

/* A setting whose name begins at I of LINE and has SIZE bytes. */
static int
take_setting (struct dc_secret_search *search, uint32_t index,
              struct dc_span line, size_t i, size_t size, unsigned number,
              struct dc_error *err)
{
  char name[NAME_MAX_SIZE];
  const struct dc_span span = { line.text + i, size };
  const char *kind = size < sizeof name ? kind_of (search, span) : NULL;

  if (kind == NULL)
    return 0;
  const struct dc_span value = value_of (dc_span_skip (line, i + size));
  if (!is_secret (value))
    return 0;
  memcpy (name, span.text, size);
  name[size] = '\0';
  return dc_secret_add (search, index, number, kind, name, value, err) < 0 ? -1
                                                                           : 1;
}

/* The password of "scheme://user:password@host". */
static int
take_url (struct dc_secret_search *search, uint32_t index, struct dc_span line,
          size_t at, unsigned number, struct dc_error *err)
{
  const char *begin = line.text + at, *end = line.text + line.size;
  const char *p = begin, *colon = NULL;

  for (; p < end && strchr ("@/ \t\"'<>", *p) == NULL; p++)
    if (*p == ':' && colon == NULL)
      colon = p;
  if (p == end || *p != '@' || colon == NULL)
    return 0;
  const struct dc_span value = { colon + 1, (size_t) (p - colon - 1) };
  return is_secret (value)
             ? dc_secret_add (search, index, number, "password in a URL", NULL,
                              value, err)
             : 0;
}

int
dc_secret_line (struct dc_secret_search *search, uint32_t index,
                struct dc_span line, unsigned number, struct dc_error *err)
{
  line = dc_span_trim (line);
  if (line.size == 0 || strchr ("#;*", *line.text) != NULL ||
      dc_span_starts (line, "//"))
    return 0;
  for (size_t i = 0; i < line.size; i++) {
    size_t size = 0;
    while (i + size < line.size && is_name_byte (line.text[i + size]))
      size++;
    const size_t end = i + size;
    if (size == 0)
      continue;
    const bool is_url =
        end + 3 < line.size && memcmp (line.text + end, "://", 3) == 0;
    const int status =
        is_url ? take_url (search, index, line, end + 3, number, err)
               : take_setting (search, index, line, i, size, number, err);
    if (status < 0)
      return -1;
    if (status > 0)
      return 0; /* the value may look like a name itself */
    i = end - 1;
  }
  return 0;
}

static int
read_settings (struct dc_secret_search *search, uint32_t index,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SECRET_FILE_SIZE_MAX);
  struct dc_span line;
  unsigned number = 0;

  if (search->is_seen[index] != 0)
    return 0;
  const int found = dc_secret_open (search, index, &b, err);
  if (found <= 0)
    return found;
  search->is_seen[index] = 2;
  struct dc_span rest = { b.data, b.size };
  while (dc_span_line (&rest, &line))
    if (dc_secret_line (search, index, line, ++number, err) < 0)
      return -1;
  return 0;
}

static int
read_path (struct dc_secret_search *search, const char *path,
           struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (search->tree, path);

  return index != DC_TREE_NONE && S_ISREG (search->tree->entries[index].mode)
             ? read_settings (search, index, err)
             : 0;
}

static int
read_listed (struct dc_secret_search *search, struct dc_error *err)
{
  const struct dc_yaml_texts *patterns = &search->template->settings_files;

  for (size_t i = 0; i < patterns->count; i++) {
    AUTO_WORDS struct dc_words paths = { NULL, 0 };
    if (dc_tree_glob (search->tree, patterns->items[i], &paths, err) < 0) {
      if (err->code == DC_ERR_SYSTEM)
        return -1;
      continue;
    }
    for (size_t p = 0; p < paths.count; p++)
      if (read_path (search, paths.items[p], err) < 0)
        return -1;
  }
  return 0;
}

static bool
has_settings (const struct dc_yaml_texts *patterns, const char *name)
{
  for (size_t i = 0; i < patterns->count; i++)
    if (dc_glob_match (patterns->items[i], name))
      return true;
  return false;
}

/* Files of applications below the folders where people put them. */
static int
read_own (struct dc_secret_search *search, struct dc_error *err)
{
  static const char *const folders[] = { "/var/www", "/srv",  "/opt",
                                         "/home",    "/root", "/usr/local",
                                         "/app" };
  const struct dc_tree *tree = search->tree;
  AUTO_FREE uint8_t *is_own = calloc ((size_t) tree->count + 1, 1);

  if (is_own == NULL)
    return dc_fail_errno (err, "cannot look for secrets");
  dc_tree_mark_below (tree, folders, DC_COUNT (folders), is_own);
  for (uint32_t i = 1; i < tree->count; i++)
    if (is_own[i] && S_ISREG (tree->entries[i].mode) &&
        has_settings (&search->template->settings_in, tree->entries[i].name) &&
        read_settings (search, i, err) < 0)
      return -1;
  return 0;
}

/* Variables of services, in units and in the files they name. */
static int
read_units (struct dc_secret_search *search, struct dc_error *err)
{
  const struct dc_units *units = search->profile->units;

  for (size_t u = 0; u < units->count; u++) {
    const struct dc_unit *unit = &units->items[u];
    const struct dc_setting *setting;
    size_t position = 0;
    while (dc_unit_next (unit, "Service", "EnvironmentFile", &position,
                         &setting) > 0)
      if (read_path (search, setting->value + (*setting->value == '-'), err) <
          0)
        return -1;
    position = 0;
    while (dc_unit_next (unit, "Service", "Environment", &position, &setting) >
           0) {
      const uint32_t index = dc_tree_resolve (search->tree, setting->file);
      if (index != DC_TREE_NONE &&
          dc_secret_line (search, index, dc_span_of (setting->value),
                          setting->line, err) < 0)
        return -1;
    }
  }
  return 0;
}

/* "name:$6$salt$hash:..." of shadow(5). */
static int
read_shadow (struct dc_secret_search *search, struct dc_error *err)
{
  const uint32_t index = dc_tree_resolve (search->tree, "/etc/shadow");
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_SECRET_FILE_SIZE_MAX);
  struct dc_span line, user, hash;
  unsigned number = 0;

  if (index == DC_TREE_NONE)
    return 0;
  const int found = dc_secret_open (search, index, &b, err);
  if (found <= 0)
    return found;
  search->is_seen[index] = 1;
  struct dc_span rest = { b.data, b.size };
  while (dc_span_line (&rest, &line)) {
    AUTO_FREE char *name = NULL;
    number++;
    if (!dc_span_field (&line, ':', &user) ||
        !dc_span_field (&line, ':', &hash) || hash.size < VALUE_MIN ||
        strchr ("!*", *hash.text) != NULL || dc_span_has (user, '\0'))
      continue;
    if (dc_span_copy (user, &name, err) < 0 ||
        dc_secret_add (search, index, number, "password hash", name, hash,
                       err) < 0)
      return -1;
  }
  return 0;
}

int
dc_secret_settings (struct dc_secret_search *search, struct dc_error *err)
{
  if (read_shadow (search, err) < 0 || read_listed (search, err) < 0 ||
      read_units (search, err) < 0)
    return -1;
  return read_own (search, err);
}
