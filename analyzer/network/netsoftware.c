/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/network/netsoftware.h"
#include "lib/array.h"
#include "lib/text.h"

/* Files of FOLDER that end in SUFFIX; where that is NULL, FOLDER is a file. */
static const struct {
  const char *kind, *role, *folder, *suffix;
} rows[] = {
  { "wireguard", "vpn", "/etc/wireguard", ".conf" },
  { "openvpn", "vpn", "/etc/openvpn", ".conf" },
  { "openvpn", "vpn", "/etc/openvpn/server", ".conf" },
  { "openvpn", "vpn", "/etc/openvpn/client", ".conf" },
  { "strongswan", "vpn", "/etc/swanctl/conf.d", ".conf" },
  { "ipsec", "vpn", "/etc/ipsec.d", ".conf" },
  { "tinc", "vpn", "/etc/tinc", "/tinc.conf" },
  { "nebula", "vpn", "/etc/nebula/config.yml", NULL },
  { "tailscale", "vpn", "/var/lib/tailscale/tailscaled.state", NULL },
  { "zerotier", "vpn", "/var/lib/zerotier-one/identity.public", NULL },
  { "keepalived", "cluster", "/etc/keepalived/keepalived.conf", NULL },
  { "corosync", "cluster", "/etc/corosync/corosync.conf", NULL },
  { "pacemaker", "cluster", "/var/lib/pacemaker/cib/cib.xml", NULL },
  { "heartbeat", "cluster", "/etc/ha.d/ha.cf", NULL },
  { "ucarp", "cluster", "/etc/ucarp", ".conf" },
};

static bool
is_file (const struct dc_tree *tree, const char *path)
{
  const uint32_t at = dc_tree_resolve (tree, path);

  return at != DC_TREE_NONE && S_ISREG (tree->entries[at].mode);
}

/* Add the file PATH, which is taken, if it is one. */
static int
add (const struct dc_tree *tree, struct dc_network *network, size_t row,
     char *path, struct dc_error *err)
{
  AUTO_FREE char *file = path;

  if (!is_file (tree, file))
    return 0;
  if (DC_ARRAY_GROW (network->software, network->software_count,
                     DC_NETSOFTWARE_MAX, "configured networks", err) < 0)
    return -1;
  network->software[network->software_count++] =
      (struct dc_netsoftware){ rows[row].kind, rows[row].role, DC_TAKE (file) };
  return 0;
}

/* A suffix with a slash is a file in each folder of the folder. */
static int
find_in_folder (const struct dc_tree *tree, struct dc_network *network,
                size_t row, struct dc_error *err)
{
  const uint32_t at = dc_tree_resolve (tree, rows[row].folder);
  const bool is_below = *rows[row].suffix == '/';
  uint32_t child = at == DC_TREE_NONE ? at : tree->entries[at].first_child;

  for (; child != DC_TREE_NONE; child = tree->entries[child].next_sibling) {
    const char *name = tree->entries[child].name;
    char *path = NULL;
    if (!is_below && !dc_text_ends_in (name, rows[row].suffix))
      continue;
    if (dc_text_print (&path, err, "%s/%s%s", rows[row].folder, name,
                       is_below ? rows[row].suffix : "") < 0 ||
        add (tree, network, row, path, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_netsoftware_find (const struct dc_tree *tree, struct dc_network *network,
                     struct dc_error *err)
{
  for (size_t i = 0; i < DC_COUNT (rows); i++) {
    char *path = NULL;
    if (rows[i].suffix != NULL) {
      if (find_in_folder (tree, network, i, err) < 0)
        return -1;
      continue;
    }
    if (dc_text_print (&path, err, "%s", rows[i].folder) < 0 ||
        add (tree, network, i, path, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_netsoftware_parse_ipsec (void *arg, const struct dc_configfile *file,
                            struct dc_error *err)
{
  struct dc_network *network = arg;
  struct dc_span rest = { file->text, file->size }, line, word;

  while (dc_span_line (&rest, &line)) {
    if (!dc_span_word (&line, &word) || !dc_span_is (word, "conn") ||
        !dc_span_word (&line, &word) || dc_span_is (word, "%default"))
      continue;
    if (DC_ARRAY_GROW (network->software, network->software_count,
                       DC_NETSOFTWARE_MAX, "configured networks", err) < 0)
      return -1;
    AUTO_FREE char *path = strdup (file->path);
    if (path == NULL)
      return dc_fail_errno (err, "cannot keep a path");
    network->software[network->software_count++] =
        (struct dc_netsoftware){ "ipsec", "vpn", DC_TAKE (path) };
    return 0;
  }
  return 0;
}
