/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/assign.h"
#include "analyzer/network/firewalld.h"
#include "lib/text.h"
#include "lib/xml.h"

#define KIND "firewalld"
#define UNIT "firewalld.service"
#define CONF "/etc/firewalld/firewalld.conf"
#define SERVICE_MAX 1000 /* services looked up */

struct loading {
  struct dc_configreader reader;
  struct dc_network *network;
  char *default_zone;
  size_t services;

  /* Of the service being looked up. */
  const char *service;
  const char *source;           /* who may reach it; NULL: anyone */
  const struct dc_proof *proof; /* what opens it */
  bool has_ports;
};

static int
parse_conf (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct loading *loading = arg;
  const struct dc_assign row = { "DefaultZone", &loading->default_zone };

  return dc_assign_read (file->text, file->size, &row, 1, err);
}

static struct dc_span
span_of (const char *text)
{
  return dc_span_of (text != NULL ? text : "");
}

static int
add_port (const struct loading *loading, const char *protocol, const char *port,
          struct dc_error *err)
{
  const struct dc_netrule rule = { .firewall = KIND,
                                   .protocol = span_of (protocol),
                                   .port = span_of (port),
                                   .service = span_of (loading->service),
                                   .source = span_of (loading->source),
                                   .proof = *loading->proof };

  return dc_network_port (loading->network, &rule, err);
}

/* The ports of a service's file, under the line that opens the service. */
static int
parse_service (void *arg, const struct dc_configfile *file,
               struct dc_error *err)
{
  struct loading *loading = arg;
  DC_AUTO (dc_xml_element) *root = NULL;

  if (dc_xml_parse (file->text, file->size, &root, err) < 0)
    return -1;
  for (const struct dc_xml_element *port = dc_xml_child (root, "port");
       port != NULL; port = dc_xml_next (port, "port")) {
    loading->has_ports = true;
    if (add_port (loading, dc_xml_value (port, "protocol"),
                  dc_xml_value (port, "port"), err) < 0)
      return -1;
  }
  return 0;
}

static int
add_service (struct loading *loading, const char *name, struct dc_error *err)
{
  static const char *const folders[] = { "/etc/firewalld/services",
                                         "/usr/lib/firewalld/services" };
  int found = 0;

  loading->service = name;
  loading->has_ports = false;
  loading->reader.parse = parse_service;
  if (strchr (name, '/') == NULL && loading->services++ < SERVICE_MAX)
    for (size_t i = 0; found == 0 && i < DC_COUNT (folders); i++) {
      AUTO_FREE char *path = NULL;
      if (dc_text_print (&path, err, "%s/%s.xml", folders[i], name) < 0)
        return -1;
      found = dc_configfile_read (&loading->reader, path, err);
    }
  if (found < 0)
    return -1;
  /* Open it is, even if nothing tells with which ports. */
  return loading->has_ports ? 0 : add_port (loading, NULL, NULL, err);
}

static int
add_zone (struct loading *loading, const struct dc_xml_element *root,
          const char *path, struct dc_error *err)
{
  for (const struct dc_xml_element *child = dc_xml_child (root, NULL);
       child != NULL; child = dc_xml_next (child, NULL)) {
    const struct dc_proof proof = { path, child->line };
    const char *name = dc_xml_value (child, "name");
    int status = 0;
    loading->proof = &proof;
    loading->service = NULL;
    if (strcmp (child->name, "service") == 0 && name != NULL)
      status = add_service (loading, name, err);
    else if (strcmp (child->name, "port") == 0)
      status = add_port (loading, dc_xml_value (child, "protocol"),
                         dc_xml_value (child, "port"), err);
    if (status < 0)
      return -1;
  }
  return 0;
}

/* "public.xml" of a path */
static bool
is_zone (const char *path, const char *zone)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  const size_t size = strlen (zone);

  return strncmp (name, zone, size) == 0 && strcmp (name + size, ".xml") == 0;
}

static int
parse_zone (void *arg, const struct dc_configfile *file, struct dc_error *err)
{
  struct loading *loading = arg;
  DC_AUTO (dc_xml_element) *root = NULL;
  AUTO_FREE char *source = NULL;
  struct dc_firewall *firewall = NULL;

  if (dc_xml_parse (file->text, file->size, &root, err) < 0)
    return -1;
  const struct dc_xml_element *interface = dc_xml_child (root, "interface");
  const struct dc_xml_element *from = dc_xml_child (root, "source");
  const bool is_default = is_zone (file->path, loading->default_zone);
  if (!is_default && interface == NULL && from == NULL)
    return 0;
  if (dc_network_firewall (loading->network, KIND, UNIT, file->path, &firewall,
                           err) < 0)
    return -1;
  const char *target = dc_xml_value (root, "target");
  const bool accepts = target != NULL && strcmp (target, "ACCEPT") == 0;
  if (is_default &&
      dc_network_set (&firewall->policy,
                      dc_span_of (accepts ? "accept" : "reject"), err) < 0)
    return -1;
  const char *who = is_default     ? NULL
                    : from != NULL ? dc_xml_value (from, "address")
                                   : dc_xml_value (interface, "name");
  if (who != NULL && dc_text_print (&source, err, "%s%s",
                                    from != NULL ? "" : "interface ", who) < 0)
    return -1;
  loading->source = source;
  return add_zone (loading, root, file->path, err);
}

static int
load (struct loading *loading, struct dc_error *err)
{
  static const char *const folders[] = { "/etc/firewalld/zones",
                                         "/usr/lib/firewalld/zones" };

  loading->reader.parse = parse_conf;
  const int found = dc_configfile_read (&loading->reader, CONF, err);
  if (found <= 0)
    return found;
  if (loading->default_zone == NULL &&
      dc_span_copy (dc_span_of ("public"), &loading->default_zone, err) < 0)
    return -1;
  /* A zone looks up services, so the reader of zones is one of its own. */
  struct dc_configreader zones = loading->reader;
  zones.parse = parse_zone;
  return dc_configfile_read_folders (&zones, folders, DC_COUNT (folders),
                                     ".xml", err);
}

int
dc_firewalld_load (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_network *network, struct dc_error *err)
{
  struct loading loading = {
    .reader = { .tree = tree,
                .profile = profile,
                .finding = "network.unreadable" },
    .network = network,
  };

  loading.reader.arg = &loading;
  const int status = load (&loading, err);
  free (loading.default_zone);
  return status;
}
