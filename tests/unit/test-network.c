/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/configfile.h"
#include "analyzer/network/netsection.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

#define FILES_MAX 8

/* Files of a guest (their folders are made), and what is said of them:
 *
 *   NAME KIND RENDERER[ dhcp4][ dhcp6][ manual][ ADDRESS...][ via GATEWAY]
 *     [ routes N][ dns ADDRESS...][ search DOMAIN...][ on LINK][ id VLAN]
 *     [ members NAME...][ mtu N][ (MATCH)] LINE;
 *   host ADDRESS NAME... LINE;  resolver: ...;  lookup: ...;
 *   firewall KIND[ off] POLICY: PROTOCOL PORT[ SERVICE][ from SOURCE] LINE, ...;
 *   software KIND; proxy SCOPE URL LINE; finding FILE: TEXT;
 */
static const struct {
  struct {
    const char *path, *text;
  } files[FILES_MAX];
  const char *expected;
} guests[] = {
  /* netplan: a later file changes an interface of an earlier one. */
  { { { "etc/netplan/01.yaml",
        "network:\n  version: 2\n  ethernets:\n    eth0:\n      dhcp4: yes\n"
        "      match: {macaddress: \"52:54:00:00:00:01\"}\n"
        "      future-key: {a: [1, 2]}\n" },
      { "etc/netplan/02.yaml",
        "network:\n  ethernets:\n    eth0:\n      dhcp4: false\n"
        "      addresses: [10.0.0.2/24, {\"fd00::2/64\": {lifetime: 0}}]\n"
        "      gateway4: 10.0.0.1\n      mtu: 9000\n"
        "      nameservers: {addresses: [1.1.1.1], search: [lan]}\n"
        "      routes: [{to: 10.9.0.0/16, via: 10.0.0.9}]\n"
        "  vlans:\n    v5: {id: 5, link: eth0}\n" },
      { "etc/netplan/03.yaml", "network:\n  ethernets: {x: *y}\n" } },
    "eth0 ethernet netplan 10.0.0.2/24 fd00::2/64 via 10.0.0.1 routes 2 dns "
    "1.1.1.1 search lan mtu 9000 (macaddress 52:54:00:00:00:01) 4; v5 vlan "
    "netplan on eth0 id 5 11; x ethernet netplan 2; finding "
    "/etc/netplan/03.yaml: "
    "/etc/netplan/03.yaml:2:18: anchors and aliases are refused; " },
  /* cloud-init, both versions. */
  { { { "etc/cloud/cloud.cfg.d/50.cfg",
        "network:\n  version: 1\n  config:\n    - type: physical\n"
        "      name: eth0\n      mac_address: \"aa:bb:cc:00:00:01\"\n"
        "      subnets:\n        - {type: static, address: 10.0.0.3, netmask: "
        "255.255.255.0, gateway: 10.0.0.1}\n        - type: dhcp6\n"
        "    - {type: nameserver, address: [9.9.9.9]}\n" },
      { "var/lib/cloud/seed/nocloud/network-config",
        "version: 2\nethernets:\n  eth1: {dhcp4: true}\n" } },
    "eth0 ethernet cloud-init dhcp6 10.0.0.3/255.255.255.0 via 10.0.0.1 routes "
    "1 (macaddress aa:bb:cc:00:00:01) 0; eth1 ethernet cloud-init dhcp4 3; "
    "resolver: 9.9.9.9; " },
  /* NetworkManager. */
  { { { "etc/NetworkManager/system-connections/a.nmconnection",
        "[connection]\nid=Office\ntype=ethernet\ninterface-name=ens3\n"
        "autoconnect=false\n\n[ethernet]\nmtu=1400\n\n[ipv4]\nmethod=manual\n"
        "address1=192.168.7.2/24,192.168.7.1\naddress2=192.168.7.3/24\n"
        "dns=192.168.7.1;8.8.8.8;\ndns-search=corp;\n"
        "route1=10.0.0.0/8,192.168.7.254,50\nroute1_options=table=7\n\n"
        "[ipv6]\nmethod=auto\n" },
      { "etc/NetworkManager/system-connections/b.nmconnection",
        "[connection]\nid=V\ntype=vlan\n[vlan]\nid=9\nparent=ens3\n[wifi-"
        "security]\npsk=secret\n" },
      { "etc/NetworkManager/system-connections/c.nmconnection", "junk\n" } },
    "ens3 ethernet networkmanager dhcp6 manual 192.168.7.2/24 192.168.7.3/24 "
    "via 192.168.7.1 routes 3 dns 192.168.7.1 8.8.8.8 search corp mtu 1400 2; "
    "V vlan networkmanager on ens3 id 9 2; finding "
    "/etc/NetworkManager/system-connections/c.nmconnection: no connection with "
    "a name; " },
  /* systemd-networkd; its own files for containers say nothing. */
  { { { "etc/systemd/network/br.netdev",
        "[NetDev]\nName=br0\nKind=bridge\nMTUBytes=1300\n" },
      { "etc/systemd/network/br.network",
        "[Match]\nName=br0\n[Network]\nAddress=10.1.0.2/24\nGateway=10.1.0.1\n"
        "DNS=10.1.0.1\nDomains=~. lan\n[Route]\nGateway=10.1.0.9\n"
        "Destination=10.2.0.0/16\n[Route]\nGateway=10.1.0.8\n[Address]\n"
        "Address=10.1.0.3/24\n" },
      { "etc/systemd/network/lan.network",
        "[Match]\nMACAddress=00:11:22:33:44:55\n[Network]\nDHCP=ipv4\n"
        "Bridge=br0\n[Link]\nActivationPolicy=manual\n" },
      { "usr/lib/systemd/network/80-vm-vt.network",
        "[Match]\nName=vt-*\n[Network]\nDHCP=yes\n" },
      { "etc/systemd/network/x.netdev", "[NetDev]\n" } },
    "br0 bridge networkd 10.1.0.2/24 10.1.0.3/24 via 10.1.0.1 routes 3 dns "
    "10.1.0.1 search . lan mtu 1300 2; lan ethernet networkd dhcp4 manual on "
    "br0 (MACAddress 00:11:22:33:44:55) 2; finding "
    "/etc/systemd/network/x.netdev: no device with a name and a kind; " },
  /* Red Hat's ifcfg. */
  { { { "etc/sysconfig/network-scripts/ifcfg-eth0",
        "DEVICE=eth0\nBOOTPROTO=none\nONBOOT=yes\nIPADDR=10.3.0.2\nPREFIX=24\n"
        "IPADDR1=10.3.0.3\nNETMASK1=255.255.255.0\nGATEWAY=10.3.0.1\n"
        "DNS1=10.3.0.1\nDOMAIN=\"a b\"\nHWADDR=00:16:3e:00:00:01\n" },
      { "etc/sysconfig/network-scripts/ifcfg-bond0",
        "DEVICE=bond0\nTYPE=Bond\nBOOTPROTO=dhcp\nONBOOT=no\nMTU=9000\n" },
      { "etc/sysconfig/network-scripts/ifcfg-bond0.7",
        "DEVICE=bond0.7\nVLAN=yes\nBOOTPROTO=dhcp\nPHYSDEV=bond0\n" },
      { "etc/sysconfig/network-scripts/ifcfg-lo", "DEVICE=lo\n" },
      { "etc/sysconfig/network-scripts/ifcfg-eth0.bak", "DEVICE=old\n" },
      { "etc/sysconfig/network-scripts/ifup-eth", "DEVICE=no\n" } },
    "bond0 bond ifcfg dhcp4 manual mtu 9000 0; bond0.7 vlan ifcfg dhcp4 on "
    "bond0 id 7 0; eth0 ethernet ifcfg 10.3.0.2/24 10.3.0.3/255.255.255.0 via "
    "10.3.0.1 routes 1 dns 10.3.0.1 search a b (macaddress 00:16:3e:00:00:01) "
    "0; " },
  /* SUSE's. */
  { { { "etc/sysconfig/network/ifcfg-br0",
        "STARTMODE='auto'\nBOOTPROTO='static'\nIPADDR='10.4.0.2/24'\n"
        "IPADDR_1='10.4.0.3/24'\nBRIDGE='yes'\nBRIDGE_PORTS='eth0 eth1'\n" },
      { "etc/sysconfig/network/ifcfg-eth2",
        "STARTMODE='manual'\nBOOTPROTO='dhcp'\n" } },
    "br0 bridge ifcfg 10.4.0.2/24 10.4.0.3/24 members eth0 eth1 0; eth2 "
    "ethernet ifcfg dhcp4 dhcp6 manual 0; " },
  /* ifupdown with all ways to take in other files. */
  { { { "etc/network/interfaces",
        "# x\nsource interfaces.d/*.cfg\nsource-directory /etc/network/more\n"
        "auto lo\niface lo inet loopback\nallow-hotplug eth0\n"
        "iface eth0 inet static\n  address 10.5.0.2\n  netmask 255.255.255.0\n"
        "  gateway 10.5.0.1\n  dns-nameservers 10.5.0.1 \\\n    1.1.1.1\n"
        "  up ip route add 10.6.0.0/16 via 10.5.0.9\n"
        "iface eth0 inet6 auto\n"
        "iface eth0.12 inet manual\n" },
      { "etc/network/interfaces.d/b.cfg",
        "auto br0\niface br0 inet dhcp\n  bridge_ports eth1 eth2\n" },
      { "etc/network/interfaces.d/c.txt", "iface no inet dhcp\n" },
      { "etc/network/more/bond", "iface bond0 inet6 static\n  address "
                                 "fd00::5/64\n  bond-slaves none\n" },
      { "etc/network/more/bad.name", "iface no inet dhcp\n" } },
    "eth0 ethernet ifupdown dhcp6 10.5.0.2/255.255.255.0 via 10.5.0.1 routes 2 "
    "dns 10.5.0.1 1.1.1.1 14; eth0.12 vlan ifupdown manual on eth0 id 12 15; "
    "br0 bridge ifupdown dhcp4 members eth1 eth2 2; bond0 bond ifupdown manual "
    "fd00::5/64 1; " },
  { { { "etc/network/interfaces", "source /etc/network/interfaces\n" } },
    "finding /etc/network/interfaces: files that take in each other too "
    "deeply, or too many, are not read; " },
  /* Names. */
  { { { "etc/hosts", "127.0.0.1 localhost\n::1 ip6-localhost\nff02::1 all\n"
                     "127.0.1.1 me\n10.7.0.5\tdb.lan db # it\n10.7.0.6\n" },
      { "etc/resolv.conf", "nameserver 10.7.0.1\nsearch a b\n; x\n# y\n" },
      { "etc/nsswitch.conf", "passwd: files\nhosts: files mdns4_minimal "
                             "[NOTFOUND=return] dns\n" } },
    "host 10.7.0.5 db.lan db 5; resolver: 10.7.0.1 search a b; lookup: files "
    "mdns4_minimal [NOTFOUND=return] dns; " },
  /* Firewalls. */
  { { { "etc/nftables.conf",
        "#!/usr/sbin/nft -f\nflush ruleset\n"
        "table inet filter {\n"
        "\tchain input {\n"
        "\t\ttype filter hook input priority 0; policy drop;\n"
        "\t\tiif lo accept\n"
        "\t\ttcp dport { 22, 80-90,\n\t\t\t443 } accept\n"
        "\t\tip saddr 10.0.0.0/8 udp dport 53 counter accept # dns\n"
        "\t\ttcp dport @web accept;\n"
        "\t\ttcp dport 23 drop\n"
        "\t\tjump more\n"
        "\t}\n"
        "\tchain more {\n\t\ttcp dport 8080 accept\n\t}\n"
        "\tchain output {\n\t\ttype filter hook output priority 0;\n"
        "\t\ttcp dport 25 accept\n\t}\n}\n" } },
    "firewall nftables drop: tcp 22 7, tcp 80-90 7, tcp 443 7, udp 53 from "
    "10.0.0.0/8 9, tcp @web 10, tcp 8080 15; " },
  { { { "etc/iptables/rules.v4",
        "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n"
        "-A INPUT -i lo -j ACCEPT\n"
        "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
        "-A INPUT -s 10.0.0.0/8 -p tcp -m multiport --dports 80,6000:6007 -j "
        "ACCEPT\n"
        "-A INPUT -p tcp -m tcp --dport 23 -j DROP\n"
        "-A INPUT -j web\n-A web -p udp -m udp --dport 53 -j ACCEPT\n"
        "-A OUTPUT -p tcp -m tcp --dport 25 -j ACCEPT\nCOMMIT\n" },
      { "etc/sysconfig/ip6tables", ":INPUT ACCEPT [0:0]\n" } },
    "firewall iptables drop: tcp 22 6, tcp 80 from 10.0.0.0/8 7, tcp 6000-6007 "
    "from 10.0.0.0/8 7, udp 53 10; firewall ip6tables accept: ; " },
  { { { "etc/ufw/ufw.conf", "ENABLED=no\nLOGLEVEL=low\n" },
      { "etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n" },
      { "etc/ufw/user.rules",
        "*filter\n### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"
        "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n"
        "### tuple ### limit any 6000:6007 0.0.0.0/0 any 10.0.0.0/8 in_eth0 "
        "comment=61\n"
        "### tuple ### deny tcp 23 0.0.0.0/0 any 0.0.0.0/0 in\n"
        "### tuple ### allow tcp 25 0.0.0.0/0 any 0.0.0.0/0 out\n" } },
    "firewall ufw off drop: tcp 22 2, - 6000-6007 from 10.0.0.0/8 4; " },
  { { { "etc/firewalld/firewalld.conf", "DefaultZone=public\n" },
      { "etc/firewalld/zones/public.xml",
        "<?xml version=\"1.0\"?>\n<zone>\n<service name=\"ssh\"/>\n"
        "<service name=\"own\"/>\n<port port=\"8080\" protocol=\"tcp\"/>\n"
        "</zone>" },
      { "usr/lib/firewalld/zones/public.xml",
        "<zone><service name=\"shadowed\"/></zone>" },
      { "usr/lib/firewalld/zones/trusted.xml",
        "<zone target=\"ACCEPT\"><service name=\"unused\"/></zone>" },
      { "etc/firewalld/zones/inner.xml",
        "<zone>\n<source address=\"10.0.0.0/8\"/>\n<service name=\"ssh\"/>\n"
        "</zone>" },
      { "usr/lib/firewalld/services/ssh.xml",
        "<service><port protocol=\"tcp\" port=\"22\"/></service>" },
      { "etc/firewalld/zones/bad.xml", "<zone>" } },
    "firewall firewalld reject: tcp 22 ssh from 10.0.0.0/8 3, tcp 22 ssh 3, - "
    "- own 4, tcp 8080 5; finding /etc/firewalld/zones/bad.xml: line 1: no "
    "element found; " },
  /* Others. */
  { { { "etc/wireguard/wg0.conf", "[Interface]\n" },
      { "etc/tinc/home/tinc.conf", "" },
      { "etc/ipsec.conf", "config setup\nconn %default\n" },
      { "etc/keepalived/keepalived.conf", "" },
      { "etc/environment", "PATH=/bin\nhttps_proxy=\"http://u:p@px:3128/\"\n" },
      { "etc/apt/apt.conf.d/80proxy",
        "Acquire::http::Proxy \"http://apt:3142\";\n" },
      { "etc/dnf/dnf.conf", "[main]\nproxy=http://dnf:8080\n" } },
    "software wireguard; software tinc; software keepalived; proxy apt "
    "http://apt:3142 1; proxy environment http://px:3128/ 2; proxy dnf "
    "http://dnf:8080 2; " },
  { { { "etc/ipsec.conf", "conn %default\nconn office\n" } },
    "software ipsec; " },
};

struct fixture {
  struct dc_memory_file files[64];
  char folders[64][80];
  size_t count, folder_count;
};

/* The folders of PATH, each once. */
static void
add_folders (struct fixture *f, const char *path)
{
  for (const char *slash = strchr (path, '/'); slash != NULL;
       slash = strchr (slash + 1, '/')) {
    const int size = (int) (slash - path);
    char *name = f->folders[f->folder_count];
    int is_new = 1;
    (void) snprintf (name, sizeof f->folders[0], "%.*s", size, path);
    for (size_t i = 0; i < f->folder_count; i++)
      is_new = is_new && strcmp (f->folders[i], name) != 0;
    if (is_new) {
      f->folder_count++;
      f->files[f->count++] =
          (struct dc_memory_file){ .path = name, .mode = 0040755 };
    }
  }
}

static void
make_tree (size_t n, struct dc_tree **tree)
{
  static struct fixture f;
  struct dc_error err;

  f.count = f.folder_count = 0;
  f.files[f.count++] = (struct dc_memory_file) DIR ("");
  for (size_t i = 0; i < FILES_MAX && guests[n].files[i].path != NULL; i++) {
    add_folders (&f, guests[n].files[i].path);
    f.files[f.count++] = (struct dc_memory_file) FILE (guests[n].files[i].path,
                                                       guests[n].files[i].text);
  }
  ck_assert_ok (dc_tree_memory (f.files, f.count, tree, &err));
}

static struct dc_error err;
#define PRINT(...) ck_assert_ok (dc_buffer_print (b, &err, __VA_ARGS__))

static void
dump_words (struct dc_buffer *b, const char *before,
            const struct dc_words *words)
{
  if (words->count > 0)
    PRINT ("%s", before);
  for (size_t i = 0; i < words->count; i++)
    PRINT (" %s", words->items[i]);
}

static void
dump_interface (struct dc_buffer *b, const struct dc_netif *netif)
{
  PRINT ("%s %s %s%s%s%s", netif->name, netif->kind, netif->renderer,
         netif->dhcp4 ? " dhcp4" : "", netif->dhcp6 ? " dhcp6" : "",
         netif->is_manual ? " manual" : "");
  dump_words (b, "", &netif->addresses);
  if (netif->gateway != NULL)
    PRINT (" via %s", netif->gateway);
  if (netif->routes > 0)
    PRINT (" routes %d", (int) netif->routes);
  dump_words (b, " dns", &netif->nameservers);
  dump_words (b, " search", &netif->search);
  if (netif->link != NULL)
    PRINT (" on %s", netif->link);
  if (netif->vlan_id != NULL)
    PRINT (" id %s", netif->vlan_id);
  dump_words (b, " members", &netif->members);
  if (netif->mtu != NULL)
    PRINT (" mtu %s", netif->mtu);
  if (netif->match != NULL)
    PRINT (" (%s)", netif->match);
  PRINT (" %u; ", netif->evidence.line);
}

static void
dump_firewall (struct dc_buffer *b, const struct dc_network *network,
               const struct dc_firewall *firewall)
{
  const char *comma = "";

  PRINT ("firewall %s%s %s: ", firewall->kind,
         firewall->is_on == 0 ? " off" : "", firewall->policy);
  for (size_t i = 0; i < network->port_count; i++) {
    const struct dc_netport *port = &network->ports[i];
    if (strcmp (port->firewall, firewall->kind) != 0)
      continue;
    PRINT ("%s%s %s%s%s%s%s %u", comma, port->protocol ? port->protocol : "-",
           port->port ? port->port : "-", port->service ? " " : "",
           port->service ? port->service : "", port->source ? " from " : "",
           port->source ? port->source : "", port->evidence.line);
    comma = ", ";
  }
  PRINT ("; ");
}

static void
dump (struct dc_buffer *b, const struct dc_profile *profile)
{
  const struct dc_network *network = &profile->network;

  for (size_t i = 0; i < network->interface_count; i++)
    dump_interface (b, &network->interfaces[i]);
  for (size_t i = 0; i < network->host_count; i++) {
    PRINT ("host %s", network->hosts[i].address);
    dump_words (b, "", &network->hosts[i].names);
    PRINT (" %u; ", network->hosts[i].line);
  }
  if (network->resolver.nameservers.count > 0) {
    dump_words (b, "resolver:", &network->resolver.nameservers);
    dump_words (b, " search", &network->resolver.search);
    PRINT ("; ");
  }
  if (network->resolver.lookup.count > 0) {
    dump_words (b, "lookup:", &network->resolver.lookup);
    PRINT ("; ");
  }
  for (size_t i = 0; i < network->firewall_count; i++)
    dump_firewall (b, network, &network->firewalls[i]);
  for (size_t i = 0; i < network->software_count; i++)
    PRINT ("software %s; ", network->software[i].kind);
  for (size_t i = 0; i < network->proxy_count; i++)
    PRINT ("proxy %s %s %u; ", network->proxies[i].scope,
           network->proxies[i].url, network->proxies[i].evidence.line);
  for (size_t i = 0; i < profile->finding_count; i++)
    PRINT ("finding %s: %s; ", profile->findings[i].evidence.file,
           profile->findings[i].text);
}

static void
forget (struct dc_profile *profile)
{
  dc_network_forget (profile);
  dc_findings_release (profile);
}

START_TEST (test_guests)
{
  struct dc_units units = { NULL, 0, NULL };
  struct dc_profile profile = { .units = &units };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (100000);

  make_tree ((size_t) _i, &tree);
  ck_assert_ok (dc_network_read (tree, &profile, &err));
  dump (&b, &profile);
  ck_assert_str_eq (dc_buffer_text (&b), guests[_i].expected);
  forget (&profile);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_units units = { NULL, 0, NULL };
  struct dc_profile profile = { .units = &units };
  DC_AUTO (dc_tree) *tree = NULL;

  make_tree ((size_t) _i, &tree);
  OOM_LOOP (status, dc_network_read (tree, &profile, &err))
  {
    if (status == 0) /* libraries have allocations that we do not count */
      ck_assert (!oom_has_failed () || profile.finding_count > 0);
    forget (&profile);
  }
}
END_TEST

/* Every parser with each beginning of each text: nothing is read beyond it. */
START_TEST (test_cut_anywhere)
{
  struct dc_units units = { NULL, 0, NULL };
  struct dc_profile profile = { .units = &units };

  for (size_t f = 0; f < FILES_MAX && guests[_i].files[f].path != NULL; f++) {
    const char *text = guests[_i].files[f].text;
    const size_t size = strlen (text);
    for (size_t cut = 0; cut <= size; cut += 7) {
      AUTO_FREE char *part = strndup (text, cut);
      struct fixture fixture = { .count = 0 };
      DC_AUTO (dc_tree) *tree = NULL;
      fixture.files[fixture.count++] = (struct dc_memory_file) DIR ("");
      add_folders (&fixture, guests[_i].files[f].path);
      fixture.files[fixture.count++] =
          (struct dc_memory_file) FILE (guests[_i].files[f].path, part);
      ck_assert_ok (dc_tree_memory (fixture.files, fixture.count, &tree, &err));
      ck_assert_ok (dc_network_read (tree, &profile, &err));
      forget (&profile);
    }
  }
}
END_TEST

/* A hostile file ends its own reading, not the section. */
START_TEST (test_limits)
{
  static char text[DC_CONFIGFILE_SIZE_MAX + 2];
  static const struct {
    const char *path, *line, *finding;
  } cases[] = {
    { "etc/hosts", "10.0.0.1 a\n", "lines of hosts" },
    { "etc/network/interfaces", "iface", "interfaces" },
    { "etc/iptables/rules.v4", "-A INPUT -p tcp --dport 1 -j ACCEPT\n",
      "firewall rules" },
    { "etc/nftables.conf", NULL, "limit 1048576" },
  };
  struct dc_units units = { NULL, 0, NULL };
  struct dc_profile profile = { .units = &units };
  struct fixture fixture = { .count = 0 };
  DC_AUTO (dc_tree) *tree = NULL;
  size_t size = 0;

  for (int i = 0; cases[_i].line != NULL && size < sizeof text - 100; i++) {
    const bool is_numbered = *cases[_i].line == 'i';
    size +=
        (size_t) (is_numbered
                      ? snprintf (text + size, 100, "iface e%d inet dhcp\n", i)
                      : snprintf (text + size, 100, "%s", cases[_i].line));
  }
  if (size == 0)
    memset (text, 'x', sizeof text - 1);
  fixture.files[fixture.count++] = (struct dc_memory_file) DIR ("");
  add_folders (&fixture, cases[_i].path);
  fixture.files[fixture.count++] =
      (struct dc_memory_file) FILE (cases[_i].path, text);
  ck_assert_ok (dc_tree_memory (fixture.files, fixture.count, &tree, &err));
  ck_assert_ok (dc_network_read (tree, &profile, &err));
  ck_assert_uint_eq (profile.finding_count, 1);
  ck_assert_msg (unit_contains (profile.findings[0].text, cases[_i].finding),
                 "%s", profile.findings[0].text);
  forget (&profile);
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_guests, 0, (int) DC_COUNT (guests));
  tcase_add_loop_test (tcase, test_no_memory, 0, (int) DC_COUNT (guests));
  tcase_add_loop_test (tcase, test_cut_anywhere, 0, (int) DC_COUNT (guests));
  tcase_add_loop_test (tcase, test_limits, 0, 4);
}

int
main (void)
{
  return unit_run ("network", add);
}
