/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROFILE_H
#define DC_ANALYZER_PROFILE_H

/* profile: everything we can say about a guest, each statement with proof.
 *
 * The struct lives in the confined worker, where it is made and where
 * transform reads it; between processes and on disk it is JSON, whose schema
 * is doc/profile.schema.json.  Same tree, same profile, whatever backend read
 * it: only `guest` (how it was read) may differ.
 */

#include <jansson.h>

#include "analyzer/application/applications.h"
#include "analyzer/endpoint/connection.h"
#include "analyzer/coupling/coupling.h"
#include "analyzer/endpoint/endpoint.h"
#include "analyzer/finding.h"
#include "analyzer/init/init.h"
#include "analyzer/job/jobs.h"
#include "analyzer/language/language.h"
#include "analyzer/network/network.h"
#include "analyzer/observed/observed.h"
#include "analyzer/package/packages.h"
#include "analyzer/program/dependencies.h"
#include "analyzer/program/elf.h"
#include "analyzer/resource/resources.h"
#include "analyzer/security/privileges.h"
#include "analyzer/security/secrets.h"
#include "analyzer/source/guest.h"
#include "analyzer/system/identity.h"
#include "analyzer/system/kernel.h"
#include "analyzer/storage/mounts.h"
#include "analyzer/storage/storage.h"
#include "analyzer/system/osrel.h"
#include "analyzer/system/users.h"
#include "analyzer/system/windows.h"
#include "analyzer/unit/unitload.h"
#include "templates/apps.h"

#define DC_PROFILE_VERSION 1
#define DC_HOSTNAME_SIZE_MAX ((size_t) 64) /* bytes of a name: HOST_NAME_MAX */

struct dc_container;
/* How much is said of a guest; all bytes zero, or NULL: what costs little.
 * Borrowed.
 */
struct dc_profile_options {
  /* DC_SECRET_KEY_SIZE bytes: secrets get fingerprints under this key
   * (analyzer/security/secrets.h); NULL: they get none.
   */
  const unsigned char *secret_key;
  /* What `decant collect` recorded on the live host (analyzer/observed/), and
   * the name of the file; NULL: nothing.
   */
  const char *observed, *observed_name;
  size_t observed_size;
};
struct dc_user_units;

/* Packages, users and units are there, if empty, also when the guest has none
 * or they could not be read (then a finding says so).
 */
struct dc_profile {
  struct dc_profile_options options; /* while it is made */
  struct dc_guest *guest;
  struct dc_osrel *os; /* NULL: unknown */
  char *arch;          /* OCI's word: "amd64", "arm64"; NULL: unknown */
  char *arch_variant;  /* "v7"; NULL */
  char *hostname;      /* NULL */
  struct dc_packages *packages;
  struct dc_language_packages language;
  struct dc_users *users;
  struct dc_init init; /* what starts the services */
  struct dc_units *units;
  struct dc_apps apps; /* what we know of the applications it has */
  struct dc_applications applications;
  struct dc_endpoints endpoints;
  struct dc_connections connections;
  struct dc_mounts mounts;
  struct dc_couplings couplings;
  struct dc_dependencies dependencies;
  struct dc_kernel kernel;
  struct dc_secrets secrets;
  struct dc_security security;
  struct dc_observed observed; /* empty: there is no record */
  struct dc_resources resources;
  struct dc_storage storage;
  struct dc_jobs jobs;
  struct dc_user_units *user_units; /* of those whose managers start at boot */
  size_t user_unit_count;
  struct dc_container *containers; /* that the guest itself runs */
  size_t container_count;
  uint64_t containers_lost; /* beyond DC_CONTAINER_MAX */
  struct dc_network network;
  struct dc_identity identity;
  struct dc_windows windows; /* empty: it is none */
  struct dc_finding *findings;
  size_t finding_count;
  uint64_t findings_lost; /* beyond DC_FINDING_MAX */
};

/* Read everything from TREE.  GUEST is taken on success.  What a guest has
 * broken becomes a finding and the rest goes on; -1 only without memory, when
 * the tree's medium fails or the user stops us.
 */
int dc_profile_make (struct dc_tree *tree, struct dc_guest *guest,
                     const struct dc_profile_options *options,
                     const struct dc_report *report, struct dc_profile **out,
                     struct dc_error *err);
int dc_profile_json (const struct dc_profile *profile, json_t **out,
                     struct dc_error *err);
/* A profile's JSON as text for people, at most WIDTH columns. */
int dc_profile_text (const json_t *json, unsigned width, struct dc_buffer *out,
                     struct dc_error *err);
void dc_profile_free (struct dc_profile *profile);
DC_DEFINE_AUTO (dc_profile)

#endif
