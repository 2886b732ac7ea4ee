/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/assign.h"
#include "analyzer/evidence.h"
#include "analyzer/system/bootline.h"
#include "analyzer/unit/unitgenerate.h"
#include "lib/text.h"

/* Source: postgresql-generator of postgresql-common 248, openvpn-generator of
 * openvpn 2.6, tor-generator of tor 0.4.9, postfix-instance-generator of
 * postfix 3.7, cloud-init-generator of cloud-init 22.4, all of Debian 12; systemd-getty-generator(8).
 */

#define CONFIG_MAX ((size_t) 64 * 1024) /* bytes of what generators read */

/* The instance of TEMPLATE ("x@.service") for INSTANCE is pulled in by OWNER;
 * an instance that makes no name is none.
 */
static int
add_instance (struct dc_loader *loader, const char *owner, const char *template,
              const char *instance, const struct dc_proof *proof,
              struct dc_error *err)
{
  const struct dc_generated generated = { loader, 0, proof->file, proof->line };
  AUTO_FREE char *name = NULL;

  if (dc_unit_instantiate (template, instance, &name, err) < 0)
    return err->code == DC_ERR_SYSTEM ? -1 : 0;
  return dc_generated_link (&generated, owner, name, err);
}

static bool
is_file (const struct dc_tree *tree, const char *path)
{
  const uint32_t index = dc_tree_resolve (tree, path);
  return index != DC_TREE_NONE && S_ISREG (tree->entries[index].mode);
}

/* The first line of start.conf that says something, "auto" where there is no
 * such file; in *LINE its number.
 */
static int
is_auto (struct dc_tree *tree, const char *path, unsigned *line, bool *is,
         struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (CONFIG_MAX);
  const int found = dc_generator_file (tree, path, &b, err);
  struct dc_span rest = { dc_buffer_text (&b), b.size }, text, word;
  size_t words = 0;

  *is = found == 0;
  *line = 0;
  if (found <= 0)
    return found;
  for (unsigned number = 1; dc_span_line (&rest, &text); number++) {
    struct dc_span field = { NULL, 0 };
    (void) dc_span_field (&text, '#', &field); /* an empty line has none */
    while (dc_span_word (&field, &word)) {
      *is = words++ == 0 && dc_span_is (word, "auto");
      *line = number;
    }
  }
  return 0;
}

static int
add_cluster (struct dc_loader *loader, const char *version, const char *cluster,
             struct dc_error *err)
{
  AUTO_FREE char *start = NULL;
  AUTO_FREE char *conf = NULL;
  AUTO_FREE char *program = NULL;
  AUTO_FREE char *instance = NULL;
  bool is_started = false;
  unsigned line = 0;

  if (dc_text_print (&start, err, "/etc/postgresql/%s/%s/start.conf", version,
                     cluster) < 0 ||
      dc_text_print (&conf, err, "etc/postgresql/%s/%s/postgresql.conf",
                     version, cluster) < 0 ||
      dc_text_print (&program, err, "/usr/lib/postgresql/%s/bin/postgres",
                     version) < 0 ||
      dc_text_print (&instance, err, "%s-%s", version, cluster) < 0)
    return -1;
  if (dc_tree_find (loader->tree, conf) == DC_TREE_NONE ||
      !is_file (loader->tree, program))
    return 0;
  if (is_auto (loader->tree, start, &line, &is_started, err) < 0)
    return -1;
  const struct dc_proof proof = { start, line };
  return is_started
             ? add_instance (loader, "postgresql.service",
                             "postgresql@.service", instance, &proof, err)
             : 0;
}

static int
add_clusters (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;
  const struct dc_entry *entries = tree->entries;
  const uint32_t folder = dc_tree_resolve (tree, "/etc/postgresql");
  size_t left = DC_GENERATED_MAX;

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t v = entries[folder].first_child; v != DC_TREE_NONE;
       v = entries[v].next_sibling)
    for (uint32_t c = entries[v].first_child; c != DC_TREE_NONE && left > 0;
         c = entries[c].next_sibling, left--)
      if (entries[v].name[0] != '.' && entries[c].name[0] != '.' &&
          add_cluster (loader, entries[v].name, entries[c].name, err) < 0)
        return -1;
  return 0;
}

static int
add_vpn (struct dc_loader *loader, struct dc_span name,
         const struct dc_proof *proof, struct dc_error *err)
{
  AUTO_FREE char *instance = NULL;
  AUTO_FREE char *path = NULL;

  if (dc_span_copy (name, &instance, err) < 0 ||
      dc_text_print (&path, err, "/etc/openvpn/%s.conf", instance) < 0)
    return -1;
  if (!is_file (loader->tree, path))
    return 0;
  const struct dc_proof own = { path, 0 };
  return add_instance (loader, "openvpn.service", "openvpn@.service", instance,
                       proof != NULL ? proof : &own, err);
}

/* One instance for each file of /etc/openvpn, or those that are listed. */
static int
add_vpns (struct dc_loader *loader, struct dc_error *err)
{
  static const char defaults[] = "/etc/default/openvpn";
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (CONFIG_MAX);
  AUTO_FREE char *autostart = NULL;
  const struct dc_assign row = { "AUTOSTART", &autostart };
  const struct dc_tree *tree = loader->tree;

  if (dc_generator_file (loader->tree, defaults, &b, err) < 0 ||
      dc_assign_read (dc_buffer_text (&b), b.size, &row, 1, err) < 0)
    return -1;
  struct dc_span rest = dc_span_of (autostart != NULL ? autostart : ""), name;
  if (dc_span_is (rest, "none"))
    return 0;
  if (rest.size > 0 && !dc_span_is (rest, "all")) {
    const struct dc_proof proof = { defaults, 0 };
    while (dc_span_word (&rest, &name))
      if (add_vpn (loader, name, &proof, err) < 0)
        return -1;
    return 0;
  }
  const uint32_t folder = dc_tree_resolve (tree, "/etc/openvpn");
  size_t left = DC_GENERATED_MAX;
  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child;
       i != DC_TREE_NONE && left > 0; i = tree->entries[i].next_sibling) {
    const char *file = tree->entries[i].name, *dot = strstr (file, ".conf");
    if (file[0] == '.' || dot == NULL || dot[strlen (".conf")] != '\0')
      continue;
    left--;
    if (add_vpn (loader, (struct dc_span){ file, (size_t) (dot - file) }, NULL,
                 err) < 0)
      return -1;
  }
  return 0;
}

static bool
is_alphanumeric (const char *name)
{
  for (; *name != '\0'; name++)
    if (!isalnum ((unsigned char) *name))
      return false;
  return true;
}

static int
add_tor (struct dc_loader *loader, const char *path, const char *instance,
         struct dc_error *err)
{
  const struct dc_proof proof = { path, 0 };

  return is_file (loader->tree, path)
             ? add_instance (loader, "tor.service", "tor@.service", instance,
                             &proof, err)
             : 0;
}

static int
add_tors (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;
  const uint32_t folder = dc_tree_resolve (tree, "/etc/tor/instances");
  size_t left = DC_GENERATED_MAX;

  if (add_tor (loader, "/etc/tor/torrc", "default", err) < 0)
    return -1;
  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child;
       i != DC_TREE_NONE && left > 0; i = tree->entries[i].next_sibling) {
    const char *name = tree->entries[i].name;
    AUTO_FREE char *path = NULL;
    if (!is_alphanumeric (name) || strcmp (name, "default") == 0)
      continue;
    left--;
    if (dc_text_print (&path, err, "/etc/tor/instances/%s/torrc", name) < 0 ||
        add_tor (loader, path, name, err) < 0)
      return -1;
  }
  return 0;
}

/* The value of the parameter KEY in the main.cf at PATH: the last one, with
 * the lines that continue it, "" without any; *LINE is where it stands.
 */
static int
read_postfix (struct dc_tree *tree, const char *path, const char *key,
              struct dc_buffer *value, unsigned *line, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (CONFIG_MAX);
  struct dc_span text, name;
  bool is_it = false;

  if (dc_generator_file (tree, path, &b, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  for (unsigned number = 1; dc_span_line (&rest, &text); number++) {
    const struct dc_span trimmed = dc_span_trim (text);
    if (trimmed.size == 0 || trimmed.text[0] == '#')
      continue;
    if (trimmed.text == text.text) { /* else it goes on */
      (void) dc_span_field (&text, '=', &name);
      is_it = text.text != NULL && dc_span_is (dc_span_trim (name), key);
      if (is_it) {
        dc_buffer_clear (value);
        *line = number;
      }
    }
    if (is_it && (dc_buffer_append (value, " ", 1, err) < 0 ||
                  dc_buffer_append (value, text.text, text.size, err) < 0))
      return -1;
  }
  return 0;
}

/* One for the folder that every Postfix has, and one for each that its
 * main.cf lists, by the name in that one's main.cf.
 */
static int
add_postfixes (struct dc_loader *loader, struct dc_error *err)
{
  static const char owner[] = "postfix.service";
  static const char template[] = "postfix@.service";
  struct dc_proof proof = { "/etc/postfix/main.cf", 0 };
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (CONFIG_MAX);
  struct dc_span word;
  size_t left = DC_GENERATED_MAX;

  if (add_instance (loader, owner, template, "-", &proof, err) < 0 ||
      read_postfix (loader->tree, proof.file, "multi_instance_directories", &b,
                    &proof.line, err) < 0)
    return -1;
  for (struct dc_span rest = dc_span_of (dc_buffer_text (&b));
       left > 0 && dc_span_word (&rest, &word); left--) {
    AUTO_BUFFER struct dc_buffer name = DC_BUFFER_INIT (CONFIG_MAX);
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *instance = NULL;
    unsigned line = 0;
    if (word.size > DC_TREE_PATH_MAX)
      continue;
    if (dc_text_print (&path, err, "%.*s/main.cf", (int) word.size, word.text) <
            0 ||
        read_postfix (loader->tree, path, "multi_instance_name", &name, &line,
                      err) < 0 ||
        dc_span_copy (dc_span_trim (dc_span_of (dc_buffer_text (&name))),
                      &instance, err) < 0)
      return -1;
    if (instance[0] != '\0' &&
        add_instance (loader, owner, template, instance, &proof, err) < 0)
      return -1;
  }
  return 0;
}

/* Does the file at PATH leave interfaces to NetworkManager? */
static int
names_manager (struct dc_tree *tree, const char *path, bool *is,
               struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (CONFIG_MAX);
  struct dc_span line;

  if (dc_generator_file (tree, path, &b, err) < 0)
    return -1;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line)) {
    line = dc_span_trim (line);
    if (dc_span_starts (line, "renderer:") && line.size > 0 &&
        memmem (line.text, line.size, "NetworkManager", 14) != NULL)
      *is = true;
  }
  return 0;
}

/* netplan starts systemd-networkd where its files do not all belong to
 * NetworkManager; one that is said to is taken for all.
 */
static int
add_networkd (struct dc_loader *loader, struct dc_error *err)
{
  const struct dc_tree *tree = loader->tree;
  const uint32_t folder = dc_tree_resolve (tree, "/etc/netplan");
  AUTO_FREE char *first = NULL;
  bool is_managed = false;
  size_t left = DC_GENERATED_MAX;

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child;
       i != DC_TREE_NONE && left > 0; i = tree->entries[i].next_sibling) {
    const char *dot = strrchr (tree->entries[i].name, '.');
    AUTO_FREE char *path = NULL;
    if (dot == NULL || strcmp (dot, ".yaml") != 0)
      continue;
    left--;
    if (dc_text_print (&path, err, "/etc/netplan/%s", tree->entries[i].name) <
            0 ||
        names_manager (loader->tree, path, &is_managed, err) < 0)
      return -1;
    if (first == NULL)
      first = DC_TAKE (path);
  }
  const struct dc_generated generated = { .loader = loader, .file = first };
  return first == NULL || is_managed
             ? 0
             : dc_generated_link (&generated, "multi-user.target",
                                  "systemd-networkd.service", err);
}

/* A login on each serial console of the kernel's command line; what consoles
 * a kernel finds by itself only the machine knows.
 */
static int
add_consoles (struct dc_loader *loader, const struct dc_bootline *bootline,
              struct dc_error *err)
{
  struct dc_span rest = dc_span_of (bootline->options), value;
  const struct dc_proof proof = { bootline->file, bootline->line };

  while (dc_bootline_next (&rest, "console=", &value)) {
    struct dc_span device;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *escaped = NULL;
    if (!dc_span_field (&value, ',', &device) ||
        (dc_span_starts (device, "tty") &&
         (device.size == 3 || isdigit ((unsigned char) device.text[3]))) ||
        device.size == 0 || dc_span_is (device, "null"))
      continue;
    if (dc_span_copy (device, &name, err) < 0 ||
        dc_unit_escape (name, &escaped, err) < 0 ||
        add_instance (loader, "getty.target", "serial-getty@.service", escaped,
                      &proof, err) < 0)
      return -1;
  }
  return 0;
}

/* cloud-init starts where it finds a source of data.  It did at the last
 * boot when it left a link to what it got.
 */
static int
add_cloud (struct dc_loader *loader, const struct dc_bootline *bootline,
           struct dc_error *err)
{
  static const char seen[] = "/var/lib/cloud/instance";
  const struct dc_generated generated = { .loader = loader, .file = seen };
  struct dc_span rest =
      dc_span_of (bootline->options != NULL ? bootline->options : "");
  struct dc_span value = { NULL, 0 };
  const bool is_on_line = dc_bootline_next (&rest, "cloud-init=", &value);

  if (is_on_line ? dc_span_is (value, "disabled")
                 : is_file (loader->tree, "/etc/cloud/cloud-init.disabled") &&
                       !is_file (loader->tree, "/etc/cloud/cloud-init.enabled"))
    return 0;
  if (dc_tree_find (loader->tree, seen + 1) == DC_TREE_NONE)
    return 0;
  return dc_generated_link (&generated, "multi-user.target",
                            "cloud-init.target", err);
}

static int
add_of_bootline (struct dc_loader *loader, const struct dc_bootline *bootline,
                 struct dc_error *err)
{
  if (bootline->options != NULL &&
      dc_generator_runs (loader->tree, "systemd-getty-generator", true) &&
      add_consoles (loader, bootline, err) < 0)
    return -1;
  return dc_generator_runs (loader->tree, "cloud-init-generator", false)
             ? add_cloud (loader, bootline, err)
             : 0;
}

int
dc_instances_load (struct dc_loader *loader, struct dc_error *err)
{
  static const struct {
    const char *generator;
    int (*add) (struct dc_loader *loader, struct dc_error *err);
  } packages[] = {
    { "netplan", add_networkd },
    { "openvpn-generator", add_vpns },
    { "postfix-instance-generator", add_postfixes },
    { "postgresql-generator", add_clusters },
    { "tor-generator", add_tors },
  };
  struct dc_bootline bootline = { .line = 0 };

  for (size_t i = 0; i < DC_COUNT (packages); i++)
    if (dc_generator_runs (loader->tree, packages[i].generator, false) &&
        packages[i].add (loader, err) < 0)
      return -1;
  if (dc_bootline_find (loader->tree, &bootline, err) < 0)
    return -1;
  const int status = add_of_bootline (loader, &bootline, err);
  dc_bootline_release (&bootline);
  return status;
}
