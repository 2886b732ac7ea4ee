/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "lib/number.h"
#include "lib/quote.h"
#include "transform/init/inittrigger.h"

/* TriggerLimitBurst= of a socket, and of one with Accept=. */
#define BURST 20
#define BURST_ACCEPT 200

static const struct dc_init_rule rules[] = {
  { "SocketMode", DC_FORM_MODE, "socket-mode", NULL },
  { "DirectoryMode", DC_FORM_MODE, "folder-mode", NULL },
  { "Accept", DC_FORM_FLAG, "accept", NULL },
  { "MaxConnections", DC_FORM_COUNT, "max-connections", NULL },
  { "MaxConnectionsPerSource", DC_FORM_COUNT, "max-per-source", NULL },
  { "PipeSize", DC_FORM_SIZE, "pipe-size", NULL },
  { "RemoveOnStop", DC_FORM_FLAG, "remove-on-stop", NULL },
  { "FlushPending", DC_FORM_FLAG, "flush-pending", NULL },
  { "Writable", DC_FORM_FLAG, "writable", NULL },
  { "Broadcast", DC_FORM_FLAG, "option", "broadcast" },
  { "DeferAcceptSec", DC_FORM_SECONDS, "option", "defer-accept" },
  { "FreeBind", DC_FORM_FLAG, "option", "free-bind" },
  { "IPTTL", DC_FORM_COUNT, "option", "ttl" },
  { "KeepAlive", DC_FORM_FLAG, "option", "keep-alive" },
  { "KeepAliveIntervalSec", DC_FORM_SECONDS, "option", "keep-alive-interval" },
  { "KeepAliveProbes", DC_FORM_COUNT, "option", "keep-alive-count" },
  { "KeepAliveTimeSec", DC_FORM_SECONDS, "option", "keep-alive-time" },
  { "Mark", DC_FORM_COUNT, "option", "mark" },
  { "NoDelay", DC_FORM_FLAG, "option", "no-delay" },
  { "PassCredentials", DC_FORM_FLAG, "option", "pass-credentials" },
  { "PassPacketInfo", DC_FORM_FLAG, "option", "pass-packet-info" },
  { "PassSecurity", DC_FORM_FLAG, "option", "pass-security" },
  { "Priority", DC_FORM_COUNT, "option", "priority" },
  { "ReceiveBuffer", DC_FORM_SIZE, "option", "receive-buffer" },
  { "ReusePort", DC_FORM_FLAG, "option", "reuse-port" },
  { "SendBuffer", DC_FORM_SIZE, "option", "send-buffer" },
  { "Transparent", DC_FORM_FLAG, "option", "transparent" },
};

/* Settings whose values are words, and the lines that they become. */
static const struct {
  const char *key, *value; /* NULL: any other, which is the line's last word */
  const char *keyword, *word, *number;
} words[] = {
  { "BindIPv6Only", "both", "option", "only-ip6", "0" },
  { "BindIPv6Only", "ipv6-only", "option", "only-ip6", "1" },
  { "IPTOS", "low-delay", "option", "tos", "16" },
  { "IPTOS", "throughput", "option", "tos", "8" },
  { "IPTOS", "reliability", "option", "tos", "4" },
  { "IPTOS", "low-cost", "option", "tos", "2" },
  { "IPTOS", NULL, "option", "tos", NULL },
  { "TCPCongestion", NULL, "option", "congestion", NULL },
  { "Timestamping", "us", "option", "timestamp-us", "1" },
  { "Timestamping", "usec", "option", "timestamp-us", "1" },
  { "Timestamping", "ns", "option", "timestamp-ns", "1" },
  { "Timestamping", "nsec", "option", "timestamp-ns", "1" },
};

static int
write_words (struct dc_initservice *socket, struct dc_error *err)
{
  const char *done = ""; /* the key that an earlier row wrote */

  for (size_t i = 0; i < DC_COUNT (words); i++) {
    const char *value =
        dc_unit_value (socket->unit, "Socket", words[i].key, NULL);
    if (value == NULL || strcmp (done, words[i].key) == 0 ||
        (words[i].value != NULL && strcmp (words[i].value, value) != 0))
      continue;
    done = words[i].key;
    const char *number = words[i].number != NULL ? words[i].number : value;
    if (dc_initline (socket->lines, err, words[i].keyword, words[i].word,
                     number, NULL) < 0)
      return -1;
  }
  return 0;
}

/* The number of the user or group NAME, or -1 with a finding. */
static int64_t
find_owner (struct dc_initservice *socket, const struct dc_setting *where,
            const char *name, bool is_user, uint32_t *group)
{
  const struct dc_users *users = socket->compiler->users;
  const struct dc_user *user = is_user ? dc_users_find (users, name) : NULL;
  const struct dc_group *own =
      is_user ? NULL : dc_users_find_group (users, name);
  struct dc_error ignored;
  uint64_t number;

  (void) where;
  if (user != NULL) {
    *group = user->gid;
    return user->uid;
  }
  if (own != NULL)
    return own->gid;
  if (dc_number_parse_bytes (name, strlen (name), 0, UINT32_MAX - 1, &number,
                             &ignored) < 0)
    return -1;
  *group = is_user ? (uint32_t) number : *group;
  return (int64_t) number;
}

/* SocketUser= and SocketGroup=; a user's own group if only he is given. */
static int
write_owner (struct dc_initservice *socket, struct dc_error *err)
{
  static const char *const keys[] = { "SocketUser", "SocketGroup" };
  int64_t ids[2] = { 0, 0 };
  uint32_t group = 0;
  bool has_any = false;

  for (size_t i = 0; i < DC_COUNT (keys); i++) {
    const struct dc_setting *where = NULL;
    AUTO_FREE char *name = NULL;
    const int status =
        dc_init_value (socket, "Socket", keys[i], &name, &where, err);
    if (status < 0)
      return -1;
    if (status == 0) {
      ids[i] = group;
      continue;
    }
    ids[i] = find_owner (socket, where, name, i == 0, &group);
    if (ids[i] < 0) {
      ids[i] = group;
      if (dc_init_note (socket->compiler, socket->unit, where, err,
                        "the guest has no '%s', its files are root's",
                        dc_quote (name).text) < 0)
        return -1;
    }
    has_any = true;
  }
  return has_any ? dc_initline (socket->lines, err, "socket-owner",
                                dc_init_decimal ((uint64_t) ids[0]).text,
                                dc_init_decimal ((uint64_t) ids[1]).text, NULL)
                 : 0;
}

/* The backlog may be "infinite" by being the largest number. */
static int
write_backlog (struct dc_initservice *socket, struct dc_error *err)
{
  const struct dc_setting *where = NULL;
  const char *value = dc_unit_value (socket->unit, "Socket", "Backlog", &where);
  struct dc_error ignored;
  uint64_t backlog;

  if (value == NULL)
    return 0;
  if (dc_number_parse_bytes (value, strlen (value), 0, UINT32_MAX, &backlog,
                             &ignored) < 0)
    return dc_init_note_value (socket, where, err);
  return dc_initline (
      socket->lines, err, "backlog",
      dc_init_decimal (backlog < 1000000 ? backlog : 1000000).text, NULL);
}

static int
write_queue (struct dc_initservice *socket, struct dc_error *err)
{
  const char *count =
      dc_unit_value (socket->unit, "Socket", "MessageQueueMaxMessages", NULL);
  const char *size =
      dc_unit_value (socket->unit, "Socket", "MessageQueueMessageSize", NULL);

  return count == NULL || size == NULL
             ? 0
             : dc_initline (socket->lines, err, "message-limits", count, size,
                            NULL);
}

static int
write_links (struct dc_initservice *socket, struct dc_error *err)
{
  AUTO_WORDS struct dc_words links = { NULL, 0 };

  if (dc_init_words (socket, "Socket", "Symlinks", &links, err) < 0)
    return -1;
  for (size_t i = 0; i < links.count; i++) {
    if (links.items[i][0] == '/' &&
        dc_initline (socket->lines, err, "symlink", links.items[i], NULL) < 0)
      return -1;
  }
  return 0;
}

static int
write_name (struct dc_initservice *socket, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;
  const int status =
      dc_init_value (socket, "Socket", "FileDescriptorName", &name, NULL, err);

  return status < 0
             ? -1
             : dc_initline (socket->lines, err, "descriptor",
                            status == 1 ? name : socket->unit->name, NULL);
}

int
dc_init_socket (struct dc_initservice *socket, struct dc_error *err)
{
  const bool accepts = dc_unit_is (socket->unit, "Socket", "Accept", false);
  const int status = dc_init_listen (socket, err);

  if (status <= 0)
    return status;
  if (write_name (socket, err) < 0 || write_owner (socket, err) < 0 ||
      write_backlog (socket, err) < 0 || write_queue (socket, err) < 0 ||
      write_links (socket, err) < 0 ||
      dc_init_rules (socket, "Socket", rules, DC_COUNT (rules), err) < 0 ||
      write_words (socket, err) < 0 ||
      dc_init_trigger_limit (socket, "Socket", accepts ? BURST_ACCEPT : BURST,
                             err) < 0)
    return -1;
  return 1;
}
