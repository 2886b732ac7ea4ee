/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "analyzer/network/iptables.h"

#define CHAIN_MAX 1000 /* chains that a way in leads through */

/* The words of a rule that count; spans of the file. */
struct rule {
  struct dc_span chain, target, protocol, ports, source;
};

static struct rule
read_rule (struct dc_span line)
{
  struct rule rule = { .chain = { NULL, 0 } };
  const struct {
    const char *option;
    struct dc_span *value;
  } rows[] = {
    { "-A", &rule.chain },
    { "-j", &rule.target },
    { "-g", &rule.target },
    { "-p", &rule.protocol },
    { "--dport", &rule.ports },
    { "--dports", &rule.ports },
    { "--destination-port", &rule.ports },
    { "-s", &rule.source },
  };
  struct dc_span word, value;

  while (dc_span_word (&line, &word))
    for (size_t i = 0; i < DC_COUNT (rows); i++)
      if (dc_span_is (word, rows[i].option) && dc_span_word (&line, &value)) {
        *rows[i].value = value;
        break;
      }
  return rule;
}

static bool
is_one_of (const struct dc_words *words, struct dc_span word)
{
  for (size_t i = 0; i < words->count; i++)
    if (dc_span_is (word, words->items[i]))
      return true;
  return false;
}

/* ":INPUT DROP [0:0]" */
static int
read_policy (struct dc_span line, struct dc_firewall *firewall,
             struct dc_error *err)
{
  struct dc_span word;

  if (!dc_span_word (&line, &word) || !dc_span_is (word, ":INPUT") ||
      !dc_span_word (&line, &word))
    return 0;
  if (dc_network_set (&firewall->policy, word, err) < 0)
    return -1;
  for (char *p = firewall->policy; p != NULL && *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  return 0;
}

/* INPUT and the chains that it leads to, in the table "filter". */
static int
find_chains (const struct dc_configfile *file, struct dc_words *chains,
             struct dc_error *err)
{
  struct dc_span rest = { file->text, file->size }, line;

  if (dc_words_add (chains, "INPUT", err) < 0)
    return -1;
  while (dc_span_line (&rest, &line)) {
    const struct rule rule = read_rule (line);
    if (rule.chain.text == NULL || rule.target.text == NULL ||
        !is_one_of (chains, rule.chain) || is_one_of (chains, rule.target) ||
        chains->count >= CHAIN_MAX || dc_span_has (rule.target, '\0'))
      continue;
    if (dc_words_add_bytes (chains, rule.target.text, rule.target.size, err) <
        0)
      return -1;
  }
  return 0;
}

static int
add_ports (struct dc_network *network, const struct rule *rule,
           const char *firewall, const struct dc_proof *proof,
           struct dc_error *err)
{
  struct dc_span rest = rule->ports, port;

  while (dc_span_field (&rest, ',', &port)) {
    const struct dc_netrule item = { .firewall = firewall,
                                     .protocol = rule->protocol,
                                     .port = port,
                                     .source = rule->source,
                                     .proof = *proof };
    if (port.size > 0 && dc_network_port (network, &item, err) < 0)
      return -1;
  }
  return 0;
}

/* Which family, and what loads it: netfilter-persistent on Debian, a service
 * of its own on Red Hat.
 */
static void
tell (const char *path, const char **kind, const char **unit)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const bool is_6 =
      strcmp (name, "rules.v6") == 0 || strncmp (name, "ip6tables", 9) == 0;
  const bool is_debian = strncmp (name, "rules.", 6) == 0;

  *kind = is_6 ? "ip6tables" : "iptables";
  *unit = is_debian ? "netfilter-persistent.service"
          : is_6    ? "ip6tables.service"
                    : "iptables.service";
}

int
dc_iptables_parse (void *arg, const struct dc_configfile *file,
                   struct dc_error *err)
{
  AUTO_WORDS struct dc_words chains = { NULL, 0 };
  struct dc_span rest = { file->text, file->size }, line;
  struct dc_firewall *firewall = NULL;
  const char *kind = NULL, *unit = NULL;

  tell (file->path, &kind, &unit);
  if (dc_network_firewall (arg, kind, unit, file->path, &firewall, err) < 0 ||
      find_chains (file, &chains, err) < 0)
    return -1;
  for (unsigned number = 1; dc_span_line (&rest, &line); number++) {
    const struct rule rule = read_rule (line);
    const struct dc_proof proof = { file->path, number };
    if (read_policy (line, firewall, err) < 0)
      return -1;
    if (rule.ports.size > 0 && dc_span_is (rule.target, "ACCEPT") &&
        is_one_of (&chains, rule.chain) &&
        add_ports (arg, &rule, kind, &proof, err) < 0)
      return -1;
  }
  return 0;
}
