/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <string.h>

#include "runtime/init/address.h"

#define PORT_MAX 65535

static int
read_port (const char *text, in_port_t *port)
{
  int64_t number;

  if (di_number_parse (text, 10, 1, PORT_MAX, &number) < 0)
    return -1;
  *port = htons ((uint16_t) number);
  return 0;
}

/* A path, or "@NAME", whose NUL comes first and which has none at its end. */
static int
read_local (const char *text, struct di_address *address)
{
  struct sockaddr_un *local = &address->at.local;
  const size_t size = strlen (text);

  if (size < 2 || size >= sizeof local->sun_path)
    return -1;
  local->sun_family = AF_UNIX;
  memcpy (local->sun_path, text, size);
  if (text[0] == '@')
    local->sun_path[0] = '\0';
  address->size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + size +
                               (text[0] != '@'));
  return 0;
}

/* "[HOST]:PORT" or "HOST:PORT". */
static int
read_internet (const char *text, struct di_address *address)
{
  const bool is_ip6 = text[0] == '[';
  const char *end = strrchr (text, is_ip6 ? ']' : ':');
  char host[INET6_ADDRSTRLEN] = { 0 };

  if (end == NULL || (size_t) (end - text) > sizeof host)
    return -1;
  const size_t size = (size_t) (end - text) - is_ip6;
  if (size >= sizeof host || (is_ip6 && end[1] != ':'))
    return -1;
  memcpy (host, text + is_ip6, size);
  const char *port = end + 1 + is_ip6;
  if (is_ip6) {
    address->at.ip6.sin6_family = AF_INET6;
    address->size = sizeof address->at.ip6;
    return inet_pton (AF_INET6, host, &address->at.ip6.sin6_addr) == 1
               ? read_port (port, &address->at.ip6.sin6_port)
               : -1;
  }
  address->at.ip4.sin_family = AF_INET;
  address->size = sizeof address->at.ip4;
  return inet_pton (AF_INET, host, &address->at.ip4.sin_addr) == 1
             ? read_port (port, &address->at.ip4.sin_port)
             : -1;
}

static int
read_netlink (const char *text, struct di_address *address)
{
  const size_t size = strcspn (text, ":");
  char protocol[DI_NUMBER_SIZE] = { 0 };
  int64_t number, groups;

  if (size >= sizeof protocol || text[size] != ':')
    return -1;
  memcpy (protocol, text, size);
  if (di_number_parse (protocol, 10, 0, 255, &number) < 0 ||
      di_number_parse (text + size + 1, 10, 0, UINT32_MAX, &groups) < 0)
    return -1;
  address->at.netlink.nl_family = AF_NETLINK;
  address->at.netlink.nl_groups = (uint32_t) groups;
  address->protocol = (int) number;
  address->size = sizeof address->at.netlink;
  return 0;
}

int
di_address_parse (enum di_listen type, const char *text,
                  struct di_address *address)
{
  *address = (struct di_address){ 0 };
  if (type == DI_LISTEN_NETLINK)
    return read_netlink (text, address);
  if (type == DI_LISTEN_FIFO || type == DI_LISTEN_SPECIAL ||
      type == DI_LISTEN_MQUEUE)
    return text[0] == '/' ? 0 : -1;
  if (text[0] == '/' || text[0] == '@')
    return read_local (text, address);
  if (strchr (text, ':') != NULL)
    return read_internet (text, address);
  address->is_any = true;
  address->at.ip6.sin6_family = AF_INET6; /* to all: zero */
  address->size = sizeof address->at.ip6;
  return read_port (text, &address->at.ip6.sin6_port);
}

void
di_address_to_ip4 (struct di_address *address)
{
  const in_port_t port = address->at.ip6.sin6_port;

  *address = (struct di_address){ .size = sizeof address->at.ip4 };
  address->at.ip4.sin_family = AF_INET;
  address->at.ip4.sin_port = port;
}

/* The groups of an IPv6 address that "::" stands for: the first of the longest
 * rows of zeros, if there is one of two; *COUNT of them from the one returned.
 */
static size_t
find_zeros (const uint16_t *groups, size_t *count)
{
  size_t best = 0;

  *count = 1;
  for (size_t i = 0; i < 8; i++) {
    size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0)
      size++;
    if (size > *count) {
      best = i;
      *count = size;
    }
  }
  if (*count == 1)
    *count = 0;
  return best;
}

static char *
print_hex (char *out, unsigned number)
{
  static const char digits[] = "0123456789abcdef";
  int shift = 12;

  while (shift > 0 && number >> shift == 0)
    shift -= 4;
  for (; shift >= 0; shift -= 4)
    *out++ = digits[number >> shift & 15];
  return out;
}

/* As RFC 5952 has it.  libc's inet_ntop() would bring printf(). */
static void
print_ip6 (const struct in6_addr *host, char *out)
{
  uint16_t groups[8];
  size_t count;

  for (size_t i = 0; i < 8; i++)
    groups[i] =
        (uint16_t) (host->s6_addr[2 * i] << 8 | host->s6_addr[2 * i + 1]);
  const size_t first = find_zeros (groups, &count);
  for (size_t i = 0; i < 8; i++) {
    if (count > 0 && i == first) {
      *out++ = ':';
      if (first + count == 8)
        *out++ = ':';
      i += count - 1;
      continue;
    }
    if (i > 0)
      *out++ = ':';
    out = print_hex (out, groups[i]);
  }
  *out = '\0';
}

static void
print_ip4 (const unsigned char *bytes, char *out)
{
  for (int i = 0; i < 4; i++) {
    const char *text = DI_NUMBER (bytes[i]);
    if (i > 0)
      *out++ = '.';
    out = mempcpy (out, text, strlen (text));
  }
  *out = '\0';
}

static void
print_peer (const struct di_address *address, struct di_peer *peer)
{
  const struct sockaddr_in6 *ip6 = &address->at.ip6;
  const struct sockaddr_in *ip4 = &address->at.ip4;

  *peer = (struct di_peer){ .port = 0 };
  if (address->at.any.sa_family == AF_INET) {
    peer->port = ntohs (ip4->sin_port);
    print_ip4 ((const unsigned char *) &ip4->sin_addr, peer->host);
  } else if (address->at.any.sa_family == AF_INET6) {
    peer->port = ntohs (ip6->sin6_port);
    if (IN6_IS_ADDR_V4MAPPED (&ip6->sin6_addr))
      print_ip4 (ip6->sin6_addr.s6_addr + 12, peer->host);
    else
      print_ip6 (&ip6->sin6_addr, peer->host);
  }
}

void
di_peer_read (int fd, struct di_peer *remote, struct di_peer *local)
{
  struct di_address address = { .size = sizeof address.at };

  if (getpeername (fd, &address.at.any, &address.size) < 0)
    address.at.any.sa_family = AF_UNSPEC;
  print_peer (&address, remote);
  address.size = sizeof address.at;
  if (getsockname (fd, &address.at.any, &address.size) < 0)
    address.at.any.sa_family = AF_UNSPEC;
  print_peer (&address, local);
}
