/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/section.h"

#include "analyzer/application/applications.h"
#include "analyzer/container/containers.h"
#include "analyzer/endpoint/connectionsection.h"
#include "analyzer/init/initsection.h"
#include "analyzer/job/jobsection.h"
#include "analyzer/language/languagesection.h"
#include "analyzer/machine/machinesection.h"
#include "analyzer/network/netsection.h"
#include "analyzer/system/identitysection.h"
#include "analyzer/storage/mountsection.h"
#include "analyzer/unit/unitgenerate.h"
#include "analyzer/system/windowssection.h"
#include "analyzer/unit/userunits.h"
#include "lib/cleanup.h"

/* clang-format off */
const struct dc_section dc_sections[] = {
  { "machine", NULL, NULL,
    dc_machine_section_read, dc_machine_section_json, dc_machine_section_text,
    NULL },
  { "init", "init.unreadable", NULL,
    dc_init_read, dc_init_json, dc_init_text, dc_init_forget },
  { "observed", "observed.unreadable", NULL,
    dc_observed_read, dc_observed_json, dc_observed_page, dc_observed_forget },
  { "applications", "applications.unreadable", NULL,
    dc_applications_read, dc_applications_json, dc_applications_text,
    dc_applications_forget },
  { "network", "network.unreadable", NULL,
    dc_network_read, dc_network_json, dc_network_text, dc_network_forget },
  { "connections", "connections.unreadable", NULL,
    dc_connections_read, dc_connections_json, NULL, dc_connections_forget },
  { "couplings", "couplings.unreadable", NULL,
    dc_couplings_read, dc_couplings_json, dc_couplings_text,
    dc_couplings_forget },
  { "mounts", "mounts.unreadable", "/etc/fstab",
    dc_mounts_read, dc_mounts_json, dc_mounts_text, dc_mounts_forget },
  { "storage", "storage.unreadable", NULL,
    dc_storage_read, dc_storage_json, dc_storage_text, dc_storage_forget },
  { "dependencies", "dependencies.unreadable", NULL,
    dc_dependencies_read, dc_dependencies_json, NULL, dc_dependencies_forget },
  { "kernel", "kernel.unreadable", NULL,
    dc_kernel_read, dc_kernel_json, dc_kernel_text, dc_kernel_forget },
  { "secrets", "secrets.unreadable", NULL,
    dc_secrets_read, dc_secrets_json, dc_secrets_text, dc_secrets_forget },
  { "security", "security.unreadable", NULL,
    dc_security_read, dc_security_json, dc_security_text, dc_security_forget },
  { "resources", "resources.unreadable", NULL,
    dc_resources_read, dc_resources_json, dc_resources_text,
    dc_resources_forget },
  { "jobs", "jobs.unreadable", NULL,
    dc_jobs_read, dc_jobs_json, dc_jobs_text, dc_jobs_forget },
  { "identity", "identity.unreadable", NULL,
    dc_identity_read, dc_identity_json, dc_identity_text, dc_identity_forget },
  { NULL, "generators.unreadable", NULL, dc_generators_note, NULL, NULL, NULL },
  { "user_units", "user_units.unreadable", NULL,
    dc_user_units_read, dc_user_units_json, dc_user_units_text,
    dc_user_units_forget },
  { "containers", "containers.unreadable", NULL,
    dc_containers_read, dc_containers_json, dc_containers_text,
    dc_containers_forget },
  { "language_packages", "language_packages.unreadable", NULL,
    dc_languages_read, dc_languages_json, dc_languages_text,
    dc_languages_forget },
  { "windows", "windows.unreadable", NULL,
    NULL, dc_windows_json, dc_windows_text, dc_windows_forget },
};
/* clang-format on */
const size_t dc_section_count = DC_COUNT (dc_sections);
