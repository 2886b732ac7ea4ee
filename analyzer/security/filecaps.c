/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <endian.h>
#include <string.h>

#include "analyzer/security/privileges.h"
#include "lib/cleanup.h"

/* struct vfs_cap_data, all little-endian:
 *
 *   0  version << 24 | flags (1: effective)
 *   4  permitted, bits 0-31      8  inheritable, bits 0-31
 *  12  permitted, bits 32-63    16  inheritable, bits 32-63   versions 2, 3
 *  20  user of the name space                                 version 3
 */
static const size_t sizes[] = { 0, 12, 20, 24 }; /* by version */

/* In the order of <linux/capability.h>. */
static const char *const names[] = {
  "cap_chown",
  "cap_dac_override",
  "cap_dac_read_search",
  "cap_fowner",
  "cap_fsetid",
  "cap_kill",
  "cap_setgid",
  "cap_setuid",
  "cap_setpcap",
  "cap_linux_immutable",
  "cap_net_bind_service",
  "cap_net_broadcast",
  "cap_net_admin",
  "cap_net_raw",
  "cap_ipc_lock",
  "cap_ipc_owner",
  "cap_sys_module",
  "cap_sys_rawio",
  "cap_sys_chroot",
  "cap_sys_ptrace",
  "cap_sys_pacct",
  "cap_sys_admin",
  "cap_sys_boot",
  "cap_sys_nice",
  "cap_sys_resource",
  "cap_sys_time",
  "cap_sys_tty_config",
  "cap_mknod",
  "cap_lease",
  "cap_audit_write",
  "cap_audit_control",
  "cap_setfcap",
  "cap_mac_override",
  "cap_mac_admin",
  "cap_syslog",
  "cap_wake_alarm",
  "cap_block_suspend",
  "cap_audit_read",
  "cap_perfmon",
  "cap_bpf",
  "cap_checkpoint_restore",
};

const char *
dc_capability_name (unsigned number)
{
  return number < DC_COUNT (names) ? names[number] : NULL;
}

static uint32_t
number_at (const unsigned char *bytes, size_t offset)
{
  uint32_t number;

  memcpy (&number, bytes + offset, sizeof number);
  return le32toh (number);
}

int
dc_file_caps_parse (const void *bytes, size_t size, struct dc_file_caps *out,
                    struct dc_error *err)
{
  if (size < sizeof (uint32_t))
    return dc_fail (err, DC_ERR_INVALID,
                    "capabilities are %zu bytes, too few for a version", size);
  const uint32_t magic = number_at (bytes, 0), version = magic >> 24;
  if (version == 0 || version >= DC_COUNT (sizes) || size != sizes[version])
    return dc_fail (err, DC_ERR_INVALID,
                    "capabilities of version %u in %zu bytes are not known",
                    (unsigned) version, size);
  struct dc_file_caps caps = {
    .permitted = number_at (bytes, 4),
    .inheritable = number_at (bytes, 8),
    .is_effective = (magic & 1) != 0,
  };
  if (version >= 2) {
    caps.permitted |= (uint64_t) number_at (bytes, 12) << 32;
    caps.inheritable |= (uint64_t) number_at (bytes, 16) << 32;
  }
  if (version >= 3)
    caps.root = number_at (bytes, 20);
  *out = caps;
  return 0;
}
