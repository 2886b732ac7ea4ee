/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/network/network.h"
#include "analyzer/system/sudoers.h"
#include "lib/array.h"
#include "lib/text.h"

/* "@include FILE", "#includedir FOLDER" and so on: 1 when LINE is one. */
static int
read_include (struct dc_span line, struct dc_words *includes,
              struct dc_error *err)
{
  static const struct {
    const char *word, *what;
  } words[] = {
    { "@include", "file" },
    { "#include", "file" },
    { "@includedir", "folder" },
    { "#includedir", "folder" },
  };
  struct dc_span word;

  if (!dc_span_word (&line, &word))
    return 0;
  for (size_t i = 0; i < DC_COUNT (words); i++) {
    AUTO_FREE char *text = NULL;
    line = dc_span_trim (line);
    if (!dc_span_is (word, words[i].word) || line.size == 0)
      continue;
    const bool is_absolute = *line.text == '/';
    if (dc_text_print (&text, err, "%s %s%.*s", words[i].what,
                       is_absolute ? "" : "/etc/", (int) line.size,
                       line.text) < 0 ||
        dc_words_add (includes, text, err) < 0)
      return -1;
    return 1;
  }
  return 0;
}

/* "NOPASSWD:SETENV: /bin/a": less the tags in front. */
static struct dc_span
less_tags (struct dc_span commands)
{
  for (;;) {
    size_t n = 0;
    while (n < commands.size && (isupper ((unsigned char) commands.text[n]) ||
                                 commands.text[n] == '_'))
      n++;
    if (n == 0 || n >= commands.size || commands.text[n] != ':')
      return commands;
    commands = dc_span_trim (dc_span_skip (commands, n + 1));
  }
}

static bool
has_text (struct dc_span span, const char *text)
{
  const size_t size = strlen (text);

  for (size_t i = 0; i + size <= span.size; i++)
    if (memcmp (span.text + i, text, size) == 0)
      return true;
  return false;
}

static int
add_rule (struct dc_identity *identity, struct dc_span left,
          struct dc_span right, const struct dc_proof *proof,
          struct dc_error *err)
{
  AUTO_FREE char *file = strdup (proof->file);
  struct dc_span runas = { NULL, 0 };
  size_t host = left.size;

  if (file == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  if (DC_ARRAY_GROW (identity->sudo, identity->sudo_count, DC_SUDO_MAX,
                     "rules of sudo", err) < 0)
    return -1;
  while (host > 0 && left.text[host - 1] != ' ' && left.text[host - 1] != '\t')
    host--;
  const char *close = right.size > 0 && *right.text == '('
                          ? memchr (right.text, ')', right.size)
                          : NULL;
  if (close != NULL) {
    runas =
        (struct dc_span){ right.text + 1, (size_t) (close - right.text - 1) };
    right = dc_span_trim (dc_span_skip (right, runas.size + 2));
  }
  struct dc_sudo *sudo = &identity->sudo[identity->sudo_count++];
  *sudo = (struct dc_sudo){ .is_free = has_text (right, "NOPASSWD:"),
                            .evidence = { DC_TAKE (file), proof->line } };
  const struct dc_span who = dc_span_trim ((struct dc_span){ left.text, host });
  if (dc_network_set (&sudo->who, who, err) < 0 ||
      dc_network_set (&sudo->host, dc_span_skip (left, host), err) < 0 ||
      dc_network_set (&sudo->runas, dc_span_trim (runas), err) < 0)
    return -1;
  return dc_network_set (&sudo->commands, less_tags (right), err);
}

/* USERS HOSTS = (RUNAS) TAGS: COMMANDS */
static int
read_line (struct dc_identity *identity, struct dc_span line,
           const struct dc_proof *proof, struct dc_words *includes,
           struct dc_error *err)
{
  struct dc_span left, right, word, rest = line;
  const int is_include = read_include (line, includes, err);

  if (is_include != 0)
    return is_include < 0 ? -1 : 0;
  if (!dc_span_word (&rest, &word) || dc_span_starts (word, "Defaults") ||
      (word.size > 6 && memcmp (word.text + word.size - 6, "_Alias", 6) == 0))
    return 0;
  /* "#1000" is a user, "# text" a comment. */
  if (*word.text == '#' &&
      (word.size < 2 || !isdigit ((unsigned char) word.text[1])))
    return 0;
  right = line;
  if (!dc_span_field (&right, '=', &left) || right.text == NULL ||
      dc_span_has (line, '\0'))
    return 0;
  left = dc_span_trim (left);
  const bool has_host = memchr (left.text, ' ', left.size) != NULL ||
                        memchr (left.text, '\t', left.size) != NULL;
  return has_host ? add_rule (identity, left, dc_span_trim (right), proof, err)
                  : 0;
}

int
dc_sudoers_parse (const struct dc_configfile *file,
                  struct dc_identity *identity, struct dc_words *includes,
                  struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer whole = DC_BUFFER_INIT (DC_CONFIGFILE_SIZE_MAX);
  struct dc_span rest = { file->text, file->size }, line;

  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    const struct dc_proof proof = { file->path, number };
    line = dc_span_trim (line);
    const bool goes_on = line.size > 0 && line.text[line.size - 1] == '\\';
    line.size -= goes_on;
    if (dc_buffer_append (&whole, line.text, line.size, err) < 0)
      return -1;
    if (goes_on)
      continue;
    const struct dc_span all = { dc_buffer_text (&whole), whole.size };
    if (read_line (identity, dc_span_trim (all), &proof, includes, err) < 0)
      return -1;
    dc_buffer_clear (&whole);
  }
  return 0;
}

struct loading {
  struct dc_identity *identity;
  struct dc_words includes; /* a queue: each file adds to its end */
};

static int
parse_one (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct loading *loading = arg;

  return dc_sudoers_parse (file, loading->identity, &loading->includes, err);
}

/* sudo passes over names with a dot or a tilde at the end. */
static bool
is_taken (const char *name)
{
  const size_t size = strlen (name);

  return strchr (name, '.') == NULL && size > 0 && name[size - 1] != '~';
}

static int
queue_folder (struct loading *loading, const struct dc_tree *tree,
              const char *folder, struct dc_error *err)
{
  const uint32_t at = dc_tree_resolve (tree, folder);
  uint32_t child = at == DC_TREE_NONE ? at : tree->entries[at].first_child;

  for (; child != DC_TREE_NONE; child = tree->entries[child].next_sibling) {
    AUTO_FREE char *path = NULL;
    if (!is_taken (tree->entries[child].name) ||
        loading->includes.count >= 2 * DC_SUDOERS_FILE_MAX)
      continue;
    if (dc_text_print (&path, err, "file %s/%s", folder,
                       tree->entries[child].name) < 0 ||
        dc_words_add (&loading->includes, path, err) < 0)
      return -1;
  }
  return 0;
}

/* Was the item at INDEX read before?  A file may take itself in. */
static bool
is_repeated (const struct dc_words *items, size_t index)
{
  for (size_t i = 0; i < index; i++)
    if (strcmp (items->items[i], items->items[index]) == 0)
      return true;
  return false;
}

static int
read_queue (struct loading *loading, struct dc_configreader *reader,
            struct dc_error *err)
{
  for (size_t i = 0; i < loading->includes.count; i++) {
    const char *item = loading->includes.items[i];
    const char *path = strchr (item, ' ') + 1;
    if (i < 2 * DC_SUDOERS_FILE_MAX && is_repeated (&loading->includes, i))
      continue;
    if (i >= 2 * DC_SUDOERS_FILE_MAX || reader->count >= DC_SUDOERS_FILE_MAX)
      return dc_profile_note (reader->profile, reader->finding, path, 0, err,
                              "more than %d files, the others are not read",
                              DC_SUDOERS_FILE_MAX);
    const int status = strncmp (item, "folder ", 7) == 0
                           ? queue_folder (loading, reader->tree, path, err)
                           : dc_configfile_read (reader, path, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

int
dc_sudoers_load (struct dc_tree *tree, struct dc_profile *profile,
                 struct dc_error *err)
{
  struct loading loading = { .identity = &profile->identity };
  struct dc_configreader reader = { .tree = tree,
                                    .profile = profile,
                                    .finding = "identity.unreadable",
                                    .parse = parse_one,
                                    .arg = &loading };
  int status = dc_words_add (&loading.includes, "file /etc/sudoers", err);

  if (status == 0)
    status = read_queue (&loading, &reader, err);
  dc_words_release (&loading.includes);
  return status;
}
