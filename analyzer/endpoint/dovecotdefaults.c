/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/endpoint/dovecotdefaults.h"
#include "lib/cleanup.h"

const struct dc_dovecot_port dc_dovecot_ports[] = {
  { "imap-login", "imap", 143, false },
  { "imap-login", "imaps", 993, true },
  { "managesieve-login", "sieve", 4190, false },
  { "pop3-login", "pop3", 110, false },
  { "pop3-login", "pop3s", 995, true },
  { "submission-login", "submission", 587, false },
};
const size_t dc_dovecot_port_count = DC_COUNT (dc_dovecot_ports);

/* Services that run only with their protocol. */
static const struct {
  const char *prefix, *protocol;
} owners[] = {
  { "imap", "imap" },
  { "lmtp", "lmtp" },
  { "managesieve", "sieve" },
  { "pop3", "pop3" },
  { "submission", "submission" },
};

const struct dc_dovecot_socket dc_dovecot_sockets[] = {
  { "aggregator", "replication-notify", false },
  { "anvil", "anvil", false },
  { "anvil", "anvil-auth-penalty", false },
  { "auth", "auth-client", false },
  { "auth", "auth-login", false },
  { "auth", "auth-master", false },
  { "auth", "auth-userdb", false },
  { "auth", "login/login", false },
  { "auth", "token-login/tokenlogin", false },
  { "auth-worker", "auth-worker", false },
  { "config", "config", false },
  { "dict", "dict", false },
  { "dict-async", "dict-async", false },
  { "director", "director-admin", false },
  { "director", "login/director", true },
  { "dns-client", "dns-client", false },
  { "dns-client", "login/dns-client", false },
  { "doveadm", "doveadm-server", false },
  { "imap", "imap-master", false },
  { "imap", "login/imap", false },
  { "imap-hibernate", "imap-hibernate", false },
  { "imap-urlauth", "token-login/imap-urlauth", false },
  { "imap-urlauth-login", "imap-urlauth", false },
  { "imap-urlauth-worker", "imap-urlauth-worker", false },
  { "indexer", "indexer", false },
  { "indexer-worker", "indexer-worker", false },
  { "ipc", "ipc", false },
  { "ipc", "login/ipc-proxy", false },
  { "lmtp", "lmtp", false },
  { "log", "log-errors", false },
  { "managesieve", "login/sieve", false },
  { "old-stats", "old-stats", false },
  { "pop3", "login/pop3", false },
  { "replicator", "replicator", false },
  { "replicator", "replicator-doveadm", true },
  { "stats", "login/stats-writer", false },
  { "stats", "stats-reader", false },
  { "stats", "stats-writer", false },
  { "submission", "login/submission", false },
  { "master", "master", false },
};
const size_t dc_dovecot_socket_count = DC_COUNT (dc_dovecot_sockets);

static bool
has_word (const char *text, const char *word)
{
  const size_t size = strlen (word);

  for (const char *p = text; *p != '\0';) {
    p += strspn (p, " \t,");
    const size_t length = strcspn (p, " \t,");
    if (length == size && strncmp (p, word, size) == 0)
      return true;
    p += length;
  }
  return false;
}

bool
dc_dovecot_runs (const char *protocols, const char *service)
{
  for (size_t i = 0; i < DC_COUNT (owners); i++)
    if (strncmp (service, owners[i].prefix, strlen (owners[i].prefix)) == 0)
      return has_word (protocols, owners[i].protocol);
  return true;
}
