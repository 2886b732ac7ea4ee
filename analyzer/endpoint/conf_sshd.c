/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/endpoint/address.h"
#include "analyzer/endpoint/conf_sshd.h"
#include "analyzer/endpoint/conflines.h"
#include "lib/array.h"
#include "lib/text.h"

#define SSHD_FOLDER "/etc/ssh"
#define SSHD_CONF SSHD_FOLDER "/sshd_config"
#define SSHD_PORT 22
#define SSHD_PORT_MAX 256 /* MAX_PORTS of OpenSSH */
#define SSHD_ADDRESS_MAX 1000

enum family { ANY_FAMILY, IPV4, IPV6 };

struct port {
  uint16_t port;
  struct dc_proof proof;
};

struct address {
  struct dc_address address;
  struct dc_proof proof;
};

struct sshd {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  struct port *ports;
  size_t port_count;
  struct address *addresses;
  size_t address_count;
  enum family family;
  bool has_family;
  bool has_command_ports; /* -p: Port in files does not count */
  bool is_conditional;    /* in a Match block that is not for all */
};

static int
add_port (struct sshd *sshd, const char *text, struct dc_proof proof,
          struct dc_error *err)
{
  uint16_t port;

  if (dc_port_parse (text, &port, err) < 0)
    return dc_conflines_note (&sshd->lines, proof, err->text, err);
  if (sshd->port_count == SSHD_PORT_MAX)
    return dc_conflines_note (&sshd->lines, proof, "sshd takes no more ports",
                              err);
  if (DC_ARRAY_GROW (sshd->ports, sshd->port_count, SSHD_PORT_MAX, "ports",
                     err) < 0)
    return -1;
  sshd->ports[sshd->port_count++] = (struct port){ port, proof };
  return 0;
}

/* Reads the words behind a keyword. */
typedef int read_keyword (struct sshd *sshd, const struct dc_words *words,
                          struct dc_proof proof, struct dc_error *err);

static int
read_port (struct sshd *sshd, const struct dc_words *words,
           struct dc_proof proof, struct dc_error *err)
{
  return sshd->has_command_ports ? 0
                                 : add_port (sshd, words->items[0], proof, err);
}

static int
read_address (struct sshd *sshd, const struct dc_words *words,
              struct dc_proof proof, struct dc_error *err)
{
  struct address address = { .proof = proof };

  if (dc_address_parse (words->items[0], &address.address, err) < 0)
    return dc_conflines_note (&sshd->lines, proof, err->text, err);
  if (address.address.host[0] == '\0')
    return dc_conflines_note (&sshd->lines, proof,
                              "a ListenAddress without an address", err);
  if (sshd->address_count == SSHD_ADDRESS_MAX)
    return dc_conflines_note (&sshd->lines, proof,
                              "there are too many addresses", err);
  if (DC_ARRAY_GROW (sshd->addresses, sshd->address_count, SSHD_ADDRESS_MAX,
                     "addresses", err) < 0)
    return -1;
  sshd->addresses[sshd->address_count++] = address;
  return 0;
}

static void
set_family (struct sshd *sshd, enum family family)
{
  if (!sshd->has_family) /* the first one counts */
    sshd->family = family;
  sshd->has_family = true;
}

static int
read_family (struct sshd *sshd, const struct dc_words *words,
             struct dc_proof proof, struct dc_error *err)
{
  static const struct {
    const char *word;
    enum family family;
  } families[] = { { "any", ANY_FAMILY }, { "inet", IPV4 }, { "inet6", IPV6 } };

  for (size_t i = 0; i < DC_COUNT (families); i++)
    if (strcasecmp (words->items[0], families[i].word) == 0) {
      set_family (sshd, families[i].family);
      return 0;
    }
  return dc_conflines_note (&sshd->lines, proof,
                            "AddressFamily is none of any, inet, inet6", err);
}

/* A Match block ends with its file at the latest. */
static int
read_include (struct sshd *sshd, const struct dc_words *words,
              struct dc_proof proof, struct dc_error *err)
{
  for (size_t i = 0; i < words->count; i++) {
    AUTO_FREE char *pattern = NULL;
    const char *word = words->items[i];
    if (dc_text_print (&pattern, err, "%s%s",
                       word[0] != '/' ? SSHD_FOLDER "/" : "", word) < 0 ||
        dc_conflines_include (&sshd->lines, pattern, proof, err) < 0)
      return -1;
    sshd->is_conditional = false;
  }
  return 0;
}

static int
read_match (struct sshd *sshd, const struct dc_words *words,
            struct dc_proof proof, struct dc_error *err)
{
  (void) proof;
  (void) err;
  sshd->is_conditional =
      words->count != 1 || strcasecmp (words->items[0], "all") != 0;
  return 0;
}

static const struct {
  const char *keyword;
  read_keyword *read;
} keywords[] = {
  { "AddressFamily", read_family },
  { "Include", read_include },
  { "ListenAddress", read_address },
  { "Match", read_match },
  { "Port", read_port },
};

/* The words of a line, the keyword first: "Port 22", "port=22", "Port = 22".
 * An unquoted '#' begins a comment.
 */
static int
split (const char *line, struct dc_words *words, struct dc_error *err)
{
  const char *s = line + strspn (line, " \t\r");
  const size_t size = strcspn (s, " \t\r=\"#");

  if (size > 0 && dc_words_add_bytes (words, s, size, err) < 0)
    return -1;
  s += size;
  for (;;) {
    char *word = NULL;
    s += strspn (s, " \t\r");
    if (words->count == 1)
      s += *s == '=';
    s += strspn (s, " \t\r");
    if (*s == '#')
      return 0;
    const int status = dc_unit_word (&s, &word, err);
    if (status <= 0)
      return status;
    if (dc_words_take (words, word, err) < 0)
      return -1;
  }
}

static int
read_line (void *self, const char *line, struct dc_proof proof,
           struct dc_error *err)
{
  struct sshd *sshd = self;
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (split (line, &words, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 1; /* sshd would not start */
  if (words.count < 2)
    return 1;
  const struct dc_words rest = { words.items + 1, words.count - 1 };
  for (size_t i = 0; i < DC_COUNT (keywords); i++)
    if (strcasecmp (words.items[0], keywords[i].keyword) == 0 &&
        (!sshd->is_conditional || keywords[i].read == read_match) &&
        keywords[i].read (sshd, &rest, proof, err) < 0)
      return -1;
  return 1;
}

/* What the command line says besides lines of configuration. */
struct command {
  struct sshd *sshd;
  const char *conf;  /* -f */
  bool is_listening; /* no -i (its input is the connection), no -t ... */
};

static int
read_option (void *self, char letter, const char *value, struct dc_error *err)
{
  struct command *command = self;
  struct sshd *sshd = command->sshd;
  const struct dc_proof proof = dc_daemon_command (sshd->daemon);

  if (strchr ("iTtGVQ", letter) != NULL)
    command->is_listening = false;
  else if (letter == '4' || letter == '6')
    set_family (sshd, letter == '4' ? IPV4 : IPV6);
  else if (letter == 'f')
    command->conf = value;
  else if (letter == 'o')
    return read_line (sshd, value, proof, err) < 0 ? -1 : 0;
  if (letter != 'p')
    return 0;
  sshd->has_command_ports = true;
  return add_port (sshd, value, proof, err);
}

static int
listen_on (const struct sshd *sshd, const char *address,
           const struct port *port, struct dc_proof proof, struct dc_error *err)
{
  const struct dc_listen listen = {
    .protocol = DC_TCP,
    .address = address,
    .port = port->port,
    .proof = proof,
    .confidence = port->proof.line > 0 ? DC_DECLARED : DC_INFERRED,
  };
  return dc_daemon_listens (sshd->daemon, &listen, err);
}

/* Each port on each address that has none of its own, or on any address. */
static int
tell_port (const struct sshd *sshd, const struct port *port,
           struct dc_error *err)
{
  static const char *const any[] = {
    [ANY_FAMILY] = "",
    [IPV4] = "0.0.0.0",
    [IPV6] = "::",
  };

  if (sshd->address_count == 0)
    return listen_on (sshd, any[sshd->family], port, port->proof, err);
  for (size_t i = 0; i < sshd->address_count; i++) {
    const struct address *address = &sshd->addresses[i];
    if (address->address.port == 0 &&
        listen_on (sshd, address->address.host, port, address->proof, err) < 0)
      return -1;
  }
  return 0;
}

static int
tell (const struct sshd *sshd, const char *conf, struct dc_error *err)
{
  const struct port port = { SSHD_PORT, { conf, 0 } }; /* the default */

  for (size_t i = 0; i < sshd->address_count; i++) {
    const struct address *address = &sshd->addresses[i];
    const struct port own = { address->address.port, address->proof };
    if (own.port > 0 &&
        listen_on (sshd, address->address.host, &own, address->proof, err) < 0)
      return -1;
  }
  if (sshd->port_count == 0)
    return tell_port (sshd, &port, err);
  for (size_t i = 0; i < sshd->port_count; i++)
    if (tell_port (sshd, &sshd->ports[i], err) < 0)
      return -1;
  return 0;
}

static int
read_and_tell (struct sshd *sshd, struct dc_error *err)
{
  struct command command = { sshd, SSHD_CONF, true };

  if (dc_daemon_options (sshd->daemon, "CEbcfghkopu", read_option, &command,
                         err) < 0)
    return -1;
  if (!command.is_listening)
    return 1;
  if (dc_conflines_read (&sshd->lines, command.conf,
                         dc_daemon_command (sshd->daemon), err) < 0)
    return -1;
  if (sshd->lines.files.count == 0)
    return 0; /* without its file it does not start */
  if (tell (sshd, command.conf, err) < 0)
    return -1;
  return sshd->lines.is_incomplete ? 0 : 1;
}

int
dc_sshd_endpoints (const struct dc_daemon *daemon, struct dc_error *err)
{
  struct sshd sshd = {
    .daemon = daemon,
    .lines = { .daemon = daemon, .read = read_line, .self = &sshd },
  };

  const int status = read_and_tell (&sshd, err);
  dc_words_release (&sshd.lines.files);
  free (sshd.ports);
  free (sshd.addresses);
  return status;
}
