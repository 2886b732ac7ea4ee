/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_RPMDB_H
#define DC_ANALYZER_PACKAGE_RPMDB_H

/* rpmdb: the headers in rpm's database, in any of its three formats.
 *
 *   rpmdb.sqlite  a table "Packages" of number and header (rpm 4.16 and later)
 *   Packages.db   ndb, rpm's own format (SUSE)
 *   Packages      a hash of Berkeley DB (before: RHEL 8, CentOS 7, ...)
 *
 * librpm wants a path on the host and has parsers for all of this that were not
 * made for hostile input; so this is read here, and librpm is what the tests
 * compare with.  rpm's indexes are not needed and not read.
 *
 * Source: rpm 4.18 lib/backend/sqlite.c, lib/backend/ndb/rpmpkg.c,
 * lib/backend/bdb_ro.c; Berkeley DB's dbinc/db_page.h.
 */

#include "analyzer/package/pagefile.h"

#define DC_RPM_HEADER_MAX ((size_t) 256 * 1024 * 1024) /* bytes; rpm's own */

struct dc_rpm_sink {
  /* A header, borrowed for the call; PLACE is its number in the database. */
  int (*header) (void *self, uint64_t place, const void *bytes, size_t size,
                 struct dc_error *err);
  /* Something is damaged and left out. */
  void (*damage) (void *self);
  void *self;
};

/* The path of the guest's database, or NULL when it has none. */
const char *dc_rpmdb_find (const struct dc_tree *tree);
/* Hand all headers of the database PATH, as dc_rpmdb_find() gave it, to SINK.
 * 0, or -1: DC_ERR_INVALID (no such database), DC_ERR_LIMIT, DC_ERR_SYSTEM,
 * what SINK says.
 */
int dc_rpmdb_walk (struct dc_tree *tree, const char *path,
                   const struct dc_rpm_sink *sink, struct dc_error *err);

/* rpmndb.c, rpmbdb.c: the same of an open file. */
int dc_rpmdb_ndb (struct dc_pagefile *file, const struct dc_rpm_sink *sink,
                  struct dc_error *err);
int dc_rpmdb_bdb (struct dc_pagefile *file, const struct dc_rpm_sink *sink,
                  struct dc_error *err);

#endif
