/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "transform/init/directiverows.h"

/* What the rows say. */
static const char about[] = "says nothing about how the unit runs";
static const char hand[] =
    "of orders that are given by hand, which a container does not get";
static const char installed[] = "the links that it made say what starts";
static const char actions[] =
    "what becomes of the container is its runtime's decision";
static const char follow[] = "what it starts does not replace other jobs";
static const char jobs[] = "the time limits of the commands hold";
static const char obsolete[] = "obsolete: systemd warns of it";
static const char mounted[] =
    "the runtime mounts before the first service starts";
static const char one_root[] =
    "each service has the mounts and the network of the container";
static const char nothing[] = "a container has none of its own: false";
static const char mains[] = "taken as running on mains";
static const char boots[] = "no start of a container is a first boot";
static const char source[] = "decided when converting, by the guest's own";
static const char manager[] = "of the manager: root, its path and language";
static const char unasked[] = "not looked at, taken as true";
static const char machine[] = "a container does not wake the machine";

/* Sorted by name in byte order. */
const struct dc_directive dc_directive_unit[] = {
  { "After", DC_FATE_DONE, 0, NULL },
  { "AllowIsolate", DC_FATE_MOOT, 0, hand },
  { "AssertACPower", DC_FATE_DONE, 0, mains },
  { "AssertArchitecture", DC_FATE_DONE, 0, NULL },
  { "AssertCPUFeature", DC_FATE_DONE, 0, NULL },
  { "AssertCPUPressure", DC_FATE_IGNORED, 0, unasked },
  { "AssertCPUs", DC_FATE_DONE, 0, NULL },
  { "AssertCapability", DC_FATE_DONE, 0, NULL },
  { "AssertControlGroupController", DC_FATE_DONE, 0, NULL },
  { "AssertCredential", DC_FATE_DONE, 0, nothing },
  { "AssertDirectoryNotEmpty", DC_FATE_DONE, 0, NULL },
  { "AssertEnvironment", DC_FATE_DONE, 0, manager },
  { "AssertFileIsExecutable", DC_FATE_DONE, 0, NULL },
  { "AssertFileNotEmpty", DC_FATE_DONE, 0, NULL },
  { "AssertFirstBoot", DC_FATE_DONE, 0, boots },
  { "AssertGroup", DC_FATE_DONE, 0, manager },
  { "AssertHost", DC_FATE_DONE, 0, source },
  { "AssertIOPressure", DC_FATE_IGNORED, 0, unasked },
  { "AssertKernelCommandLine", DC_FATE_DONE, 0, nothing },
  { "AssertKernelVersion", DC_FATE_DONE, 0, NULL },
  { "AssertMemory", DC_FATE_DONE, 0, NULL },
  { "AssertMemoryPressure", DC_FATE_IGNORED, 0, unasked },
  { "AssertNeedsUpdate", DC_FATE_DONE, 0, NULL },
  { "AssertOSRelease", DC_FATE_DONE, 0, source },
  { "AssertPathExists", DC_FATE_DONE, 0, NULL },
  { "AssertPathExistsGlob", DC_FATE_DONE, 0, NULL },
  { "AssertPathIsDirectory", DC_FATE_DONE, 0, NULL },
  { "AssertPathIsEncrypted", DC_FATE_DONE, 0, nothing },
  { "AssertPathIsMountPoint", DC_FATE_DONE, 0, NULL },
  { "AssertPathIsReadWrite", DC_FATE_DONE, 0, NULL },
  { "AssertPathIsSymbolicLink", DC_FATE_DONE, 0, NULL },
  { "AssertSecurity", DC_FATE_DONE, 0, nothing },
  { "AssertUser", DC_FATE_DONE, 0, manager },
  { "AssertVirtualization", DC_FATE_DONE, 0, NULL },
  { "Before", DC_FATE_DONE, 0, NULL },
  { "BindTo", DC_FATE_DONE, 0, NULL },
  { "BindsTo", DC_FATE_DONE, 0, NULL },
  { "CollectMode", DC_FATE_MOOT, 0, about },
  { "ConditionACPower", DC_FATE_DONE, 0, mains },
  { "ConditionArchitecture", DC_FATE_DONE, 0, NULL },
  { "ConditionCPUFeature", DC_FATE_DONE, 0, NULL },
  { "ConditionCPUPressure", DC_FATE_IGNORED, 0, unasked },
  { "ConditionCPUs", DC_FATE_DONE, 0, NULL },
  { "ConditionCapability", DC_FATE_DONE, 0, NULL },
  { "ConditionControlGroupController", DC_FATE_DONE, 0, NULL },
  { "ConditionCredential", DC_FATE_DONE, 0, nothing },
  { "ConditionDirectoryNotEmpty", DC_FATE_DONE, 0, NULL },
  { "ConditionEnvironment", DC_FATE_DONE, 0, manager },
  { "ConditionFileIsExecutable", DC_FATE_DONE, 0, NULL },
  { "ConditionFileNotEmpty", DC_FATE_DONE, 0, NULL },
  { "ConditionFirmware", DC_FATE_DONE, 0, nothing },
  { "ConditionFirstBoot", DC_FATE_DONE, 0, boots },
  { "ConditionGroup", DC_FATE_DONE, 0, manager },
  { "ConditionHost", DC_FATE_DONE, 0, source },
  { "ConditionIOPressure", DC_FATE_IGNORED, 0, unasked },
  { "ConditionKernelCommandLine", DC_FATE_DONE, 0, nothing },
  { "ConditionKernelVersion", DC_FATE_DONE, 0, NULL },
  { "ConditionMemory", DC_FATE_DONE, 0, NULL },
  { "ConditionMemoryPressure", DC_FATE_IGNORED, 0, unasked },
  { "ConditionNeedsUpdate", DC_FATE_DONE, 0, NULL },
  { "ConditionOSRelease", DC_FATE_DONE, 0, source },
  { "ConditionPathExists", DC_FATE_DONE, 0, NULL },
  { "ConditionPathExistsGlob", DC_FATE_DONE, 0, NULL },
  { "ConditionPathIsDirectory", DC_FATE_DONE, 0, NULL },
  { "ConditionPathIsEncrypted", DC_FATE_DONE, 0, nothing },
  { "ConditionPathIsMountPoint", DC_FATE_DONE, 0, NULL },
  { "ConditionPathIsReadWrite", DC_FATE_DONE, 0, NULL },
  { "ConditionPathIsSymbolicLink", DC_FATE_DONE, 0, NULL },
  { "ConditionSecurity", DC_FATE_DONE, 0, nothing },
  { "ConditionUser", DC_FATE_DONE, 0, manager },
  { "ConditionVirtualization", DC_FATE_DONE, 0, NULL },
  { "Conflicts", DC_FATE_DONE, 0, NULL },
  { "DefaultDependencies", DC_FATE_DONE, 0, NULL },
  { "Description", DC_FATE_MOOT, 0, about },
  { "Documentation", DC_FATE_MOOT, 0, about },
  { "FailureAction", DC_FATE_IGNORED, 0, actions },
  { "FailureActionExitStatus", DC_FATE_IGNORED, 0, actions },
  { "IgnoreOnIsolate", DC_FATE_MOOT, 0, hand },
  { "JobRunningTimeoutSec", DC_FATE_IGNORED, 0, jobs },
  { "JobTimeoutAction", DC_FATE_IGNORED, 0, jobs },
  { "JobTimeoutRebootArgument", DC_FATE_IGNORED, 0, jobs },
  { "JobTimeoutSec", DC_FATE_IGNORED, 0, jobs },
  { "JoinsNamespaceOf", DC_FATE_MOOT, 0, one_root },
  { "OnFailure", DC_FATE_DONE, 0, NULL },
  { "OnFailureIsolate", DC_FATE_IGNORED, 0, follow },
  { "OnFailureJobMode", DC_FATE_IGNORED, 0, follow },
  { "OnSuccess", DC_FATE_DONE, 0, NULL },
  { "OnSuccessJobMode", DC_FATE_IGNORED, 0, follow },
  { "PartOf", DC_FATE_DONE, 0, NULL },
  { "PropagateReloadFrom", DC_FATE_DONE, 0, NULL },
  { "PropagateReloadTo", DC_FATE_DONE, 0, NULL },
  { "PropagatesReloadTo", DC_FATE_DONE, 0, NULL },
  { "PropagatesStopTo", DC_FATE_DONE, 0, NULL },
  { "RebootArgument", DC_FATE_IGNORED, 0, actions },
  { "RefuseManualStart", DC_FATE_MOOT, 0, hand },
  { "RefuseManualStop", DC_FATE_MOOT, 0, hand },
  { "ReloadPropagatedFrom", DC_FATE_DONE, 0, NULL },
  { "Requires", DC_FATE_DONE, 0, NULL },
  { "RequiresMountsFor", DC_FATE_MOOT, 0, mounted },
  { "RequiresOverridable", DC_FATE_IGNORED, 0, obsolete },
  { "Requisite", DC_FATE_DONE, 0, NULL },
  { "RequisiteOverridable", DC_FATE_IGNORED, 0, obsolete },
  { "SourcePath", DC_FATE_MOOT, 0, about },
  { "StartLimitAction", DC_FATE_IGNORED, 0, actions },
  { "StartLimitBurst", DC_FATE_DONE, 0, NULL },
  { "StartLimitInterval", DC_FATE_DONE, 0, NULL },
  { "StartLimitIntervalSec", DC_FATE_DONE, 0, NULL },
  { "StopPropagatedFrom", DC_FATE_DONE, 0, NULL },
  { "StopWhenUnneeded", DC_FATE_MOOT, 0, hand },
  { "SuccessAction", DC_FATE_IGNORED, 0, actions },
  { "SuccessActionExitStatus", DC_FATE_IGNORED, 0, actions },
  { "SurviveFinalKillSignal", DC_FATE_MOOT, 255, hand },
  { "Upholds", DC_FATE_DONE, 0, NULL },
  { "Wants", DC_FATE_DONE, 0, NULL },
  { "WantsMountsFor", DC_FATE_MOOT, 256, mounted },
};
const size_t dc_directive_unit_count = DC_COUNT (dc_directive_unit);

/* Sorted by name in byte order. */
const struct dc_directive dc_directive_install[] = {
  { "Alias", DC_FATE_MOOT, 0, installed },
  { "Also", DC_FATE_MOOT, 0, installed },
  { "DefaultInstance", DC_FATE_MOOT, 0, installed },
  { "RequiredBy", DC_FATE_MOOT, 0, installed },
  { "UpheldBy", DC_FATE_MOOT, 254, installed },
  { "WantedBy", DC_FATE_MOOT, 0, installed },
};
const size_t dc_directive_install_count = DC_COUNT (dc_directive_install);

/* Sorted by name in byte order. */
const struct dc_directive dc_directive_timer[] = {
  { "AccuracySec", DC_FATE_MOOT, 0, "a timer elapses at its time" },
  { "DeferReactivation", DC_FATE_IGNORED, 257,
    "what was missed meanwhile is made up for" },
  { "FixedRandomDelay", DC_FATE_DONE, 0, NULL },
  { "OnActiveSec", DC_FATE_DONE, 0, NULL },
  { "OnBootSec", DC_FATE_DONE, 0, NULL },
  { "OnCalendar", DC_FATE_DONE, 0, NULL },
  { "OnClockChange", DC_FATE_DONE, 0, NULL },
  { "OnStartupSec", DC_FATE_DONE, 0, NULL },
  { "OnTimezoneChange", DC_FATE_DONE, 0, NULL },
  { "OnUnitActiveSec", DC_FATE_DONE, 0, NULL },
  { "OnUnitInactiveSec", DC_FATE_DONE, 0, NULL },
  { "Persistent", DC_FATE_DONE, 0, NULL },
  { "RandomizedDelaySec", DC_FATE_DONE, 0, NULL },
  { "RemainAfterElapse", DC_FATE_MOOT, 0, "a timer is no unit to look at" },
  { "Unit", DC_FATE_DONE, 0, NULL },
  { "WakeSystem", DC_FATE_MOOT, 0, machine },
};
const size_t dc_directive_timer_count = DC_COUNT (dc_directive_timer);

/* Sorted by name in byte order. */
const struct dc_directive dc_directive_path[] = {
  { "DirectoryMode", DC_FATE_DONE, 0, NULL },
  { "DirectoryNotEmpty", DC_FATE_DONE, 0, NULL },
  { "MakeDirectory", DC_FATE_DONE, 0, NULL },
  { "PathChanged", DC_FATE_DONE, 0, NULL },
  { "PathExists", DC_FATE_DONE, 0, NULL },
  { "PathExistsGlob", DC_FATE_DONE, 0, NULL },
  { "PathModified", DC_FATE_DONE, 0, NULL },
  { "TriggerLimitBurst", DC_FATE_DONE, 0, NULL },
  { "TriggerLimitIntervalSec", DC_FATE_DONE, 0, NULL },
  { "Unit", DC_FATE_DONE, 0, NULL },
};
const size_t dc_directive_path_count = DC_COUNT (dc_directive_path);
