/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/network/nmkeyfile.h"
#include "lib/text.h"

static const struct {
  const char *type, *kind;
} kinds[] = {
  { "802-3-ethernet", "ethernet" },
  { "802-11-wireless", "wifi" },
  { "gsm", "modem" },
  { "cdma", "modem" },
  { "ip-tunnel", "tunnel" },
  { "ethernet", "ethernet" },
  { "wifi", "wifi" },
  { "bond", "bond" },
  { "bridge", "bridge" },
  { "team", "team" },
  { "vlan", "vlan" },
  { "vrf", "vrf" },
  { "vxlan", "vxlan" },
  { "dummy", "dummy" },
  { "veth", "veth" },
  { "wireguard", "wireguard" },
  { "tun", "tun" },
  { "macvlan", "macvlan" },
  { "infiniband", "infiniband" },
  { "loopback", "loopback" },
  { "vpn", "vpn" },
};

static const char *
kind_of (struct dc_span type)
{
  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if (dc_span_is (type, kinds[i].type))
      return kinds[i].kind;
  return "other";
}

/* What names a connection; spans of the file. */
struct head {
  struct dc_span id, interface, type;
  unsigned line;
};

static struct head
read_head (const struct dc_configfile *file)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct head head = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, 0 };

  while (dc_configline_next (&lines, &line)) {
    if (dc_configline_is (&line, "connection", "id"))
      head.id = line.value;
    else if (dc_configline_is (&line, "connection", "interface-name"))
      head.interface = line.value;
    else if (dc_configline_is (&line, "connection", "type"))
      head.type = line.value;
    else
      continue;
    if (head.line == 0)
      head.line = line.line;
  }
  return head;
}

/* KEY, KEYs or KEY1, KEY2, ... */
static bool
is_numbered (struct dc_span key, const char *name)
{
  if (!dc_span_starts (key, name))
    return false;
  const struct dc_span rest = dc_span_skip (key, strlen (name));
  return rest.size == 0 || dc_span_is (rest, "s") ||
         (*rest.text >= '0' && *rest.text <= '9');
}

/* "10.0.0.2/24,10.0.0.1": the address, and the gateway behind it. */
static int
add_address (struct dc_netif *netif, struct dc_span value, struct dc_error *err)
{
  struct dc_span address, gateway;

  if (!dc_span_field (&value, ',', &address) ||
      dc_network_words (&netif->addresses, address, ";", err) < 0)
    return value.text == NULL && address.text == NULL ? 0 : -1;
  if (value.text == NULL || !dc_span_field (&value, ',', &gateway) ||
      gateway.size == 0)
    return 0;
  return dc_network_route (netif, dc_span_of ("default"), gateway, err);
}

/* "10.1.0.0/16,10.0.0.254,100" */
static int
add_route (struct dc_netif *netif, struct dc_span value, struct dc_error *err)
{
  struct dc_span to = { NULL, 0 }, via = { NULL, 0 };

  (void) dc_span_field (&value, ',', &to); /* always one */
  if (value.text != NULL)
    (void) dc_span_field (&value, ',', &via);
  return dc_network_route (netif, to, via, err);
}

static int
read_ip (struct dc_netif *netif, const struct dc_configline *line, bool is_4,
         struct dc_error *err)
{
  const struct dc_span key = line->key, value = line->value;

  if (dc_span_is (key, "method")) {
    bool *dhcp = is_4 ? &netif->dhcp4 : &netif->dhcp6;
    *dhcp = dc_span_is (value, "auto") || dc_span_is (value, "dhcp");
    return 0;
  }
  if (is_numbered (key, "address"))
    return add_address (netif, value, err);
  if (dc_span_is (key, "gateway"))
    return dc_network_route (netif, dc_span_of ("default"), value, err);
  if (dc_span_is (key, "dns"))
    return dc_network_words (&netif->nameservers, value, ";,", err);
  if (dc_span_is (key, "dns-search"))
    return dc_network_words (&netif->search, value, ";,~", err);
  if (is_numbered (key, "route") && !dc_span_is (key, "routes"))
    return add_route (netif, value, err);
  return 0;
}

static int
read_line (struct dc_netif *netif, const struct dc_configline *line,
           struct dc_error *err)
{
  static const char *const ethernets[] = { "ethernet", "802-3-ethernet", "wifi",
                                           "802-11-wireless" };

  if (dc_span_is (line->section, "ipv4") || dc_span_is (line->section, "ipv6"))
    return read_ip (netif, line, dc_span_is (line->section, "ipv4"), err);
  if (dc_configline_is (line, "connection", "autoconnect"))
    netif->is_manual = dc_span_is (line->value, "false");
  if (dc_configline_is (line, "connection", "master") ||
      dc_configline_is (line, "connection", "controller"))
    return dc_network_set (&netif->link, line->value, err);
  if (dc_configline_is (line, "vlan", "id"))
    return dc_network_set (&netif->vlan_id, line->value, err);
  if (dc_configline_is (line, "vlan", "parent"))
    return dc_network_set (&netif->link, line->value, err);
  for (size_t i = 0; i < DC_COUNT (ethernets); i++) {
    if (dc_configline_is (line, ethernets[i], "mtu"))
      return dc_network_set (&netif->mtu, line->value, err);
    if (dc_configline_is (line, ethernets[i], "mac-address")) {
      AUTO_FREE char *match = NULL;
      if (dc_text_print (&match, err, "macaddress %.*s", (int) line->value.size,
                         line->value.text) < 0)
        return -1;
      return dc_network_set (&netif->match, dc_span_of (match), err);
    }
  }
  return 0;
}

int
dc_nmkeyfile_parse (void *arg, const struct dc_configfile *file,
                    struct dc_error *err)
{
  struct dc_network *network = arg;
  const struct head head = read_head (file);
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct dc_netif *netif = NULL;
  AUTO_FREE char *name = NULL;

  const struct dc_span called =
      head.interface.size > 0 ? head.interface : head.id;
  if (called.size == 0)
    return dc_fail (err, DC_ERR_INVALID, "no connection with a name");
  if (dc_span_copy (called, &name, err) < 0)
    return -1;
  const struct dc_netsay say = { "networkmanager", file->path, head.line };
  if (dc_network_interface (network, &say, name, kind_of (head.type), &netif,
                            err) < 0)
    return -1;
  while (dc_configline_next (&lines, &line))
    if (read_line (netif, &line, err) < 0)
      return -1;
  return 0;
}
