/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/network/network.h"
#include "lib/array.h"

int
dc_network_set (char **target, struct dc_span text, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;

  if (text.text == NULL || text.size == 0 || dc_span_has (text, '\0'))
    return 0;
  if (dc_span_copy (text, &copy, err) < 0)
    return -1;
  free (*target);
  *target = DC_TAKE (copy);
  return 0;
}

static int
copy_or_null (char **target, const char *text, struct dc_error *err)
{
  return text == NULL ? 0 : dc_span_copy (dc_span_of (text), target, err);
}

static bool
parts (char c, const char *separators)
{
  return c == ' ' || c == '\t' || (c != '\0' && strchr (separators, c) != NULL);
}

int
dc_network_words (struct dc_words *words, struct dc_span text,
                  const char *separators, struct dc_error *err)
{
  size_t at = 0;

  if (text.text == NULL || dc_span_has (text, '\0'))
    return 0;
  while (at < text.size) {
    size_t end = at;
    while (end < text.size && !parts (text.text[end], separators))
      end++;
    if (end > at &&
        dc_words_add_bytes (words, text.text + at, end - at, err) < 0)
      return -1;
    at = end + 1;
  }
  return 0;
}

int
dc_network_interface (struct dc_network *network, const struct dc_netsay *say,
                      const char *name, const char *kind, struct dc_netif **out,
                      struct dc_error *err)
{
  AUTO_FREE char *copy = NULL, *file = NULL;

  for (size_t i = 0; i < network->interface_count; i++)
    if (strcmp (network->interfaces[i].name, name) == 0 &&
        strcmp (network->interfaces[i].renderer, say->renderer) == 0) {
      *out = &network->interfaces[i];
      return 0;
    }
  if (DC_ARRAY_GROW (network->interfaces, network->interface_count,
                     DC_NETIF_MAX, "interfaces", err) < 0 ||
      copy_or_null (&copy, name, err) < 0 ||
      copy_or_null (&file, say->file, err) < 0)
    return -1;
  struct dc_netif *netif = &network->interfaces[network->interface_count++];
  *netif = (struct dc_netif){ .name = DC_TAKE (copy),
                              .kind = kind,
                              .renderer = say->renderer,
                              .evidence = { DC_TAKE (file), say->line } };
  *out = netif;
  return 0;
}

bool
dc_network_is_default (struct dc_span destination)
{
  static const char *const words[] = { "default", "0.0.0.0/0", "::/0",
                                       "0.0.0.0", "::",        "0/0" };

  for (size_t i = 0; i < DC_COUNT (words); i++)
    if (dc_span_is (destination, words[i]))
      return true;
  return false;
}

int
dc_network_route (struct dc_netif *netif, struct dc_span destination,
                  struct dc_span gateway, struct dc_error *err)
{
  netif->routes++;
  if (netif->gateway != NULL || !dc_network_is_default (destination))
    return 0;
  return dc_network_set (&netif->gateway, gateway, err);
}

int
dc_network_firewall (struct dc_network *network, const char *kind,
                     const char *unit, const char *file,
                     struct dc_firewall **out, struct dc_error *err)
{
  AUTO_FREE char *copy = NULL;

  for (size_t i = 0; i < network->firewall_count; i++)
    if (strcmp (network->firewalls[i].kind, kind) == 0) {
      *out = &network->firewalls[i];
      return 0;
    }
  if (network->firewall_count == DC_COUNT (network->firewalls))
    return dc_fail (err, DC_ERR_LIMIT, "too many firewalls");
  if (copy_or_null (&copy, file, err) < 0)
    return -1;
  struct dc_firewall *firewall = &network->firewalls[network->firewall_count++];
  *firewall = (struct dc_firewall){
    .kind = kind, .unit = unit, .is_on = -1, .evidence = { DC_TAKE (copy), 0 }
  };
  *out = firewall;
  return 0;
}

static void
release_port (struct dc_netport *port)
{
  free (port->protocol);
  free (port->port);
  free (port->service);
  free (port->source);
  free (port->evidence.file);
}

int
dc_network_port (struct dc_network *network, const struct dc_netrule *rule,
                 struct dc_error *err)
{
  struct dc_netport copy = { .firewall = rule->firewall,
                             .evidence.line = rule->proof.line };

  if (DC_ARRAY_GROW (network->ports, network->port_count, DC_NETPORT_MAX,
                     "firewall rules", err) < 0)
    return -1;
  if (dc_network_set (&copy.protocol, rule->protocol, err) < 0 ||
      dc_network_set (&copy.port, rule->port, err) < 0 ||
      dc_network_set (&copy.service, rule->service, err) < 0 ||
      dc_network_set (&copy.source, rule->source, err) < 0 ||
      copy_or_null (&copy.evidence.file, rule->proof.file, err) < 0) {
    release_port (&copy);
    return -1;
  }
  for (char *p = copy.port; p != NULL && *p != '\0'; p++)
    *p = *p == ':' ? '-' : *p;
  network->ports[network->port_count++] = copy;
  return 0;
}

static void
release_interface (struct dc_netif *netif)
{
  free (netif->name);
  free (netif->match);
  free (netif->gateway);
  free (netif->link);
  free (netif->vlan_id);
  free (netif->mtu);
  dc_words_release (&netif->addresses);
  dc_words_release (&netif->nameservers);
  dc_words_release (&netif->search);
  dc_words_release (&netif->members);
  free (netif->evidence.file);
}

static void
release_resolver (struct dc_resolver *resolver)
{
  dc_words_release (&resolver->nameservers);
  dc_words_release (&resolver->search);
  dc_words_release (&resolver->lookup);
  free (resolver->target);
}

void
dc_network_release (struct dc_network *network)
{
  for (size_t i = 0; i < network->interface_count; i++)
    release_interface (&network->interfaces[i]);
  for (size_t i = 0; i < network->host_count; i++) {
    free (network->hosts[i].address);
    dc_words_release (&network->hosts[i].names);
  }
  dc_words_release (&network->own_names);
  for (size_t i = 0; i < network->port_count; i++)
    release_port (&network->ports[i]);
  for (size_t i = 0; i < network->proxy_count; i++) {
    free (network->proxies[i].url);
    free (network->proxies[i].evidence.file);
  }
  for (size_t i = 0; i < network->software_count; i++)
    free (network->software[i].file);
  for (size_t i = 0; i < network->firewall_count; i++) {
    free (network->firewalls[i].policy);
    free (network->firewalls[i].evidence.file);
  }
  release_resolver (&network->resolver);
  free (network->interfaces);
  free (network->hosts);
  free (network->ports);
  free (network->proxies);
  free (network->software);
  *network = (struct dc_network){ .interfaces = NULL };
}
