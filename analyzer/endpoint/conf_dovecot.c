/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_dovecot.h"
#include "analyzer/endpoint/conflines.h"
#include "analyzer/endpoint/dovecotdefaults.h"
#include "lib/array.h"
#include "lib/buffer.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define DOVECOT_CONF "/etc/dovecot/dovecot.conf"
#define DEBIAN_PROTOCOLS "/usr/share/dovecot/protocols.d"
#define VALUE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */

struct listener {
  char *service, *name;
  bool is_inet, is_tls, is_off; /* is_off: of a Unix socket, mode = 0 */
  uint64_t port;                /* 0: it does not listen */
  char *address;                /* NULL: those of `listen` */
  struct dc_proof proof;
  enum dc_confidence confidence;
};

enum section {
  SECTION_OTHER,
  SECTION_SERVICE,
  SECTION_LISTENER,
  SECTION_PROTOCOLS, /* since 2.4 */
};

/* Settings outside of all sections. */
enum setting {
  SETTING_BASE,
  SETTING_LISTEN,
  SETTING_PROTOCOLS,
  SETTING_RELAY_HOST,
  SETTING_RELAY_PORT,
  SETTING_TLS,
  SETTING_COUNT,
};
static const char *const setting_names[SETTING_COUNT] = {
  "base_dir",
  "listen",
  "protocols",
  "submission_relay_host",
  "submission_relay_port",
  "ssl",
};

struct dovecot {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  struct listener *listeners;
  size_t listener_count;
  char *settings[SETTING_COUNT]; /* NULL: not set */
  struct dc_proof relay_proof;
  enum section sections[DC_DOVECOT_SECTION_MAX];
  unsigned depth;
  char *service;  /* the one that is being read */
  size_t current; /* the listener that is */
};

static int
note (struct dovecot *dovecot, struct dc_proof proof, const char *text,
      struct dc_error *err)
{
  return dc_conflines_note (&dovecot->lines, proof, text, err);
}

/* The index of the listener, made if it is new, into *OUT. */
static int
find_listener (struct dovecot *dovecot, const char *service, const char *name,
               bool is_inet, size_t *out, struct dc_error *err)
{
  struct listener new = { .is_inet = is_inet };

  for (size_t i = 0; i < dovecot->listener_count; i++) {
    const struct listener *known = &dovecot->listeners[i];
    if (known->is_inet == is_inet && strcmp (known->service, service) == 0 &&
        strcmp (known->name, name) == 0) {
      *out = i;
      return 0;
    }
  }
  if (DC_ARRAY_GROW (dovecot->listeners, dovecot->listener_count,
                     DC_DOVECOT_LISTENER_MAX, "listeners", err) < 0)
    return -1;
  if (dc_text_print (&new.service, err, "%s", service) < 0)
    return -1;
  if (dc_text_print (&new.name, err, "%s", name) < 0) {
    free (new.service);
    return -1;
  }
  *out = dovecot->listener_count;
  dovecot->listeners[dovecot->listener_count++] = new;
  return 0;
}

/* The Unix sockets that nobody names, as far as the version is known; those
 * that are off stay so when only their name is mentioned.
 */
static int
add_sockets (struct dovecot *dovecot, const char *conf, struct dc_error *err)
{
  const char *version = dc_daemon_version (dovecot->daemon);
  const bool is_known =
      version != NULL && strncmp (version, DC_DOVECOT_SOCKETS_VERSION,
                                  strlen (DC_DOVECOT_SOCKETS_VERSION)) == 0;
  size_t index;

  for (size_t i = 0; i < dc_dovecot_socket_count; i++) {
    const struct dc_dovecot_socket *socket = &dc_dovecot_sockets[i];
    if (!is_known && !socket->is_off)
      continue;
    if (find_listener (dovecot, socket->service, socket->name, false, &index,
                       err) < 0)
      return -1;
    struct listener *listener = &dovecot->listeners[index];
    listener->is_off = socket->is_off;
    listener->proof.file = conf;
    listener->confidence = DC_INFERRED;
  }
  return 0;
}

static int
add_defaults (struct dovecot *dovecot, const char *conf, struct dc_error *err)
{
  size_t index;

  for (size_t i = 0; i < dc_dovecot_port_count; i++) {
    if (find_listener (dovecot, dc_dovecot_ports[i].service,
                       dc_dovecot_ports[i].name, true, &index, err) < 0)
      return -1;
    struct listener *listener = &dovecot->listeners[index];
    listener->port = dc_dovecot_ports[i].port;
    listener->is_tls = dc_dovecot_ports[i].is_tls;
    listener->proof.file = conf;
    listener->confidence = DC_INFERRED;
  }
  return add_sockets (dovecot, conf, err);
}

/* Append TEXT with "$key" replaced by what the key has been set to. */
static int
expand (const struct dovecot *dovecot, struct dc_span text,
        struct dc_buffer *out, struct dc_error *err)
{
  for (; text.size > 0; text = dc_span_skip (text, 1)) {
    size_t size = 0;
    const char *value = NULL;
    for (size_t i = 0; *text.text == '$' && i < SETTING_COUNT; i++)
      if (dc_span_starts (dc_span_skip (text, 1), setting_names[i])) {
        size = strlen (setting_names[i]);
        value = dovecot->settings[i] != NULL ? dovecot->settings[i] : "";
      }
    const int status = value != NULL
                           ? dc_buffer_append (out, value, strlen (value), err)
                           : dc_buffer_append (out, text.text, 1, err);
    if (status < 0)
      return -1;
    text = dc_span_skip (text, size);
  }
  return 0;
}

/* The value behind '=': a comment begins at a '#' behind a blank. */
static int
read_value (const struct dovecot *dovecot, struct dc_span text,
            struct dc_buffer *out, struct dc_error *err)
{
  text = dc_span_trim (text);
  const char quote = text.size > 0 ? *text.text : '\0';
  if (quote == '"' || quote == '\'') {
    text = dc_span_skip (text, 1);
    for (size_t i = 0; i < text.size && text.text[i] != quote; i++) {
      i += text.text[i] == '\\' && i + 1 < text.size;
      if (dc_buffer_append (out, text.text + i, 1, err) < 0)
        return -1;
    }
    return 0;
  }
  for (size_t i = 0; i < text.size; i++)
    if (text.text[i] == '#' && (i == 0 || strchr (" \t", text.text[i - 1]))) {
      text.size = i;
      break;
    }
  return expand (dovecot, dc_span_trim (text), out, err);
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
set_listener (struct dovecot *dovecot, struct dc_span key, const char *value,
              struct dc_proof proof, struct dc_error *err)
{
  struct listener *listener = &dovecot->listeners[dovecot->current];
  struct dc_error why;
  uint64_t port;

  if (dc_span_is (key, "ssl"))
    listener->is_tls = strcmp (value, "yes") == 0;
  else if (dc_span_is (key, "mode"))
    listener->is_off = strspn (value, "0") == strlen (value);
  else if (dc_span_is (key, "address"))
    return set_text (&listener->address, value, err);
  if (!dc_span_is (key, "port"))
    return 0;
  if (dc_number_parse (value, 0, UINT16_MAX, &port, &why) < 0)
    return note (dovecot, proof, why.text, err);
  listener->port = port;
  listener->proof = proof;
  listener->confidence = DC_DECLARED;
  return 0;
}

/* protocols { imap = yes } */
static int
add_protocol (struct dovecot *dovecot, struct dc_span key, const char *value,
              struct dc_error *err)
{
  char **protocols = &dovecot->settings[SETTING_PROTOCOLS];
  AUTO_FREE char *text = NULL;

  if (strcmp (value, "yes") != 0)
    return 0;
  if (dc_text_print (&text, err, "%s %.*s",
                     *protocols != NULL ? *protocols : "", (int) key.size,
                     key.text) < 0)
    return -1;
  return strlen (text) > VALUE_SIZE_MAX ? 0 : set_text (protocols, text, err);
}

static int
apply (struct dovecot *dovecot, struct dc_span key, const char *value,
       struct dc_proof proof, struct dc_error *err)
{
  const enum section section = dovecot->depth > 0
                                   ? dovecot->sections[dovecot->depth - 1]
                                   : SECTION_OTHER;

  if (section == SECTION_LISTENER)
    return set_listener (dovecot, key, value, proof, err);
  if (section == SECTION_PROTOCOLS)
    return add_protocol (dovecot, key, value, err);
  for (size_t i = 0; dovecot->depth == 0 && i < SETTING_COUNT; i++) {
    if (!dc_span_is (key, setting_names[i]))
      continue;
    if (i == SETTING_RELAY_HOST)
      dovecot->relay_proof = proof;
    return set_text (&dovecot->settings[i], value, err);
  }
  return 0;
}

/* "service NAME {", "inet_listener NAME {" */
static int
begin_section (struct dovecot *dovecot, struct dc_span head,
               struct dc_proof proof, struct dc_error *err)
{
  struct dc_span rest = head, kind = { "", 0 }, name = { "", 0 };
  AUTO_FREE char *text = NULL;
  enum section section = SECTION_OTHER;
  const enum section outer = dovecot->depth > 0
                                 ? dovecot->sections[dovecot->depth - 1]
                                 : SECTION_OTHER;

  if (dovecot->depth == DC_DOVECOT_SECTION_MAX)
    return note (dovecot, proof, "sections lie in each other too deeply", err);
  if (dc_span_word (&rest, &kind))
    (void) dc_span_word (&rest, &name); /* then it has no name */
  if (name.size >= 2 && *name.text == '"' && name.text[name.size - 1] == '"')
    name = (struct dc_span){ name.text + 1, name.size - 2 };
  if (dc_span_copy (name, &text, err) < 0)
    return -1;
  const bool is_inet = dc_span_is (kind, "inet_listener");
  if (dovecot->depth == 0 && dc_span_is (kind, "service")) {
    section = SECTION_SERVICE;
    if (set_text (&dovecot->service, text, err) < 0)
      return -1;
  } else if (dovecot->depth == 0 && dc_span_is (kind, "protocols")) {
    section = SECTION_PROTOCOLS;
  } else if (outer == SECTION_SERVICE &&
             (is_inet || dc_span_is (kind, "unix_listener"))) {
    section = SECTION_LISTENER;
    if (find_listener (dovecot, dovecot->service, text, is_inet,
                       &dovecot->current, err) < 0)
      return err->code == DC_ERR_SYSTEM
                 ? -1
                 : note (dovecot, proof, "there are too many listeners", err);
    if (!is_inet) {
      dovecot->listeners[dovecot->current].proof = proof;
      dovecot->listeners[dovecot->current].confidence = DC_DECLARED;
    }
  }
  dovecot->sections[dovecot->depth++] = section;
  return 0;
}

/* A relative one begins in the folder of the file that says it. */
static int
include (struct dovecot *dovecot, const char *name, bool is_optional,
         struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *pattern = NULL;
  const char *slash = strrchr (proof.file, '/');
  const int size = name[0] == '/' ? 0 : (int) (slash - proof.file) + 1;

  if (dc_text_print (&pattern, err, "%.*s%s", size, proof.file, name) < 0)
    return -1;
  if (is_optional && strpbrk (pattern, "*?[") == NULL &&
      dc_tree_resolve (dovecot->daemon->tree, pattern) == DC_TREE_NONE)
    return 0;
  return dc_conflines_include (&dovecot->lines, pattern, proof, err);
}

static int
read_include (struct dovecot *dovecot, struct dc_span text,
              struct dc_proof proof, struct dc_error *err)
{
  static const char optional[] = "!include_try";
  struct dc_span word = { "", 0 };
  AUTO_FREE char *name = NULL;

  if (!dc_span_word (&text, &word) || dc_span_trim (text).size == 0)
    return 0;
  if (dc_span_copy (dc_span_trim (text), &name, err) < 0)
    return -1;
  return include (dovecot, name, dc_span_is (word, optional), proof, err);
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct dovecot *dovecot = self;
  struct dc_span text = dc_span_trim (dc_span_of (line));
  AUTO_BUFFER struct dc_buffer value = DC_BUFFER_INIT (VALUE_SIZE_MAX);
  int status = 0;

  if (text.size == 0 || *text.text == '#')
    return 1;
  const char *equals = memchr (text.text, '=', text.size);
  if (dc_span_starts (text, "!include")) {
    status = read_include (dovecot, text, proof, err);
  } else if (*text.text == '}') {
    dovecot->depth -= dovecot->depth > 0;
  } else if (equals != NULL) {
    const struct dc_span key = { text.text, (size_t) (equals - text.text) };
    status =
        read_value (dovecot, dc_span_skip (text, key.size + 1), &value, err);
    if (status < 0 && err->code != DC_ERR_SYSTEM)
      status = note (dovecot, proof, err->text, err);
    else if (status == 0)
      status = apply (dovecot, dc_span_trim (key), dc_buffer_text (&value),
                      proof, err);
  } else if (text.text[text.size - 1] == '{') {
    text.size--;
    status = begin_section (dovecot, text, proof, err);
  }
  return status < 0 ? -1 : 1;
}

/* LISTENER on each of ADDRESSES: "*, ::". */
static int
tell_inet (const struct dovecot *dovecot, const struct listener *listener,
           const char *addresses, struct dc_error *err)
{
  for (const char *p = addresses;;) {
    AUTO_FREE char *address = NULL;
    p += strspn (p, " \t,");
    const size_t size = strcspn (p, " \t,");
    if (size == 0)
      return 0;
    const bool is_bracketed = *p == '[' && p[size - 1] == ']' && size > 2;
    if (dc_text_print (&address, err, "%.*s",
                       (int) size - (is_bracketed ? 2 : 0),
                       p + is_bracketed) < 0)
      return -1;
    const struct dc_listen listen = {
      .protocol = DC_TCP,
      .address = strcmp (address, "*") == 0 ? "0.0.0.0" : address,
      .port = (uint16_t) listener->port,
      .proof = listener->proof,
      .confidence = listener->confidence,
    };
    if (dc_daemon_listens (dovecot->daemon, &listen, err) < 0)
      return -1;
    p += size;
  }
}

static int
tell_unix (const struct dovecot *dovecot, const struct listener *listener,
           struct dc_error *err)
{
  const char *base = dovecot->settings[SETTING_BASE];
  const bool is_full = listener->name[0] == '/';
  AUTO_FREE char *path = NULL;

  if (dc_text_print (&path, err, "%s%s%s", is_full ? "" : base,
                     is_full ? "" : "/", listener->name) < 0)
    return -1;
  const struct dc_listen listen = {
    .protocol = DC_UNIX,
    .path = path,
    .proof = listener->proof,
    .confidence = listener->confidence,
  };
  return dc_daemon_listens (dovecot->daemon, &listen, err);
}

static int
tell_listener (const struct dovecot *dovecot, const struct listener *listener,
               struct dc_error *err)
{
  const char *addresses = listener->address != NULL && *listener->address
                              ? listener->address
                              : dovecot->settings[SETTING_LISTEN];

  if (!dc_dovecot_runs (dovecot->settings[SETTING_PROTOCOLS],
                        listener->service))
    return 0;
  if (!listener->is_inet)
    return listener->is_off || listener->name[0] == '\0'
               ? 0
               : tell_unix (dovecot, listener, err);
  if (listener->port == 0 ||
      (listener->is_tls && strcmp (dovecot->settings[SETTING_TLS], "no") == 0))
    return 0;
  return tell_inet (dovecot, listener, addresses, err);
}

/* Of its submission service. */
static int
tell_relay (const struct dovecot *dovecot, struct dc_error *err)
{
  struct dc_target target = {
    .protocol = DC_TCP,
    .host = dovecot->settings[SETTING_RELAY_HOST],
    .proof = dovecot->relay_proof,
    .confidence = DC_DECLARED,
  };
  struct dc_error ignored;

  if (target.host == NULL || target.host[0] == '\0' ||
      !dc_dovecot_runs (dovecot->settings[SETTING_PROTOCOLS], "submission"))
    return 0;
  if (dc_port_parse (dovecot->settings[SETTING_RELAY_PORT], &target.port,
                     &ignored) < 0)
    target.port = 0;
  return dc_daemon_connects (dovecot->daemon, &target, err);
}

/* Debian compiles it without protocols, and each package brings its own. */
static int
set_defaults (struct dovecot *dovecot, struct dc_error *err)
{
  const bool is_debian =
      dc_tree_resolve (dovecot->daemon->tree, DEBIAN_PROTOCOLS) != DC_TREE_NONE;
  const char *const values[SETTING_COUNT] = {
    "/run/dovecot", "*, ::", is_debian ? "" : "imap pop3 lmtp", "", "25", "yes",
  };

  for (size_t i = 0; i < SETTING_COUNT; i++)
    if (set_text (&dovecot->settings[i], values[i], err) < 0)
      return -1;
  return 0;
}

/* What the command line says. */
struct command {
  const char *conf;
  bool is_listening;
};

static int
read_option (void *self, char letter, const char *value, struct dc_error *err)
{
  struct command *command = self;

  (void) err;
  if (letter == 'c')
    command->conf = value;
  else if (strchr ("anpV", letter) != NULL)
    command->is_listening = false;
  return 0;
}

static int
read_and_tell (struct dovecot *dovecot, struct dc_error *err)
{
  const struct dc_words *argv = dovecot->daemon->argv;
  struct command command = { DOVECOT_CONF, true };

  if (dc_daemon_options (dovecot->daemon, "ci", read_option, &command, err) < 0)
    return -1;
  if (!command.is_listening || dc_words_has (argv, "stop") ||
      dc_words_has (argv, "reload"))
    return 1;
  if (set_defaults (dovecot, err) < 0 ||
      add_defaults (dovecot, command.conf, err) < 0 ||
      dc_conflines_read (&dovecot->lines, command.conf,
                         dc_daemon_command (dovecot->daemon), err) < 0)
    return -1;
  if (dovecot->lines.files.count == 0)
    return 0; /* without its file it does not start */
  for (size_t i = 0; i < dovecot->listener_count; i++)
    if (tell_listener (dovecot, &dovecot->listeners[i], err) < 0)
      return -1;
  if (tell_relay (dovecot, err) < 0)
    return -1;
  return dovecot->lines.is_incomplete ? 0 : 1;
}

int
dc_dovecot_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct dovecot dovecot = {
    .daemon = daemon,
    .lines = { .daemon = daemon,
               .read = read_line,
               .is_joined = true,
               .is_comment_alone = true },
  };

  dovecot.lines.self = &dovecot;
  const int status = read_and_tell (&dovecot, err);
  for (size_t i = 0; i < dovecot.listener_count; i++) {
    free (dovecot.listeners[i].service);
    free (dovecot.listeners[i].name);
    free (dovecot.listeners[i].address);
  }
  free (dovecot.listeners);
  for (size_t i = 0; i < SETTING_COUNT; i++)
    free (dovecot.settings[i]);
  free (dovecot.service);
  dc_words_release (&dovecot.lines.files);
  return status;
}
