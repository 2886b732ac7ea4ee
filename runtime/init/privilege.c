/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/init/child.h"

/* Of the kernel's headers, which are not ours to include. */
#define CAPABILITY_MAX 63
#define CAPABILITY_SYS_ADMIN 21
#define CAPABILITY_VERSION 0x20080522
#define SECUREBIT_KEEP_CAPS 0x10

struct capability_header {
  uint32_t version;
  int pid;
};

/* The low and the high 32 capabilities. */
struct capabilities {
  uint32_t effective, permitted, inheritable;
};

static int
get_capabilities (struct capabilities sets[2])
{
  const struct capability_header header = { CAPABILITY_VERSION, 0 };

  return (int) syscall (SYS_capget, &header, sets);
}

static int
set_capabilities (const struct capabilities sets[2])
{
  const struct capability_header header = { CAPABILITY_VERSION, 0 };

  return (int) syscall (SYS_capset, &header, sets);
}

static bool
is_bound (const struct di_service *service, int64_t number)
{
  return service->bound == DI_KEEP ||
         (number <= CAPABILITY_MAX - 1 &&
          ((uint64_t) service->bound >> number & 1) != 0);
}

/* Where CAP_SETPCAP is not to be had, the container's bounds have to do. */
static int
drop_unbound (const struct di_child *child, struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  struct capabilities sets[2];

  for (int i = 0; i < CAPABILITY_MAX; i++) {
    const int has = prctl (PR_CAPBSET_READ, i, 0, 0, 0);
    if (has < 0)
      break; /* the kernel has no more */
    if (has > 0 && !is_bound (service, i) &&
        prctl (PR_CAPBSET_DROP, i, 0, 0, 0) < 0) {
      di_fail_errno (err, "cannot drop capability ", DI_NUMBER (i), NULL);
      di_child_tell (child, err);
      break;
    }
  }
  /* Else a program with file capabilities would have them. */
  if (get_capabilities (sets) < 0)
    return di_fail_errno (err, "cannot read its capabilities", NULL);
  for (int i = 0; i < 2; i++)
    sets[i].inheritable &= (uint32_t) (service->bound >> (32 * i));
  return set_capabilities (sets) < 0
             ? di_fail_errno (err, "cannot drop capabilities", NULL)
             : 0;
}

/* Make the ambient ones inheritable and raise them.  One that we do not have
 * is told the first time.
 */
static int
raise_ambient (const struct di_child *child, bool is_first,
               struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  struct capabilities sets[2];
  size_t position = 0;
  const struct di_line *line;

  if (di_next (service, DI_AMBIENT, &position) == NULL)
    return 0;
  if (get_capabilities (sets) < 0)
    return di_fail_errno (err, "cannot read its capabilities", NULL);
  position = 0;
  while ((line = di_next (service, DI_AMBIENT, &position)) != NULL) {
    const int64_t number = line->numbers[0];
    struct capabilities *set = &sets[number / 32 % 2];
    const uint32_t bit = UINT32_C (1) << (number % 32);
    if (!is_bound (service, number))
      continue;
    if ((set->permitted & bit) == 0) {
      struct di_error missing;
      di_fail (&missing, line->words[1], " is not allowed here", NULL);
      if (is_first)
        di_child_tell (child, &missing);
      continue;
    }
    set->inheritable |= bit;
    set->effective |= bit;
    if (set_capabilities (sets) < 0 ||
        prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0)
      return di_fail_errno (err, "cannot raise ", line->words[1], NULL);
  }
  return 0;
}

/* A change of the user would drop the ambient ones. */
static int
keep_capabilities (const struct di_service *service, struct di_error *err)
{
  size_t position = 0;
  const bool has_ambient = di_next (service, DI_AMBIENT, &position) != NULL;
  int64_t bits = service->securebits == DI_KEEP ? 0 : service->securebits;

  if (service->user > 0 && has_ambient) {
    if (prctl (PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
      return di_fail_errno (err, "cannot keep its capabilities", NULL);
    bits |= bits != 0 ? SECUREBIT_KEEP_CAPS : 0;
  }
  if (bits != 0 && prctl (PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
    return di_fail_errno (err, "cannot set the secure bits", NULL);
  return 0;
}

int
di_bind_capabilities (const struct di_child *child, struct di_error *err)
{
  const struct di_service *service = child->spawn->service;

  if ((service->bound != DI_KEEP && drop_unbound (child, err) < 0) ||
      raise_ambient (child, true, err) < 0)
    return -1;
  return keep_capabilities (service, err);
}

int
di_raise_capabilities (const struct di_child *child, struct di_error *err)
{
  return child->spawn->service->user > 0 ? raise_ambient (child, false, err)
                                         : 0;
}

bool
di_is_administrator (void)
{
  struct capabilities sets[2];

  return get_capabilities (sets) == 0 &&
         (sets[0].effective & UINT32_C (1) << CAPABILITY_SYS_ADMIN) != 0;
}

int
di_renounce_privileges (const struct di_child *child, struct di_error *err)
{
  const struct di_service *service = child->spawn->service;
  size_t position = 0;
  const bool has_filter = di_next (service, DI_FILTER, &position) != NULL;

  /* The kernel takes filters only from who may all, or may get no more. */
  if ((service->no_new_privileges || (has_filter && !di_is_administrator ())) &&
      prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return di_fail_errno (err, "cannot set no_new_privs", NULL);
  return 0;
}
