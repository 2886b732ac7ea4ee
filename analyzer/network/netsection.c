/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/network/firewalld.h"
#include "analyzer/network/hosts.h"
#include "analyzer/network/ifcfg.h"
#include "analyzer/network/ifupdown.h"
#include "analyzer/network/iptables.h"
#include "analyzer/network/netplan.h"
#include "analyzer/network/netsection.h"
#include "analyzer/network/netsoftware.h"
#include "analyzer/network/networkd.h"
#include "analyzer/network/nftables.h"
#include "analyzer/network/nmkeyfile.h"
#include "analyzer/network/proxy.h"
#include "analyzer/network/ufw.h"

/* Folders with files of one kind.  Below /run is only what a boot made. */
static const struct {
  const char *folders[3];
  const char *suffix;
  int (*parse) (void *arg, const struct dc_configfile *file,
                struct dc_error *err);
} folders[] = {
  { { "/etc/netplan", "/usr/lib/netplan", "/lib/netplan" },
    ".yaml",
    dc_netplan_parse },
  { { "/etc/systemd/network", "/usr/lib/systemd/network",
      "/lib/systemd/network" },
    ".netdev",
    dc_networkd_parse_netdev },
  { { "/etc/systemd/network", "/usr/lib/systemd/network",
      "/lib/systemd/network" },
    ".network",
    dc_networkd_parse_network },
  { { "/etc/NetworkManager/system-connections",
      "/usr/lib/NetworkManager/system-connections" },
    ".nmconnection",
    dc_nmkeyfile_parse },
  { { "/etc/sysconfig/network-scripts" }, "", dc_ifcfg_parse },
  { { "/etc/sysconfig/network" }, "", dc_ifcfg_parse },
  { { "/etc/apt/apt.conf.d" }, "", dc_proxy_parse_apt },
};

static const struct {
  const char *path;
  int (*parse) (void *arg, const struct dc_configfile *file,
                struct dc_error *err);
} files[] = {
  { "/etc/cloud/cloud.cfg", dc_netplan_parse_cloud },
  { "/var/lib/cloud/seed/nocloud/network-config", dc_netplan_parse_cloud },
  { "/var/lib/cloud/seed/nocloud-net/network-config", dc_netplan_parse_cloud },
  { "/etc/hosts", dc_hosts_parse },
  { "/etc/resolv.conf", dc_hosts_parse_resolv },
  { "/etc/nsswitch.conf", dc_hosts_parse_nsswitch },
  { "/etc/nftables.conf", dc_nftables_parse },
  { "/etc/sysconfig/nftables.conf", dc_nftables_parse },
  { "/etc/iptables/rules.v4", dc_iptables_parse },
  { "/etc/iptables/rules.v6", dc_iptables_parse },
  { "/etc/sysconfig/iptables", dc_iptables_parse },
  { "/etc/sysconfig/ip6tables", dc_iptables_parse },
  { "/etc/ufw/ufw.conf", dc_ufw_parse_conf },
  { "/etc/default/ufw", dc_ufw_parse_default },
  { "/etc/ufw/user.rules", dc_ufw_parse_rules },
  { "/etc/ufw/user6.rules", dc_ufw_parse_rules },
  { "/lib/ufw/user.rules", dc_ufw_parse_rules },
  { "/etc/ipsec.conf", dc_netsoftware_parse_ipsec },
  { "/etc/environment", dc_proxy_parse_environment },
  { "/etc/profile.d/proxy.sh", dc_proxy_parse_environment },
  { "/etc/sysconfig/proxy", dc_proxy_parse_environment },
  { "/etc/apt/apt.conf", dc_proxy_parse_apt },
  { "/etc/dnf/dnf.conf", dc_proxy_parse_dnf },
  { "/etc/yum.conf", dc_proxy_parse_dnf },
};

static struct dc_configreader
reader_of (struct dc_tree *tree, struct dc_profile *profile)
{
  return (struct dc_configreader){ .tree = tree,
                                   .profile = profile,
                                   .finding = "network.unreadable",
                                   .arg = &profile->network };
}

static int
read_folders (struct dc_tree *tree, struct dc_profile *profile,
              struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (folders); i++) {
    struct dc_configreader reader = reader_of (tree, profile);
    size_t count = 0;
    while (count < DC_COUNT (folders[i].folders) &&
           folders[i].folders[count] != NULL)
      count++;
    reader.parse = folders[i].parse;
    if (dc_configfile_read_folders (&reader, folders[i].folders, count,
                                    folders[i].suffix, err) < 0)
      return -1;
  }
  return 0;
}

/* On a merged /usr two of the paths can be one file: it counts once. */
static int
read_files (struct dc_tree *tree, struct dc_profile *profile,
            struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (files); i++) {
    struct dc_configreader reader = reader_of (tree, profile);
    reader.parse = files[i].parse;
    if (dc_configfile_read (&reader, files[i].path, err) < 0)
      return -1;
  }
  return 0;
}

/* Debian's NetworkManager wrote keyfiles without a suffix before 1.14; cloud
 * configuration has its network below cloud.cfg.d.
 */
static int
read_more (struct dc_tree *tree, struct dc_profile *profile,
           struct dc_error *err)
{
  static const char *const cloud[] = { "/etc/cloud/cloud.cfg.d" };
  struct dc_configreader reader = reader_of (tree, profile);

  reader.parse = dc_netplan_parse_cloud;
  return dc_configfile_read_folders (&reader, cloud, 1, ".cfg", err);
}

static int
read_resolver_link (const struct dc_tree *tree, struct dc_resolver *resolver,
                    struct dc_error *err)
{
  const uint32_t at = dc_tree_find (tree, "etc/resolv.conf");

  if (at == DC_TREE_NONE || tree->entries[at].target == NULL)
    return 0;
  return dc_network_set (&resolver->target,
                         dc_span_of (tree->entries[at].target), err);
}

int
dc_network_read (struct dc_tree *tree, struct dc_profile *profile,
                 struct dc_error *err)
{
  if (read_folders (tree, profile, err) < 0 ||
      read_more (tree, profile, err) < 0 ||
      read_files (tree, profile, err) < 0 ||
      dc_ifupdown_load (tree, profile, &profile->network, err) < 0 ||
      dc_firewalld_load (tree, profile, &profile->network, err) < 0 ||
      dc_netsoftware_find (tree, &profile->network, err) < 0)
    return -1;
  return read_resolver_link (tree, &profile->network.resolver, err);
}

void
dc_network_forget (struct dc_profile *profile)
{
  dc_network_release (&profile->network);
}
