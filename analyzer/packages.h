/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGES_H
#define DC_ANALYZER_PACKAGES_H

/* packages: what the guest's package manager says is installed.
 *
 * Source: deb-control(5), dpkg(1) "status" and "info" files: Debian Policy,
 * chapters 5 and 7; /var/lib/dpkg/status.d of distroless images.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

#define DC_PACKAGES_SIZE_MAX                                                   \
  ((size_t) 256 * 1024 *                                                       \
   1024) /* bytes of status                              \
                                */
#define DC_PACKAGE_COUNT_MAX 200000

struct dc_package {
  char *name;           /* "nginx" */
  char *version;        /* "1.22.1-9+deb12u1" */
  char *arch;           /* "amd64", "all" */
  char *source;         /* source package; NULL: same name */
  char *section;        /* "httpd"; NULL */
  char *depends;        /* Pre-Depends and Depends, joined by ", "; NULL */
  char *provides;       /* NULL */
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
};

/* Installed packages ("install ok installed" and other states that leave
 * files unpacked).  count 0 and database NULL when there is no dpkg.
 */
int dc_packages_load (struct dc_tree *tree, struct dc_packages **out,
                      struct dc_error *err);
void dc_packages_free (struct dc_packages *packages);
DC_DEFINE_AUTO (dc_packages)

/* Which package owns each entry: OWNERS[i] is an index into packages->items
 * or DC_TREE_NONE, for tree->count entries; the caller frees it.  Paths of the
 * lists are resolved inside the tree (usr-merge: /bin/ls owns usr/bin/ls).  A
 * folder belongs to the first package that lists it.  A conffile that differs
 * from its recorded MD5 is nobody's.
 */
int dc_packages_owners (const struct dc_packages *packages,
                        struct dc_tree *tree, uint32_t **owners,
                        struct dc_error *err);

#endif
