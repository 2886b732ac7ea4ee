/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/security/privileges.h"
#include "lib/capability.h"
#include "transform/init/initcompiler.h"
#include "transform/init/initmask.h"

#define CAPABILITY_COUNT 64

/* linux/capability.h */
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_TIME 25
#define CAP_MKNOD 27
#define CAP_SYSLOG 34
#define CAP_WAKE_ALARM 35

/* What other settings take away, whether or not they can be applied as a
 * whole: systemd.exec(5), of each.
 */
static const struct {
  const char *key;
  uint64_t taken;
} implied[] = {
  { "PrivateDevices",
    DC_CAPABILITY (CAP_MKNOD) | DC_CAPABILITY (CAP_SYS_RAWIO) },
  { "ProtectClock",
    DC_CAPABILITY (CAP_SYS_TIME) | DC_CAPABILITY (CAP_WAKE_ALARM) },
  { "ProtectKernelLogs", DC_CAPABILITY (CAP_SYSLOG) },
  { "ProtectKernelModules", DC_CAPABILITY (CAP_SYS_MODULE) },
};

bool
dc_init_is (const struct dc_initservice *service, const char *key)
{
  return dc_unit_is (service->unit, "Service", key, false);
}

/* KEYWORD and MASK in hexadecimal. */
static int
write_mask (const struct dc_initservice *service, const char *keyword,
            uint64_t mask, struct dc_error *err)
{
  struct dc_init_number number;

  (void) snprintf (number.text, sizeof number.text, "%" PRIx64, mask);
  return dc_initline (service->lines, err, keyword, number.text, NULL);
}

static int
write_bound (const struct dc_initservice *service, struct dc_error *err)
{
  const uint64_t all = UINT64_MAX;
  uint64_t mask;

  if (dc_init_mask (service, "CapabilityBoundingSet", &dc_mask_capabilities,
                    all, &mask, err) < 0)
    return -1;
  for (size_t i = 0; i < DC_COUNT (implied); i++) {
    if (dc_init_is (service, implied[i].key))
      mask &= ~implied[i].taken;
  }
  /* The plan's masks have 63 bits; the kernel's last capability is the 41st. */
  return mask == all ? 0 : write_mask (service, "bound", mask & INT64_MAX, err);
}

static int
write_ambient (const struct dc_initservice *service, struct dc_error *err)
{
  uint64_t mask;

  if (dc_init_mask (service, "AmbientCapabilities", &dc_mask_capabilities, 0,
                    &mask, err) < 0)
    return -1;
  for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
    const char *name = dc_capability_name (i);
    if ((mask >> i & 1) != 0 && name != NULL &&
        dc_initline (service->lines, err, "ambient", dc_init_decimal (i).text,
                     name, NULL) < 0)
      return -1;
  }
  return 0;
}

int
dc_init_privileges (struct dc_initservice *service, struct dc_error *err)
{
  uint64_t bits;

  if (write_bound (service, err) < 0 || write_ambient (service, err) < 0 ||
      dc_init_mask (service, "SecureBits", &dc_mask_secure_bits, 0, &bits,
                    err) < 0 ||
      (bits != 0 && write_mask (service, "securebits", bits, err) < 0))
    return -1;
  if ((dc_init_is (service, "NoNewPrivileges") ||
       dc_init_is (service, "DynamicUser")) &&
      dc_initline (service->lines, err, "no-new-privileges", NULL) < 0)
    return -1;
  return 1;
}
