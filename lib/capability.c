/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/capability.h"

#define CAPABILITY_MAX 64 /* bits of the sets that capset() takes */

/* EINVAL ends the capabilities of this kernel.  EPERM: without CAP_SETPCAP
 * the bounding set stays, and there is little in the permitted set that the
 * caller does not drop anyway.
 */
static int
limit_bounding_set (uint64_t keep)
{
  for (unsigned i = 0; i < CAPABILITY_MAX; i++) {
    if ((keep & DC_CAPABILITY (i)) != 0)
      continue;
    if (prctl (PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
      return errno == EINVAL || errno == EPERM ? 0 : errno;
  }
  return 0;
}

int
dc_capability_keep (uint64_t keep)
{
  struct __user_cap_header_struct header = {
    .version = _LINUX_CAPABILITY_VERSION_3,
  };
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

  const int failed = limit_bounding_set (keep);
  if (failed != 0)
    return failed;
  /* EINVAL: a kernel older than ambient capabilities has none. */
  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 &&
      errno != EINVAL)
    return errno;
  if (syscall (SYS_capget, &header, sets) < 0)
    return errno;
  for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    const uint32_t mask = (uint32_t) (keep >> (32 * i));
    sets[i].permitted &= mask;
    sets[i].effective &= mask;
    sets[i].inheritable = 0;
  }
  return syscall (SYS_capset, &header, sets) < 0 ? errno : 0;
}
