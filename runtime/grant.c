/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/quote.h"
#include "runtime/grant.h"

bool
dc_grant_is_contained (const char *capability)
{
  static const char *const contained[] = {
    "CAP_AUDIT_WRITE",   "CAP_CHOWN",     "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",        "CAP_FSETID",    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",     "CAP_KILL",      "CAP_LEASE",
    "CAP_MKNOD",         "CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST", "CAP_NET_RAW",   "CAP_SETFCAP",
    "CAP_SETGID",        "CAP_SETPCAP",   "CAP_SETUID",
    "CAP_SYS_CHROOT",    "CAP_SYS_NICE",  "CAP_SYS_RESOURCE",
  };

  for (size_t i = 0; i < DC_COUNT (contained); i++)
    if (strcmp (contained[i], capability) == 0)
      return true;
  return false;
}

static int
grant (const struct dc_yaml_texts *wanted, bool (*is_free) (const char *text),
       const struct dc_start *start, const struct dc_report *report,
       struct dc_words *words, struct dc_error *err)
{
  for (size_t i = 0; i < wanted->count; i++) {
    const char *item = wanted->items[i];
    if (!start->grants_all && !is_free (item))
      dc_warn (report,
               "the image wants %s, which reaches beyond the container; only "
               "--privileges grants it",
               item);
    else if (dc_words_add (words, item, err) < 0)
      return -1;
  }
  return 0;
}

int
dc_grant_capabilities (const struct dc_start *start,
                       const struct dc_report *report, struct dc_words *words,
                       struct dc_error *err)
{
  return start->wants == NULL
             ? 0
             : grant (&start->wants->capabilities, dc_grant_is_contained, start,
                      report, words, err);
}

/* Devices of a network of its own, or of file systems of its own. */
static bool
is_contained_device (const char *device)
{
  return strcmp (device, "/dev/net/tun") == 0 ||
         strcmp (device, "/dev/fuse") == 0;
}

int
dc_grant_devices (const struct dc_start *start, const struct dc_report *report,
                  struct dc_words *words, struct dc_error *err)
{
  return start->wants == NULL
             ? 0
             : grant (&start->wants->devices, is_contained_device, start,
                      report, words, err);
}

/* "net.core.somaxconn=5000" is /proc/sys/net/core/somaxconn. */
static bool
is_on_host (const char *sysctl)
{
  char path[1100];
  const int size = snprintf (path, sizeof path, "/proc/sys/%.*s",
                             (int) strcspn (sysctl, "="), sysctl);

  if (size < 0 || (size_t) size >= sizeof path)
    return false;
  for (char *s = path + strlen ("/proc/sys/"); *s != '\0'; s++)
    if (*s == '.')
      *s = '/';
  return access (path, F_OK) == 0;
}

int
dc_grant_sysctls (const struct dc_start *start, const struct dc_report *report,
                  struct dc_words *words, struct dc_error *err)
{
  const size_t count = start->wants == NULL ? 0 : start->wants->sysctls.count;

  for (size_t i = 0; i < count; i++) {
    const char *item = start->wants->sysctls.items[i];
    if (!is_on_host (item))
      dc_warn (report, "this host's kernel does not have '%s', not setting it",
               dc_quote (item).text);
    else if (dc_words_add (words, item, err) < 0)
      return -1;
  }
  return 0;
}
