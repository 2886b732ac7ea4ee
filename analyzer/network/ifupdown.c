/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/network/ifupdown.h"
#include "lib/glob.h"
#include "lib/text.h"

#define MAIN_FILE "/etc/network/interfaces"
#define RENDERER "ifupdown"

/* One file on its way through. */
struct reading {
  struct dc_network *network;
  struct dc_words *sources;
  const char *path;
  struct dc_netif *netif; /* of the stanza; NULL: none, or not ours */
  bool is_4;
  char *address, *mask; /* of the stanza */
};

/* Is NAME brought up at boot?  "auto" lines may come before or after the
 * stanza, and in another file, so an interface that is not there yet is made.
 */
static int
read_auto (struct reading *r, struct dc_span names, unsigned line,
           struct dc_error *err)
{
  struct dc_span word;

  while (dc_span_word (&names, &word)) {
    const struct dc_netsay say = { RENDERER, r->path, line };
    AUTO_FREE char *name = NULL;
    struct dc_netif *netif = NULL;
    if (dc_span_is (word, "lo"))
      continue;
    if (dc_span_copy (word, &name, err) < 0 ||
        dc_network_interface (r->network, &say, name, "ethernet", &netif, err) <
            0)
      return -1;
    netif->is_manual = false;
  }
  return 0;
}

/* "192.168.1.2" and "255.255.255.0" of a stanza, put together at its end. */
static int
close_stanza (struct reading *r, struct dc_error *err)
{
  AUTO_FREE char *address = DC_TAKE (r->address), *mask = DC_TAKE (r->mask);
  AUTO_FREE char *text = NULL;

  if (r->netif == NULL || address == NULL)
    return 0;
  const bool adds_mask = mask != NULL && strchr (address, '/') == NULL;
  if (dc_text_print (&text, err, "%s%s%s", address, adds_mask ? "/" : "",
                     adds_mask ? mask : "") < 0)
    return -1;
  return dc_words_add (&r->netif->addresses, text, err);
}

static const char *
kind_of (const char *name)
{
  static const struct {
    const char *start, *kind;
  } starts[] = {
    { "bond", "bond" }, { "br", "bridge" },    { "wlan", "wifi" },
    { "wl", "wifi" },   { "wg", "wireguard" }, { "tun", "tun" },
    { "tap", "tap" },   { "dummy", "dummy" },  { "ppp", "ppp" },
    { "vlan", "vlan" },
  };

  if (strchr (name, '.') != NULL)
    return "vlan";
  for (size_t i = 0; i < DC_COUNT (starts); i++)
    if (strncmp (name, starts[i].start, strlen (starts[i].start)) == 0)
      return starts[i].kind;
  return "ethernet";
}

/* "eth0.100": a vlan says by its name what it lies on. */
static int
name_vlan (struct dc_netif *netif, struct dc_error *err)
{
  const char *dot = strrchr (netif->name, '.');

  if (dot == NULL || strcmp (netif->kind, "vlan") != 0)
    return 0;
  const struct dc_span link = { netif->name, (size_t) (dot - netif->name) };
  return dc_network_set (&netif->link, link, err) < 0
             ? -1
             : dc_network_set (&netif->vlan_id, dc_span_of (dot + 1), err);
}

/* iface NAME inet|inet6 METHOD */
static int
read_iface (struct reading *r, struct dc_span rest, unsigned line,
            struct dc_error *err)
{
  struct dc_span word, family = { "", 0 }, method = { "", 0 };
  const struct dc_netsay say = { RENDERER, r->path, line };
  AUTO_FREE char *name = NULL;

  r->netif = NULL;
  if (!dc_span_word (&rest, &word) || dc_span_is (word, "lo"))
    return 0;
  (void) dc_span_word (&rest, &family); /* newer ones need none of these */
  (void) dc_span_word (&rest, &method);
  if (dc_span_copy (word, &name, err) < 0)
    return -1;
  const size_t before = r->network->interface_count;
  if (dc_network_interface (r->network, &say, name, kind_of (name), &r->netif,
                            err) < 0)
    return -1;
  r->netif->is_manual =
      r->netif->is_manual || r->network->interface_count > before;
  r->netif->evidence.line = line;
  if (strcmp (r->netif->kind, "ethernet") == 0)
    r->netif->kind = kind_of (name);
  r->is_4 = !dc_span_is (family, "inet6");
  const bool is_dhcp = dc_span_is (method, "dhcp");
  r->netif->dhcp4 = r->netif->dhcp4 || (r->is_4 && is_dhcp);
  r->netif->dhcp6 =
      r->netif->dhcp6 || (!r->is_4 && (is_dhcp || dc_span_is (method, "auto")));
  return name_vlan (r->netif, err);
}

/* "none" is a bridge's or bond's word for no members yet. */
static int
add_members (struct reading *r, struct dc_span value, const char *kind,
             struct dc_error *err)
{
  r->netif->kind = kind;
  return dc_span_is (value, "none")
             ? 0
             : dc_network_words (&r->netif->members, value, "", err);
}

/* "ip route add 10.0.0.0/8 via 10.1.1.1", or "route add ..." */
static int
read_command (struct reading *r, struct dc_span value, struct dc_error *err)
{
  struct dc_span word, to = { NULL, 0 }, via = { NULL, 0 };
  bool is_route = false, is_add = false;

  while (dc_span_word (&value, &word)) {
    if (dc_span_is (word, "route"))
      is_route = true;
    else if (dc_span_is (word, "add"))
      is_add = is_route;
    else if (dc_span_is (word, "via") || dc_span_is (word, "gw"))
      (void) dc_span_word (&value, &via); /* empty at the end */
    else if (is_add && to.text == NULL && *word.text != '-')
      to = word;
  }
  return is_add && to.text != NULL ? dc_network_route (r->netif, to, via, err)
                                   : 0;
}

static int
read_option (struct reading *r, struct dc_span key, struct dc_span value,
             struct dc_error *err)
{
  struct dc_netif *netif = r->netif;
  static const char *const slaves[] = { "bond-slaves", "bond_slaves",
                                        "slaves" };
  static const char *const ports[] = { "bridge_ports", "bridge-ports" };
  static const char *const commands[] = { "up", "post-up", "pre-up" };
  const struct {
    const char *key;
    char **text;
  } texts[] = {
    { "address", &r->address },
    { "netmask", &r->mask },
    { "mtu", &netif->mtu },
    { "vlan-raw-device", &netif->link },
    { "vlan_raw_device", &netif->link },
    { "bond-master", &netif->link },
    { "bond_master", &netif->link },
    { "vlan-id", &netif->vlan_id },
  };

  for (size_t i = 0; i < DC_COUNT (texts); i++)
    if (dc_span_is (key, texts[i].key))
      return dc_network_set (texts[i].text, value, err);
  for (size_t i = 0; i < DC_COUNT (slaves); i++)
    if (dc_span_is (key, slaves[i]))
      return add_members (r, value, "bond", err);
  for (size_t i = 0; i < DC_COUNT (ports); i++)
    if (dc_span_is (key, ports[i]))
      return add_members (r, value, "bridge", err);
  for (size_t i = 0; i < DC_COUNT (commands); i++)
    if (dc_span_is (key, commands[i]))
      return read_command (r, value, err);
  if (dc_span_is (key, "gateway"))
    return dc_network_route (netif, dc_span_of ("default"), value, err);
  if (dc_span_is (key, "dns-nameservers") || dc_span_is (key, "dns-nameserver"))
    return dc_network_words (&netif->nameservers, value, ",", err);
  if (dc_span_is (key, "dns-search") || dc_span_is (key, "dns-domain"))
    return dc_network_words (&netif->search, value, ",", err);
  return 0;
}

static int
add_source (struct reading *r, const char *what, struct dc_span value,
            struct dc_error *err)
{
  AUTO_FREE char *text = NULL;
  const bool is_absolute = value.size > 0 && *value.text == '/';

  if (value.size == 0)
    return 0;
  if (dc_text_print (&text, err, "%s %s%.*s", what,
                     is_absolute ? "" : "/etc/network/", (int) value.size,
                     value.text) < 0)
    return -1;
  return dc_words_add (r->sources, text, err);
}

static int
read_line (struct reading *r, struct dc_span line, unsigned number,
           struct dc_error *err)
{
  struct dc_span key;

  if (!dc_span_word (&line, &key) || *key.text == '#')
    return 0;
  const struct dc_span value = dc_span_trim (line);
  const bool is_auto =
      dc_span_is (key, "auto") || dc_span_starts (key, "allow-");
  const bool is_file = dc_span_is (key, "source");
  const bool is_folder =
      dc_span_is (key, "source-directory") || dc_span_is (key, "source-dir");
  const bool is_iface = dc_span_is (key, "iface");
  if (!is_auto && !is_file && !is_folder && !is_iface &&
      !dc_span_is (key, "mapping"))
    return r->netif != NULL ? read_option (r, key, value, err) : 0;
  if (close_stanza (r, err) < 0)
    return -1;
  r->netif = NULL;
  if (is_iface)
    return read_iface (r, value, number, err);
  if (is_file || is_folder)
    return add_source (r, is_file ? "file" : "folder", value, err);
  return is_auto ? read_auto (r, value, number, err) : 0;
}

int
dc_ifupdown_parse (const struct dc_configfile *file, struct dc_network *network,
                   struct dc_words *sources, struct dc_error *err)
{
  struct reading r = { .network = network,
                       .sources = sources,
                       .path = file->path };
  struct dc_span rest = { file->text, file->size }, line;
  AUTO_BUFFER struct dc_buffer whole = DC_BUFFER_INIT (DC_CONFIGFILE_SIZE_MAX);
  unsigned number = 0;
  int status = 0;

  while (status == 0 && dc_span_line (&rest, &line)) {
    number++;
    if (dc_span_has (line, '\0'))
      continue;
    line = dc_span_trim (line);
    const bool goes_on = line.size > 0 && line.text[line.size - 1] == '\\';
    line.size -= goes_on;
    status = dc_buffer_append (&whole, line.text, line.size, err);
    if (status < 0 || goes_on)
      continue;
    status =
        read_line (&r, (struct dc_span){ dc_buffer_text (&whole), whole.size },
                   number, err);
    dc_buffer_clear (&whole);
  }
  if (status == 0)
    status = close_stanza (&r, err);
  free (r.address);
  free (r.mask);
  return status;
}

/* The guest's files, each with how deep it was taken in. */
struct loading {
  struct dc_configreader reader;
  struct dc_network *network;
  struct dc_words sources; /* of the file being read */
};

static int
parse_one (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct loading *loading = arg;

  return dc_ifupdown_parse (file, loading->network, &loading->sources, err);
}

static int load_file (struct loading *loading, const char *path, unsigned depth,
                      struct dc_error *err);

/* Names that source-directory takes: plain words. */
static bool
is_plain (const char *name)
{
  return strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "0123456789_-") == strlen (name);
}

/* The files of FOLDER (which ends before a slash) that fit PATTERN. */
static int
load_folder (struct loading *loading, const char *folder, const char *pattern,
             unsigned depth, struct dc_error *err)
{
  const struct dc_tree *tree = loading->reader.tree;
  const uint32_t at = dc_tree_resolve (tree, folder);
  uint32_t child = at == DC_TREE_NONE ? at : tree->entries[at].first_child;

  for (; child != DC_TREE_NONE; child = tree->entries[child].next_sibling) {
    const char *name = tree->entries[child].name;
    AUTO_FREE char *path = NULL;
    const bool fits = pattern != NULL
                          ? *name != '.' && dc_glob_match (pattern, name)
                          : is_plain (name);
    if (!fits)
      continue;
    if (dc_text_print (&path, err, "%s/%s", folder, name) < 0 ||
        load_file (loading, path, depth, err) < 0)
      return -1;
  }
  return 0;
}

/* Patterns count in the last part of a path only: nobody was seen to write
 * them elsewhere.
 */
static int
load_source (struct loading *loading, const char *source, unsigned depth,
             struct dc_error *err)
{
  const bool is_folder = strncmp (source, "folder ", 7) == 0;
  const char *path = strchr (source, ' ') + 1;
  const char *slash = strrchr (path, '/');

  if (is_folder)
    return load_folder (loading, path, NULL, depth, err);
  if (slash == NULL || !dc_glob_is_pattern (slash))
    return load_file (loading, path, depth, err);
  AUTO_FREE char *folder = strndup (path, (size_t) (slash - path));
  if (folder == NULL)
    return dc_fail_errno (err, "cannot keep a path");
  return load_folder (loading, folder, slash + 1, depth, err);
}

static int
load_file (struct loading *loading, const char *path, unsigned depth,
           struct dc_error *err)
{
  if (depth > DC_IFUPDOWN_DEPTH_MAX ||
      loading->reader.count >= DC_IFUPDOWN_FILE_MAX)
    return dc_profile_note (loading->reader.profile, "network.unreadable", path,
                            0, err,
                            "files that take in each other too deeply, or too "
                            "many, are not read");
  if (dc_configfile_read (&loading->reader, path, err) < 0)
    return -1;
  AUTO_WORDS struct dc_words sources = loading->sources;
  loading->sources = (struct dc_words){ NULL, 0 };
  for (size_t i = 0; i < sources.count; i++)
    if (load_source (loading, sources.items[i], depth + 1, err) < 0)
      return -1;
  return 0;
}

int
dc_ifupdown_load (struct dc_tree *tree, struct dc_profile *profile,
                  struct dc_network *network, struct dc_error *err)
{
  struct loading loading = {
    .reader = { .tree = tree,
                .profile = profile,
                .finding = "network.unreadable",
                .parse = parse_one },
    .network = network,
  };

  loading.reader.arg = &loading;
  const int status = load_file (&loading, MAIN_FILE, 0, err);
  dc_words_release (&loading.sources);
  return status;
}
