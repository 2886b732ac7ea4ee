/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/network/networkd.h"
#include "lib/glob.h"
#include "lib/text.h"

#define RENDERER "networkd"

/* By what a file finds its interface: the first of these that it has. */
static const char *const matches[] = {
  "Name", "MACAddress", "PermanentMACAddress", "Driver", "Path", "Type"
};

struct head {
  struct dc_span values[DC_COUNT (matches)];
  unsigned line;
};

static struct head
read_match (const struct dc_configfile *file)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct head head = { .line = 0 };

  while (dc_configline_next (&lines, &line))
    for (size_t i = 0; i < DC_COUNT (matches); i++)
      if (dc_configline_is (&line, "Match", matches[i])) {
        head.values[i] = line.value;
        head.line = head.line == 0 ? line.line : head.line;
      }
  return head;
}

/* "eth0" is a name; "en*", "eth0 eth1" and others match. */
static bool
is_name (const char *text)
{
  return *text != '\0' && !dc_glob_is_pattern (text) &&
         strpbrk (text, " !") == NULL;
}

/* The file's own name, less folder and suffix. */
static int
stem_of (const char *path, char **out, struct dc_error *err)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const char *dot = strrchr (name, '.');
  const struct dc_span stem = { name, dot != NULL ? (size_t) (dot - name)
                                                  : strlen (name) };

  return dc_span_copy (stem, out, err);
}

static int
make_interface (struct dc_network *network, const struct dc_configfile *file,
                struct dc_netif **out, struct dc_error *err)
{
  const struct head head = read_match (file);
  const struct dc_netsay say = { RENDERER, file->path, head.line };
  AUTO_FREE char *name = NULL, *match = NULL;
  size_t i = 0;

  while (i < DC_COUNT (matches) && head.values[i].size == 0)
    i++;
  if (i == 0 && dc_span_copy (head.values[0], &name, err) < 0)
    return -1;
  if (name != NULL && is_name (name))
    return dc_network_interface (network, &say, name, "ethernet", out, err);
  if (i < DC_COUNT (matches) &&
      dc_text_print (&match, err, "%s %.*s", matches[i],
                     (int) head.values[i].size, head.values[i].text) < 0)
    return -1;
  AUTO_FREE char *stem = NULL;
  if (stem_of (file->path, &stem, err) < 0 ||
      dc_network_interface (network, &say, stem, "ethernet", out, err) < 0)
    return -1;
  return match == NULL
             ? 0
             : dc_network_set (&(*out)->match, dc_span_of (match), err);
}

static void
read_dhcp (struct dc_netif *netif, struct dc_span value)
{
  const bool is_both = dc_span_is (value, "yes") ||
                       dc_span_is (value, "true") || dc_span_is (value, "both");

  netif->dhcp4 =
      is_both || dc_span_is (value, "ipv4") || dc_span_is (value, "v4");
  netif->dhcp6 =
      is_both || dc_span_is (value, "ipv6") || dc_span_is (value, "v6");
}

/* Keys that add words, and those that set a text. */
static int
read_value (struct dc_netif *netif, const struct dc_configline *line,
            struct dc_error *err)
{
  const struct {
    const char *section, *key;
    struct dc_words *words;
    char **text;
  } rows[] = {
    { "Network", "Address", &netif->addresses, NULL },
    { "Address", "Address", &netif->addresses, NULL },
    { "Network", "DNS", &netif->nameservers, NULL },
    { "Network", "Domains", &netif->search, NULL },
    { "Network", "Bond", NULL, &netif->link },
    { "Network", "Bridge", NULL, &netif->link },
    { "Network", "VRF", NULL, &netif->link },
    { "Network", "VLAN", &netif->members, NULL },
    { "Link", "MTUBytes", NULL, &netif->mtu },
  };

  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    if (!dc_configline_is (line, rows[i].section, rows[i].key))
      continue;
    return rows[i].words != NULL
               ? dc_network_words (rows[i].words, line->value, "~", err)
               : dc_network_set (rows[i].text, line->value, err);
  }
  return 0;
}

/* A section [Route] has its two keys in any order: its first line begins it,
 * and the next one's, or the end, closes it.
 */
struct route {
  struct dc_span destination, gateway;
  const char *section; /* where it is in the file; NULL: none open */
};

static int
close_route (struct dc_netif *netif, struct route *route, struct dc_error *err)
{
  const struct route done = *route;

  *route = (struct route){ { NULL, 0 }, { NULL, 0 }, NULL };
  if (done.section == NULL)
    return 0;
  return dc_network_route (
      netif,
      done.destination.text != NULL ? done.destination : dc_span_of ("default"),
      done.gateway, err);
}

static int
read_line (struct dc_netif *netif, const struct dc_configline *line,
           struct route *route, struct dc_error *err)
{
  if (line->section.text != route->section &&
      close_route (netif, route, err) < 0)
    return -1;
  if (dc_span_is (line->section, "Route")) {
    route->section = line->section.text;
    if (dc_span_is (line->key, "Destination"))
      route->destination = line->value;
    else if (dc_span_is (line->key, "Gateway"))
      route->gateway = line->value;
    return 0;
  }
  if (dc_configline_is (line, "Network", "DHCP"))
    read_dhcp (netif, line->value);
  else if (dc_configline_is (line, "Network", "Gateway"))
    return dc_network_route (netif, dc_span_of ("default"), line->value, err);
  else if (dc_configline_is (line, "Link", "ActivationPolicy"))
    netif->is_manual = dc_span_is (line->value, "manual") ||
                       dc_span_is (line->value, "down") ||
                       dc_span_is (line->value, "always-down");
  return read_value (netif, line, err);
}

/* systemd's own files for the interfaces of what runs inside. */
static bool
is_for_inside (const char *path)
{
  return strncmp (path, "/usr/lib/systemd/network/80-", 28) == 0 ||
         strncmp (path, "/lib/systemd/network/80-", 24) == 0;
}

int
dc_networkd_parse_network (void *arg, const struct dc_configfile *file,
                           struct dc_error *err)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct dc_netif *netif = NULL;
  struct route route = { { NULL, 0 }, { NULL, 0 }, NULL };

  if (is_for_inside (file->path))
    return 0;
  if (make_interface (arg, file, &netif, err) < 0)
    return -1;
  while (dc_configline_next (&lines, &line))
    if (read_line (netif, &line, &route, err) < 0)
      return -1;
  return close_route (netif, &route, err);
}

static const char *
kind_of (struct dc_span kind)
{
  static const char *const kinds[] = { "bond", "bridge",    "vlan",
                                       "vrf",  "vxlan",     "dummy",
                                       "veth", "wireguard", "tun",
                                       "tap",  "macvlan",   "ipvlan" };

  for (size_t i = 0; i < DC_COUNT (kinds); i++)
    if (dc_span_is (kind, kinds[i]))
      return kinds[i];
  return "tunnel";
}

int
dc_networkd_parse_netdev (void *arg, const struct dc_configfile *file,
                          struct dc_error *err)
{
  struct dc_configlines lines = { .rest = { file->text, file->size } };
  struct dc_configline line;
  struct dc_span name = { NULL, 0 }, kind = { NULL, 0 }, id = name, mtu = name;
  struct dc_netsay say = { RENDERER, file->path, 0 };
  struct dc_netif *netif = NULL;
  AUTO_FREE char *copy = NULL;

  if (is_for_inside (file->path))
    return 0;
  while (dc_configline_next (&lines, &line)) {
    if (dc_configline_is (&line, "NetDev", "Name")) {
      name = line.value;
      say.line = line.line;
    } else if (dc_configline_is (&line, "NetDev", "Kind")) {
      kind = line.value;
    } else if (dc_configline_is (&line, "NetDev", "MTUBytes")) {
      mtu = line.value;
    } else if (dc_configline_is (&line, "VLAN", "Id")) {
      id = line.value;
    }
  }
  if (name.size == 0 || kind.size == 0)
    return dc_fail (err, DC_ERR_INVALID, "no device with a name and a kind");
  if (dc_span_copy (name, &copy, err) < 0 ||
      dc_network_interface (arg, &say, copy, kind_of (kind), &netif, err) < 0 ||
      dc_network_set (&netif->vlan_id, id, err) < 0)
    return -1;
  netif->kind = kind_of (kind);
  return dc_network_set (&netif->mtu, mtu, err);
}
