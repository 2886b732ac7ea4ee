/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_postfix.h"
#include "analyzer/endpoint/conflines.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "lib/text.h"

#define POSTFIX_FOLDER "/etc/postfix"
#define SERVICES_FILE "/etc/services"
#define VALUE_SIZE_MAX ((size_t) 64 * 1024) /* bytes */
#define SMTP_PORT 25

static const char separators[] = " \t,";
static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz_0123456789";

/* An instance: a folder with main.cf and master.cf. */
struct postfix {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  struct dc_words parameters; /* "name=value"; the last of a name counts */
  struct dc_buffer pending;   /* a line that may go on */
  struct dc_proof pending_proof;
  bool is_master; /* of the file that is being read */
  char *services; /* /etc/services; NULL: not read */
  struct dc_proof relay_proof;
};

static const char *
parameter (const struct postfix *postfix, const char *name, size_t size)
{
  for (size_t i = postfix->parameters.count; i > 0; i--) {
    const char *text = postfix->parameters.items[i - 1];
    if (strncmp (text, name, size) == 0 && text[size] == '=')
      return text + size + 1;
  }
  if (size == strlen ("myhostname") && strncmp (name, "myhostname", size) == 0)
    return postfix->daemon->profile->hostname;
  return NULL;
}

/* What may still be done for one value: variables can hold variables. */
struct effort {
  unsigned depth, left;
};
static const struct effort full_effort = { DC_POSTFIX_NESTED_MAX,
                                           DC_POSTFIX_VARIABLE_MAX };

/* TEXT with $name, ${name} and $(name) replaced, unknown ones by nothing. */
static int
expand (const struct postfix *postfix, const char *text, struct effort *effort,
        struct dc_buffer *out, struct dc_error *err)
{
  while (*text != '\0') {
    const size_t before = strcspn (text, "$");
    if (dc_buffer_append (out, text, before, err) < 0)
      return -1;
    text += before;
    if (*text == '\0')
      return 0;
    text++;
    const bool is_closed = *text == '{' || *text == '(';
    text += is_closed;
    const size_t size = strspn (text, name_bytes);
    const char *value = parameter (postfix, text, size);
    text += size;
    if (is_closed)
      text += strcspn (text, "})");
    text += is_closed && *text != '\0';
    if (value == NULL || effort->depth == 0 || effort->left == 0)
      continue;
    effort->depth--;
    effort->left--;
    if (expand (postfix, value, effort, out, err) < 0)
      return -1;
    effort->depth++;
  }
  return 0;
}

/* The value of the parameter NAME for the caller; OTHERWISE when not set. */
static int
find_value (const struct postfix *postfix, const char *name,
            const char *otherwise, char **out, struct dc_error *err)
{
  const char *value = parameter (postfix, name, strlen (name));
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (VALUE_SIZE_MAX);
  struct effort effort = full_effort;

  if (expand (postfix, value != NULL ? value : otherwise, &effort, &b, err) < 0)
    return -1;
  return dc_text_print (out, err, "%s", dc_buffer_text (&b));
}

/* The next word of *P, or false. */
static bool
next_word (const char **p, struct dc_span *word)
{
  *p += strspn (*p, separators);
  word->text = *p;
  word->size = strcspn (*p, separators);
  *p += word->size;
  return word->size > 0;
}

static bool
has_word (const char *text, const char *word)
{
  struct dc_span item;

  while (next_word (&text, &item))
    if (dc_span_is (item, word))
      return true;
  return false;
}

/* "smtp 25/tcp mail" */
static bool
is_service (struct dc_span line, const char *name, uint16_t *port)
{
  struct dc_span word, number;
  AUTO_FREE char *digits = NULL;
  struct dc_error ignored;
  bool is_it = false;

  if (!dc_span_word (&line, &word) || *word.text == '#' ||
      !dc_span_word (&line, &number))
    return false;
  do
    is_it = is_it || dc_span_is (word, name);
  while (dc_span_word (&line, &word) && *word.text != '#');
  const char *slash = memchr (number.text, '/', number.size);
  if (!is_it || slash == NULL ||
      !dc_span_is (dc_span_skip (number, (size_t) (slash - number.text)),
                   "/tcp"))
    return false;
  number.size = (size_t) (slash - number.text);
  return dc_span_copy (number, &digits, &ignored) == 0 &&
         dc_port_parse (digits, port, &ignored) == 0;
}

/* The port NAME of the guest's services: 1, 0, -1. */
static int
find_service (struct postfix *postfix, const char *name, struct dc_proof proof,
              uint16_t *port, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_CONF_SIZE_MAX);
  struct dc_error ignored;
  struct dc_span line;

  if (dc_port_parse (name, port, &ignored) == 0)
    return 1;
  if (postfix->services == NULL) {
    if (dc_tree_resolve (postfix->daemon->tree, SERVICES_FILE) !=
            DC_TREE_NONE &&
        dc_daemon_read (postfix->daemon, SERVICES_FILE, proof, &b, err) < 0)
      return -1;
    if (dc_text_print (&postfix->services, err, "%s", dc_buffer_text (&b)) < 0)
      return -1;
  }
  struct dc_span rest = dc_span_of (postfix->services);
  while (dc_span_line (&rest, &line))
    if (is_service (line, name, port))
      return 1;
  return 0;
}

static int
listen_on (struct postfix *postfix, const char *address, uint16_t port,
           struct dc_proof proof, struct dc_error *err)
{
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = address,
    .port = port,
    .proof = proof,
    .confidence = DC_DECLARED,
  };
  return dc_daemon_listens (postfix->daemon, &listen, err);
}

/* PORT on what inet_interfaces says: all, loopback-only or a list. */
static int
listen_everywhere (struct postfix *postfix, uint16_t port,
                   struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *interfaces = NULL, *protocols = NULL;
  struct dc_span word;

  if (find_value (postfix, "inet_interfaces", "all", &interfaces, err) < 0 ||
      find_value (postfix, "inet_protocols", "all", &protocols, err) < 0)
    return -1;
  const bool has[] = {
    !has_word (protocols, "ipv6") || has_word (protocols, "ipv4"),
    !has_word (protocols, "ipv4") || has_word (protocols, "ipv6")
  };
  for (const char *p = interfaces; next_word (&p, &word);) {
    AUTO_FREE char *host = NULL;
    const bool is_all = dc_span_is (word, "all");
    const bool is_local =
        dc_span_is (word, "loopback-only") || dc_span_is (word, "localhost");
    const char *const both[] = { is_all ? "0.0.0.0" : "127.0.0.1",
                                 is_all ? "::" : "::1" };
    for (size_t i = 0; (is_all || is_local) && i < DC_COUNT (both); i++)
      if (has[i] && listen_on (postfix, both[i], port, proof, err) < 0)
        return -1;
    if (is_all || is_local)
      continue;
    if (*word.text == '[' && word.text[word.size - 1] == ']' && word.size > 2)
      word = (struct dc_span){ word.text + 1, word.size - 2 };
    if (dc_span_copy (word, &host, err) < 0 ||
        listen_on (postfix, host, port, proof, err) < 0)
      return -1;
  }
  return 0;
}

/* "smtp", "127.0.0.1:10025", "[::1]:submission" of an inet service. */
static int
tell_service (struct postfix *postfix, const char *name, struct dc_proof proof,
              struct dc_error *err)
{
  const char *colon = strrchr (name, ':');
  const char *port_name = colon != NULL ? colon + 1 : name;
  const bool is_bracketed =
      name[0] == '[' && colon != NULL && colon > name + 1 && colon[-1] == ']';
  AUTO_FREE char *host = NULL;
  uint16_t port = 0;

  const int status = find_service (postfix, port_name, proof, &port, err);
  if (status < 0)
    return -1;
  if (status == 0) {
    postfix->lines.is_incomplete = true;
    return dc_daemon_note (postfix->daemon, proof, err,
                           "'%s' is no port that " SERVICES_FILE " has",
                           dc_quote (port_name).text);
  }
  if (colon == NULL || colon == name)
    return listen_everywhere (postfix, port, proof, err);
  if (dc_text_print (&host, err, "%.*s",
                     (int) (colon - name) - (is_bracketed ? 2 : 0),
                     name + is_bracketed) < 0)
    return -1;
  return listen_on (postfix, host, port, proof, err);
}

/* The Unix socket of a service that only other parts of Postfix use, or with
 * PRIVATE "n" its users too.
 */
static int
tell_socket (struct postfix *postfix, const char *name, struct dc_span private,
             struct dc_proof proof, struct dc_error *err)
{
  AUTO_FREE char *queue = NULL, *path = NULL;

  if (find_value (postfix, "queue_directory", "/var/spool/postfix", &queue,
                  err) < 0 ||
      dc_text_print (&path, err, "%s/%s/%s", queue,
                     dc_span_is (private, "n") ? "public" : "private",
                     name) < 0)
    return -1;
  const struct dc_listen listen = {
    .protocol = DC_UNIX,
    .path = path,
    .proof = proof,
    .confidence = DC_DECLARED,
  };
  return dc_daemon_listens (postfix->daemon, &listen, err);
}

/* master_service_disable: "smtp.inet", or "inet" for all. */
static int
is_disabled (const struct postfix *postfix, const char *name,
             struct dc_span type, struct dc_error *err)
{
  AUTO_FREE char *list = NULL, *full = NULL, *all = NULL;

  if (find_value (postfix, "master_service_disable", "", &list, err) < 0 ||
      dc_span_copy (type, &all, err) < 0 ||
      dc_text_print (&full, err, "%s.%s", name, all) < 0)
    return -1;
  return has_word (list, full) || has_word (list, all);
}

/* A "fifo" is no socket. */
static bool
is_unix (struct dc_span type)
{
  return dc_span_is (type, "unix") || dc_span_is (type, "unix-dgram") ||
         dc_span_is (type, "pass");
}

/* A line of master.cf with those that belong to it. */
static int
read_service (struct postfix *postfix, struct dc_span line,
              struct dc_proof proof, struct dc_error *err)
{
  struct dc_span name, type, private = { NULL, 0 };
  AUTO_FREE char *raw = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (VALUE_SIZE_MAX);
  struct effort effort = full_effort;

  if (!dc_span_word (&line, &name) || !dc_span_word (&line, &type) ||
      (!dc_span_is (type, "inet") && !is_unix (type)))
    return 0;
  (void) dc_span_word (&line, &private); /* "-" means "y" */
  if (dc_span_copy (name, &raw, err) < 0 ||
      expand (postfix, raw, &effort, &b, err) < 0)
    return -1;
  const int disabled = is_disabled (postfix, dc_buffer_text (&b), type, err);
  if (disabled != 0)
    return disabled < 0 ? -1 : 0;
  return is_unix (type)
             ? tell_socket (postfix, dc_buffer_text (&b), private, proof, err)
             : tell_service (postfix, dc_buffer_text (&b), proof, err);
}

/* A line of main.cf with those that belong to it. */
static int
read_parameter (struct postfix *postfix, struct dc_span line,
                struct dc_proof proof, struct dc_error *err)
{
  const char *equals = memchr (line.text, '=', line.size);
  AUTO_FREE char *text = NULL;

  if (equals == NULL || postfix->parameters.count >= DC_POSTFIX_PARAMETER_MAX)
    return 0;
  const struct dc_span name = dc_span_trim (
      (struct dc_span){ line.text, (size_t) (equals - line.text) });
  const struct dc_span value =
      dc_span_trim (dc_span_skip (line, (size_t) (equals - line.text) + 1));
  if (dc_span_is (name, "relayhost"))
    postfix->relay_proof = proof;
  if (dc_text_print (&text, err, "%.*s=%.*s", (int) name.size, name.text,
                     (int) value.size, value.text) < 0)
    return -1;
  return dc_words_add (&postfix->parameters, text, err);
}

/* The line that was pending is complete. */
static int
flush (struct postfix *postfix, struct dc_error *err)
{
  const struct dc_span line = dc_span_trim ((struct dc_span){
      dc_buffer_text (&postfix->pending), postfix->pending.size });
  int status = 0;

  if (line.size > 0)
    status = (postfix->is_master ? read_service : read_parameter) (
        postfix, line, postfix->pending_proof, err);
  dc_buffer_clear (&postfix->pending);
  if (status < 0 && err->code == DC_ERR_LIMIT)
    return dc_conflines_note (&postfix->lines, postfix->pending_proof,
                              err->text, err);
  return status;
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct postfix *postfix = self;
  const char *text = line + strspn (line, " \t\r");
  const bool is_more = text > line;

  if (*text == '\0' || *text == '#')
    return 1;
  if (!is_more) {
    if (flush (postfix, err) < 0)
      return -1;
    postfix->pending_proof = proof;
  }
  return dc_buffer_append (&postfix->pending, line, strlen (line), err) < 0 ? -1
                                                                            : 1;
}

static int
read_conf (struct postfix *postfix, const char *folder, const char *name,
           struct dc_error *err)
{
  AUTO_FREE char *path = NULL;

  postfix->is_master = strcmp (name, "master.cf") == 0;
  if (dc_text_print (&path, err, "%s/%s", folder, name) < 0 ||
      dc_conflines_read (&postfix->lines, path,
                         dc_daemon_command (postfix->daemon), err) < 0)
    return -1;
  return flush (postfix, err);
}

/* relayhost = [host]:port */
static int
tell_relay (struct postfix *postfix, struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  struct dc_span word;

  if (find_value (postfix, "relayhost", "", &value, err) < 0)
    return -1;
  for (const char *p = value; next_word (&p, &word);) {
    const char *end = memchr (word.text, ']', word.size);
    const char *colon =
        memchr (end != NULL ? end : word.text, ':',
                word.size - (end != NULL ? (size_t) (end - word.text) : 0));
    const size_t size =
        colon != NULL ? (size_t) (colon - word.text) : word.size;
    const bool is_bracketed = *word.text == '[' && end != NULL;
    AUTO_FREE char *host = NULL, *service = NULL;
    uint16_t port = SMTP_PORT;
    if (dc_text_print (&host, err, "%.*s", (int) size - (is_bracketed ? 2 : 0),
                       word.text + is_bracketed) < 0 ||
        dc_text_print (&service, err, "%.*s",
                       colon != NULL ? (int) (word.size - size) - 1 : 0,
                       colon != NULL ? colon + 1 : "") < 0)
      return -1;
    if (colon != NULL &&
        find_service (postfix, service, postfix->relay_proof, &port, err) < 0)
      return -1;
    const struct dc_target target = {
      .protocol = DC_TCP,
      .host = host,
      .port = port,
      .proof = postfix->relay_proof,
      .confidence = DC_DECLARED,
    };
    if (host[0] != '\0' &&
        dc_daemon_connects (postfix->daemon, &target, err) < 0)
      return -1;
  }
  return 0;
}

static int
read_first (struct postfix *postfix, const char *folder, struct dc_error *err)
{
  dc_words_release (&postfix->parameters);
  if (read_conf (postfix, folder, "main.cf", err) < 0 ||
      read_conf (postfix, folder, "master.cf", err) < 0)
    return -1;
  return tell_relay (postfix, err);
}

/* Another instance, which postmulti(1) starts only when it is enabled. */
static int
read_other (struct postfix *postfix, const char *folder, struct dc_error *err)
{
  AUTO_FREE char *enabled = NULL;

  dc_words_release (&postfix->parameters);
  if (read_conf (postfix, folder, "main.cf", err) < 0 ||
      find_value (postfix, "multi_instance_enable", "no", &enabled, err) < 0)
    return -1;
  if (strcmp (enabled, "yes") != 0)
    return 0;
  return read_conf (postfix, folder, "master.cf", err) < 0
             ? -1
             : tell_relay (postfix, err);
}

static int
read_others (struct postfix *postfix, struct dc_error *err)
{
  AUTO_FREE char *list = NULL;
  AUTO_WORDS struct dc_words folders = { NULL, 0 };
  struct dc_span word;

  if (find_value (postfix, "multi_instance_directories", "", &list, err) < 0)
    return -1;
  for (const char *p = list;
       folders.count < DC_POSTFIX_INSTANCE_MAX && next_word (&p, &word);)
    if (dc_words_add_bytes (&folders, word.text, word.size, err) < 0)
      return -1;
  for (size_t i = 0; i < folders.count; i++)
    if (read_other (postfix, folders.items[i], err) < 0)
      return -1;
  return 0;
}

/* Debian's postfix.service runs true(1); its instances are made at boot, one
 * unit each, unless the profile has them already.
 */
static bool
has_instance_units (const struct dc_units *units)
{
  for (size_t i = 0; i < units->count; i++)
    if (units->items[i].is_started &&
        strncmp (units->items[i].name, "postfix@", 8) == 0)
      return true;
  return false;
}

/* The word behind OPTION, or NULL. */
static const char *
value_of (const struct dc_words *argv, const char *option)
{
  for (size_t i = 1; i + 1 < argv->count; i++)
    if (strcmp (argv->items[i], option) == 0)
      return argv->items[i + 1];
  return NULL;
}

static bool
starts (const struct dc_daemon *daemon)
{
  const struct dc_words *argv = daemon->argv;

  return dc_words_has (argv, "start") || dc_words_has (argv, "start-fg") ||
         daemon->unit->state == DC_UNIT_GENERATED;
}

static int
read_and_tell (struct postfix *postfix, struct dc_error *err)
{
  const struct dc_daemon *daemon = postfix->daemon;
  const char *slash = strrchr (daemon->command->program, '/');
  const bool is_true = slash != NULL && strcmp (slash, "/true") == 0;
  const bool is_ours = strncmp (daemon->unit->name, "postfix", 7) == 0;
  const char *instance = value_of (daemon->argv, "-i");
  const char *folder = value_of (daemon->argv, "-c");
  AUTO_FREE char *named = NULL;

  if (is_true ? !is_ours || has_instance_units (daemon->profile->units)
              : !starts (daemon))
    return 1;
  if (instance != NULL && strcmp (instance, "-") != 0) {
    if (dc_text_print (&named, err, "/etc/%s", instance) < 0 ||
        read_other (postfix, named, err) < 0)
      return -1;
  } else if (read_first (postfix, folder != NULL ? folder : POSTFIX_FOLDER,
                         err) < 0 ||
             (instance == NULL && read_others (postfix, err) < 0)) {
    return -1;
  }
  return postfix->lines.is_incomplete ? 0 : 1;
}

int
dc_postfix_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct postfix postfix = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line },
    .pending = DC_BUFFER_INIT (DC_CONF_SIZE_MAX),
  };

  postfix.lines.self = &postfix;
  const int status = read_and_tell (&postfix, err);
  dc_words_release (&postfix.lines.files);
  dc_words_release (&postfix.parameters);
  dc_buffer_release (&postfix.pending);
  free (postfix.services);
  return status;
}
