/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The network as JSON. */

#include <string.h>

#include "analyzer/network/netsection.h"
#include "analyzer/profilejson.h"
#include "lib/json.h"

/* Does the unit start?  Null where there is no systemd to tell, or no such
 * unit.
 */
static json_t *
starts_json (const struct dc_units *units, const char *name)
{
  const struct dc_unit *unit = dc_units_find (units, name);

  if (units->default_target == NULL)
    return json_null ();
  return json_boolean (unit != NULL && unit->is_started);
}

/* Which unit makes a renderer's interfaces at boot. */
static const struct {
  const char *renderer, *units[2];
} renderers[] = {
  { "netplan", { "systemd-networkd.service", "NetworkManager.service" } },
  { "networkd", { "systemd-networkd.service" } },
  { "networkmanager", { "NetworkManager.service" } },
  { "ifupdown", { "networking.service" } },
  { "ifcfg", { "network.service", "NetworkManager.service" } },
  { "cloud-init", { "cloud-init.service", "cloud-init-network.service" } },
};

static json_t *
active_json (const struct dc_units *units, const char *renderer)
{
  bool is_active = strcmp (renderer, "ifcfg") == 0 &&
                   dc_units_find (units, "wicked.service") != NULL;

  if (units->default_target == NULL)
    return json_null ();
  for (size_t i = 0; i < DC_COUNT (renderers); i++)
    for (size_t k = 0; k < 2 && strcmp (renderers[i].renderer, renderer) == 0;
         k++) {
      const char *name = renderers[i].units[k];
      const struct dc_unit *unit =
          name != NULL ? dc_units_find (units, name) : NULL;
      is_active = is_active || (unit != NULL && unit->is_started);
    }
  return json_boolean (is_active);
}

static json_t *
interface_json (const struct dc_netif *netif, const struct dc_units *units)
{
  json_t *json = json_object ();

  dc_json_put_text (&json, "name", netif->name);
  dc_json_put_text (&json, "match", netif->match);
  dc_json_put_text (&json, "kind", netif->kind);
  dc_json_put_text (&json, "renderer", netif->renderer);
  dc_json_put (&json, "renderer_starts", active_json (units, netif->renderer));
  dc_json_put_bool (&json, "at_boot", !netif->is_manual);
  dc_json_put_bool (&json, "dhcp4", netif->dhcp4);
  dc_json_put_bool (&json, "dhcp6", netif->dhcp6);
  dc_json_put (&json, "addresses", dc_json_words (&netif->addresses));
  dc_json_put_text (&json, "gateway", netif->gateway);
  dc_json_put_number (&json, "routes", netif->routes);
  dc_json_put (&json, "nameservers", dc_json_words (&netif->nameservers));
  dc_json_put (&json, "search", dc_json_words (&netif->search));
  dc_json_put_text (&json, "mtu", netif->mtu);
  dc_json_put_text (&json, "link", netif->link);
  dc_json_put_text (&json, "vlan_id", netif->vlan_id);
  dc_json_put (&json, "members", dc_json_words (&netif->members));
  dc_json_put (&json, "evidence",
               dc_evidence_json (netif->evidence.file, netif->evidence.line));
  return json;
}

static json_t *
interfaces_json (const struct dc_profile *profile)
{
  const struct dc_network *network = &profile->network;
  json_t *json = json_array ();

  for (size_t i = 0; i < network->interface_count; i++)
    dc_json_push (&json,
                  interface_json (&network->interfaces[i], profile->units));
  return json;
}

static json_t *
hosts_json (const struct dc_network *network)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < network->host_count; i++) {
    const struct dc_nethost *host = &network->hosts[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "address", host->address);
    dc_json_put (&item, "names", dc_json_words (&host->names));
    dc_json_put (&item, "evidence",
                 dc_evidence_json ("/etc/hosts", host->line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
resolver_json (const struct dc_resolver *resolver)
{
  json_t *json = json_object ();

  dc_json_put (&json, "nameservers", dc_json_words (&resolver->nameservers));
  dc_json_put (&json, "search", dc_json_words (&resolver->search));
  dc_json_put (&json, "lookup", dc_json_words (&resolver->lookup));
  dc_json_put_text (&json, "link", resolver->target);
  return json;
}

static json_t *
allowed_json (const struct dc_network *network, const char *firewall)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < network->port_count; i++) {
    const struct dc_netport *port = &network->ports[i];
    if (strcmp (port->firewall, firewall) != 0)
      continue;
    json_t *item = json_object ();
    dc_json_put_text (&item, "protocol", port->protocol);
    dc_json_put_text (&item, "port", port->port);
    dc_json_put_text (&item, "service", port->service);
    dc_json_put_text (&item, "source", port->source);
    dc_json_put (&item, "evidence",
                 dc_evidence_json (port->evidence.file, port->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
firewalls_json (const struct dc_profile *profile)
{
  const struct dc_network *network = &profile->network;
  json_t *json = json_array ();

  for (size_t i = 0; i < network->firewall_count; i++) {
    const struct dc_firewall *firewall = &network->firewalls[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "kind", firewall->kind);
    dc_json_put (&item, "active",
                 firewall->is_on == 0
                     ? json_false ()
                     : starts_json (profile->units, firewall->unit));
    dc_json_put_text (&item, "policy", firewall->policy);
    dc_json_put (&item, "allowed", allowed_json (network, firewall->kind));
    dc_json_put (
        &item, "evidence",
        dc_evidence_json (firewall->evidence.file, firewall->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
software_json (const struct dc_network *network)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < network->software_count; i++) {
    json_t *item = json_object ();
    dc_json_put_text (&item, "kind", network->software[i].kind);
    dc_json_put_text (&item, "role", network->software[i].role);
    dc_json_put (&item, "evidence",
                 dc_evidence_json (network->software[i].file, 0));
    dc_json_push (&json, item);
  }
  return json;
}

static json_t *
proxies_json (const struct dc_network *network)
{
  json_t *json = json_array ();

  for (size_t i = 0; i < network->proxy_count; i++) {
    const struct dc_netproxy *proxy = &network->proxies[i];
    json_t *item = json_object ();
    dc_json_put_text (&item, "scope", proxy->scope);
    dc_json_put_text (&item, "url", proxy->url);
    dc_json_put (&item, "evidence",
                 dc_evidence_json (proxy->evidence.file, proxy->evidence.line));
    dc_json_push (&json, item);
  }
  return json;
}

json_t *
dc_network_json (const struct dc_profile *profile)
{
  const struct dc_network *network = &profile->network;
  json_t *json = json_object ();

  dc_json_put (&json, "interfaces", interfaces_json (profile));
  dc_json_put (&json, "hosts", hosts_json (network));
  dc_json_put (&json, "resolver", resolver_json (&network->resolver));
  dc_json_put (&json, "firewalls", firewalls_json (profile));
  dc_json_put (&json, "software", software_json (network));
  dc_json_put (&json, "proxies", proxies_json (network));
  return json;
}
