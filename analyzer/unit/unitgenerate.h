/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNITGENERATE_H
#define DC_ANALYZER_UNIT_UNITGENERATE_H

/* unitgenerate: what systemd's generators make at each boot, from files that
 * a cold disk has too.
 *
 *   unitfstab     mounts, automounts and swaps of /etc/fstab
 *   unitinstance  instances of templates: database clusters, VPNs, mail
 *                 servers, consoles; cloud-init, systemd-networkd for netplan
 *   unitsysv      init scripts and rc.local (unitloader.h)
 *
 * Not made, because they depend on the machine and not on its disk, or say
 * nothing about the workload: gpt-auto (needs what the firmware says),
 * hibernate-resume (initial ram disk only), system-update and run (one boot
 * only), cryptsetup, veritysetup and integritysetup (devices, which have no
 * units here).  A generator of a package that we do not know becomes a
 * finding.
 *
 * Source: systemd.generator(7) and the manual page of each generator;
 * measured with those of systemd 252 and the packages' own scripts.
 */

#include "analyzer/unit/unitloader.h"

struct dc_profile;

/* Lines of a file that become units; further ones do not, and a finding says
 * so.
 */
#define DC_GENERATED_MAX 3000

/* A unit being made for a line of a file. */
struct dc_generated {
  struct dc_loader *loader;
  uint32_t unit;    /* DC_TREE_NONE: the administrator's */
  const char *file; /* "/etc/fstab" */
  unsigned line;
};

/* Make the unit NAME for GENERATED: 1, 0 when an earlier line made it, -1.
 * Where the administrator has one of that name its settings count, and those
 * of GENERATED go nowhere.
 */
int dc_generated_add (struct dc_generated *generated, const char *name,
                      struct dc_error *err);
int dc_generated_set (const struct dc_generated *generated, const char *section,
                      const char *key, const char *value, struct dc_error *err);
/* OWNER pulls in NAME because of GENERATED's line. */
int dc_generated_link (const struct dc_generated *generated, const char *owner,
                       const char *name, struct dc_error *err);

/* Does the generator NAME run at boot?  IF_MISSING is the answer where the
 * guest has no such file, as in one that we know only in part.
 */
bool dc_generator_runs (const struct dc_tree *tree, const char *name,
                        bool if_missing);
/* Append the content of the file at PATH to B: 1; 0 when there is none or it
 * is broken, which others tell of; -1 for what is not the guest's fault.
 */
int dc_generator_file (struct dc_tree *tree, const char *path,
                       struct dc_buffer *b, struct dc_error *err);

/* For analyzer/section.h: a finding for each generator that runs and whose
 * units are not made here, and for a long fstab.
 */
int dc_generators_note (struct dc_tree *tree, struct dc_profile *profile,
                        struct dc_error *err);

int dc_fstab_load (struct dc_loader *loader, struct dc_error *err);
int dc_instances_load (struct dc_loader *loader, struct dc_error *err);

#endif
