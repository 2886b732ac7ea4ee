/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include "lib/number.h"
#include "lib/quote.h"
#include "lib/span.h"
#include "transform/init/inittrigger.h"

#define PORT_MAX 65535

static bool
is_port (const char *text)
{
  struct dc_error ignored;
  uint64_t port;

  return dc_number_parse_bytes (text, strlen (text), 1, PORT_MAX, &port,
                                &ignored) == 0;
}

/* "[IPV6]:PORT" or "IPV4:PORT"; an address of a link, with its interface, is
 * none that a container has.
 */
static bool
is_internet (const char *text)
{
  char host[INET6_ADDRSTRLEN];
  unsigned char address[sizeof (struct in6_addr)];
  const bool is_ip6 = text[0] == '[';
  const char *end = strrchr (text, is_ip6 ? ']' : ':');

  if (end == NULL)
    return false;
  const size_t size = (size_t) (end - text) - is_ip6;
  if (size >= sizeof host || (is_ip6 && end[1] != ':') ||
      !is_port (end + 1 + is_ip6))
    return false;
  memcpy (host, text + is_ip6, size);
  host[size] = '\0';
  return inet_pton (is_ip6 ? AF_INET6 : AF_INET, host, address) == 1;
}

/* What a socket can be bound to, in the words of the plan. */
static bool
is_address (const char *text)
{
  if (text[0] == '/' || text[0] == '@')
    return text[1] != '\0' &&
           strlen (text) < sizeof ((struct sockaddr_un *) NULL)->sun_path;
  return strchr (text, ':') == NULL ? is_port (text) : is_internet (text);
}

/* "FAMILY [GROUP]" as "NUMBER:GROUP". */
static int
write_netlink (struct dc_initservice *trigger, const char *value,
               const struct dc_setting *setting, struct dc_error *err)
{
  /* The kernel's numbers, <linux/netlink.h>. */
  static const struct {
    const char *name;
    unsigned number;
  } families[] = {
    { "audit", 9 },           { "connector", 11 },  { "crypto", 21 },
    { "ecryptfs", 19 },       { "fib-lookup", 10 }, { "firewall", 3 },
    { "generic", 16 },        { "inet-diag", 4 },   { "iscsi", 8 },
    { "kobject-uevent", 15 }, { "netfilter", 12 },  { "nflog", 5 },
    { "rdma", 20 },           { "route", 0 },       { "scsitransport", 18 },
    { "selinux", 7 },         { "xfrm", 6 },
  };
  struct dc_span rest = dc_span_of (value), word, group;
  struct dc_error ignored;
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (64);
  uint64_t groups = 0;

  if (!dc_span_word (&rest, &word))
    return dc_init_note_value (trigger, setting, err);
  if (dc_span_word (&rest, &group) &&
      dc_number_parse_bytes (group.text, group.size, 0, UINT32_MAX, &groups,
                             &ignored) < 0)
    return dc_init_note_value (trigger, setting, err);
  for (size_t i = 0; i < DC_COUNT (families); i++) {
    if (!dc_span_is (word, families[i].name))
      continue;
    if (dc_buffer_print (&text, err, "%u:%llu", families[i].number,
                         (unsigned long long) groups) < 0)
      return -1;
    return dc_initline (trigger->lines, err, "listen", "netlink",
                        dc_buffer_text (&text), NULL);
  }
  return dc_init_note_value (trigger, setting, err);
}

static int
write_listen (struct dc_initservice *trigger, const char *type,
              const struct dc_setting *setting, struct dc_error *err)
{
  AUTO_FREE char *value = NULL;
  const int status = dc_init_expand (trigger, setting, &value, err);

  if (status <= 0)
    return status;
  if (strcmp (type, "netlink") == 0)
    return write_netlink (trigger, value, setting, err);
  const bool is_file = strcmp (type, "fifo") == 0 ||
                       strcmp (type, "special") == 0 ||
                       strcmp (type, "message-queue") == 0;
  if (is_file ? value[0] != '/' : !is_address (value))
    return dc_init_note (trigger->compiler, trigger->unit, setting, err,
                         "cannot listen on '%s' in a container",
                         dc_quote (value).text);
  return dc_initline (trigger->lines, err, "listen", type, value, NULL);
}

int
dc_init_listen (struct dc_initservice *trigger, struct dc_error *err)
{
  static const struct dc_init_key keys[] = {
    { "ListenStream", "stream" },
    { "ListenDatagram", "datagram" },
    { "ListenSequentialPacket", "seqpacket" },
    { "ListenFIFO", "fifo" },
    { "ListenSpecial", "special" },
    { "ListenMessageQueue", "message-queue" },
    { "ListenNetlink", "netlink" },
  };
  const size_t size = trigger->lines->size;

  if (dc_init_keys (trigger, "Socket", keys, DC_COUNT (keys), write_listen,
                    err) < 0)
    return -1;
  return trigger->lines->size > size
             ? 1
             : dc_init_note (trigger->compiler, trigger->unit, NULL, err,
                             "left out: it listens on nothing");
}
