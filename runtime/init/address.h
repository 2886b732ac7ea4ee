/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_ADDRESS_H
#define DC_INIT_ADDRESS_H

/* address: what a socket is bound to, and who is at its other end.
 *
 * The text is that of the plan: "/run/x", "@x", "[::1]:80", "127.0.0.1:80",
 * "80", and for netlink "0:1361".
 *
 * Source: systemd.socket(5), ListenStream=; unix(7), ip(7), ipv6(7),
 * netlink(7).
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/init/plan.h"

/* struct sockaddr_nl of <linux/netlink.h>, which musl does not have. */
struct di_netlink {
  sa_family_t nl_family;
  uint16_t nl_pad;
  uint32_t nl_pid;
  uint32_t nl_groups;
};

struct di_address {
  union {
    struct sockaddr any;
    struct sockaddr_un local;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
    struct di_netlink netlink;
  } at;
  socklen_t size;
  int protocol; /* of netlink, else 0 */
  bool is_any;  /* IPv6, or IPv4 where there is none */
};

/* 0, or -1 for what is no address of that kind. */
int di_address_parse (enum di_listen type, const char *text,
                      struct di_address *address);
/* The same port of all IPv4 addresses, of one that is_any. */
void di_address_to_ip4 (struct di_address *address);

/* Who is at the other or at this end of the connection FD. */
struct di_peer {
  char host[INET6_ADDRSTRLEN]; /* "": no internet address */
  int port;
};
void di_peer_read (int fd, struct di_peer *remote, struct di_peer *local);

#endif
