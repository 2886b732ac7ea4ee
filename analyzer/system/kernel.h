/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_KERNEL_H
#define DC_ANALYZER_SYSTEM_KERNEL_H

/* kernel: what a guest asks of its kernel, a section of the profile: kernels
 * and modules that are not of the distribution, modules that are loaded at
 * boot, kernel parameters, devices that services open, the command line.
 *
 * A container shares its host's kernel, so each of these is something that
 * the host must have, or that the container must be given.
 *
 * Source: modules-load.d(5), modprobe.d(5), sysctl.d(5); sysctl keys of the
 * namespaces: namespaces(7), the OCI runtime-spec "sysctl" and the list that
 * runc accepts, measured.
 */

#include <jansson.h>
#include <stdbool.h>

#include "analyzer/evidence.h"
#include "analyzer/system/bootline.h"
#include "lib/words.h"

#define DC_KERNEL_FILE_MAX ((size_t) 1024 * 1024) /* bytes of one file */
#define DC_KERNEL_FACT_MAX 10000                  /* of one kind */

/* A name or "key=value" with its place. */
struct dc_kernel_fact {
  char *name;  /* a module, a key, a path */
  char *value; /* of a parameter; NULL */
  char *by;    /* the service that wants it; NULL: the guest */
  struct dc_evidence evidence;
  size_t order; /* in which it was read */
};
struct dc_kernel_facts {
  struct dc_kernel_fact *items;
  size_t count;
};

struct dc_kernel {
  struct dc_words versions; /* folders of modules: "6.1.0-13-amd64" */
  struct dc_words foreign;  /* modules that did not come with their kernel */
  struct dc_kernel_facts modules;    /* loaded at boot, or by a service */
  struct dc_kernel_facts parameters; /* sorted by key; the last one wins */
  struct dc_kernel_facts devices;    /* named by services */
  struct dc_bootline command_line;   /* options NULL: not known */
};

/* Can a container have a parameter of its own?  Else it is the host's. */
bool dc_kernel_is_namespaced (const char *key);

struct dc_profile;
struct dc_page;
int dc_kernel_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err);
json_t *dc_kernel_json (const struct dc_profile *profile);
int dc_kernel_text (struct dc_page *page, struct dc_error *err);
void dc_kernel_forget (struct dc_profile *profile);

#endif
