/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SOURCE_SOURCE_H
#define DC_ANALYZER_SOURCE_SOURCE_H

/* source: what the user named, opened, and work done on its tree.
 *
 *   dc_source_open()            in the parent: descriptors, policy, helpers
 *   dc_source_run()   -- fork -->  confined worker: the tree is opened, the
 *                                  work is called with it
 *                     <-- JSON --
 * A guest that only the appliance can read is tried again with it, before the
 * work has seen anything.
 *
 *   FILE...     disks of one guest
 *   ova:FILE    a machine in an archive with its disks, or FILE.ovf with the
 *               disks beside it
 *   vmx:FILE    VMware's machine, with the disks beside it
 *   libvirt:DOMAIN  a machine of this host's libvirt, also while it runs
 *   dir:FOLDER  a root file system
 *   tar:FILE    the same in an archive
 */

#include <jansson.h>
#include <stdbool.h>

#include "analyzer/source/guest.h"
#include "lib/disk/open.h"
#include "lib/report.h"
#include "lib/tree/tree.h"

enum dc_backend {
  DC_BACKEND_AUTO,
  DC_BACKEND_APPLIANCE, /* also for what we could read ourselves */
  DC_BACKEND_OWN,       /* never the appliance: DC_ERR_APPLIANCE instead */
};

/* All borrowed. */
struct dc_source_options {
  const char *format;               /* of the disks; NULL: by suffix */
  const char *libvirt_uri;          /* NULL: libvirt's own default */
  const char *root;                 /* "/dev/sda2"; NULL: the only one */
  const char *key_file;             /* "-": standard input; NULL: no key */
  const char *const *allow_backing; /* NULL-terminated; NULL: none */
  enum dc_backend backend;
};

/* What is done in the worker.  GUEST is taken, also on failure.  KEEP_FDS
 * stay open there.
 */
struct dc_source_work {
  int (*run) (void *arg, struct dc_tree *tree, struct dc_guest *guest,
              const struct dc_report *report, json_t **result,
              struct dc_error *err);
  void *arg;
  const char *name; /* for messages: "reading the guest" */
  const int *keep_fds;
  size_t keep_fd_count;
};

struct dc_source;

/* Open what NAMES (COUNT of them) say.  0 and *OUT for the caller, or -1 as
 * dc_disk_source_open() or opening a file fails, each text with the name.
 */
int dc_source_open (const char *const *names, size_t count,
                    const struct dc_source_options *options,
                    const struct dc_report *report, struct dc_source **out,
                    struct dc_error *err);
/* Do WORK once; *RESULT is for the caller to release. */
int dc_source_run (struct dc_source *source, const struct dc_source_work *work,
                   const struct dc_report *report, json_t **result,
                   struct dc_error *err);
/* May it be read together with others?  Not one without disks, nor a libvirt
 * machine, which is held still meanwhile, nor one with a passphrase, which the
 * others must not get near.
 */
bool dc_source_can_share (const struct dc_source *source);

/* Who is given the results of several sources. */
struct dc_source_sink {
  /* Source INDEX: its RESULT, or NULL and WHY there is none. */
  int (*take) (void *self, size_t index, json_t *result,
               const struct dc_error *why, struct dc_error *err);
  void *self;
};
/* Do WORK once for each of SOURCES, all through one start of the appliance
 * (analyzer/appliance/appliance.h: they share its kernel), one after the
 * other, and give each to SINK in order.  One that fails here may well be read
 * alone; why it fails is only said then.  0, or -1: the appliance cannot be started, DC_ERR_CANCELLED,
 * DC_ERR_SYSTEM, what SINK fails with.
 */
int dc_source_run_together (struct dc_source *const *sources, size_t count,
                            const struct dc_source_work *work,
                            const struct dc_source_sink *sink,
                            const struct dc_report *report,
                            struct dc_error *err);
/* Its disks, for who boots a copy: 0, *DISKS and *COUNT, which stay the
 * source's; -1: DC_ERR_UNSUPPORTED (a folder or an archive has none).
 */
int dc_source_disks (struct dc_source *source,
                     struct dc_disk_source *const **disks, size_t *count,
                     struct dc_error *err);
/* {"path", "format"} of each part; for the profile. */
int dc_source_json (const struct dc_source *source, json_t **out,
                    struct dc_error *err);
void dc_source_free (struct dc_source *source);
DC_DEFINE_AUTO (dc_source)

#endif
