/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_PACKAGES_H
#define DC_ANALYZER_PACKAGE_PACKAGES_H

/* packages: what the guest's package managers say is installed.
 *
 * A guest may have several managers (rpm on Debian, dpkg on Arch); each has
 * its database and its packages.  What one manager knows and how it keeps it
 * is in its own file (dpkg.c, apk.c, ...), behind manager.h.
 */

#include <stdbool.h>

#include "analyzer/package/changed.h"
#include "analyzer/package/checksum.h"
#include "analyzer/package/repositories.h"
#include "lib/span.h"
#include "lib/tree/tree.h"

/* Bytes of all text that is read, without the lists; real systems: up to
 * 15 MB.
 */
#define DC_PACKAGES_SIZE_MAX ((size_t) 64 * 1024 * 1024)
#define DC_PACKAGE_COUNT_MAX ((size_t) 200000)
#define DC_PACKAGE_DB_MAX ((size_t) 8)
#define DC_PROVIDES_MAX ((size_t) 2000000) /* names provided, all packages */
#define DC_CONFFILE_COUNT_MAX ((size_t) 1000000) /* of one package */
/* Bytes of one package's file list, and of all: some four million paths. */
#define DC_PACKAGE_LIST_MAX ((size_t) 64 * 1024 * 1024)
#define DC_PACKAGE_LISTS_MAX ((size_t) 256 * 1024 * 1024)

enum dc_answer {
  DC_ANSWER_UNKNOWN,
  DC_ANSWER_NO,
  DC_ANSWER_YES,
};

/* A file that the administrator may change. */
struct dc_conffile {
  char *path;             /* "/etc/nginx/nginx.conf" */
  struct dc_checksum sum; /* as the package brought it */
};

struct dc_package {
  char *name;     /* "nginx" */
  char *version;  /* "1.22.1-9+deb12u1", with epoch and release; rpm's as
                     "2:9.0.1-1.fc41" */
  char *arch;     /* "amd64", "all"; "": the record has none */
  char *source;   /* source package; NULL: same name */
  char *section;  /* section or group: "httpd"; NULL */
  char *vendor;   /* who built it, where the record says so; NULL */
  char *depends;  /* a need a line, as the manager writes it; NULL */
  char *provides; /* a capability a line, so too; NULL */
  char *programs; /* rpm: files that others may need by path, a line each */
  struct dc_conffile *conffiles;
  size_t conffile_count;
  char *file;             /* of its record */
  unsigned line;          /* there; 0: the file is no text */
  uint64_t place;         /* of its record, in the manager's own terms */
  uint64_t size;          /* bytes installed; 0: the record does not say */
  size_t db;              /* index in packages->dbs */
  bool is_essential;      /* its manager will not remove it */
  bool is_required;       /* Priority: required or important */
  bool is_held;           /* kept from being upgraded */
  bool is_distribution;   /* part of every system of this distribution: named in
                           templates/distribution.yaml, essential or required,
                           or one of those needs it */
  enum dc_answer manual;  /* asked for by somebody, not by another package */
  enum dc_answer foreign; /* not from the distribution's repositories */
};

struct dc_package_manager;

struct dc_package_db {
  const struct dc_package_manager *manager;
  char *file;    /* "/var/lib/dpkg/status" */
  char *problem; /* why it was read in part only, one sentence; NULL */
  size_t first;  /* its packages in items ... */
  size_t count;
  uint64_t skipped; /* damaged records: without name or version, a name that is
                       none, a NUL byte, there twice */
};

struct dc_packages {
  struct dc_package_db dbs[DC_PACKAGE_DB_MAX];
  size_t db_count;
  struct dc_package *items; /* sorted by database, name, arch, version */
  size_t count;
  struct dc_repositories repositories;
  struct dc_changed_files changed;      /* configuration files */
  struct dc_verification *verification; /* of all files; NULL: not asked for */
};

/* Installed packages of all managers.  A database that cannot be read to its
 * end has a problem and what was read until then.  0, or -1: DC_ERR_SYSTEM,
 * what the tree says.
 */
int dc_packages_load (struct dc_tree *tree, struct dc_packages **out,
                      struct dc_error *err);
/* The index of the first package of this name in DB, any architecture, or
 * packages->count.
 */
size_t dc_packages_find (const struct dc_packages *packages, size_t db,
                         struct dc_span name);
/* "dpkg" */
const char *dc_package_manager_name (const struct dc_packages *packages,
                                     const struct dc_package *package);
void dc_packages_free (struct dc_packages *packages);
DC_DEFINE_AUTO (dc_packages)

/* packagegraph.c: set is_distribution; of alternatives the first one
 * installed or provided counts.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_packages_mark_distribution (struct dc_packages *packages,
                                   struct dc_error *err);

/* packageowners.c: which package owns each entry: OWNERS[i] is an index into
 * packages->items or DC_TREE_NONE, for tree->count entries; the caller frees
 * it.  Paths of the lists are resolved inside the tree (usr-merge: /bin/ls
 * owns usr/bin/ls); diversions are followed.  What several packages list
 * belongs to the first of them.  A conffile that differs from its recorded
 * checksum is nobody's.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree
 * says.
 */
int dc_packages_owners (const struct dc_packages *packages,
                        struct dc_tree *tree, uint32_t **owners,
                        struct dc_error *err);

#endif
