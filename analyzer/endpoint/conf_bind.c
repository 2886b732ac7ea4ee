/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/bindmatch.h"
#include "analyzer/endpoint/conf_bind.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Where Debian, and where the others, have it compiled in. */
#define DEBIAN_CONF "/etc/bind/named.conf"
#define OWN_CONF "/etc/named.conf"

static const char *const rndc_keys[] = { "/etc/bind/rndc.key",
                                         "/etc/rndc.key" };

struct bind {
  const struct dc_daemon *daemon;
  struct dc_bindconf conf;
  const char *file; /* of -c; NULL */
  const char *port; /* of -p; NULL */
  bool is_v4, is_v6, is_listening;
};

static int
read_option (void *self, char letter, const char *value, struct dc_error *err)
{
  struct bind *bind = self;
  static const char dns[] = "dns=";

  (void) err;
  if (letter == 'c')
    bind->file = value;
  else if (letter == 't')
    bind->conf.root = strcmp (value, "/") == 0 ? "" : value;
  else if (letter == 'p' && strncmp (value, dns, strlen (dns)) == 0)
    bind->port = value + strlen (dns);
  else if (letter == 'p' && strchr (value, '=') == NULL)
    bind->port = value;
  else if (letter == '4')
    bind->is_v6 = false;
  else if (letter == '6')
    bind->is_v4 = false;
  else if (strchr ("vVC", letter) != NULL)
    bind->is_listening = false;
  return 0;
}

/* The port TEXT, or PORT where it is NULL: 1; 0 for one that is none, which
 * is noted; -1.
 */
static int
read_port (struct bind *bind, const char *text, struct dc_proof proof,
           uint16_t *port, struct dc_error *err)
{
  if (text == NULL || dc_port_parse (text, port, err) == 0)
    return 1;
  return dc_bindconf_note (&bind->conf, proof, err, err->text);
}

/* What a server of names with these words listens for. */
struct transport {
  uint16_t port;
  bool is_udp; /* too */
};

/* Plain DNS on port 53, over TLS, over HTTP or both, each with a port of its
 * own.
 */
static int
read_transport (struct bind *bind, const struct dc_bind_clause *clause,
                struct transport *transport, struct dc_error *err)
{
  const struct dc_bindconf *conf = &bind->conf;
  const char *tls = dc_bind_clause_get (clause, "tls");
  const char *http = dc_bind_clause_get (clause, "http");
  const char *port = dc_bind_clause_get (clause, "port");
  const bool is_tls = tls != NULL && strcmp (tls, "none") != 0;
  const struct {
    uint16_t port;
    const char *text;
  } usual[2][2] = {
    { { 53, bind->port != NULL ? bind->port : conf->port },
      { 853, conf->tls_port } },
    { { 80, conf->http_port }, { 443, conf->https_port } },
  };

  transport->is_udp = !is_tls && http == NULL;
  transport->port = usual[http != NULL][is_tls].port;
  if (port == NULL)
    port = usual[http != NULL][is_tls].text;
  return read_port (bind, port, clause->proof, &transport->port, err);
}

static int
tell_one (struct bind *bind, const char *address, struct transport transport,
          const struct dc_listen *like, struct dc_error *err)
{
  struct dc_listen listen = *like;

  listen.address = address;
  listen.port = transport.port;
  listen.protocol = DC_TCP;
  if (dc_daemon_listens (bind->daemon, &listen, err) < 0)
    return -1;
  listen.protocol = DC_UDP;
  return transport.is_udp ? dc_daemon_listens (bind->daemon, &listen, err) : 0;
}

/* An element of a list that we cannot tell addresses for. */
static int
note_unknown (struct bind *bind, const char *element, struct dc_proof proof,
              struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (dc_text_print (&text, err, "which addresses '%s' stands for",
                     dc_quote (element).text) < 0)
    return -1;
  return dc_bindconf_note (&bind->conf, proof, err, text);
}

/* "listen-on port 53 { 127.0.0.1; };" */
static int
tell_listen (struct bind *bind, const struct dc_bind_clause *clause, bool is_v6,
             struct dc_error *err)
{
  struct dc_bind_match match = { .conf = &bind->conf, .is_v6 = is_v6 };
  struct dc_listen listen = { .proof = clause->proof,
                              .confidence = DC_DECLARED };
  struct transport transport;

  int status = read_transport (bind, clause, &transport, err);
  if (status <= 0)
    return status;
  status = dc_bind_match (&match, &clause->list, err);
  if (status == 0 && match.is_any) {
    listen.confidence = match.has_less ? DC_INFERRED : DC_DECLARED;
    status = tell_one (bind, is_v6 ? "::" : "0.0.0.0", transport, &listen, err);
  }
  for (size_t i = 0; status == 0 && i < match.addresses.count; i++)
    status = tell_one (bind, match.addresses.items[i], transport, &listen, err);
  if (status == 0 && match.unknown != NULL)
    status = note_unknown (bind, match.unknown, clause->proof, err);
  dc_words_release (&match.addresses);
  return status;
}

/* All clauses of a family; without any it listens on every address. */
static int
tell_family (struct bind *bind, bool is_v6, struct dc_error *err)
{
  const char *name = is_v6 ? "listen-on-v6" : "listen-on";
  const struct dc_bindconf *conf = &bind->conf;
  const struct dc_listen listen = {
    .proof = dc_daemon_command (bind->daemon),
    .confidence = DC_INFERRED,
  };
  struct transport transport = { 53, true };
  bool has_clause = false;

  if (!(is_v6 ? bind->is_v6 : bind->is_v4))
    return 0;
  for (size_t i = 0; i < conf->count; i++) {
    const struct dc_bind_clause *clause = &conf->clauses[i];
    if (clause->kind != DC_BIND_LISTEN ||
        strcmp (clause->words.items[0], name) != 0)
      continue;
    has_clause = true;
    if (tell_listen (bind, clause, is_v6, err) < 0)
      return -1;
  }
  if (has_clause)
    return 0;
  const int status =
      read_port (bind, bind->port != NULL ? bind->port : conf->port,
                 listen.proof, &transport.port, err);
  return status <= 0 ? status
                     : tell_one (bind, is_v6 ? "::" : "0.0.0.0", transport,
                                 &listen, err);
}

/* "inet 127.0.0.1 port 953 allow { ... }", with another default port for
 * statistics.
 */
static int
tell_inet (struct bind *bind, const struct dc_bind_clause *clause,
           uint16_t otherwise, struct dc_error *err)
{
  const char *address = clause->words.count > 1 ? clause->words.items[1] : "";
  const char *port = dc_bind_clause_get (clause, "port");
  struct transport transport = { otherwise, false };
  const struct dc_listen listen = {
    .proof = clause->proof,
    .confidence = port != NULL ? DC_DECLARED : DC_INFERRED,
  };

  if (port != NULL && strcmp (port, "*") == 0)
    port = NULL;
  const int status =
      read_port (bind, port, clause->proof, &transport.port, err);
  return status <= 0
             ? status
             : tell_one (bind, strcmp (address, "*") == 0 ? "0.0.0.0" : address,
                         transport, &listen, err);
}

/* rndc(8) is listened to unless controls say otherwise, if it has a key. */
static int
tell_default_control (struct bind *bind, struct dc_error *err)
{
  const struct transport transport = { 953, false };
  const struct dc_listen listen = {
    .proof = dc_daemon_command (bind->daemon),
    .confidence = DC_INFERRED,
  };
  bool has_key = false;

  for (size_t i = 0; i < DC_COUNT (rndc_keys); i++)
    has_key = has_key || dc_tree_resolve (bind->daemon->tree, rndc_keys[i]) !=
                             DC_TREE_NONE;
  if (!has_key || bind->conf.has_controls)
    return 0;
  if (bind->is_v4 && tell_one (bind, "127.0.0.1", transport, &listen, err) < 0)
    return -1;
  return bind->is_v6 ? tell_one (bind, "::1", transport, &listen, err) : 0;
}

/* A word of a list of servers, with the port that may follow it at I. */
static int
tell_server (struct bind *bind, const struct dc_bind_clause *clause, size_t i,
             struct dc_error *err)
{
  const struct dc_words *list = &clause->list;
  const char *port = dc_bind_clause_get (clause, "port");
  struct dc_target target = { .protocol = DC_UDP,
                              .host = list->items[i],
                              .port = 53,
                              .proof = clause->proof,
                              .confidence = DC_DECLARED };

  if (i + 2 < list->count && strcmp (list->items[i + 1], "port") == 0)
    port = list->items[i + 2];
  const int status = read_port (bind, port, clause->proof, &target.port, err);
  return status <= 0 ? status : dc_daemon_connects (bind->daemon, &target, err);
}

/* The servers of a list: each first word behind a ';' that is an address, and
 * no name of a list of primaries.
 */
static int
tell_servers (struct bind *bind, const struct dc_bind_clause *clause,
              struct dc_error *err)
{
  const struct dc_words *list = &clause->list;

  for (size_t i = 0; i < list->count; i++) {
    const char *word = list->items[i];
    const bool is_first = i == 0 || strcmp (list->items[i - 1], ";") == 0;
    const bool is_address =
        strspn (word, "0123456789abcdefABCDEF.:") == strlen (word) &&
        strpbrk (word, ".:") != NULL;
    if (is_first && is_address && tell_server (bind, clause, i, err) < 0)
      return -1;
  }
  return 0;
}

static int
tell (struct bind *bind, struct dc_error *err)
{
  if (tell_family (bind, false, err) < 0 || tell_family (bind, true, err) < 0 ||
      tell_default_control (bind, err) < 0)
    return -1;
  for (size_t i = 0; i < bind->conf.count; i++) {
    const struct dc_bind_clause *clause = &bind->conf.clauses[i];
    int status = 0;
    if (clause->kind == DC_BIND_CONTROL)
      status = tell_inet (bind, clause, 953, err);
    else if (clause->kind == DC_BIND_STATISTICS)
      status = tell_inet (bind, clause, 80, err);
    else if (clause->kind == DC_BIND_FORWARDERS)
      status = tell_servers (bind, clause, err);
    if (status < 0)
      return -1;
  }
  return bind->conf.is_incomplete ? 0 : 1;
}

static int
read_and_tell (struct bind *bind, struct dc_error *err)
{
  const bool is_debian =
      dc_tree_resolve (bind->daemon->tree, DEBIAN_CONF) != DC_TREE_NONE;

  if (dc_daemon_options (bind->daemon, "ADELMSTUXcdkmnptux", read_option, bind,
                         err) < 0)
    return -1;
  if (!bind->is_listening)
    return 1;
  if (bind->file == NULL)
    bind->file = is_debian ? DEBIAN_CONF : OWN_CONF;
  if (dc_bindconf_read (&bind->conf, bind->file, err) < 0)
    return -1;
  return bind->conf.files.count > 0 ? tell (bind, err) : 0;
}

int
dc_bind_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct bind bind = {
    .daemon = daemon,
    .conf = { .daemon = daemon, .root = "" },
    .is_v4 = true,
    .is_v6 = true,
    .is_listening = true,
  };

  const int status = read_and_tell (&bind, err);
  dc_bindconf_release (&bind.conf);
  return status;
}
