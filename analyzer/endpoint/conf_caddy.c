/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/caddysite.h"
#include "analyzer/endpoint/caddytoken.h"
#include "analyzer/endpoint/conf_caddy.h"
#include "analyzer/endpoint/url.h"
#include "analyzer/unit/unitenv.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/text.h"

#define PROXY_PORT 80

enum context {
  CONTEXT_TOP,
  CONTEXT_GLOBAL,
  CONTEXT_SERVERS, /* of the global options */
  CONTEXT_SITE,
  CONTEXT_INNER, /* of a site */
  CONTEXT_PROXY,
  CONTEXT_OTHER,
};

/* What "import NAME" repeats; the texts live as long as the reader. */
struct snippet {
  struct dc_span name, text;
  const char *file;
  unsigned line; /* of the first byte of TEXT */
};

struct caddy {
  const struct dc_daemon *daemon;
  struct dc_words files; /* their names; proofs point into it */
  struct dc_words texts; /* of the same files, variables replaced */
  struct snippet *snippets;
  size_t snippet_count;
  enum context blocks[DC_CADDY_BLOCK_MAX];
  size_t depth; /* of them */
  struct dc_caddy_options options;
  struct dc_caddy_site site; /* the one that is open */
  size_t lines;              /* read so far */
  unsigned import_depth;
  bool is_incomplete; /* something was noted */
  bool is_limited;    /* a limit was; once is enough */
};

/* What is being read. */
struct text {
  struct caddy *caddy;
  struct dc_caddy_reader reader;
  const char *file;
};

static int read_text (struct text *text, struct dc_error *err);

static int
note_limit (struct caddy *caddy, struct dc_proof proof, const char *text,
            struct dc_error *err)
{
  const bool is_told = caddy->is_limited;

  caddy->is_limited = caddy->is_incomplete = true;
  return is_told ? 0 : dc_daemon_note (caddy->daemon, proof, err, "%s", text);
}

/* {$NAME} and {$NAME:otherwise} are replaced before anything is read. */
static int
replace_variables (const struct caddy *caddy, struct dc_span text,
                   struct dc_buffer *out, struct dc_error *err)
{
  while (text.size > 0) {
    const char *begin = memmem (text.text, text.size, "{$", 2);
    const size_t before =
        begin != NULL ? (size_t) (begin - text.text) : text.size;
    if (dc_buffer_append (out, text.text, before, err) < 0)
      return -1;
    text = dc_span_skip (text, before);
    const char *end = text.size > 0 ? memchr (text.text, '}', text.size) : NULL;
    if (end == NULL)
      return text.size > 0 ? dc_buffer_append (out, text.text, text.size, err)
                           : 0;
    struct dc_span rest = { text.text + 2, (size_t) (end - text.text) - 2 };
    struct dc_span name = { "", 0 };
    (void) dc_span_field (&rest, ':', &name);
    const char *value =
        dc_environment_get (caddy->daemon->environment, name.text, name.size);
    if (value != NULL && value[0] != '\0')
      rest = dc_span_of (value);
    if (rest.text != NULL &&
        dc_buffer_append (out, rest.text, rest.size, err) < 0)
      return -1;
    text = dc_span_skip (text, (size_t) (end - text.text) + 1);
  }
  return 0;
}

static int
read_file (struct caddy *caddy, const char *path, struct dc_proof proof,
           struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer raw = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);
  struct dc_error why;

  const int status = dc_daemon_read (caddy->daemon, path, proof, &raw, err);
  if (status <= 0) {
    caddy->is_incomplete = true;
    return status;
  }
  const struct dc_span all = { dc_buffer_text (&raw), raw.size };
  if (replace_variables (caddy, all, &b, &why) < 0) {
    if (why.code != DC_ERR_SYSTEM)
      return note_limit (caddy, (struct dc_proof){ path, 0 },
                         "its variables make the file too large", err);
    *err = why;
    return -1;
  }
  if (dc_words_add (&caddy->files, path, err) < 0 ||
      dc_words_add (&caddy->texts, dc_buffer_text (&b), err) < 0)
    return -1;
  const char *kept = caddy->texts.items[caddy->texts.count - 1];
  struct text text = { caddy,
                       { dc_span_of (kept), 1 },
                       caddy->files.items[caddy->files.count - 1] };
  return read_text (&text, err);
}

static const struct snippet *
find_snippet (const struct caddy *caddy, const char *name)
{
  for (size_t i = 0; i < caddy->snippet_count; i++)
    if (dc_span_is (caddy->snippets[i].name, name))
      return &caddy->snippets[i];
  return NULL;
}

/* A pattern that begins in the folder of the file. */
static int
import_files (struct caddy *caddy, const char *name, struct dc_proof proof,
              struct dc_error *err)
{
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  AUTO_FREE char *pattern = NULL;
  const char *slash = strrchr (proof.file, '/');
  const int size =
      name[0] == '/' || slash == NULL ? 0 : (int) (slash - proof.file) + 1;

  if (dc_text_print (&pattern, err, "%.*s%s", size, proof.file, name) < 0)
    return -1;
  const int status =
      dc_daemon_include (caddy->daemon, pattern, proof, &paths, err);
  caddy->is_incomplete = caddy->is_incomplete || status == 0;
  if (status < 0)
    return -1;
  for (size_t i = 0; i < paths.count; i++)
    if (read_file (caddy, paths.items[i], proof, err) < 0)
      return -1;
  return 0;
}

/* import NAME, of a snippet or of files */
static int
import (struct caddy *caddy, const struct dc_words *words,
        struct dc_proof proof, struct dc_error *err)
{
  if (words->count < 2)
    return 0;
  if (caddy->import_depth >= DC_CONF_DEPTH_MAX)
    return note_limit (caddy, proof, "files include each other too deeply",
                       err);
  caddy->import_depth++;
  const struct snippet *snippet = find_snippet (caddy, words->items[1]);
  int status;
  if (snippet != NULL) {
    struct text text = { caddy,
                         { snippet->text, snippet->line },
                         snippet->file };
    status = read_text (&text, err);
  } else {
    status = import_files (caddy, words->items[1], proof, err);
  }
  caddy->import_depth--;
  return status;
}

/* Behind "(name) {": the lines up to its end are kept. */
static int
keep_snippet (struct text *text, const char *head, struct dc_error *err)
{
  struct caddy *caddy = text->caddy;
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  const struct dc_caddy_reader begin = text->reader;
  struct dc_span body = begin.rest;
  enum dc_caddy_end end = DC_CADDY_LINE;
  unsigned line = 0;

  for (size_t depth = 1; depth > 0 && end != DC_CADDY_EOF;) {
    body.size = (size_t) (text->reader.rest.text - body.text);
    if (dc_caddy_line (&text->reader, &words, &line, &end, err) < 0)
      return -1;
    depth += end == DC_CADDY_OPEN;
    depth -= end == DC_CADDY_CLOSE;
  }
  if (DC_ARRAY_GROW (caddy->snippets, caddy->snippet_count,
                     DC_CADDY_SNIPPET_MAX, "snippets", err) < 0 ||
      dc_words_add_bytes (&caddy->texts, head + 1, strlen (head) - 2, err) < 0)
    return -1;
  const char *name = caddy->texts.items[caddy->texts.count - 1];
  caddy->snippets[caddy->snippet_count++] =
      (struct snippet){ dc_span_of (name), body, text->file, begin.line };
  return 0;
}

static enum context
current (const struct caddy *caddy)
{
  return caddy->depth > 0 ? caddy->blocks[caddy->depth - 1] : CONTEXT_TOP;
}

/* The servers that a proxy names behind its matcher ("/path", "*", "@name").
 */
static int
tell_upstreams (struct caddy *caddy, const struct dc_words *words,
                bool has_matcher, struct dc_proof proof, struct dc_error *err)
{
  size_t i = 1;

  if (has_matcher && words->count > 1 && words->items[1][0] != '\0' &&
      strchr ("/*@", words->items[1][0]) != NULL)
    i = 2;
  for (; i < words->count; i++) {
    const char *word = words->items[i];
    AUTO_FREE char *path = NULL;
    const bool is_unix = strncmp (word, "unix/", 5) == 0;
    const bool is_url = strstr (word, "://") != NULL;
    if (is_unix && dc_text_print (&path, err, "unix:%s", word + 5) < 0)
      return -1;
    if (dc_url_connects (caddy->daemon, is_unix ? path : word,
                         is_url ? 0 : PROXY_PORT, proof, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_global (struct caddy *caddy, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  return dc_caddy_option (&caddy->options, words, proof, err);
}

/* A line of a site or of a block in it. */
static int
read_directive (struct caddy *caddy, const struct dc_words *words,
                struct dc_proof proof, struct dc_error *err)
{
  const char *name = words->count > 0 ? words->items[0] : "";

  if (strcmp (name, "import") == 0)
    return import (caddy, words, proof, err);
  if (strcmp (name, "reverse_proxy") == 0 || strcmp (name, "php_fastcgi") == 0)
    return tell_upstreams (caddy, words, true, proof, err);
  if (strcmp (name, "bind") == 0 && current (caddy) == CONTEXT_SITE)
    for (size_t i = 1; i < words->count; i++)
      if (dc_words_add (&caddy->site.hosts, words->items[i], err) < 0)
        return -1;
  return 0;
}

static int
begin_site (struct caddy *caddy, const struct dc_words *words,
            struct dc_proof proof, struct dc_error *err)
{
  caddy->site.proof = proof;
  for (size_t i = 0; i < words->count; i++) {
    struct dc_span rest = dc_span_of (words->items[i]), address;
    while (dc_span_field (&rest, ',', &address))
      if (address.size > 0 &&
          dc_words_add_bytes (&caddy->site.addresses, address.text,
                              address.size, err) < 0)
        return -1;
  }
  return 0;
}

static int
end_site (struct caddy *caddy, struct dc_error *err)
{
  const int status =
      dc_caddy_site_tell (caddy->daemon, &caddy->options, &caddy->site, err);

  caddy->is_incomplete = caddy->is_incomplete || status == 0;
  dc_caddy_site_release (&caddy->site);
  return status < 0 ? -1 : 0;
}

/* The context of the block that WORDS open. */
static enum context
inner_context (enum context outer, const struct dc_words *words)
{
  const char *name = words->count > 0 ? words->items[0] : "";
  const bool is_proxy =
      strcmp (name, "reverse_proxy") == 0 || strcmp (name, "php_fastcgi") == 0;

  switch (outer) {
  case CONTEXT_TOP:
    return words->count == 0 ? CONTEXT_GLOBAL
           : name[0] == '&'  ? CONTEXT_OTHER
                             : CONTEXT_SITE;
  case CONTEXT_GLOBAL:
    return strcmp (name, "servers") == 0 ? CONTEXT_SERVERS : CONTEXT_OTHER;
  case CONTEXT_SITE:
  case CONTEXT_INNER:
    return is_proxy ? CONTEXT_PROXY : CONTEXT_INNER;
  case CONTEXT_SERVERS:
  case CONTEXT_PROXY:
  case CONTEXT_OTHER:
    break;
  }
  return CONTEXT_OTHER;
}

static int
read_line (struct caddy *caddy, const struct dc_words *words,
           enum dc_caddy_end end, struct dc_proof proof, struct dc_error *err)
{
  const enum context outer = current (caddy);
  const enum context inner = inner_context (outer, words);
  const char *name = words->count > 0 ? words->items[0] : "";
  int status = 0;

  if (end == DC_CADDY_OPEN && caddy->depth == DC_CADDY_BLOCK_MAX)
    return note_limit (caddy, proof, "blocks lie in each other too deeply",
                       err);
  if (outer == CONTEXT_GLOBAL || outer == CONTEXT_SERVERS)
    status = read_global (caddy, words, proof, err);
  else if (outer == CONTEXT_PROXY && strcmp (name, "to") == 0)
    status = tell_upstreams (caddy, words, false, proof, err);
  else if (outer == CONTEXT_SITE || outer == CONTEXT_INNER ||
           (outer == CONTEXT_TOP && strcmp (name, "import") == 0))
    status = read_directive (caddy, words, proof, err);
  else if (outer == CONTEXT_TOP && inner == CONTEXT_SITE)
    status = begin_site (caddy, words, proof, err);
  const bool is_bare_site = /* without braces: the rest of the file is it */
      outer == CONTEXT_TOP && inner == CONTEXT_SITE &&
      strcmp (name, "import") != 0;
  if (status == 0 && (end == DC_CADDY_OPEN || is_bare_site))
    caddy->blocks[caddy->depth++] = inner;
  return status;
}

static int
close_block (struct caddy *caddy, struct dc_error *err)
{
  if (caddy->depth == 0)
    return 0;
  const enum context context = current (caddy);
  caddy->depth--;
  return context == CONTEXT_SITE ? end_site (caddy, err) : 0;
}

static int
read_text (struct text *text, struct dc_error *err)
{
  struct caddy *caddy = text->caddy;
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  enum dc_caddy_end end = DC_CADDY_LINE;
  struct dc_proof proof = { text->file, 0 };

  for (;;) {
    if (dc_caddy_line (&text->reader, &words, &proof.line, &end, err) < 0)
      return err->code == DC_ERR_SYSTEM
                 ? -1
                 : note_limit (caddy, proof, "it holds too long a word", err);
    if (end == DC_CADDY_EOF || caddy->is_limited)
      return 0;
    if (caddy->lines++ == DC_CADDY_LINE_MAX)
      return note_limit (caddy, proof, "there are too many lines", err);
    const char *name = words.count > 0 ? words.items[0] : "";
    const bool is_snippet = current (caddy) == CONTEXT_TOP &&
                            end == DC_CADDY_OPEN && name[0] == '(' &&
                            name[1] != '\0' && name[strlen (name) - 1] == ')';
    const int status = is_snippet ? keep_snippet (text, name, err)
                       : end == DC_CADDY_CLOSE
                           ? close_block (caddy, err)
                           : read_line (caddy, &words, end, proof, err);
    if (status < 0)
      return err->code == DC_ERR_SYSTEM
                 ? -1
                 : note_limit (caddy, proof, err->text, err);
  }
}

/* The value of "--NAME", or NULL. */
static const char *
option_value (const struct dc_words *argv, const char *name)
{
  const size_t size = strlen (name);

  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    if (strncmp (word, name, size) != 0)
      continue;
    if (word[size] == '=')
      return word + size + 1;
    if (word[size] == '\0' && i + 1 < argv->count)
      return argv->items[i + 1];
  }
  return NULL;
}

static int
read_and_tell (struct caddy *caddy, struct dc_error *err)
{
  const struct dc_daemon *daemon = caddy->daemon;
  const struct dc_words *argv = daemon->argv;
  const struct dc_proof command = dc_daemon_command (daemon);
  const char *given = option_value (argv, "--config");
  const char *adapter = option_value (argv, "--adapter");
  AUTO_FREE char *path = NULL;

  if (argv->count < 2 || (strcmp (argv->items[1], "run") != 0 &&
                          strcmp (argv->items[1], "start") != 0))
    return 0;
  given = given != NULL ? given : option_value (argv, "-c");
  const char *dot = given != NULL ? strrchr (given, '.') : NULL;
  if (dc_words_has (argv, "--resume") ||
      (adapter != NULL && strcmp (adapter, "caddyfile") != 0) ||
      (adapter == NULL && dot != NULL && strcmp (dot, ".json") == 0))
    return dc_daemon_note (daemon, command, err,
                           "its configuration is no Caddyfile");
  if (dc_daemon_path (daemon, given != NULL ? given : "Caddyfile", &path, err) <
      0)
    return -1;
  if ((given != NULL || dc_tree_resolve (daemon->tree, path) != DC_TREE_NONE) &&
      read_file (caddy, path, command, err) < 0)
    return -1;
  while (caddy->depth > 0) /* of sites without braces */
    if (close_block (caddy, err) < 0)
      return -1;
  const int status = dc_caddy_admin_tell (daemon, &caddy->options, err);
  if (status < 0)
    return -1;
  return status > 0 && !caddy->is_incomplete;
}

int
dc_caddy_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct caddy caddy = { .daemon = daemon, .options = DC_CADDY_OPTIONS_INIT };

  caddy.options.admin_proof = dc_daemon_command (daemon);
  const int status = read_and_tell (&caddy, err);
  dc_caddy_site_release (&caddy.site);
  dc_caddy_options_release (&caddy.options);
  dc_words_release (&caddy.files);
  dc_words_release (&caddy.texts);
  free (caddy.snippets);
  return status;
}
