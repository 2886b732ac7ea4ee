/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/system/kernelfacts.h"
#include "analyzer/unit/dropdir.h"
#include "lib/array.h"
#include "lib/glob.h"
#include "lib/span.h"
#include "lib/text.h"

#define FOREIGN_MAX 200 /* modules; real systems have a handful */

void
dc_kernel_fact_release (struct dc_kernel_fact *fact)
{
  free (fact->name);
  free (fact->value);
  free (fact->by);
  free (fact->evidence.file);
}

int
dc_kernel_add (struct dc_kernel_facts *facts, const char *name,
               const char *value, const char *by, struct dc_proof proof,
               struct dc_error *err)
{
  struct dc_kernel_fact fact = { .evidence.line = proof.line,
                                 .order = facts->count };

  if (dc_text_copy (name, &fact.name, err) < 0 ||
      dc_text_copy (value, &fact.value, err) < 0 ||
      dc_text_copy (by, &fact.by, err) < 0 ||
      dc_text_copy (proof.file, &fact.evidence.file, err) < 0 ||
      DC_ARRAY_GROW (facts->items, facts->count, DC_KERNEL_FACT_MAX,
                     "things that the kernel must have", err) < 0) {
    dc_kernel_fact_release (&fact);
    return -1;
  }
  facts->items[facts->count++] = fact;
  return 0;
}

bool
dc_kernel_is_namespaced (const char *key)
{
  static const char *const own[] = {
    "net.*",           "fs.mqueue.*",       "kernel.msgmax",
    "kernel.msgmnb",   "kernel.msgmni",     "kernel.sem",
    "kernel.shmall",   "kernel.shmmax",     "kernel.shmmni",
    "kernel.hostname", "kernel.domainname", "kernel.shm_rmid_forced",
  };
  /* Those of net.* that a new namespace does not have, or not to write:
   * measured with Linux 6.18, older ones have no more.
   */
  static const char *const global[] = {
    "net.core.[!sx]*",          "net.core.skb_defer_max",
    "net.ipv4.cipso_*",         "net.ipv4.fib_sync_mem",
    "net.ipv4.inet_peer_*",     "net.ipv4.ipfrag_secret_interval",
    "net.ipv4.route.[!m]*",     "net.ipv4.route.max_size",
    "net.ipv4.tcp_available_*", "net.ipv4.tcp_low_latency",
    "net.ipv4.tcp_max_orphans", "net.ipv4.tcp_mem",
    "net.ipv4.udp_mem",         "net.ipv[46].neigh.default.gc_*",
    "net.ipv6.calipso_*",       "net.ipv6.ip6frag_secret_interval",
    "net.ipv6.mld_*",           "net.netfilter.nf_log_all_netns",
    "net.nf_conntrack_max",
  };
  bool is_own = false;

  for (size_t i = 0; i < DC_COUNT (own); i++)
    is_own = is_own || dc_glob_match (own[i], key);
  for (size_t i = 0; i < DC_COUNT (global); i++)
    is_own = is_own && !dc_glob_match (global[i], key);
  return is_own;
}

/* The first word of each line is a module; "#" and ";" begin comments. */
static int
read_modules (struct dc_tree *tree, const char *path, struct dc_kernel *kernel,
              struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_KERNEL_FILE_MAX);
  struct dc_span line, word;
  unsigned number = 0;

  const int found = dc_tree_read_file (tree, path, &b, err);
  if (found <= 0)
    return found < 0 && err->code == DC_ERR_SYSTEM ? -1 : 0;
  struct dc_span rest = { dc_buffer_text (&b), b.size };
  while (dc_span_line (&rest, &line)) {
    AUTO_FREE char *name = NULL;
    number++;
    if (!dc_span_word (&line, &word) || *word.text == '#' ||
        *word.text == ';' || dc_span_has (word, '\0'))
      continue;
    if (dc_span_copy (word, &name, err) < 0 ||
        dc_kernel_add (&kernel->modules, name, NULL, NULL,
                       (struct dc_proof){ path, number }, err) < 0)
      return -1;
  }
  return 0;
}

/* Debian links /etc/modules into modules-load.d. */
static int
read_all_modules (struct dc_tree *tree, struct dc_kernel *kernel,
                  struct dc_error *err)
{
  static const char *const folders[] = {
    "/etc/modules-load.d",
    "/usr/local/lib/modules-load.d",
    "/usr/lib/modules-load.d",
    "/lib/modules-load.d",
  };
  struct dc_dropdir dropdir = { NULL, 0 };
  AUTO_WORDS struct dc_words paths = { NULL, 0 };
  bool has_old = false;
  int status = 0;

  for (size_t i = 0; i < DC_COUNT (folders) && status == 0; i++)
    status = dc_dropdir_add (&dropdir, tree, folders[i], ".conf", err);
  if (status == 0)
    status = dc_dropdir_paths (&dropdir, &paths, err);
  dc_dropdir_release (&dropdir);
  const uint32_t old = dc_tree_resolve (tree, "/etc/modules");
  for (size_t i = 0; i < paths.count && status == 0; i++) {
    has_old |= dc_tree_resolve (tree, paths.items[i]) == old;
    status = read_modules (tree, paths.items[i], kernel, err);
  }
  if (status == 0 && !has_old && old != DC_TREE_NONE)
    status = read_modules (tree, "/etc/modules", kernel, err);
  return status;
}

static bool
is_module (const char *name)
{
  return strstr (name, ".ko") != NULL;
}

/* Modules below FOLDER, which is in the folder of a kernel. */
static int
add_foreign (const struct dc_tree *tree, uint32_t folder,
             struct dc_kernel *kernel, struct dc_error *err)
{
  const struct dc_entry *entries = tree->entries;
  uint32_t i = folder;

  while (i != DC_TREE_NONE && kernel->foreign.count < FOREIGN_MAX) {
    if (S_ISREG (entries[i].mode) && is_module (entries[i].name)) {
      AUTO_BUFFER struct dc_buffer path = DC_BUFFER_INIT (DC_TREE_PATH_MAX);
      AUTO_FREE char *absolute = NULL;
      if (dc_tree_path (tree, i, &path, err) < 0 ||
          dc_text_print (&absolute, err, "/%s", dc_buffer_text (&path)) < 0 ||
          dc_words_add (&kernel->foreign, absolute, err) < 0)
        return -1;
    }
    if (entries[i].first_child != DC_TREE_NONE) {
      i = entries[i].first_child;
      continue;
    }
    while (i != folder && entries[i].next_sibling == DC_TREE_NONE)
      i = entries[i].parent;
    i = i == folder ? DC_TREE_NONE : entries[i].next_sibling;
  }
  return 0;
}

/* Where others than the kernel's package put modules: DKMS, weak-updates of
 * Red Hat and SUSE, "make modules_install" of a driver.
 */
static int
read_versions (struct dc_tree *tree, struct dc_kernel *kernel,
               struct dc_error *err)
{
  static const char *const others[] = { "updates", "extra", "weak-updates",
                                        "misc" };
  const uint32_t folder = dc_tree_resolve (tree, "/lib/modules");

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    if (!S_ISDIR (tree->entries[i].mode))
      continue;
    if (dc_words_add (&kernel->versions, tree->entries[i].name, err) < 0)
      return -1;
    for (size_t k = 0; k < DC_COUNT (others); k++) {
      const uint32_t below = dc_tree_child (tree, i, others[k]);
      if (below != DC_TREE_NONE && add_foreign (tree, below, kernel, err) < 0)
        return -1;
    }
  }
  return 0;
}

int
dc_kernel_read (struct dc_tree *tree, struct dc_profile *profile,
                struct dc_error *err)
{
  struct dc_kernel *kernel = &profile->kernel;

  if (read_versions (tree, kernel, err) < 0 ||
      read_all_modules (tree, kernel, err) < 0 ||
      dc_kernel_parameters (tree, kernel, err) < 0 ||
      dc_kernel_services (profile, kernel, err) < 0)
    return -1;
  return dc_bootline_find (tree, &kernel->command_line, err);
}

static void
release_facts (struct dc_kernel_facts *facts)
{
  for (size_t i = 0; i < facts->count; i++)
    dc_kernel_fact_release (&facts->items[i]);
  free (facts->items);
}

void
dc_kernel_forget (struct dc_profile *profile)
{
  struct dc_kernel *kernel = &profile->kernel;

  dc_words_release (&kernel->versions);
  dc_words_release (&kernel->foreign);
  release_facts (&kernel->modules);
  release_facts (&kernel->parameters);
  release_facts (&kernel->devices);
  dc_bootline_release (&kernel->command_line);
  *kernel = (struct dc_kernel){ .modules = { NULL, 0 } };
}
