/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/glob.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"

/* What becomes of a setting that has no line in the plan, or not only one. */
enum fate {
  KNOWN,    /* compiled, or says nothing about how the service runs */
  CONFINED, /* confines it, which the container does as a whole */
  CONTROLS, /* limits or ranks it, which the container's limits do */
  MISSING,  /* it may not work without */
};

/* The first pattern that fits decides; what fits none is MISSING. */
static const struct {
  const char *section, *pattern;
  enum fate fate;
} fates[] = {
  { "Unit", "OnFailure*", MISSING },
  { "Unit", "OnSuccess*", MISSING },
  { "Unit", "StartLimitAction", MISSING },
  { "Unit", "FailureAction", MISSING },
  { "Unit", "SuccessAction", MISSING },
  { "Unit", "JobTimeout*", MISSING },
  { "Unit", "*", KNOWN },
  { "Install", "*", KNOWN },
  { "Service", "Type", KNOWN },
  { "Service", "ExecStart", KNOWN },
  { "Service", "ExecStartPre", KNOWN },
  { "Service", "ExecStartPost", KNOWN },
  { "Service", "ExecStop", KNOWN },
  { "Service", "ExecStopPost", KNOWN },
  { "Service", "ExecReload", KNOWN },
  { "Service", "PermissionsStartOnly", KNOWN },
  { "Service", "NonBlocking", KNOWN }, /* of sockets that are passed */
  { "Service", "User", KNOWN },
  { "Service", "Group", KNOWN },
  { "Service", "DynamicUser", KNOWN },
  { "Service", "SupplementaryGroups", KNOWN },
  { "Service", "*Environment", KNOWN },
  { "Service", "EnvironmentFile", KNOWN },
  { "Service", "WorkingDirectory", KNOWN },
  { "Service", "RuntimeDirectory*", KNOWN },
  { "Service", "StateDirectory*", KNOWN },
  { "Service", "CacheDirectory*", KNOWN },
  { "Service", "LogsDirectory*", KNOWN },
  { "Service", "ConfigurationDirectory*", KNOWN },
  { "Service", "Limit*", KNOWN },
  { "Service", "UMask", KNOWN },
  { "Service", "PIDFile", KNOWN },
  { "Service", "GuessMainPID", KNOWN },
  { "Service", "RemainAfterExit", KNOWN },
  { "Service", "NotifyAccess", KNOWN },
  { "Service", "KillMode", KNOWN },
  { "Service", "KillSignal", KNOWN },
  { "Service", "SendSIGKILL", KNOWN },
  { "Service", "SendSIGHUP", KNOWN },
  { "Service", "IgnoreSIGPIPE", KNOWN },
  { "Service", "Timeout*Sec", KNOWN },
  { "Service", "Restart", KNOWN },
  { "Service", "RestartSec", KNOWN },
  { "Service", "Restart*ExitStatus", KNOWN },
  { "Service", "SuccessExitStatus", KNOWN },
  { "Service", "StartLimitInterval", KNOWN },
  { "Service", "StartLimitBurst", KNOWN },
  { "Service", "BusName", KNOWN }, /* a finding of the type */
  { "Service", "SysVStartPriority", KNOWN },
  { "Service", "SourcePath", KNOWN },
  /* Where its output goes is decided by decant-init. */
  { "Service", "Syslog*", KNOWN },
  { "Service", "Log[LER]*", KNOWN },
  { "Service", "TimerSlackNSec", CONTROLS },
  { "Service", "Nice", CONTROLS },
  { "Service", "OOM*", CONTROLS },
  { "Service", "CPU*", CONTROLS },
  { "Service", "*CPUs", CONTROLS },
  { "Service", "*MemoryNodes", CONTROLS },
  { "Service", "IO*", CONTROLS },
  { "Service", "BlockIO*", CONTROLS },
  { "Service", "IP*", CONTROLS },
  { "Service", "MemoryDenyWriteExecute", CONFINED },
  { "Service", "Memory*", CONTROLS },
  { "Service", "*MemorySwap*", CONTROLS },
  { "Service", "ManagedOOM*", CONTROLS },
  { "Service", "Tasks*", CONTROLS },
  { "Service", "NUMA*", CONTROLS },
  { "Service", "CoredumpFilter", CONTROLS },
  { "Service", "Slice", CONTROLS },
  { "Service", "Delegate*", CONTROLS },
  { "Service", "Device*", CONTROLS },
  { "Service", "CapabilityBoundingSet", CONFINED },
  { "Service", "SecureBits", CONFINED },
  { "Service", "NoNewPrivileges", CONFINED },
  { "Service", "Private*", CONFINED },
  { "Service", "Protect*", CONFINED },
  { "Service", "ProcSubset", CONFINED },
  { "Service", "ReadOnly*", CONFINED },
  { "Service", "ReadWrite*", CONFINED },
  { "Service", "Inaccessible*", CONFINED },
  { "Service", "NoExecPaths", CONFINED },
  { "Service", "ExecPaths", CONFINED },
  { "Service", "TemporaryFileSystem", CONFINED },
  { "Service", "Restrict*", CONFINED },
  { "Service", "SystemCall*", CONFINED },
  { "Service", "Lock*", CONFINED },
  { "Service", "RemoveIPC", CONFINED },
  { "Service", "KeyringMode", CONFINED },
  { "Service", "Mount*", CONFINED },
  { "Service", "AppArmorProfile", CONFINED },
  { "Service", "SELinuxContext", CONFINED },
  { "Service", "SmackProcessLabel", CONFINED },
  { "Service", "Personality", CONFINED },
  { "Service", "UtmpIdentifier", KNOWN },
};

static const char *const explanations[] = {
  [CONFINED] = "the container's own confinement takes the place of",
  [CONTROLS] = "the container's own limits take the place of",
  [MISSING] = "decant-init does not know, and the service may need:",
};

/* These are decided by decant-init: output goes to the container's log, input
 * is empty.
 */
static bool
is_usual_stream (const struct dc_setting *setting)
{
  static const char *const usual[] = {
    "journal", "journal+console", "syslog",  "syslog+console",
    "kmsg",    "kmsg+console",    "inherit", "null",
  };

  if (strncmp (setting->key, "Standard", 8) != 0)
    return false;
  for (size_t i = 0; i < DC_COUNT (usual); i++) {
    if (strcmp (setting->value, usual[i]) == 0)
      return true;
  }
  return false;
}

static enum fate
find_fate (const struct dc_setting *setting)
{
  if (strncmp (setting->section, "X-", 2) == 0 ||
      strncmp (setting->key, "X-", 2) == 0 || setting->value[0] == '\0' ||
      is_usual_stream (setting))
    return KNOWN;
  for (size_t i = 0; i < DC_COUNT (fates); i++) {
    if (strcmp (fates[i].section, setting->section) == 0 &&
        dc_glob_match (fates[i].pattern, setting->key))
      return fates[i].fate;
  }
  return MISSING;
}

/* One finding for all settings of UNIT with this fate, each named once. */
static int
note_fate (struct dc_initservice *service, enum fate fate, struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;
  AUTO_WORDS struct dc_words keys = { NULL, 0 };
  AUTO_BUFFER struct dc_buffer list = DC_BUFFER_INIT (DC_UNIT_SIZE_MAX);

  for (size_t i = 0; i < unit->setting_count; i++) {
    if (find_fate (&unit->settings[i]) == fate &&
        dc_words_add (&keys, dc_quote (unit->settings[i].key).text, err) < 0)
      return -1;
  }
  if (keys.count == 0)
    return 0;
  dc_words_sort (&keys);
  for (size_t i = 0; i < keys.count; i++) {
    if (dc_buffer_print (&list, err, "%s%s=", i > 0 ? ", " : "",
                         keys.items[i]) < 0)
      return -1;
  }
  return dc_init_note (service->compiler, unit, NULL, err, "%s %s",
                       explanations[fate], dc_buffer_text (&list));
}

int
dc_init_ignored (struct dc_initservice *service, struct dc_error *err)
{
  for (enum fate fate = CONFINED; fate <= MISSING; fate++) {
    if (note_fate (service, fate, err) < 0)
      return -1;
  }
  return 1;
}
