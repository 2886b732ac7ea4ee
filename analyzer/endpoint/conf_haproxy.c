/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/endpoint/conf_haproxy.h"
#include "analyzer/endpoint/conflines.h"
#include "analyzer/endpoint/haproxyline.h"
#include "analyzer/endpoint/haproxyplace.h"
#include "analyzer/unit/unitenv.h"
#include "lib/array.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

enum section {
  SECTION_OTHER,
  SECTION_GLOBAL,
  SECTION_DEFAULTS,
  SECTION_FRONTEND, /* and listen: they bind */
  SECTION_BACKEND,
  SECTION_PEERS,
  SECTION_LOG_FORWARD,
  SECTION_MAILERS,
  SECTION_RESOLVERS,
};

/* Words that begin a section wherever they begin a line. */
static const struct {
  const char *name;
  enum section section;
} sections[] = {
  { "backend", SECTION_BACKEND }, { "cache", SECTION_OTHER },
  { "crt-store", SECTION_OTHER }, { "defaults", SECTION_DEFAULTS },
  { "fcgi-app", SECTION_OTHER },  { "frontend", SECTION_FRONTEND },
  { "global", SECTION_GLOBAL },   { "http-errors", SECTION_OTHER },
  { "listen", SECTION_FRONTEND }, { "log-forward", SECTION_LOG_FORWARD },
  { "mailers", SECTION_MAILERS }, { "peers", SECTION_PEERS },
  { "program", SECTION_OTHER },   { "resolvers", SECTION_RESOLVERS },
  { "ring", SECTION_BACKEND },    { "userlist", SECTION_OTHER },
};

/* A bind line, kept until it is known whether its section is disabled. */
struct bind {
  char *addresses;
  struct dc_proof proof;
  enum dc_protocol protocol;
  bool is_v6only, is_doubtful;
};

struct haproxy {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  struct dc_words environment;
  enum section section;
  struct bind *binds; /* of this section */
  size_t bind_count;
  bool is_disabled, is_disabled_by_default;
  struct dc_haproxy_levels levels;
  unsigned variable_count, use_count; /* variables set; uses of variables */
  char *local_peer;                   /* our name among peers */
  char *unix_prefix;                  /* in front of paths */
};

static int
note (struct haproxy *haproxy, struct dc_proof proof, const char *text,
      struct dc_error *err)
{
  return dc_conflines_note (&haproxy->lines, proof, text, err);
}

static int
listen_on_path (struct haproxy *haproxy, const struct dc_haproxy_place *place,
                const struct bind *bind, struct dc_error *err)
{
  const char *prefix = haproxy->unix_prefix;
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%s%s",
                     prefix != NULL && !place->is_abstract ? prefix : "",
                     place->path) < 0)
    return -1;
  const struct dc_listen listen = { .protocol = DC_UNIX,
                                    .path = path,
                                    .proof = bind->proof,
                                    .confidence = DC_DECLARED };
  return dc_daemon_listens (haproxy->daemon, &listen, err);
}

/* An IPv6 socket takes IPv4 too unless it is told not to. */
static int
listen_on_ports (struct haproxy *haproxy, const struct dc_haproxy_place *place,
                 const struct bind *bind, struct dc_error *err)
{
  const bool is_any = strcmp (place->host, "::") == 0 && !bind->is_v6only;
  struct dc_listen listen = {
    .protocol = place->protocol == DC_UDP ? DC_UDP : bind->protocol,
    .address = is_any ? "" : place->host,
    .proof = bind->proof,
    .confidence = DC_DECLARED,
  };

  if (place->first == 0)
    return note (haproxy, bind->proof, "an address without a port", err);
  if (place->last < place->first ||
      place->last - place->first >= DC_HAPROXY_RANGE_MAX)
    return note (haproxy, bind->proof, "a range of ports is too long", err);
  for (unsigned port = place->first; port <= place->last; port++) {
    listen.port = (uint16_t) port;
    if (dc_daemon_listens (haproxy->daemon, &listen, err) < 0)
      return -1;
  }
  return 0;
}

static int
listen_on (struct haproxy *haproxy, const char *address,
           const struct bind *bind, struct dc_error *err)
{
  struct dc_haproxy_place place;
  int status;

  if (dc_haproxy_place (address, &place, err) < 0)
    return err->code == DC_ERR_SYSTEM
               ? -1
               : note (haproxy, bind->proof, err->text, err);
  if (place.is_inherited)
    status = note (haproxy, bind->proof, "it listens on a socket of its parent",
                   err);
  else if (place.path != NULL)
    status = listen_on_path (haproxy, &place, bind, err);
  else
    status = listen_on_ports (haproxy, &place, bind, err);
  dc_haproxy_place_release (&place);
  return status;
}

static int
tell_bind (struct haproxy *haproxy, const struct bind *bind,
           struct dc_error *err)
{
  struct dc_span rest = dc_span_of (bind->addresses), field;

  if (bind->is_doubtful)
    return note (haproxy, bind->proof,
                 "a condition that cannot be evaluated decides on this", err);
  while (dc_span_field (&rest, ',', &field)) {
    AUTO_FREE char *address = NULL;
    if (dc_span_copy (field, &address, err) < 0 ||
        listen_on (haproxy, address, bind, err) < 0)
      return -1;
  }
  return 0;
}

/* Tell what the section binds to, and forget it. */
static int
end_section (struct haproxy *haproxy, struct dc_error *err)
{
  int status = 0;

  for (size_t i = 0; i < haproxy->bind_count; i++) {
    if (status == 0 && !haproxy->is_disabled)
      status = tell_bind (haproxy, &haproxy->binds[i], err);
    free (haproxy->binds[i].addresses);
  }
  free (haproxy->binds);
  haproxy->binds = NULL;
  haproxy->bind_count = 0;
  if (haproxy->section == SECTION_DEFAULTS)
    haproxy->is_disabled_by_default = haproxy->is_disabled;
  return status;
}

static int
add_bind (struct haproxy *haproxy, const char *addresses,
          const struct dc_words *words, enum dc_protocol protocol,
          struct dc_proof proof, struct dc_error *err)
{
  if (haproxy->bind_count == DC_HAPROXY_BIND_MAX)
    return note (haproxy, proof, "a section binds to too many addresses", err);
  if (DC_ARRAY_GROW (haproxy->binds, haproxy->bind_count, DC_HAPROXY_BIND_MAX,
                     "addresses", err) < 0)
    return -1;
  struct bind *bind = &haproxy->binds[haproxy->bind_count];
  *bind = (struct bind){
    .addresses = strdup (addresses),
    .proof = proof,
    .protocol = protocol,
    .is_v6only = dc_words_has (words, "v6only"),
    .is_doubtful = dc_haproxy_verdict (&haproxy->levels) == DC_HAPROXY_MAYBE,
  };
  if (bind->addresses == NULL)
    return dc_fail_errno (err, "cannot keep an address");
  haproxy->bind_count++;
  return 0;
}

static int
connect_to (struct haproxy *haproxy, const char *address,
            enum dc_protocol protocol, struct dc_proof proof,
            struct dc_error *err)
{
  struct dc_haproxy_place place;
  int status = 0;

  if (dc_haproxy_place (address, &place, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  const bool is_unix = place.path != NULL;
  const struct dc_target target = {
    .protocol = is_unix                    ? DC_UNIX
                : place.protocol == DC_UDP ? DC_UDP
                                           : protocol,
    .host = place.host,
    .port = place.first,
    .path = place.path,
    .proof = proof,
    .confidence = dc_haproxy_verdict (&haproxy->levels) == DC_HAPROXY_YES
                      ? DC_DECLARED
                      : DC_UNKNOWN,
  };
  /* 0.0.0.0 stands for the address that the client wanted. */
  if (is_unix || (place.host != NULL && strcmp (place.host, "0.0.0.0") != 0))
    status = dc_daemon_connects (haproxy->daemon, &target, err);
  dc_haproxy_place_release (&place);
  return status;
}

/* Reads a directive: WORDS has it and at least one more. */
typedef int read_directive (struct haproxy *haproxy,
                            const struct dc_words *words, struct dc_proof proof,
                            struct dc_error *err);

static int
read_bind (struct haproxy *haproxy, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  return add_bind (haproxy, words->items[1], words, DC_TCP, proof, err);
}

static int
read_datagram (struct haproxy *haproxy, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  return add_bind (haproxy, words->items[1], words, DC_UDP, proof, err);
}

/* stats socket ADDRESS */
static int
read_stats (struct haproxy *haproxy, const struct dc_words *words,
            struct dc_proof proof, struct dc_error *err)
{
  return words->count < 3 || strcmp (words->items[1], "socket") != 0
             ? 0
             : add_bind (haproxy, words->items[2], words, DC_TCP, proof, err);
}

/* server NAME ADDRESS */
static int
read_server (struct haproxy *haproxy, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  return words->count < 3
             ? 0
             : connect_to (haproxy, words->items[2], DC_TCP, proof, err);
}

/* server-template PREFIX COUNT ADDRESS */
static int
read_template (struct haproxy *haproxy, const struct dc_words *words,
               struct dc_proof proof, struct dc_error *err)
{
  return words->count < 4
             ? 0
             : connect_to (haproxy, words->items[3], DC_TCP, proof, err);
}

static int
read_nameserver (struct haproxy *haproxy, const struct dc_words *words,
                 struct dc_proof proof, struct dc_error *err)
{
  return words->count < 3
             ? 0
             : connect_to (haproxy, words->items[2], DC_UDP, proof, err);
}

/* Of the peers one is ourselves, and its address is ours. */
static int
read_peer (struct haproxy *haproxy, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  const char *self = haproxy->local_peer != NULL
                         ? haproxy->local_peer
                         : haproxy->daemon->profile->hostname;

  if (words->count < 3)
    return 0;
  if (self == NULL || strcmp (self, words->items[1]) != 0)
    return read_server (haproxy, words, proof, err);
  return add_bind (haproxy, words->items[2], words, DC_TCP, proof, err);
}

static int
set_text (char **member, const char *text, struct dc_error *err)
{
  char *copy = NULL;

  if (dc_text_print (&copy, err, "%s", text) < 0)
    return -1;
  free (*member);
  *member = copy;
  return 0;
}

static int
read_local_peer (struct haproxy *haproxy, const struct dc_words *words,
                 struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  return haproxy->local_peer != NULL /* -L goes first */
             ? 0
             : set_text (&haproxy->local_peer, words->items[1], err);
}

/* unix-bind prefix PATH */
static int
read_unix (struct haproxy *haproxy, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  for (size_t i = 1; i + 1 < words->count; i++)
    if (strcmp (words->items[i], "prefix") == 0)
      return set_text (&haproxy->unix_prefix, words->items[i + 1], err);
  return 0;
}

/* setenv NAME VALUE; presetenv does not replace one that is there. */
static int
read_setenv (struct haproxy *haproxy, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  const char *name = words->items[1];
  AUTO_FREE char *assignment = NULL;

  (void) proof;
  if (words->count < 3 ||
      haproxy->variable_count++ >= DC_HAPROXY_VARIABLE_MAX ||
      (words->items[0][0] == 'p' &&
       dc_environment_get (&haproxy->environment, name, strlen (name)) != NULL))
    return 0;
  if (dc_text_print (&assignment, err, "%s=%s", name, words->items[2]) < 0)
    return -1;
  return dc_environment_set (&haproxy->environment, assignment, err);
}

static const struct {
  enum section section;
  const char *name;
  read_directive *read;
} directives[] = {
  { SECTION_BACKEND, "server", read_server },
  { SECTION_BACKEND, "server-template", read_template },
  { SECTION_FRONTEND, "bind", read_bind },
  { SECTION_FRONTEND, "server", read_server },
  { SECTION_FRONTEND, "server-template", read_template },
  { SECTION_GLOBAL, "localpeer", read_local_peer },
  { SECTION_GLOBAL, "presetenv", read_setenv },
  { SECTION_GLOBAL, "setenv", read_setenv },
  { SECTION_GLOBAL, "stats", read_stats },
  { SECTION_GLOBAL, "unix-bind", read_unix },
  { SECTION_LOG_FORWARD, "bind", read_bind },
  { SECTION_LOG_FORWARD, "dgram-bind", read_datagram },
  { SECTION_MAILERS, "mailer", read_server },
  { SECTION_PEERS, "bind", read_bind },
  { SECTION_PEERS, "peer", read_peer },
  { SECTION_PEERS, "server", read_peer },
  { SECTION_RESOLVERS, "nameserver", read_nameserver },
};

static bool
is_word (const struct dc_words *words, size_t index, const char *word)
{
  return index < words->count && strcmp (words->items[index], word) == 0;
}

/* Begin SECTION; old ones name an address: "listen NAME :80". */
static int
begin_section (struct haproxy *haproxy, enum section section,
               const struct dc_words *words, struct dc_proof proof,
               struct dc_error *err)
{
  if (end_section (haproxy, err) < 0)
    return -1;
  haproxy->section = section;
  haproxy->is_disabled =
      section == SECTION_FRONTEND && haproxy->is_disabled_by_default;
  if (section != SECTION_FRONTEND || words->count < 3 ||
      is_word (words, 2, "from"))
    return 0;
  return add_bind (haproxy, words->items[2], words, DC_TCP, proof, err);
}

static int
apply (struct haproxy *haproxy, const struct dc_words *words,
       struct dc_proof proof, struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (sections); i++)
    if (is_word (words, 0, sections[i].name))
      return begin_section (haproxy, sections[i].section, words, proof, err);
  if (is_word (words, 0, "disabled") || is_word (words, 0, "enabled")) {
    haproxy->is_disabled = words->items[0][0] == 'd';
    return 0;
  }
  for (size_t i = 0; i < DC_COUNT (directives); i++)
    if (words->count > 1 && directives[i].section == haproxy->section &&
        is_word (words, 0, directives[i].name))
      return directives[i].read (haproxy, words, proof, err);
  return 0;
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct haproxy *haproxy = self;
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  for (const char *p = strchr (line, '$'); p != NULL; p = strchr (p + 1, '$'))
    if (haproxy->use_count++ == DC_HAPROXY_USE_MAX)
      return note (haproxy, proof, "it uses too many variables", err);
  if (dc_haproxy_words (line, &haproxy->environment, &words, err) < 0)
    return err->code == DC_ERR_SYSTEM ||
                   note (haproxy, proof, err->text, err) < 0
               ? -1
               : 1;
  if (words.count == 0)
    return 1;
  const int status =
      dc_haproxy_level (&haproxy->levels, &words, &haproxy->environment,
                        dc_daemon_version (haproxy->daemon), err);
  if (status < 0)
    return err->code == DC_ERR_SYSTEM ||
                   note (haproxy, proof, err->text, err) < 0
               ? -1
               : 1;
  if (status > 0)
    return 1;
  if (dc_haproxy_verdict (&haproxy->levels) == DC_HAPROXY_NO)
    return 1;
  return apply (haproxy, &words, proof, err) < 0 ? -1 : 1;
}

/* A file, or a folder whose *.cfg are read. */
static int
read_conf (struct haproxy *haproxy, const char *name, struct dc_error *err)
{
  const struct dc_tree *tree = haproxy->daemon->tree;
  const struct dc_proof proof = dc_daemon_command (haproxy->daemon);
  AUTO_FREE char *path = NULL, *pattern = NULL;

  if (dc_daemon_path (haproxy->daemon, name, &path, err) < 0)
    return -1;
  const uint32_t index = dc_tree_resolve (tree, path);
  if (index == DC_TREE_NONE || !S_ISDIR (tree->entries[index].mode))
    return dc_conflines_read (&haproxy->lines, path, proof, err);
  if (dc_text_print (&pattern, err, "%s/*.cfg", path) < 0)
    return -1;
  return dc_conflines_include (&haproxy->lines, pattern, proof, err);
}

/* What the command line says. */
struct command {
  struct dc_words files;
  const char *master; /* -S */
  bool is_listening;  /* no -c, -v ... */
};

/* Not getopt's way: a value is always the next word, and "-Ws", "-db" are
 * words of their own.
 */
static int
read_command (struct haproxy *haproxy, struct command *command,
              struct dc_error *err)
{
  const struct dc_words *argv = haproxy->daemon->argv;

  for (size_t i = 1; i < argv->count; i++) {
    const char *word = argv->items[i];
    const char *value = i + 1 < argv->count ? argv->items[i + 1] : NULL;
    if (strcmp (word, "--") == 0) {
      while (++i < argv->count)
        if (dc_words_add (&command->files, argv->items[i], err) < 0)
          return -1;
      return 0;
    }
    if (strcmp (word, "-c") == 0 || strncmp (word, "-v", 2) == 0)
      command->is_listening = false;
    if (value == NULL || strlen (word) != 2 ||
        strchr ("CLNSfmnpx", word[1]) == NULL)
      continue;
    i++;
    if (word[1] == 'f' && dc_words_add (&command->files, value, err) < 0)
      return -1;
    if (word[1] == 'L' && set_text (&haproxy->local_peer, value, err) < 0)
      return -1;
    if (word[1] == 'S')
      command->master = value;
  }
  return 0;
}

/* -S ADDRESS,OPTIONS: the socket of the master process. */
static int
tell_master (struct haproxy *haproxy, const char *value, struct dc_error *err)
{
  AUTO_FREE char *address = NULL;
  struct bind bind = { .proof = dc_daemon_command (haproxy->daemon) };

  if (dc_text_print (&address, err, "%.*s", (int) strcspn (value, ","), value) <
      0)
    return -1;
  bind.addresses = address;
  return tell_bind (haproxy, &bind, err);
}

static int
read_and_tell (struct haproxy *haproxy, struct command *command,
               struct dc_error *err)
{
  const struct dc_words *environment = haproxy->daemon->environment;

  for (size_t i = 0; i < environment->count; i++)
    if (dc_words_add (&haproxy->environment, environment->items[i], err) < 0)
      return -1;
  if (read_command (haproxy, command, err) < 0)
    return -1;
  if (!command->is_listening)
    return 1;
  for (size_t i = 0; i < command->files.count; i++)
    if (read_conf (haproxy, command->files.items[i], err) < 0)
      return -1;
  if (end_section (haproxy, err) < 0)
    return -1;
  if (command->master != NULL &&
      tell_master (haproxy, command->master, err) < 0)
    return -1;
  return haproxy->lines.is_incomplete || haproxy->lines.files.count == 0 ? 0
                                                                         : 1;
}

int
dc_haproxy_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct haproxy haproxy = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line },
  };
  struct command command = { .is_listening = true };
  struct dc_error ignored;

  haproxy.lines.self = &haproxy;
  const int status = read_and_tell (&haproxy, &command, err);
  haproxy.is_disabled = true; /* what is left after an error is not told */
  (void) end_section (&haproxy, &ignored); /* which only releases it then */
  dc_words_release (&command.files);
  dc_words_release (&haproxy.environment);
  dc_words_release (&haproxy.lines.files);
  free (haproxy.local_peer);
  free (haproxy.unix_prefix);
  return status;
}
