/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/bindconf.h"
#include "analyzer/endpoint/bindtoken.h"
#include "lib/array.h"
#include "lib/text.h"

#define WORD_SIZE_MAX ((size_t) 65536) /* bytes of one token */

enum context {
  CONTEXT_SKIP, /* nothing in there matters */
  CONTEXT_LIST, /* the tokens are kept */
  CONTEXT_MAIN,
  CONTEXT_OPTIONS,
  CONTEXT_ZONE, /* and views: they have forwarders, and views have zones */
  CONTEXT_CONTROLS,
  CONTEXT_STATISTICS,
};

/* Statements that matter; of every other block nothing is read. */
static const struct {
  enum context outer;
  const char *name;
  enum context inner;
  enum dc_bind_clause_kind kind; /* of CONTEXT_LIST, and of "inet" */
} blocks[] = {
  { CONTEXT_MAIN, "options", CONTEXT_OPTIONS, 0 },
  { CONTEXT_MAIN, "view", CONTEXT_ZONE, 0 },
  { CONTEXT_MAIN, "zone", CONTEXT_ZONE, 0 },
  { CONTEXT_MAIN, "controls", CONTEXT_CONTROLS, 0 },
  { CONTEXT_MAIN, "statistics-channels", CONTEXT_STATISTICS, 0 },
  { CONTEXT_MAIN, "acl", CONTEXT_LIST, DC_BIND_ACL },
  { CONTEXT_OPTIONS, "listen-on", CONTEXT_LIST, DC_BIND_LISTEN },
  { CONTEXT_OPTIONS, "listen-on-v6", CONTEXT_LIST, DC_BIND_LISTEN },
  { CONTEXT_OPTIONS, "forwarders", CONTEXT_LIST, DC_BIND_FORWARDERS },
  { CONTEXT_ZONE, "zone", CONTEXT_ZONE, 0 },
  { CONTEXT_ZONE, "forwarders", CONTEXT_LIST, DC_BIND_FORWARDERS },
  { CONTEXT_ZONE, "masters", CONTEXT_LIST, DC_BIND_FORWARDERS },
  { CONTEXT_ZONE, "primaries", CONTEXT_LIST, DC_BIND_FORWARDERS },
  { CONTEXT_CONTROLS, "inet", CONTEXT_SKIP, DC_BIND_CONTROL },
  { CONTEXT_STATISTICS, "inet", CONTEXT_SKIP, DC_BIND_STATISTICS },
};

/* A file that is being read. */
struct file {
  struct dc_bind_reader reader;
  const char *path;
  struct dc_buffer word; /* of the last token */
  unsigned depth;        /* of the block in this file */
  bool is_over;          /* at its end, or where it is broken */
};

int
dc_bindconf_note (struct dc_bindconf *conf, struct dc_proof proof,
                  struct dc_error *err, const char *text)
{
  conf->is_incomplete = true;
  return dc_daemon_note (conf->daemon, proof, err, "%s", text);
}

const char *
dc_bind_clause_get (const struct dc_bind_clause *clause, const char *key)
{
  for (size_t i = 1; i + 1 < clause->words.count; i++)
    if (strcmp (clause->words.items[i], key) == 0)
      return clause->words.items[i + 1];
  return NULL;
}

static void
release_clause (struct dc_bind_clause *clause)
{
  dc_words_release (&clause->words);
  dc_words_release (&clause->list);
}

void
dc_bindconf_release (struct dc_bindconf *conf)
{
  for (size_t i = 0; i < conf->count; i++)
    release_clause (&conf->clauses[i]);
  free (conf->clauses);
  free (conf->port);
  free (conf->tls_port);
  free (conf->http_port);
  free (conf->https_port);
  free (conf->folder);
  dc_words_release (&conf->files);
}

/* The next token: 1; 0 where the file is broken, which is noted. */
static int
next_token (struct dc_bindconf *conf, struct file *file,
            enum dc_bind_kind *kind, struct dc_error *err)
{
  struct dc_error why;
  const char *text = why.text;

  const int status = dc_bind_token (&file->reader, kind, &file->word, &why);
  if (status < 0 && why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  if (status == 0 && *kind == DC_BIND_EOF && file->depth > 0)
    text = "the file ends inside a block";
  else if (status == 0 && *kind == DC_BIND_CLOSE && file->depth == 0)
    text = "a } ends no block";
  else if (status == 0)
    return 1;
  file->is_over = true;
  return dc_bindconf_note (
      conf, (struct dc_proof){ file->path, file->reader.line }, err, text);
}

static int read_file (struct dc_bindconf *conf, enum context context,
                      const char *path, struct dc_proof proof,
                      struct dc_error *err);

/* PATH below the root of -t, where it is there; else as the host has it,
 * because services bind their files into the root when they start.
 */
static int
find_path (const struct dc_bindconf *conf, const char *path, char **out,
           struct dc_error *err)
{
  AUTO_FREE char *absolute = NULL, *inside = NULL;

  if (path[0] != '/' && conf->folder != NULL) {
    if (dc_text_print (&absolute, err, "%s/%s", conf->folder, path) < 0)
      return -1;
  } else if (dc_daemon_path (conf->daemon, path, &absolute, err) < 0) {
    return -1;
  }
  if (dc_text_print (&inside, err, "%s%s", conf->root, absolute) < 0)
    return -1;
  const bool is_inside =
      dc_tree_resolve (conf->daemon->tree, inside) != DC_TREE_NONE;
  *out = is_inside ? DC_TAKE (inside) : DC_TAKE (absolute);
  return 0;
}

static int
read_include (struct dc_bindconf *conf, enum context context, const char *text,
              struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };

  if (find_path (conf, text, &pattern, err) < 0)
    return -1;
  const int status =
      dc_daemon_include (conf->daemon, pattern, proof, &paths, err);
  if (status < 0)
    return -1;
  conf->is_incomplete = conf->is_incomplete || status == 0;
  for (size_t i = 0; i < paths.count; i++)
    if (read_file (conf, context, paths.items[i], proof, err) < 0)
      return -1;
  return 0;
}

/* A statement without a block. */
static int
read_simple (struct dc_bindconf *conf, enum context context,
             const struct dc_words *words, struct dc_proof proof,
             struct dc_error *err)
{
  const struct {
    const char *name;
    char **value;
  } values[] = { { "directory", &conf->folder },
                 { "port", &conf->port },
                 { "tls-port", &conf->tls_port },
                 { "http-port", &conf->http_port },
                 { "https-port", &conf->https_port } };

  if (words->count < 2)
    return 0;
  if (strcmp (words->items[0], "include") == 0)
    return read_include (conf, context, words->items[1], proof, err);
  for (size_t i = 0; i < DC_COUNT (values); i++) {
    if (context != CONTEXT_OPTIONS ||
        strcmp (words->items[0], values[i].name) != 0)
      continue;
    char *copy = strdup (words->items[1]);
    if (copy == NULL)
      return dc_fail_errno (err, "cannot keep a setting");
    free (*values[i].value);
    *values[i].value = copy;
  }
  return 0;
}

/* The tokens of a block into LIST; of a block that is skipped none. */
static int
read_list (struct dc_bindconf *conf, struct file *file, struct dc_words *list,
           struct dc_error *err)
{
  const unsigned depth = file->depth++;

  while (file->depth > depth && !file->is_over) {
    enum dc_bind_kind kind;
    const int status = next_token (conf, file, &kind, err);
    if (status <= 0)
      return status;
    if (kind == DC_BIND_OPEN)
      file->depth++;
    else if (kind == DC_BIND_CLOSE)
      file->depth--;
    if (list != NULL && file->depth > depth && list->count < DC_BIND_WORD_MAX &&
        dc_words_add (list, dc_buffer_text (&file->word), err) < 0)
      return -1;
  }
  return 0;
}

/* Keep a statement; WORDS and LIST are taken. */
static int
add_clause (struct dc_bindconf *conf, enum dc_bind_clause_kind kind,
            struct dc_words *words, struct dc_words *list,
            struct dc_proof proof, struct dc_error *err)
{
  if (DC_ARRAY_GROW (conf->clauses, conf->count, DC_BIND_CLAUSE_MAX,
                     "statements", err) < 0)
    return err->code == DC_ERR_SYSTEM
               ? -1
               : dc_bindconf_note (conf, proof, err, err->text);
  conf->clauses[conf->count++] =
      (struct dc_bind_clause){ kind, *words, *list, proof };
  *words = (struct dc_words){ NULL, 0 };
  *list = (struct dc_words){ NULL, 0 };
  return 0;
}

static int read_block (struct dc_bindconf *conf, struct file *file,
                       enum context context, struct dc_error *err);

static int
open_block (struct dc_bindconf *conf, struct file *file, enum context context,
            struct dc_proof proof, struct dc_error *err)
{
  if (conf->block_depth == DC_BIND_BLOCK_MAX) {
    file->is_over = true;
    return dc_bindconf_note (conf, proof, err,
                             "blocks lie in each other too deeply");
  }
  conf->has_controls = conf->has_controls || context == CONTEXT_CONTROLS;
  conf->block_depth++;
  file->depth++;
  const int status = read_block (conf, file, context, err);
  file->depth--;
  conf->block_depth--;
  return status;
}

/* The block of a statement, which begins with WORDS. */
static int
read_inner (struct dc_bindconf *conf, struct file *file, enum context context,
            struct dc_words *words, struct dc_proof proof, struct dc_error *err)
{
  AUTO_WORDS struct dc_words list = { NULL, 0 };
  size_t i = 0;

  while (i < DC_COUNT (blocks) &&
         (words->count == 0 || blocks[i].outer != context ||
          strcmp (blocks[i].name, words->items[0]) != 0))
    i++;
  if (i == DC_COUNT (blocks) || blocks[i].inner == CONTEXT_SKIP)
    return read_list (conf, file, NULL, err);
  if (blocks[i].inner != CONTEXT_LIST)
    return open_block (conf, file, blocks[i].inner, proof, err);
  if (read_list (conf, file, &list, err) < 0)
    return -1;
  return add_clause (conf, blocks[i].kind, words, &list, proof, err);
}

/* The statement is over; "inet" may have had blocks, or none. */
static int
end_statement (struct dc_bindconf *conf, enum context context, bool has_block,
               struct dc_words *words, struct dc_proof proof,
               struct dc_error *err)
{
  struct dc_words none = { NULL, 0 };

  if (words->count == 0)
    return 0;
  for (size_t i = 0; i < DC_COUNT (blocks); i++)
    if (blocks[i].outer == context && blocks[i].inner == CONTEXT_SKIP &&
        strcmp (blocks[i].name, words->items[0]) == 0)
      return add_clause (conf, blocks[i].kind, words, &none, proof, err);
  return has_block ? 0 : read_simple (conf, context, words, proof, err);
}

/* One statement: 1; 0 at the end of the block or the file; -1. */
static int
read_statement (struct dc_bindconf *conf, struct file *file,
                enum context context, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  struct dc_proof proof = { file->path, 0 };
  bool has_block = false;

  while (!file->is_over) {
    enum dc_bind_kind kind;
    int status = next_token (conf, file, &kind, err);
    if (status <= 0)
      return status;
    if (proof.line == 0)
      proof.line = file->reader.line;
    if (kind == DC_BIND_EOF)
      file->is_over = true;
    if (kind == DC_BIND_EOF || kind == DC_BIND_CLOSE)
      return 0;
    if (kind == DC_BIND_END)
      return end_statement (conf, context, has_block, &words, proof, err) < 0
                 ? -1
                 : 1;
    if (kind == DC_BIND_OPEN)
      status = has_block ? read_list (conf, file, NULL, err)
                         : read_inner (conf, file, context, &words, proof, err);
    else if (words.count < DC_BIND_WORD_MAX)
      status = dc_words_add (&words, dc_buffer_text (&file->word), err);
    has_block = has_block || kind == DC_BIND_OPEN;
    if (status < 0)
      return -1;
  }
  return 0;
}

static int
read_block (struct dc_bindconf *conf, struct file *file, enum context context,
            struct dc_error *err)
{
  int status = 1;

  while (status > 0 && !file->is_over)
    status = read_statement (conf, file, context, err);
  return status < 0 ? -1 : 0;
}

static int
read_file (struct dc_bindconf *conf, enum context context, const char *path,
           struct dc_proof proof, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);

  if (conf->file_depth == DC_CONF_DEPTH_MAX) {
    const bool is_told = conf->is_too_deep;
    conf->is_too_deep = true;
    return is_told ? 0
                   : dc_bindconf_note (conf, proof, err,
                                       "files include each other too deeply");
  }
  const int status = dc_daemon_read (conf->daemon, path, proof, &b, err);
  if (status <= 0) {
    conf->is_incomplete = true;
    return status;
  }
  if (dc_words_add (&conf->files, path, err) < 0)
    return -1;
  struct file file = {
    .reader = { { dc_buffer_text (&b), b.size }, 1 },
    .path = conf->files.items[conf->files.count - 1],
    .word = DC_BUFFER_INIT (WORD_SIZE_MAX),
  };
  conf->file_depth++;
  const int read = read_block (conf, &file, context, err);
  conf->file_depth--;
  dc_buffer_release (&file.word);
  return read;
}

int
dc_bindconf_read (struct dc_bindconf *conf, const char *path,
                  struct dc_error *err)
{
  AUTO_FREE char *found = NULL;

  if (find_path (conf, path, &found, err) < 0)
    return -1;
  return read_file (conf, CONTEXT_MAIN, found, dc_daemon_command (conf->daemon),
                    err);
}
