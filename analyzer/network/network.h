/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_NETWORK_NETWORK_H
#define DC_ANALYZER_NETWORK_NETWORK_H

/* network: how a guest reaches its network and who may reach it, as its
 * configuration says.
 *
 * Who configures an interface is its renderer; one guest can have several that
 * say something about the same interface, and all is kept.  Passwords and keys
 * are never read.
 */

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/evidence.h"
#include "lib/error.h"
#include "lib/span.h"
#include "lib/words.h"

#define DC_NETIF_MAX ((size_t) 2000)
#define DC_NETHOST_MAX ((size_t) 20000)
#define DC_NETPORT_MAX ((size_t) 10000) /* of all firewalls */
#define DC_NETPROXY_MAX ((size_t) 1000)
#define DC_NETSOFTWARE_MAX ((size_t) 1000)

struct dc_netif {
  char *name;           /* "eth0", or the id where it goes by `match` */
  char *match;          /* "macaddress 52:54:00:...", "name en*"; NULL */
  const char *kind;     /* "ethernet", "bond", "bridge", "vlan", "wireguard" */
  const char *renderer; /* "netplan", "networkmanager", "ifupdown", ... */
  char *gateway;        /* the first default gateway; NULL */
  char *link;           /* what a vlan or tunnel lies on; NULL */
  char *vlan_id;        /* NULL */
  char *mtu;            /* as written, digits; NULL */
  struct dc_words addresses;   /* "192.168.1.2/24"; without /24 if not said */
  struct dc_words nameservers; /* addresses */
  struct dc_words search;      /* domains */
  struct dc_words members;     /* of a bond or bridge */
  uint64_t routes;             /* that lead elsewhere, default ones included */
  bool dhcp4, dhcp6;           /* 6: or router advertisements */
  bool is_manual;              /* not brought up at boot */
  struct dc_evidence evidence;
};

struct dc_nethost {
  char *address;
  struct dc_words names;
  unsigned line; /* of /etc/hosts */
};

struct dc_resolver {
  struct dc_words nameservers, search;
  struct dc_words lookup; /* of nsswitch's "hosts": "files", "dns" */
  char *target;           /* what resolv.conf is a link to; NULL */
};

/* Something let in. */
struct dc_netport {
  const char *firewall; /* which one: "nftables" */
  char *protocol;       /* "tcp"; NULL: any */
  char *port;           /* "22", "6000-6007", "@name" of a set; NULL: all */
  char *service;        /* "ssh" where a service is named; NULL */
  char *source;         /* "10.0.0.0/8", "zone internal"; NULL: anywhere */
  struct dc_evidence evidence;
};

/* The same, borrowed; empty spans for NULL. */
struct dc_netrule {
  const char *firewall;
  struct dc_span protocol, port, service, source;
  struct dc_proof proof;
};

struct dc_firewall {
  const char
      *kind; /* "nftables", "iptables", "ip6tables", "firewalld", "ufw" */
  const char *unit; /* that loads it at boot: "nftables.service" */
  char *policy;     /* of what comes in and fits no rule: "drop"; NULL */
  int is_on;        /* 1; 0: its own file says no; -1: only the unit tells */
  struct dc_evidence evidence;
};

struct dc_netproxy {
  const char *scope; /* "environment", "apt", "dnf" */
  char *url;         /* without user and password */
  struct dc_evidence evidence;
};

/* A program for private networks or fail-over that is configured. */
struct dc_netsoftware {
  const char *kind; /* "wireguard", "keepalived" */
  const char *role; /* "vpn" or "cluster" */
  char *file;
};

struct dc_network {
  struct dc_netif *interfaces;
  struct dc_nethost *hosts;
  struct dc_netport *ports;
  struct dc_netproxy *proxies;
  struct dc_netsoftware *software;
  struct dc_firewall firewalls[8];
  size_t interface_count, host_count, port_count, proxy_count, software_count;
  size_t firewall_count;
  struct dc_words own_names; /* that /etc/hosts gives to loopback addresses */
  struct dc_resolver resolver;
};

/* Where a statement stands, and who says it. */
struct dc_netsay {
  const char *renderer, *file;
  unsigned line;
};

/* The interface NAME of this renderer, a new one if it is not there yet (then
 * of this KIND and with this evidence); *OUT is borrowed until the next call.
 * 0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_network_interface (struct dc_network *network,
                          const struct dc_netsay *say, const char *name,
                          const char *kind, struct dc_netif **out,
                          struct dc_error *err);
/* Replace *TARGET; a text that is empty or has a NUL changes nothing. */
int dc_network_set (char **target, struct dc_span text, struct dc_error *err);
/* Add the words of TEXT, which SEPARATORS and blanks part. */
int dc_network_words (struct dc_words *words, struct dc_span text,
                      const char *separators, struct dc_error *err);
/* A route to DESTINATION: counted, and the gateway if it is a default one. */
int dc_network_route (struct dc_netif *netif, struct dc_span destination,
                      struct dc_span gateway, struct dc_error *err);
bool dc_network_is_default (struct dc_span destination);

int dc_network_firewall (struct dc_network *network, const char *kind,
                         const char *unit, const char *file,
                         struct dc_firewall **out, struct dc_error *err);
/* Ports "6000:6007" become "6000-6007". */
int dc_network_port (struct dc_network *network, const struct dc_netrule *rule,
                     struct dc_error *err);
void dc_network_release (struct dc_network *network);

#endif
