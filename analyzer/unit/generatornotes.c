/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/profile.h"
#include "analyzer/unit/unitgenerate.h"
#include "lib/quote.h"
#include "lib/text.h"

/* Those whose units are made here, and those that a machine needs and not its
 * workload: devices, one boot only, the initial ram disk.
 */
static const char *const known[] = {
  "cloud-init-generator",
  "friendly-recovery",
  "kdump-dep-generator.sh",
  "lvm2-activation-generator",
  "netplan",
  "openvpn-generator",
  "podman-system-generator", /* in the section of containers */
  "postfix-instance-generator",
  "postgresql-generator",
  "rpc-pipefs-generator",
  "selinux-autorelabel-generator.sh",
  "snapd-generator",
  "systemd-bless-boot-generator",
  "systemd-cryptsetup-generator",
  "systemd-debug-generator",
  "systemd-fstab-generator",
  "systemd-getty-generator",
  "systemd-gpt-auto-generator",
  "systemd-hibernate-resume-generator",
  "systemd-integritysetup-generator",
  "systemd-rc-local-generator",
  "systemd-run-generator",
  "systemd-system-update-generator",
  "systemd-sysv-generator",
  "systemd-tpm2-generator",
  "systemd-veritysetup-generator",
  "tor-generator",
};

static bool
is_known (const char *name)
{
  for (size_t i = 0; i < DC_COUNT (known); i++)
    if (strcmp (name, known[i]) == 0)
      return true;
  return false;
}

static int
note_folder (struct dc_tree *tree, struct dc_profile *profile, const char *path,
             struct dc_error *err)
{
  const uint32_t folder = dc_tree_resolve (tree, path);

  if (folder == DC_TREE_NONE)
    return 0;
  for (uint32_t i = tree->entries[folder].first_child; i != DC_TREE_NONE;
       i = tree->entries[i].next_sibling) {
    const char *name = tree->entries[i].name;
    AUTO_FREE char *file = NULL;
    if (is_known (name) || !dc_generator_runs (tree, name, false))
      continue;
    if (dc_text_print (&file, err, "%s/%s", path, name) < 0 ||
        dc_profile_note (profile, "generator.unknown", file, 0, err,
                         "the units that '%s' makes at boot are not known",
                         dc_quote (name).text) < 0)
      return -1;
  }
  return 0;
}

int
dc_generators_note (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err)
{
  static const char *const folders[] = {
    "/etc/systemd/system-generators",
    "/usr/local/lib/systemd/system-generators",
    "/usr/lib/systemd/system-generators",
  };

  for (size_t i = 0; i < DC_COUNT (folders); i++)
    if (note_folder (tree, profile, folders[i], err) < 0)
      return -1;
  return profile->mounts.count <= DC_GENERATED_MAX
             ? 0
             : dc_profile_note (profile, "fstab.limit", "/etc/fstab", 0, err,
                                "only the first %d of %zu lines become units",
                                DC_GENERATED_MAX, profile->mounts.count);
}
