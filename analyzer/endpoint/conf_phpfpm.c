/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_phpfpm.h"
#include "analyzer/endpoint/conflines.h"
#include "analyzer/unit/unitenv.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/span.h"
#include "lib/text.h"

#define VALUE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */
#define NAME_SIZE_MAX ((size_t) 256)        /* bytes of ${NAME} */

/* A value and where it is from. */
struct value {
  char *text; /* NULL: not set */
  struct dc_proof proof;
};

struct pool {
  char *name;
  struct value listen, status; /* the last one counts */
  struct value prefix;
};

struct phpfpm {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  char *prefix; /* relative names begin here */
  struct pool *pools;
  size_t pool_count;
  struct pool *pool; /* the section; NULL: [global] */
};

static struct pool *
find_pool (struct phpfpm *fpm, struct dc_span name)
{
  for (size_t i = 0; i < fpm->pool_count; i++)
    if (dc_span_is (name, fpm->pools[i].name))
      return &fpm->pools[i];
  return NULL;
}

/* [NAME]; a pool that is there already goes on. */
static int
begin_section (struct phpfpm *fpm, struct dc_span name, struct dc_proof proof,
               struct dc_error *err)
{
  fpm->pool = find_pool (fpm, name);
  if (fpm->pool != NULL ||
      (name.size == 6 && strncasecmp (name.text, "global", 6) == 0))
    return 0;
  if (fpm->pool_count == DC_PHPFPM_POOL_MAX)
    return dc_conflines_note (&fpm->lines, proof, "there are too many pools",
                              err);
  if (DC_ARRAY_GROW (fpm->pools, fpm->pool_count, DC_PHPFPM_POOL_MAX, "pools",
                     err) < 0 ||
      dc_span_copy (name, &fpm->pools[fpm->pool_count].name, err) < 0)
    return -1;
  fpm->pool = &fpm->pools[fpm->pool_count++];
  return 0;
}

/* Append TEXT with each "${NAME}" replaced, and "$pool" in a pool. */
static int
expand (const struct phpfpm *fpm, struct dc_span text, struct dc_buffer *out,
        struct dc_error *err)
{
  static const char pool_name[] = "$pool";

  for (; text.size > 0; text = dc_span_skip (text, 1)) {
    const size_t near = text.size < NAME_SIZE_MAX ? text.size : NAME_SIZE_MAX;
    const char *end =
        dc_span_starts (text, "${") ? memchr (text.text, '}', near) : NULL;
    const char *value = NULL;
    size_t size = 0;
    if (end != NULL) {
      size = (size_t) (end - text.text) + 1;
      value = dc_environment_get (fpm->daemon->environment, text.text + 2,
                                  size - 3);
      value = value != NULL ? value : "";
    } else if (fpm->pool != NULL && dc_span_starts (text, pool_name)) {
      size = strlen (pool_name);
      value = fpm->pool->name;
    }
    const int status = value != NULL
                           ? dc_buffer_append (out, value, strlen (value), err)
                           : dc_buffer_append (out, text.text, 1, err);
    if (status < 0)
      return -1;
    text = dc_span_skip (text, size > 0 ? size - 1 : 0);
  }
  return 0;
}

/* The value behind '=': quotes go, ';' begins a comment outside of them. */
static int
read_value (const struct phpfpm *fpm, struct dc_span text,
            struct dc_buffer *out, struct dc_error *err)
{
  text = dc_span_trim (text);
  const char quote = text.size > 0 ? text.text[0] : '\0';
  const char *end = memchr (text.text, ';', text.size);

  if (quote == '"' || quote == '\'') {
    text = dc_span_skip (text, 1);
    end = memchr (text.text, quote, text.size);
  }
  if (end != NULL)
    text.size = (size_t) (end - text.text);
  if (quote == '\'')
    return dc_buffer_append (out, text.text, text.size, err);
  return expand (fpm, quote == '"' ? text : dc_span_trim (text), out, err);
}

static int
set_value (struct value *value, const char *text, struct dc_proof proof,
           struct dc_error *err)
{
  char *copy = strdup (text);

  if (copy == NULL)
    return dc_fail_errno (err, "cannot keep a value");
  free (value->text);
  *value = (struct value){ copy, proof };
  return 0;
}

static int
include (struct phpfpm *fpm, const char *value, struct dc_proof proof,
         struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;

  if (value[0] == '\0')
    return 0;
  if (dc_text_print (&pattern, err, "%s%s%s",
                     value[0] != '/' ? fpm->prefix : "",
                     value[0] != '/' ? "/" : "", value) < 0)
    return -1;
  return dc_conflines_include (&fpm->lines, pattern, proof, err);
}

static int
apply (struct phpfpm *fpm, struct dc_span key, const char *value,
       struct dc_proof proof, struct dc_error *err)
{
  if (dc_span_is (key, "include"))
    return include (fpm, value, proof, err);
  if (fpm->pool == NULL)
    return 0;
  if (dc_span_is (key, "listen"))
    return set_value (&fpm->pool->listen, value, proof, err);
  if (dc_span_is (key, "pm.status_listen"))
    return set_value (&fpm->pool->status, value, proof, err);
  if (dc_span_is (key, "prefix"))
    return set_value (&fpm->pool->prefix, value, proof, err);
  return 0;
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct phpfpm *fpm = self;
  const struct dc_span text = dc_span_trim (dc_span_of (line));
  AUTO_BUFFER struct dc_buffer value = DC_BUFFER_INIT (VALUE_SIZE_MAX);

  if (text.size == 0 || text.text[0] == ';')
    return 1;
  const bool is_section = text.text[0] == '[';
  const char *end = memchr (text.text, is_section ? ']' : '=', text.size);
  if (end == NULL)
    return 1; /* php-fpm would not start */
  if (is_section) {
    const struct dc_span name = { text.text + 1,
                                  (size_t) (end - text.text) - 1 };
    return begin_section (fpm, dc_span_trim (name), proof, err) < 0 ? -1 : 1;
  }
  const struct dc_span key = { text.text, (size_t) (end - text.text) };
  const struct dc_span rest = dc_span_skip (text, key.size + 1);
  if (read_value (fpm, rest, &value, err) < 0)
    return err->code == DC_ERR_SYSTEM ||
                   dc_conflines_note (&fpm->lines, proof, err->text, err) < 0
               ? -1
               : 1;
  return apply (fpm, dc_span_trim (key), dc_buffer_text (&value), proof, err) <
                 0
             ? -1
             : 1;
}

/* A path below the prefix of the pool, which may be below that of all. */
static int
tell_path (const struct phpfpm *fpm, const struct pool *pool,
           const struct value *value, struct dc_error *err)
{
  const char *prefix =
      pool->prefix.text != NULL ? pool->prefix.text : fpm->prefix;
  const bool is_full = value->text[0] == '/';
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%s%s%s", is_full ? "" : prefix,
                     is_full ? "" : "/", value->text) < 0)
    return -1;
  const struct dc_listen listen = {
    .protocol = DC_UNIX,
    .path = path,
    .proof = value->proof,
    .confidence = DC_DECLARED,
  };
  return dc_daemon_listens (fpm->daemon, &listen, err);
}

/* "9000" and "[::]:9000" are IPv6 sockets that take IPv4 too. */
static int
tell_value (struct phpfpm *fpm, const struct pool *pool,
            const struct value *value, struct dc_error *err)
{
  struct dc_address address;

  if (value->text == NULL || value->text[0] == '\0')
    return 0;
  if (strchr (value->text, ':') == NULL &&
      strspn (value->text, "0123456789") < strlen (value->text))
    return tell_path (fpm, pool, value, err);
  if (dc_address_parse (value->text, &address, err) < 0)
    return dc_conflines_note (&fpm->lines, value->proof, err->text, err);
  if (address.port == 0)
    return dc_conflines_note (&fpm->lines, value->proof,
                              "an address without a port", err);
  const bool is_any =
      strcmp (address.host, "::") == 0 || strcmp (address.host, "*") == 0;
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = is_any ? "" : address.host,
    .port = address.port,
    .proof = value->proof,
    .confidence = DC_DECLARED,
  };
  return dc_daemon_listens (fpm->daemon, &listen, err);
}

/* What the command line says. */
struct command {
  const char *conf, *prefix;
  bool is_listening;
};

/* The value of the option at *I, which is SHORT or LONG, or NULL. */
static const char *
option_value (const struct dc_words *argv, size_t *i, const char *letter,
              const char *name)
{
  const char *word = argv->items[*i];
  const size_t size = strlen (name);

  if (strncmp (word, name, size) == 0 && word[size] == '=')
    return word + size + 1;
  if (strncmp (word, letter, 2) == 0 && word[2] != '\0')
    return word + 2;
  if ((strcmp (word, name) == 0 || strcmp (word, letter) == 0) &&
      *i + 1 < argv->count)
    return argv->items[++*i];
  return NULL;
}

static void
read_command (const struct dc_words *argv, struct command *command)
{
  static const char *const others[] = { "-t",     "-tt",       "-i",
                                        "-m",     "-v",        "-h",
                                        "-?",     "--test",    "--info",
                                        "--help", "--modules", "--version" };

  *command = (struct command){ NULL, NULL, true };
  for (size_t i = 1; i < argv->count; i++) {
    for (size_t k = 0; k < DC_COUNT (others); k++)
      if (strcmp (argv->items[i], others[k]) == 0)
        command->is_listening = false;
    const char *conf = option_value (argv, &i, "-y", "--fpm-config");
    const char *prefix =
        conf == NULL ? option_value (argv, &i, "-p", "--prefix") : NULL;
    command->conf = conf != NULL ? conf : command->conf;
    command->prefix = prefix != NULL ? prefix : command->prefix;
  }
}

/* The version in "php-fpm8.2", "php-fpm82", "php82-fpm"; may be empty. */
static struct dc_span
version_in (const char *program)
{
  const char *slash = strrchr (program, '/');
  const char *name = slash != NULL ? slash + 1 : program;
  const char *digits = name + strcspn (name, "0123456789");
  return (struct dc_span){ digits, strspn (digits, "0123456789.") };
}

/* The main file of that program: Debian's, Alpine's, Fedora's, one that was
 * built from source.
 */
static int
find_conf (const struct phpfpm *fpm, char **conf, struct dc_error *err)
{
  const struct dc_span version = version_in (fpm->daemon->command->program);
  const int size = (int) version.size;
  AUTO_FREE char *debian = NULL, *alpine = NULL;

  if (dc_text_print (&debian, err, "/etc/php/%.*s/fpm/php-fpm.conf", size,
                     version.text) < 0 ||
      dc_text_print (&alpine, err, "/etc/php%.*s/php-fpm.conf", size,
                     version.text) < 0)
    return -1;
  char **const places[] = { &debian, &alpine };
  for (size_t i = 0; i < DC_COUNT (places); i++)
    if (dc_tree_resolve (fpm->daemon->tree, *places[i]) != DC_TREE_NONE) {
      *conf = DC_TAKE (*places[i]);
      return 0;
    }
  if (strcmp (fpm->prefix, "/usr") == 0)
    return dc_text_print (conf, err, "/etc/php-fpm.conf");
  return dc_text_print (conf, err, "%s/etc/php-fpm.conf", fpm->prefix);
}

/* "/usr/local" of "/usr/local/sbin/php-fpm". */
static int
find_prefix (struct phpfpm *fpm, const char *given, struct dc_error *err)
{
  const char *program = fpm->daemon->command->program;
  size_t size = strlen (program);

  if (given != NULL)
    return dc_text_print (&fpm->prefix, err, "%s", given);
  for (unsigned slashes = 0; size > 0 && slashes < 2;)
    slashes += program[--size] == '/';
  return dc_text_print (&fpm->prefix, err, "%.*s",
                        size > 0 ? (int) size : (int) strlen ("/usr"),
                        size > 0 ? program : "/usr");
}

static int
read_and_tell (struct phpfpm *fpm, struct dc_error *err)
{
  struct command command;
  AUTO_FREE char *conf = NULL;

  read_command (fpm->daemon->argv, &command);
  if (!command.is_listening)
    return 1;
  if (find_prefix (fpm, command.prefix, err) < 0)
    return -1;
  const int found = command.conf != NULL
                        ? dc_daemon_path (fpm->daemon, command.conf, &conf, err)
                        : find_conf (fpm, &conf, err);
  if (found < 0 || dc_conflines_read (&fpm->lines, conf,
                                      dc_daemon_command (fpm->daemon), err) < 0)
    return -1;
  for (size_t i = 0; i < fpm->pool_count; i++)
    if (tell_value (fpm, &fpm->pools[i], &fpm->pools[i].listen, err) < 0 ||
        tell_value (fpm, &fpm->pools[i], &fpm->pools[i].status, err) < 0)
      return -1;
  return fpm->lines.is_incomplete ? 0 : 1;
}

int
dc_phpfpm_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct phpfpm fpm = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line },
  };

  fpm.lines.self = &fpm;
  const int status = read_and_tell (&fpm, err);
  for (size_t i = 0; i < fpm.pool_count; i++) {
    free (fpm.pools[i].name);
    free (fpm.pools[i].listen.text);
    free (fpm.pools[i].status.text);
    free (fpm.pools[i].prefix.text);
  }
  free (fpm.pools);
  free (fpm.prefix);
  dc_words_release (&fpm.lines.files);
  return status;
}
