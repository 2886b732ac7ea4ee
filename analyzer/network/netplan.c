/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/network/netplan.h"
#include "lib/text.h"
#include "lib/yaml.h"

#define TEXT(k, type, member)                                                  \
  DC_YAML_ROW (k, DC_YAML_TEXT, DC_YAML_OPTIONAL, type, member)
#define TEXTS(k, type, member)                                                 \
  DC_YAML_ROW (k, DC_YAML_TEXTS, DC_YAML_OPTIONAL, type, member)
#define NEST(k, type, member, rows)                                            \
  DC_YAML_NEST (k, DC_YAML_STRUCT, DC_YAML_OPTIONAL, type, member, rows, type)
#define LIST(k, type, member, rows, element)                                   \
  DC_YAML_NEST (k, DC_YAML_LIST, DC_YAML_OPTIONAL, type, member, rows, element)

struct route {
  char *to, *via;
};
static const struct dc_yaml_row route_rows[] = {
  TEXT ("to", struct route, to),
  TEXT ("destination", struct route, to), /* of cloud-init 1 */
  TEXT ("via", struct route, via),
  TEXT ("gateway", struct route, via),
  DC_YAML_END,
};

struct names {
  struct dc_yaml_texts addresses, search;
};
static const struct dc_yaml_row names_rows[] = {
  TEXTS ("addresses", struct names, addresses),
  TEXTS ("search", struct names, search),
  DC_YAML_END,
};

struct match {
  struct dc_yaml_texts name, mac, driver;
};
static const struct dc_yaml_row match_rows[] = {
  TEXTS ("name", struct match, name),
  TEXTS ("macaddress", struct match, mac),
  TEXTS ("driver", struct match, driver),
  DC_YAML_END,
};

struct device {
  struct dc_yaml_name name;
  char *dhcp4, *dhcp6, *accept_ra, *gateway4, *gateway6, *mtu, *id, *link;
  char *mode, *set_name, *activation;
  struct dc_yaml_texts addresses, interfaces;
  struct names names;
  struct match match;
  struct dc_yaml_list routes;
};
static const struct dc_yaml_row device_rows[] = {
  TEXT ("dhcp4", struct device, dhcp4),
  TEXT ("dhcp6", struct device, dhcp6),
  TEXT ("gateway4", struct device, gateway4),
  TEXT ("gateway6", struct device, gateway6),
  TEXT ("mtu", struct device, mtu),
  TEXT ("id", struct device, id),
  TEXT ("link", struct device, link),
  TEXT ("mode", struct device, mode),
  TEXT ("set-name", struct device, set_name),
  TEXT ("activation-mode", struct device, activation),
  TEXTS ("addresses", struct device, addresses),
  TEXTS ("interfaces", struct device, interfaces),
  NEST ("nameservers", struct device, names, names_rows),
  NEST ("match", struct device, match, match_rows),
  LIST ("routes", struct device, routes, route_rows, struct route),
  DC_YAML_END,
};

/* One interface of cloud-init's version 1, and one address of it. */
struct subnet {
  char *type, *address, *netmask, *gateway;
  struct dc_yaml_texts nameservers, search;
  struct dc_yaml_list routes;
};
static const struct dc_yaml_row subnet_rows[] = {
  TEXT ("type", struct subnet, type),
  TEXT ("address", struct subnet, address),
  TEXT ("netmask", struct subnet, netmask),
  TEXT ("gateway", struct subnet, gateway),
  TEXTS ("dns_nameservers", struct subnet, nameservers),
  TEXTS ("dns_search", struct subnet, search),
  LIST ("routes", struct subnet, routes, route_rows, struct route),
  DC_YAML_END,
};
struct item {
  char *type, *name, *mac, *mtu, *vlan_link, *vlan_id;
  struct dc_yaml_texts bond, bridge, address;
  struct dc_yaml_list subnets;
};
static const struct dc_yaml_row item_rows[] = {
  TEXT ("type", struct item, type),
  TEXT ("name", struct item, name),
  TEXT ("mac_address", struct item, mac),
  TEXT ("mtu", struct item, mtu),
  TEXT ("vlan_link", struct item, vlan_link),
  TEXT ("vlan_id", struct item, vlan_id),
  TEXTS ("bond_interfaces", struct item, bond),
  TEXTS ("bridge_interfaces", struct item, bridge),
  TEXTS ("address", struct item, address), /* of type "nameserver" */
  LIST ("subnets", struct item, subnets, subnet_rows, struct subnet),
  DC_YAML_END,
};

/* Kinds of interfaces: their key, and what we call them. */
enum { KIND_TUNNEL = 6, KIND_COUNT = 10 };
static const char *const kinds[KIND_COUNT] = {
  "ethernet", "wifi",   "modem", "bridge", "bond",
  "vlan",     "tunnel", "vrf",   "dummy",  "veth",
};
struct top {
  struct dc_yaml_list devices[KIND_COUNT];
  struct dc_yaml_list config;
};
#define DEVICES(k, n)                                                          \
  DC_YAML_NEST (k, DC_YAML_NAMED, DC_YAML_OPTIONAL, struct top, devices[n],    \
                device_rows, struct device)
static const struct dc_yaml_row top_rows[] = {
  DEVICES ("ethernets", 0),
  DEVICES ("wifis", 1),
  DEVICES ("modems", 2),
  DEVICES ("bridges", 3),
  DEVICES ("bonds", 4),
  DEVICES ("vlans", 5),
  DEVICES ("tunnels", KIND_TUNNEL),
  DEVICES ("vrfs", 7),
  DEVICES ("dummy-devices", 8),
  DEVICES ("virtual-ethernets", 9),
  LIST ("config", struct top, config, item_rows, struct item),
  DC_YAML_END,
};

struct file {
  struct top network; /* below "network:" */
  struct top bare;    /* the same without it */
};
#define BARE(k, n)                                                             \
  DC_YAML_NEST (k, DC_YAML_NAMED, DC_YAML_OPTIONAL, struct file,               \
                bare.devices[n], device_rows, struct device)
static const struct dc_yaml_row file_rows[] = {
  NEST ("network", struct file, network, top_rows),
  BARE ("ethernets", 0),
  BARE ("wifis", 1),
  BARE ("bridges", 3),
  BARE ("bonds", 4),
  BARE ("vlans", 5),
  LIST ("config", struct file, bare.config, item_rows, struct item),
  DC_YAML_END,
};

static struct dc_span
span_of (const char *text)
{
  return dc_span_of (text != NULL ? text : "");
}

/* YAML 1.1's words for true, which netplan reads. */
static void
set_bool (bool *target, const char *text)
{
  static const char *const words[] = { "true", "yes", "on", "y", "1" };

  if (text == NULL)
    return;
  *target = false;
  for (size_t i = 0; i < DC_COUNT (words); i++)
    *target = *target || strcasecmp (text, words[i]) == 0;
}

static int
add_texts (struct dc_words *words, const struct dc_yaml_texts *texts,
           struct dc_error *err)
{
  for (size_t i = 0; i < texts->count; i++)
    if (dc_words_add (words, texts->items[i], err) < 0)
      return -1;
  return 0;
}

/* By what the interface is found where it is not by its name. */
static int
set_match (struct dc_netif *netif, const struct match *match,
           struct dc_error *err)
{
  const struct {
    const char *word;
    const struct dc_yaml_texts *values;
  } rows[] = {
    { "macaddress", &match->mac },
    { "name", &match->name },
    { "driver", &match->driver },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    AUTO_FREE char *text = NULL;
    if (rows[i].values->count == 0)
      continue;
    if (dc_text_print (&text, err, "%s %s", rows[i].word,
                       rows[i].values->items[0]) < 0)
      return -1;
    return dc_network_set (&netif->match, dc_span_of (text), err);
  }
  return 0;
}

static int
add_routes (struct dc_netif *netif, const struct dc_yaml_list *list,
            struct dc_error *err)
{
  const struct route *routes = list->items;

  for (size_t i = 0; i < list->count; i++)
    if (dc_network_route (netif, span_of (routes[i].to),
                          span_of (routes[i].via), err) < 0)
      return -1;
  return 0;
}

static int
add_gateway (struct dc_netif *netif, const char *gateway, struct dc_error *err)
{
  return gateway == NULL ? 0
                         : dc_network_route (netif, dc_span_of ("default"),
                                             dc_span_of (gateway), err);
}

static int
set_texts (struct dc_netif *netif, const struct device *device,
           struct dc_error *err)
{
  const struct {
    char **target;
    const char *value;
  } rows[] = {
    { &netif->mtu, device->mtu },
    { &netif->link, device->link },
    { &netif->vlan_id, strcmp (netif->kind, "vlan") == 0 ? device->id : NULL },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_network_set (rows[i].target, span_of (rows[i].value), err) < 0)
      return -1;
  return set_match (netif, &device->match, err);
}

static int
add_device (struct dc_network *network, const struct dc_netsay *say,
            const struct device *device, size_t kind, struct dc_error *err)
{
  struct dc_netif *netif = NULL;
  const struct dc_netsay here = { say->renderer, say->file, device->name.line };
  const char *word = kinds[kind];

  if (kind == KIND_TUNNEL && device->mode != NULL)
    word = strcmp (device->mode, "wireguard") == 0 ? "wireguard"
           : strcmp (device->mode, "vxlan") == 0   ? "vxlan"
                                                   : word;
  if (device->name.text[0] == '\0')
    return 0;
  if (dc_network_interface (network, &here, device->name.text, word, &netif,
                            err) < 0)
    return -1;
  set_bool (&netif->dhcp4, device->dhcp4);
  set_bool (&netif->dhcp6, device->dhcp6);
  if (device->activation != NULL)
    netif->is_manual = true; /* "manual" or "off" */
  if (set_texts (netif, device, err) < 0 ||
      add_texts (&netif->addresses, &device->addresses, err) < 0 ||
      add_texts (&netif->members, &device->interfaces, err) < 0 ||
      add_texts (&netif->nameservers, &device->names.addresses, err) < 0 ||
      add_texts (&netif->search, &device->names.search, err) < 0 ||
      add_gateway (netif, device->gateway4, err) < 0 ||
      add_gateway (netif, device->gateway6, err) < 0)
    return -1;
  return add_routes (netif, &device->routes, err);
}

/* "10.0.0.2/24", or with the bits of a mask that is given apart. */
static int
add_address (struct dc_netif *netif, const struct subnet *subnet,
             struct dc_error *err)
{
  AUTO_FREE char *text = NULL;

  if (subnet->address == NULL)
    return 0;
  const bool has_mask =
      subnet->netmask != NULL && strchr (subnet->address, '/') == NULL;
  if (dc_text_print (&text, err, "%s%s%s", subnet->address, has_mask ? "/" : "",
                     has_mask ? subnet->netmask : "") < 0)
    return -1;
  return dc_words_add (&netif->addresses, text, err);
}

static int
add_subnet (struct dc_netif *netif, const struct subnet *subnet,
            struct dc_error *err)
{
  const char *type = subnet->type != NULL ? subnet->type : "";

  netif->dhcp4 =
      netif->dhcp4 || strcmp (type, "dhcp") == 0 || strcmp (type, "dhcp4") == 0;
  netif->dhcp6 = netif->dhcp6 || strncmp (type, "dhcp6", 5) == 0 ||
                 strncmp (type, "ipv6_", 5) == 0;
  if (add_address (netif, subnet, err) < 0 ||
      add_gateway (netif, subnet->gateway, err) < 0 ||
      add_texts (&netif->nameservers, &subnet->nameservers, err) < 0 ||
      add_texts (&netif->search, &subnet->search, err) < 0)
    return -1;
  return add_routes (netif, &subnet->routes, err);
}

static int
add_item (struct dc_network *network, const struct dc_netsay *say,
          const struct item *item, struct dc_error *err)
{
  struct dc_netif *netif = NULL;
  const char *type = item->type != NULL ? item->type : "";
  const char *kind = "ethernet";

  for (size_t i = 0; i < KIND_COUNT; i++)
    if (strcmp (type, kinds[i]) == 0)
      kind = kinds[i];
  if (strcmp (type, "nameserver") == 0)
    return add_texts (&network->resolver.nameservers, &item->address, err);
  if (item->name == NULL || item->name[0] == '\0')
    return 0;
  if (dc_network_interface (network, say, item->name, kind, &netif, err) < 0 ||
      dc_network_set (&netif->mtu, span_of (item->mtu), err) < 0 ||
      dc_network_set (&netif->link, span_of (item->vlan_link), err) < 0 ||
      dc_network_set (&netif->vlan_id, span_of (item->vlan_id), err) < 0 ||
      add_texts (&netif->members, &item->bond, err) < 0 ||
      add_texts (&netif->members, &item->bridge, err) < 0)
    return -1;
  const struct match match = { .mac = { (char *[]){ item->mac },
                                        item->mac != NULL ? 1 : 0 } };
  if (set_match (netif, &match, err) < 0)
    return -1;
  const struct subnet *subnets = item->subnets.items;
  for (size_t i = 0; i < item->subnets.count; i++)
    if (add_subnet (netif, &subnets[i], err) < 0)
      return -1;
  return 0;
}

static int
add_top (struct dc_network *network, const struct dc_netsay *say,
         const struct top *top, struct dc_error *err)
{
  const struct item *items = top->config.items;

  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    const struct device *devices = top->devices[kind].items;
    for (size_t i = 0; i < top->devices[kind].count; i++)
      if (add_device (network, say, &devices[i], kind, err) < 0)
        return -1;
  }
  for (size_t i = 0; i < top->config.count; i++)
    if (add_item (network, say, &items[i], err) < 0)
      return -1;
  return 0;
}

/* Also of a file with an error what stands above it. */
static int
parse (struct dc_network *network, const char *renderer,
       const struct dc_configfile *file, struct dc_error *err)
{
  const struct dc_netsay say = { renderer, file->path, 0 };
  struct dc_error fault = { .code = DC_OK };
  struct file read = { .network = { .config = { NULL, 0 } } };

  int status = dc_yaml_read_foreign (file->text, file->size, file->path,
                                     file_rows, &read, &fault);
  if (status == 0 || fault.code != DC_ERR_SYSTEM) {
    const int added = add_top (network, &say, &read.network, err) < 0 ||
                      add_top (network, &say, &read.bare, err) < 0;
    if (added == 0 && status < 0)
      *err = fault;
    status = added != 0 ? -1 : status;
  } else {
    *err = fault;
  }
  dc_yaml_release (file_rows, &read);
  return status;
}

int
dc_netplan_parse (void *arg, const struct dc_configfile *file,
                  struct dc_error *err)
{
  return parse (arg, "netplan", file, err);
}

int
dc_netplan_parse_cloud (void *arg, const struct dc_configfile *file,
                        struct dc_error *err)
{
  return parse (arg, "cloud-init", file, err);
}
