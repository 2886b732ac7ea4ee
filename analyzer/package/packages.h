/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PACKAGES_H
#define DC_ANALYZER_PACKAGE_PACKAGES_H

/* packages: what the guest's package manager says is installed.
 *
 * Source: deb-control(5), dpkg(1) "status" and "info" files: Debian Policy,
 * chapters 5 and 7; apt-mark(8) and /var/lib/apt/extended_states;
 * /var/lib/dpkg/status.d of distroless images (one file a package, no
 * Status field).
 */

#include <stdbool.h>

#include "lib/span.h"
#include "lib/tree/tree.h"

/* Bytes of all that is read, without the lists; real systems: up to 15 MB. */
#define DC_PACKAGES_SIZE_MAX ((size_t) 64 * 1024 * 1024)
#define DC_PACKAGE_COUNT_MAX ((size_t) 200000)
#define DC_PROVIDES_MAX ((size_t) 1000000) /* names provided, all packages */
/* Bytes of one package's file list, and of all: some four million paths. */
#define DC_PACKAGE_LIST_MAX ((size_t) 64 * 1024 * 1024)
#define DC_PACKAGE_LISTS_MAX ((size_t) 256 * 1024 * 1024)
#define DC_DIVERSIONS_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes */

struct dc_package {
  char *name;           /* "nginx" */
  char *version;        /* "1.22.1-9+deb12u1" */
  char *arch;           /* "amd64", "all" */
  char *source;         /* source package; NULL: same name */
  char *section;        /* "httpd"; NULL */
  char *depends;        /* Pre-Depends and Depends, joined by ", "; NULL */
  char *provides;       /* NULL */
  char *conffiles;      /* lines of path and MD5 as dpkg keeps them; NULL */
  bool is_essential;    /* Essential: yes */
  bool is_required;     /* Priority: required or important */
  bool is_manual;       /* not marked as automatically installed by apt */
  bool is_distribution; /* essential or required, or one of those needs it */
  unsigned line;        /* of its stanza in the database */
};

struct dc_packages {
  char *database;           /* "/var/lib/dpkg/status"; NULL: none found */
  struct dc_package *items; /* sorted by name, then arch */
  size_t count;
  uint64_t skipped; /* damaged stanzas: without name or version, a name that is
                       none, a NUL byte, there twice */
};

/* Installed packages ("install ok installed" and other states that leave
 * files unpacked).  count 0 and database NULL when there is no dpkg.  0, or
 * -1: DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says.
 */
int dc_packages_load (struct dc_tree *tree, struct dc_packages **out,
                      struct dc_error *err);
/* The index of the first package of this name, any architecture, or COUNT. */
size_t dc_packages_find (const struct dc_packages *packages,
                         struct dc_span name);
void dc_packages_free (struct dc_packages *packages);
DC_DEFINE_AUTO (dc_packages)

/* packagegraph.c: set is_distribution, by Pre-Depends and Depends of those
 * that are essential or required; of alternatives the first one installed or
 * provided.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_packages_mark_distribution (struct dc_packages *packages,
                                   struct dc_error *err);

/* packageowners.c: which package owns each entry: OWNERS[i] is an index into
 * packages->items or DC_TREE_NONE, for tree->count entries; the caller frees
 * it.  Paths of the lists are resolved inside the tree (usr-merge: /bin/ls
 * owns usr/bin/ls); diversions are followed.  What several packages list
 * belongs to the first of them.  A conffile that differs from its recorded
 * MD5 is nobody's.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says.
 */
int dc_packages_owners (const struct dc_packages *packages,
                        struct dc_tree *tree, uint32_t **owners,
                        struct dc_error *err);

#endif
