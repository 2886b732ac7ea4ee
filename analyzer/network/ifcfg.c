/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/assign.h"
#include "analyzer/network/ifcfg.h"
#include "lib/text.h"

/* The variables read.  Of addresses both distributions number more. */
enum {
  BONDING_MASTER,
  BOOTPROTO,
  BRIDGE,
  BRIDGE_PORTS,
  DEVICE,
  DHCPV6C,
  DNS1,
  DNS2,
  DNS3,
  DOMAIN,
  ETHERDEVICE,
  GATEWAY,
  HWADDR,
  IPV6ADDR,
  IPV6_AUTOCONF,
  IPV6_DEFAULTGW,
  MASTER,
  MTU,
  ONBOOT,
  PHYSDEV,
  STARTMODE,
  TYPE,
  VLAN,
  VLAN_ID,
  VALUE_COUNT
};
static const char *const names[VALUE_COUNT] = {
  "BONDING_MASTER", "BOOTPROTO", "BRIDGE", "BRIDGE_PORTS", "DEVICE",
  "DHCPV6C",        "DNS1",      "DNS2",   "DNS3",         "DOMAIN",
  "ETHERDEVICE",    "GATEWAY",   "HWADDR", "IPV6ADDR",     "IPV6_AUTOCONF",
  "IPV6_DEFAULTGW", "MASTER",    "MTU",    "ONBOOT",       "PHYSDEV",
  "STARTMODE",      "TYPE",      "VLAN",   "VLAN_ID",
};

/* IPADDR and its mask, each with these behind. */
static const char *const ends[] = { "",  "0",  "1",  "2",  "3",  "4",
                                    "5", "_0", "_1", "_2", "_3", "_4" };
static const char *const kinds_of_address[] = { "IPADDR", "PREFIX", "NETMASK",
                                                "PREFIXLEN" };
static const char *const slaves[] = { "BONDING_SLAVE_0", "BONDING_SLAVE_1",
                                      "BONDING_SLAVE_2", "BONDING_SLAVE_3",
                                      "BONDING_SLAVE0",  "BONDING_SLAVE1",
                                      "BONDING_SLAVE2",  "BONDING_SLAVE3" };

#define ADDRESS_COUNT DC_COUNT (ends)
#define KIND_COUNT DC_COUNT (kinds_of_address)
#define ROW_COUNT (VALUE_COUNT + ADDRESS_COUNT * KIND_COUNT + DC_COUNT (slaves))

struct values {
  char *items[VALUE_COUNT];
  char *addresses[ADDRESS_COUNT][KIND_COUNT];
  char *slaves[DC_COUNT (slaves)];
};

static void
release_values (struct values *values)
{
  for (size_t i = 0; i < VALUE_COUNT; i++)
    free (values->items[i]);
  for (size_t i = 0; i < ADDRESS_COUNT; i++)
    for (size_t k = 0; k < KIND_COUNT; k++)
      free (values->addresses[i][k]);
  for (size_t i = 0; i < DC_COUNT (slaves); i++)
    free (values->slaves[i]);
}
#define AUTO_VALUES __attribute__ ((__cleanup__ (release_values)))

static int
read_values (const struct dc_configfile *file, struct values *values,
             struct dc_error *err)
{
  struct dc_assign rows[ROW_COUNT];
  char keys[ADDRESS_COUNT * KIND_COUNT][16];
  size_t count = 0;

  for (size_t i = 0; i < VALUE_COUNT; i++)
    rows[count++] = (struct dc_assign){ names[i], &values->items[i] };
  for (size_t i = 0; i < ADDRESS_COUNT; i++)
    for (size_t k = 0; k < KIND_COUNT; k++) {
      char *key = keys[i * KIND_COUNT + k];
      (void) snprintf (key, sizeof keys[0], "%s%s", kinds_of_address[k],
                       ends[i]); /* fits */
      rows[count++] = (struct dc_assign){ key, &values->addresses[i][k] };
    }
  for (size_t i = 0; i < DC_COUNT (slaves); i++)
    rows[count++] = (struct dc_assign){ slaves[i], &values->slaves[i] };
  return dc_assign_read (file->text, file->size, rows, count, err);
}

static bool
is_word (const char *text, const char *word)
{
  return text != NULL && strcasecmp (text, word) == 0;
}

static bool
is_yes (const char *text)
{
  return is_word (text, "yes") || is_word (text, "true") || is_word (text, "1");
}

static struct dc_span
span_of (const char *text)
{
  return dc_span_of (text != NULL ? text : "");
}

static const char *
kind_of (char *const *items, const char *name)
{
  static const struct {
    const char *type, *kind;
  } types[] = {
    { "Ethernet", "ethernet" },
    { "Bridge", "bridge" },
    { "Bond", "bond" },
    { "Vlan", "vlan" },
    { "Wireless", "wifi" },
    { "Team", "team" },
    { "InfiniBand", "infiniband" },
  };

  if (is_yes (items[BONDING_MASTER]))
    return "bond";
  if (items[BRIDGE_PORTS] != NULL || is_yes (items[BRIDGE]))
    return "bridge";
  if (is_yes (items[VLAN]) || items[ETHERDEVICE] != NULL ||
      items[PHYSDEV] != NULL || strchr (name, '.') != NULL)
    return "vlan";
  for (size_t i = 0; i < DC_COUNT (types); i++)
    if (is_word (items[TYPE], types[i].type))
      return types[i].kind;
  return strncmp (name, "bond", 4) == 0 ? "bond" : "ethernet";
}

/* The address with its prefix, or with the mask as it is written. */
static int
add_address (struct dc_netif *netif, char *const values[KIND_COUNT],
             struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  const char *mask = NULL;

  if (values[0] == NULL || *values[0] == '\0')
    return 0;
  for (size_t k = 1; mask == NULL && k < KIND_COUNT; k++)
    mask = values[k];
  const bool adds_mask = mask != NULL && strchr (values[0], '/') == NULL;
  if (dc_text_print (&text, err, "%s%s%s", values[0], adds_mask ? "/" : "",
                     adds_mask ? mask : "") < 0)
    return -1;
  return dc_words_add (&netif->addresses, text, err);
}

static int
add_words (struct dc_netif *netif, const struct values *values,
           struct dc_error *err)
{
  char *const *items = values->items;
  const struct {
    struct dc_words *words;
    const char *text;
  } rows[] = {
    { &netif->addresses, items[IPV6ADDR] },
    { &netif->nameservers, items[DNS1] },
    { &netif->nameservers, items[DNS2] },
    { &netif->nameservers, items[DNS3] },
    { &netif->search, items[DOMAIN] },
    { &netif->members, items[BRIDGE_PORTS] },
  };

  for (size_t i = 0; i < ADDRESS_COUNT; i++)
    if (add_address (netif, values->addresses[i], err) < 0)
      return -1;
  for (size_t i = 0; i < DC_COUNT (rows); i++)
    if (dc_network_words (rows[i].words, span_of (rows[i].text), ",", err) < 0)
      return -1;
  for (size_t i = 0; i < DC_COUNT (slaves); i++)
    if (dc_network_words (&netif->members, span_of (values->slaves[i]), "",
                          err) < 0)
      return -1;
  return 0;
}

static int
add_gateways (struct dc_netif *netif, char *const *items, struct dc_error *err)
{
  const char *const gateways[] = { items[GATEWAY], items[IPV6_DEFAULTGW] };

  for (size_t i = 0; i < DC_COUNT (gateways); i++)
    if (gateways[i] != NULL && *gateways[i] != '\0' &&
        dc_network_route (netif, dc_span_of ("default"),
                          dc_span_of (gateways[i]), err) < 0)
      return -1;
  return 0;
}

static int
set_texts (struct dc_netif *netif, char *const *items, struct dc_error *err)
{
  const bool is_port = items[BRIDGE] != NULL && !is_yes (items[BRIDGE]);
  const char *link = items[MASTER] != NULL        ? items[MASTER]
                     : items[ETHERDEVICE] != NULL ? items[ETHERDEVICE]
                     : items[PHYSDEV] != NULL     ? items[PHYSDEV]
                     : is_port                    ? items[BRIDGE]
                                                  : NULL;
  AUTO_FREE char *match = NULL;

  if (items[HWADDR] != NULL && *items[HWADDR] != '\0' &&
      dc_text_print (&match, err, "macaddress %s", items[HWADDR]) < 0)
    return -1;
  if (dc_network_set (&netif->match, span_of (match), err) < 0 ||
      dc_network_set (&netif->link, span_of (link), err) < 0 ||
      dc_network_set (&netif->mtu, span_of (items[MTU]), err) < 0)
    return -1;
  if (strcmp (netif->kind, "vlan") != 0)
    return 0;
  const char *dot = strrchr (netif->name, '.');
  const char *id = items[VLAN_ID] != NULL ? items[VLAN_ID]
                   : dot != NULL          ? dot + 1
                                          : NULL;
  return dc_network_set (&netif->vlan_id, span_of (id), err);
}

static void
set_switches (struct dc_netif *netif, char *const *items)
{
  const char *proto = items[BOOTPROTO];

  netif->dhcp4 = is_word (proto, "dhcp") || is_word (proto, "dhcp4") ||
                 is_word (proto, "bootp");
  netif->dhcp6 = is_yes (items[DHCPV6C]) || is_yes (items[IPV6_AUTOCONF]) ||
                 is_word (proto, "dhcp6");
  /* SUSE's "dhcp" is both. */
  netif->dhcp6 =
      netif->dhcp6 || (items[STARTMODE] != NULL && is_word (proto, "dhcp"));
  netif->is_manual = is_word (items[ONBOOT], "no") ||
                     is_word (items[STARTMODE], "manual") ||
                     is_word (items[STARTMODE], "off");
}

/* What the network scripts do not take for a configuration. */
static bool
is_passed_over (const char *name)
{
  static const char *const ends_of_copies[] = {
    "~", ".bak", ".old", ".orig", ".rpmnew", ".rpmorig", ".rpmsave"
  };
  const size_t size = strlen (name);

  for (size_t i = 0; i < DC_COUNT (ends_of_copies); i++) {
    const size_t n = strlen (ends_of_copies[i]);
    if (size >= n && strcmp (name + size - n, ends_of_copies[i]) == 0)
      return true;
  }
  return *name == '\0' || strcmp (name, "lo") == 0 ||
         strcmp (name, "template") == 0;
}

int
dc_ifcfg_parse (void *arg, const struct dc_configfile *file,
                struct dc_error *err)
{
  static const char prefix[] = "ifcfg-";
  AUTO_VALUES struct values values = { .items = { NULL } };
  const struct dc_netsay say = { "ifcfg", file->path, 0 };
  struct dc_netif *netif = NULL;
  const char *slash = strrchr (file->path, '/');
  const char *name = slash != NULL ? slash + 1 : file->path;

  if (strncmp (name, prefix, sizeof prefix - 1) != 0 ||
      is_passed_over (name + sizeof prefix - 1))
    return 0;
  name += sizeof prefix - 1;
  if (read_values (file, &values, err) < 0)
    return -1;
  if (values.items[DEVICE] != NULL && *values.items[DEVICE] != '\0')
    name = values.items[DEVICE];
  if (dc_network_interface (arg, &say, name, kind_of (values.items, name),
                            &netif, err) < 0)
    return -1;
  set_switches (netif, values.items);
  if (set_texts (netif, values.items, err) < 0 ||
      add_words (netif, &values, err) < 0)
    return -1;
  return add_gateways (netif, values.items, err);
}
