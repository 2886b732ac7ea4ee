/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/init/socket.h"

#ifndef IPV6_FREEBIND /* of the kernel, not of every libc */
#define IPV6_FREEBIND 78
#endif
#ifndef IPV6_TRANSPARENT
#define IPV6_TRANSPARENT 75
#endif

/* An option; those of IPv6 have a second number, 0: none. */
static const struct option {
  const char *name;
  int level, number;
  int number_ip6;
  bool is_text;
} options[] = {
  { "broadcast", SOL_SOCKET, SO_BROADCAST, 0, false },
  { "congestion", IPPROTO_TCP, TCP_CONGESTION, 0, true },
  { "defer-accept", IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, false },
  { "device", SOL_SOCKET, SO_BINDTODEVICE, 0, true },
  { "free-bind", IPPROTO_IP, IP_FREEBIND, IPV6_FREEBIND, false },
  { "keep-alive", SOL_SOCKET, SO_KEEPALIVE, 0, false },
  { "keep-alive-count", IPPROTO_TCP, TCP_KEEPCNT, 0, false },
  { "keep-alive-interval", IPPROTO_TCP, TCP_KEEPINTVL, 0, false },
  { "keep-alive-time", IPPROTO_TCP, TCP_KEEPIDLE, 0, false },
  { "mark", SOL_SOCKET, SO_MARK, 0, false },
  { "no-delay", IPPROTO_TCP, TCP_NODELAY, 0, false },
  { "only-ip6", IPPROTO_IPV6, IPV6_V6ONLY, IPV6_V6ONLY, false },
  { "pass-credentials", SOL_SOCKET, SO_PASSCRED, 0, false },
  { "pass-packet-info", IPPROTO_IP, IP_PKTINFO, IPV6_RECVPKTINFO, false },
  { "pass-security", SOL_SOCKET, SO_PASSSEC, 0, false },
  { "priority", SOL_SOCKET, SO_PRIORITY, 0, false },
  { "receive-buffer", SOL_SOCKET, SO_RCVBUF, 0, false },
  { "reuse-port", SOL_SOCKET, SO_REUSEPORT, 0, false },
  { "send-buffer", SOL_SOCKET, SO_SNDBUF, 0, false },
  { "timestamp-ns", SOL_SOCKET, SO_TIMESTAMPNS, 0, false },
  { "timestamp-us", SOL_SOCKET, SO_TIMESTAMP, 0, false },
  { "tos", IPPROTO_IP, IP_TOS, IPV6_TCLASS, false },
  { "transparent", IPPROTO_IP, IP_TRANSPARENT, IPV6_TRANSPARENT, false },
  { "ttl", IPPROTO_IP, IP_TTL, IPV6_UNICAST_HOPS, false },
};

static const struct option *
find (const char *name)
{
  for (size_t i = 0; i < DI_COUNT (options); i++) {
    if (strcmp (options[i].name, name) == 0)
      return &options[i];
  }
  return NULL;
}

int
di_option_check (const struct di_line *line, struct di_error *err)
{
  const struct option *option = find (line->words[0]);
  int64_t number;

  if (option == NULL)
    return di_fail (err, "unknown option '", line->words[0], "'", NULL);
  if (!option->is_text &&
      di_number_parse (line->words[1], 10, 0, INT32_MAX, &number) < 0)
    return di_fail (err, "option does not take '", line->words[1], "'", NULL);
  return 0;
}

static bool
is_for (const struct option *option, enum di_listen type, int family)
{
  const bool is_internet = family == AF_INET || family == AF_INET6;

  if (option->level == SOL_SOCKET)
    return true;
  if (option->level == IPPROTO_TCP)
    return is_internet && type == DI_LISTEN_STREAM;
  return option->level == IPPROTO_IPV6 ? family == AF_INET6 : is_internet;
}

/* Beyond the system's limits, where we may. */
static int
set_buffer (int fd, const struct option *option, int value)
{
  const int forced = option->number == SO_RCVBUF   ? SO_RCVBUFFORCE
                     : option->number == SO_SNDBUF ? SO_SNDBUFFORCE
                                                   : 0;

  return forced == 0
             ? -1
             : setsockopt (fd, SOL_SOCKET, forced, &value, sizeof value);
}

static int
set (int fd, const struct option *option, const char *text, int family)
{
  const bool is_ip6 = family == AF_INET6 && option->number_ip6 != 0;
  const int level = is_ip6 ? IPPROTO_IPV6 : option->level;
  const int number = is_ip6 ? option->number_ip6 : option->number;
  int64_t parsed = 0;

  if (option->is_text)
    return setsockopt (fd, level, number, text, (socklen_t) strlen (text));
  (void) di_number_parse (text, 10, 0, INT32_MAX, &parsed); /* was checked */
  const int value = (int) parsed;
  if (level == SOL_SOCKET && set_buffer (fd, option, value) == 0)
    return 0;
  return setsockopt (fd, level, number, &value, sizeof value);
}

void
di_options_set (const struct di_trigger *trigger, int fd, enum di_listen type,
                int family)
{
  size_t position = 0;
  const struct di_line *line;

  while ((line = di_trigger_next (trigger, DI_OPTION, &position)) != NULL) {
    const struct option *option = find (line->words[0]);
    if (option != NULL && is_for (option, type, family) &&
        set (fd, option, line->words[1], family) < 0)
      di_say (trigger->name, "cannot set the socket's option ", line->words[0],
              ": ", strerror (errno), NULL);
  }
}
