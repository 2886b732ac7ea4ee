/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_nginx.h"
#include "analyzer/endpoint/nginxtoken.h"
#include "analyzer/endpoint/url.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Where Debian, Fedora and nginx.org have it compiled in; a build from source
 * has it beside the folder of its program.
 */
#define NGINX_FOLDER "/etc/nginx"
#define NGINX_CONF NGINX_FOLDER "/nginx.conf"
#define NGINX_OWN_CONF "conf/nginx.conf"
#define HTTP_PORT 80

enum context {
  CONTEXT_OTHER,
  CONTEXT_MAIN,
  CONTEXT_HTTP,
  CONTEXT_STREAM,
  CONTEXT_MAIL,
  CONTEXT_HTTP_SERVER,
  CONTEXT_STREAM_SERVER,
  CONTEXT_MAIL_SERVER,
  CONTEXT_LOCATION, /* and what it may hold */
  CONTEXT_UPSTREAM,
};

/* Blocks that matter; every other is CONTEXT_OTHER. */
static const struct {
  enum context outer;
  const char *name;
  enum context inner;
} blocks[] = {
  { CONTEXT_MAIN, "http", CONTEXT_HTTP },
  { CONTEXT_MAIN, "stream", CONTEXT_STREAM },
  { CONTEXT_MAIN, "mail", CONTEXT_MAIL },
  { CONTEXT_HTTP, "server", CONTEXT_HTTP_SERVER },
  { CONTEXT_STREAM, "server", CONTEXT_STREAM_SERVER },
  { CONTEXT_MAIL, "server", CONTEXT_MAIL_SERVER },
  { CONTEXT_HTTP, "upstream", CONTEXT_UPSTREAM },
  { CONTEXT_STREAM, "upstream", CONTEXT_UPSTREAM },
  { CONTEXT_HTTP_SERVER, "location", CONTEXT_LOCATION },
  { CONTEXT_HTTP_SERVER, "if", CONTEXT_LOCATION },
  { CONTEXT_LOCATION, "location", CONTEXT_LOCATION },
  { CONTEXT_LOCATION, "if", CONTEXT_LOCATION },
  { CONTEXT_LOCATION, "limit_except", CONTEXT_LOCATION },
};

struct block {
  enum context context;
  struct dc_proof proof; /* where it begins */
  bool has_listen;
};

/* Something that is passed on to a host or to an upstream of this name, which
 * may be defined later.
 */
struct pass {
  char *url;
  struct dc_proof proof;
};

struct nginx {
  const struct dc_daemon *daemon;
  char *folder;              /* relative names begin here: "/etc/nginx" */
  struct dc_words files;     /* read so far; proofs point into it */
  struct dc_words upstreams; /* their names */
  struct pass *passes;
  size_t pass_count;
  bool is_incomplete; /* something could not be read; it was noted */
  bool is_too_deep;   /* the same; once is enough */
  unsigned file_depth, block_depth;
};

static int
note (struct nginx *nginx, struct dc_proof proof, const char *text,
      struct dc_error *err)
{
  nginx->is_incomplete = true;
  return dc_daemon_note (nginx->daemon, proof, err, "%s", text);
}

static bool
has_word (const struct dc_words *words, const char *word)
{
  for (size_t i = 2; i < words->count; i++)
    if (strcmp (words->items[i], word) == 0)
      return true;
  return false;
}

/* The port of a server that names none: only HTTP has one, and it depends on
 * the rights of the process.
 */
static uint16_t
default_port (const struct nginx *nginx, enum context context)
{
  const char *user =
      dc_unit_value (nginx->daemon->unit, "Service", "User", NULL);
  const bool is_root =
      user == NULL || strcmp (user, "root") == 0 || strcmp (user, "0") == 0;

  if (context != CONTEXT_HTTP_SERVER)
    return 0;
  return is_root ? HTTP_PORT : 8000;
}

/* Split "8000-8010", perhaps behind a host and a colon, in place: TEXT keeps
 * the first port, and the last one is returned, or 0 where there is no range.
 */
static uint16_t
cut_range (char *text)
{
  char *dash = strrchr (text, '-');
  char *start = dash;
  uint16_t last;
  struct dc_error ignored;

  if (dash == NULL || dc_port_parse (dash + 1, &last, &ignored) < 0)
    return 0;
  while (start > text && start[-1] >= '0' && start[-1] <= '9')
    start--;
  if (start == dash || (start > text && start[-1] != ':'))
    return 0; /* a host's name */
  *dash = '\0';
  return last;
}

/* All ports from that of LISTEN to LAST. */
static int
tell_range (struct nginx *nginx, struct dc_listen listen, uint16_t last,
            struct dc_error *err)
{
  if (last < listen.port || last - listen.port >= DC_NGINX_RANGE_MAX)
    return note (nginx, listen.proof, "a range of ports is too long", err);
  for (unsigned port = listen.port; port <= last; port++) {
    listen.port = (uint16_t) port;
    if (dc_daemon_listens (nginx->daemon, &listen, err) < 0)
      return -1;
  }
  return 0;
}

static int
tell_internet (struct nginx *nginx, struct dc_listen listen,
               enum context context, const struct dc_words *words,
               struct dc_error *err)
{
  AUTO_FREE char *text = strdup (words->items[1]);
  struct dc_address address;

  if (text == NULL)
    return dc_fail_errno (err, "cannot keep an address");
  const uint16_t last = cut_range (text);
  if (dc_address_parse (text, &address, err) < 0)
    return note (nginx, listen.proof, err->text, err);
  listen.address = address.host;
  if (address.host[0] == '\0' || strcmp (address.host, "*") == 0)
    listen.address = "0.0.0.0";
  else if (strcmp (address.host, "::") == 0 && has_word (words, "ipv6only=off"))
    listen.address = "";
  listen.port = address.port;
  if (listen.port == 0) {
    listen.port = default_port (nginx, context);
    listen.confidence = DC_INFERRED;
  }
  if (listen.port == 0)
    return note (nginx, listen.proof, "a listen directive without a port", err);
  return tell_range (nginx, listen, last > 0 ? last : listen.port, err);
}

static int
read_listen (struct nginx *nginx, struct block *block,
             const struct dc_words *words, struct dc_proof proof,
             struct dc_error *err)
{
  struct dc_listen listen = {
    .protocol =
        has_word (words, "quic") || has_word (words, "udp") ? DC_UDP : DC_TCP,
    .proof = proof,
    .confidence = DC_DECLARED,
  };

  if (words->count < 2 || block->context < CONTEXT_HTTP_SERVER ||
      block->context > CONTEXT_MAIL_SERVER)
    return 0;
  block->has_listen = true;
  if (strncmp (words->items[1], "unix:", 5) != 0)
    return tell_internet (nginx, listen, block->context, words, err);
  listen.protocol = DC_UNIX;
  listen.path = words->items[1] + 5;
  return dc_daemon_listens (nginx->daemon, &listen, err);
}

/* A server of HTTP without a listen directive has one. */
static int
end_block (const struct nginx *nginx, const struct block *block,
           struct dc_error *err)
{
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = "0.0.0.0",
    .port = default_port (nginx, block->context),
    .proof = block->proof,
    .confidence = DC_INFERRED,
  };

  return block->has_listen || listen.port == 0
             ? 0
             : dc_daemon_listens (nginx->daemon, &listen, err);
}

/* proxy_pass and its kin. */
static int
read_pass (struct nginx *nginx, struct block *block,
           const struct dc_words *words, struct dc_proof proof,
           struct dc_error *err)
{
  if (words->count < 2 || (block->context != CONTEXT_LOCATION &&
                           block->context != CONTEXT_STREAM_SERVER))
    return 0;
  if (nginx->pass_count == DC_NGINX_PASS_MAX)
    return 0; /* there cannot be that many different ones */
  if (DC_ARRAY_GROW (nginx->passes, nginx->pass_count, DC_NGINX_PASS_MAX,
                     "passes", err) < 0)
    return -1;
  struct pass *pass = &nginx->passes[nginx->pass_count];
  pass->url = strdup (words->items[1]);
  pass->proof = proof;
  if (pass->url == NULL)
    return dc_fail_errno (err, "cannot keep '%s'", words->items[0]);
  nginx->pass_count++;
  return 0;
}

/* "server" in an upstream. */
static int
read_member (struct nginx *nginx, struct block *block,
             const struct dc_words *words, struct dc_proof proof,
             struct dc_error *err)
{
  return words->count < 2 || block->context != CONTEXT_UPSTREAM
             ? 0
             : dc_url_connects (nginx->daemon, words->items[1], HTTP_PORT,
                                proof, err);
}

/* Is URL that of an upstream?  Its servers were told already. */
static bool
is_upstream (const struct nginx *nginx, const char *url)
{
  const char *scheme = strstr (url, "://");
  const char *name = scheme != NULL ? scheme + 3 : url;
  const struct dc_span host = { name, strcspn (name, "/?") };

  for (size_t i = 0; i < nginx->upstreams.count; i++)
    if (dc_span_is (host, nginx->upstreams.items[i]))
      return true;
  return false;
}

static int
tell_passes (const struct nginx *nginx, struct dc_error *err)
{
  for (size_t i = 0; i < nginx->pass_count; i++) {
    const struct pass *pass = &nginx->passes[i];
    if (!is_upstream (nginx, pass->url) &&
        dc_url_connects (nginx->daemon, pass->url, 0, pass->proof, err) < 0)
      return -1;
  }
  return 0;
}

/* A file that is being read. */
struct file {
  struct dc_nginx_reader reader;
  const char *path;
  unsigned depth; /* of the block in this file */
  bool is_over;   /* at its end, or where it is broken */
};

static int read_file (struct nginx *nginx, struct block *block,
                      const char *path, struct dc_proof proof,
                      struct dc_error *err);

static int
read_include (struct nginx *nginx, struct block *block,
              const struct dc_words *words, struct dc_proof proof,
              struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  const char *word = words->count > 1 ? words->items[1] : "";

  if (word[0] == '\0' || block->context == CONTEXT_OTHER)
    return 0; /* nothing in there can matter */
  if (dc_text_print (&pattern, err, "%s%s%s",
                     word[0] != '/' ? nginx->folder : "",
                     word[0] != '/' ? "/" : "", word) < 0)
    return -1;
  const int status =
      dc_daemon_include (nginx->daemon, pattern, proof, &paths, err);
  if (status < 0)
    return -1;
  nginx->is_incomplete = nginx->is_incomplete || status == 0;
  for (size_t i = 0; i < paths.count; i++)
    if (read_file (nginx, block, paths.items[i], proof, err) < 0)
      return -1;
  return 0;
}

static int read_block (struct nginx *nginx, struct file *file,
                       struct block *block, struct dc_error *err);

static int
open_block (struct nginx *nginx, struct file *file, const struct block *outer,
            const struct dc_words *words, struct dc_proof proof,
            struct dc_error *err)
{
  struct block block = { .context = CONTEXT_OTHER, .proof = proof };
  const char *name = words->items[0];

  for (size_t i = 0; i < DC_COUNT (blocks); i++)
    if (blocks[i].outer == outer->context && strcmp (blocks[i].name, name) == 0)
      block.context = blocks[i].inner;
  if (block.context == CONTEXT_UPSTREAM && words->count > 1 &&
      dc_words_add (&nginx->upstreams, words->items[1], err) < 0)
    return -1;
  if (nginx->block_depth == DC_NGINX_BLOCK_MAX) {
    file->is_over = true;
    return note (nginx, proof, "blocks lie in each other too deeply", err);
  }
  nginx->block_depth++;
  file->depth++;
  const int status = read_block (nginx, file, &block, err);
  file->depth--;
  nginx->block_depth--;
  if (status < 0 || file->is_over)
    return status; /* the block was not seen to its end */
  return end_block (nginx, &block, err);
}

/* The next statement into WORDS: 1; 0 at the end of the file or where nginx
 * would refuse it, which is noted.
 */
static int
read_statement (struct nginx *nginx, struct file *file, struct dc_words *words,
                unsigned *line, enum dc_nginx_end *end, struct dc_error *err)
{
  struct dc_error why;
  const char *text = why.text;

  const int status = dc_nginx_statement (&file->reader, words, line, end, &why);
  if (status < 0 && why.code == DC_ERR_SYSTEM) {
    *err = why;
    return -1;
  }
  if (status == 0 && *end == DC_NGINX_EOF && file->depth > 0)
    text = "the file ends inside a block";
  else if (status == 0 && *end == DC_NGINX_CLOSE && file->depth == 0)
    text = "a } ends no block";
  else if (status == 0)
    return *end != DC_NGINX_EOF;
  return note (nginx, (struct dc_proof){ file->path, file->reader.line }, text,
               err);
}

static const struct {
  const char *name;
  int (*read) (struct nginx *nginx, struct block *block,
               const struct dc_words *words, struct dc_proof proof,
               struct dc_error *err);
} directives[] = {
  { "fastcgi_pass", read_pass },   { "grpc_pass", read_pass },
  { "include", read_include },     { "listen", read_listen },
  { "memcached_pass", read_pass }, { "proxy_pass", read_pass },
  { "scgi_pass", read_pass },      { "server", read_member },
  { "uwsgi_pass", read_pass },
};

static int
read_directive (struct nginx *nginx, struct block *block,
                const struct dc_words *words, struct dc_proof proof,
                struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (directives); i++)
    if (strcmp (words->items[0], directives[i].name) == 0)
      return directives[i].read (nginx, block, words, proof, err);
  return 0;
}

/* The statements of BLOCK in FILE, up to its '}' or the end of the file. */
static int
read_block (struct nginx *nginx, struct file *file, struct block *block,
            struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };
  struct dc_proof proof = { .file = file->path };
  enum dc_nginx_end end;

  while (!file->is_over) {
    int status = read_statement (nginx, file, &words, &proof.line, &end, err);
    if (status < 0)
      return -1;
    if (status == 0)
      file->is_over = true;
    else if (end == DC_NGINX_CLOSE)
      return 0;
    else if (end == DC_NGINX_OPEN)
      status = open_block (nginx, file, block, &words, proof, err);
    else
      status = read_directive (nginx, block, &words, proof, err);
    if (status < 0)
      return -1;
  }
  return 0;
}

static int
read_file (struct nginx *nginx, struct block *block, const char *path,
           struct dc_proof proof, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);

  if (nginx->file_depth == DC_CONF_DEPTH_MAX) {
    const bool is_told = nginx->is_too_deep;
    nginx->is_too_deep = true;
    return is_told ? 0
                   : note (nginx, proof, "files include each other too deeply",
                           err);
  }
  const int status = dc_daemon_read (nginx->daemon, path, proof, &b, err);
  if (status <= 0) {
    nginx->is_incomplete = true;
    return status;
  }
  if (dc_words_add (&nginx->files, path, err) < 0)
    return -1;
  struct file file = {
    .reader = { { dc_buffer_text (&b), b.size }, 1 },
    .path = nginx->files.items[nginx->files.count - 1],
  };
  nginx->file_depth++;
  const int read = read_block (nginx, &file, block, err);
  nginx->file_depth--;
  return read;
}

/* What the command line says. */
struct command {
  const char *conf;   /* -c */
  const char *prefix; /* -p */
  bool is_listening;  /* no -t, -s, -v ... */
};

static int
read_option (void *self, char letter, const char *value, struct dc_error *err)
{
  struct command *command = self;

  (void) err;
  if (letter == 'c')
    command->conf = value;
  else if (letter == 'p')
    command->prefix = value;
  else if (strchr ("?hstTvV", letter) != NULL)
    command->is_listening = false;
  return 0;
}

/* That of a program which was built from source: "/opt/nginx/conf/nginx.conf"
 * of "/opt/nginx/sbin/nginx".
 */
static int
own_conf (const char *program, char **path, struct dc_error *err)
{
  const char *end = strrchr (program, '/');

  while (end != NULL && end > program && end[-1] != '/')
    end--; /* to the last component of its folder */
  return dc_text_print (path, err, "%.*s" NGINX_OWN_CONF,
                        end != NULL ? (int) (end - program) : 0, program);
}

static int
find_conf (const struct dc_daemon *daemon, const struct command *command,
           char **path, struct dc_error *err)
{
  const char *prefix = command->prefix != NULL ? command->prefix : NGINX_FOLDER;
  const char *conf = command->conf;
  AUTO_FREE char *own = NULL;

  if (conf != NULL && conf[0] != '/')
    return dc_text_print (path, err, "%s/%s", prefix, conf);
  if (own_conf (daemon->command->program, &own, err) < 0)
    return -1;
  if (conf == NULL &&
      dc_tree_resolve (daemon->tree, NGINX_CONF) == DC_TREE_NONE &&
      dc_tree_resolve (daemon->tree, own) != DC_TREE_NONE)
    conf = own;
  return dc_text_print (path, err, "%s", conf != NULL ? conf : NGINX_CONF);
}

static int
read_and_tell (struct nginx *nginx, struct dc_error *err)
{
  const struct dc_proof proof = dc_daemon_command (nginx->daemon);
  struct command command = { NULL, NULL, true };
  struct block block = { .context = CONTEXT_MAIN };
  AUTO_FREE char *conf = NULL;

  if (dc_daemon_options (nginx->daemon, "cegps", read_option, &command, err) <
      0)
    return -1;
  if (!command.is_listening)
    return 1;
  if (find_conf (nginx->daemon, &command, &conf, err) < 0 ||
      dc_text_print (&nginx->folder, err, "%.*s",
                     (int) (strrchr (conf, '/') - conf), conf) < 0 ||
      read_file (nginx, &block, conf, proof, err) < 0 ||
      tell_passes (nginx, err) < 0)
    return -1;
  return nginx->is_incomplete ? 0 : 1;
}

int
dc_nginx_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct nginx nginx = { .daemon = daemon };

  const int status = read_and_tell (&nginx, err);
  for (size_t i = 0; i < nginx.pass_count; i++)
    free (nginx.passes[i].url);
  free (nginx.passes);
  dc_words_release (&nginx.upstreams);
  dc_words_release (&nginx.files);
  free (nginx.folder);
  return status;
}
