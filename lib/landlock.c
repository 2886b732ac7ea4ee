/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/landlock.h"
#include "lib/quote.h"

/* Kernel headers of an older system lack what came later, so the numbers
 * stand here.  A kernel takes a larger struct as long as what it does not
 * know is zero.
 */
struct ruleset {
  uint64_t files;
  uint64_t net;
  uint64_t scoped;
};

#define FS(bit) (UINT64_C (1) << (bit))
#define FS_EXECUTE FS (0)
#define FS_WRITE_FILE FS (1)
#define FS_READ_FILE FS (2)
#define FS_READ_DIR FS (3)
#define FS_FIRST_ABI (FS (13) - 1) /* the rest: make and remove */
#define FS_REFER FS (13)           /* link and rename between folders */
#define FS_TRUNCATE FS (14)
#define FS_IOCTL_DEV FS (15)

#define NET_TCP 3u        /* bind, connect */
#define SCOPED_SOCKETS 1u /* abstract ones */
#define SCOPED_ALL 3u     /* and signals */

/* What each version of the interface added. */
static const struct {
  int abi;
  struct ruleset more;
} additions[] = {
  { 1, { .files = FS_FIRST_ABI } }, { 2, { .files = FS_REFER } },
  { 3, { .files = FS_TRUNCATE } },  { 4, { .net = NET_TCP } },
  { 5, { .files = FS_IOCTL_DEV } }, { 6, { .scoped = SCOPED_ALL } },
};

/* FS_IOCTL_DEV is given to none: SG_IO may write through a descriptor that
 * is open for reading.
 */
static const uint64_t access_bits[] = {
  [DC_LANDLOCK_READ] = FS_READ_FILE | FS_READ_DIR,
  [DC_LANDLOCK_EXECUTE] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
  [DC_LANDLOCK_WRITE] = (FS_FIRST_ABI & ~FS_EXECUTE) | FS_REFER | FS_TRUNCATE,
};

/* All that a rule for something else than a folder may hold. */
#define FS_OF_A_FILE (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

int
dc_landlock_abi (void)
{
  const long abi = syscall (SYS_landlock_create_ruleset, NULL, 0,
                            LANDLOCK_CREATE_RULESET_VERSION);

  return abi < 0 ? 0 : (int) abi;
}

static struct ruleset
all_that_abi_knows (int abi)
{
  struct ruleset all = { 0 };

  for (size_t i = 0; i < DC_COUNT (additions) && additions[i].abi <= abi; i++) {
    all.files |= additions[i].more.files;
    all.net |= additions[i].more.net;
    all.scoped |= additions[i].more.scoped;
  }
  return all;
}

int
dc_landlock_new (enum dc_landlock_network network, int *ruleset,
                 struct dc_error *err)
{
  const int abi = dc_landlock_abi ();

  if (abi == 0) {
    *ruleset = -1;
    return 0;
  }
  struct ruleset all = all_that_abi_knows (abi);
  if (network == DC_LANDLOCK_ONLINE) {
    all.net = 0;
    all.scoped &= ~(uint64_t) SCOPED_SOCKETS;
  }
  /* The descriptor is O_CLOEXEC by itself. */
  const long fd = syscall (SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (fd < 0)
    return dc_fail_errno (err, "cannot make a Landlock ruleset");
  *ruleset = (int) fd;
  return 0;
}

int
dc_landlock_allow (int ruleset, int fd, enum dc_landlock_access access,
                   struct dc_error *err)
{
  struct stat st;

  if (ruleset < 0)
    return 0;
  if (fstat (fd, &st) < 0)
    return dc_fail_errno (err, "cannot ask what a descriptor is");
  struct landlock_path_beneath_attr rule = {
    .allowed_access =
        access_bits[access] & all_that_abi_knows (dc_landlock_abi ()).files,
    .parent_fd = fd,
  };
  if (!S_ISDIR (st.st_mode))
    rule.allowed_access &= FS_OF_A_FILE;
  if (syscall (SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
               &rule, 0) < 0)
    return dc_fail_errno (err, "cannot add a Landlock rule");
  return 0;
}

int
dc_landlock_allow_path (int ruleset, const char *path,
                        enum dc_landlock_access access, struct dc_error *err)
{
  AUTO_CLOSE int fd = open (path, O_PATH | O_CLOEXEC);

  if (fd < 0) {
    const enum dc_code code = errno == ENOENT ? DC_ERR_NOTFOUND : DC_ERR_SYSTEM;
    (void) dc_fail_errno (err, "cannot find '%s'", dc_quote (path).text);
    err->code = code;
    return -1;
  }
  return dc_landlock_allow (ruleset, fd, access, err);
}

int
dc_landlock_enter (int ruleset)
{
  if (ruleset < 0)
    return 0;
  return syscall (SYS_landlock_restrict_self, ruleset, 0) < 0 ? errno : 0;
}
