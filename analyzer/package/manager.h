/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_MANAGER_H
#define DC_ANALYZER_PACKAGE_MANAGER_H

/* manager: what each package manager does for us.
 *
 * A new one is a file with these functions and a row in manager.c.
 */

#include "analyzer/package/packages.h"

/* What is being loaded; one for all managers. */
struct dc_package_loader {
  struct dc_packages *packages;
  struct dc_tree *tree;
  size_t room; /* bytes that may still be read */
};

/* A file of a package, borrowed for the call. */
struct dc_packaged_file {
  struct dc_span path;    /* from the root on, with or without a slash; "/." and
                            "" are the root */
  struct dc_span target;  /* of a symbolic link; text NULL: not known */
  struct dc_checksum sum; /* of the content, or of a link's target */
  bool is_config;
  bool is_optional; /* may be missing (rpm's ghosts) */
};

struct dc_file_sink {
  bool wants_sums; /* else `sum` may be missing where it costs something */
  int (*file) (void *self, size_t package, const struct dc_packaged_file *file,
               struct dc_error *err);
  void *self;
};

struct dc_package_manager {
  const char *name;  /* "dpkg" */
  bool has_versions; /* several versions of a package may be installed */
  /* Begin a database with dc_package_begin() if there is one, and add its
   * packages.  0, or -1: DC_ERR_INVALID, DC_ERR_LIMIT, ...
   */
  int (*load) (struct dc_package_loader *loader, struct dc_error *err);
  /* What is known when all packages are there and sorted: who was asked for,
   * what is held.  May be NULL.
   */
  int (*mark) (struct dc_package_loader *loader, size_t db,
               struct dc_error *err);
  /* Hand the files of all packages of DB to SINK, in any order. */
  int (*list) (const struct dc_packages *packages, size_t db,
               struct dc_tree *tree, const struct dc_file_sink *sink,
               struct dc_error *err);
  /* The next name that *RELATION, a line of depends or provides, speaks of:
   * "libc6" of "libc6:any (>= 2.36) | libc6.1".  False when there is none
   * left.  Of several one is enough.
   */
  bool (*next_name) (struct dc_span *relation, struct dc_span *name);
};

extern const struct dc_package_manager dc_package_manager_apk;
extern const struct dc_package_manager dc_package_manager_dpkg;
extern const struct dc_package_manager dc_package_manager_pacman;
extern const struct dc_package_manager dc_package_manager_rpm;

extern const struct dc_package_manager *const dc_package_managers[];
extern const size_t dc_package_manager_count;

/* What follows belongs to the database begun last. */
int dc_package_begin (struct dc_package_loader *loader,
                      const struct dc_package_manager *manager,
                      const char *file, struct dc_error *err);
/* FILE within what may still be read, appended to B, whose max is set: 1, 0
 * when there is none.
 */
int dc_package_read (struct dc_package_loader *loader, const char *file,
                     struct dc_buffer *b, struct dc_error *err);
/* PACKAGE, filled by the caller, is taken, also on failure; an arch of NULL
 * becomes "".
 */
int dc_package_add (struct dc_package_loader *loader,
                    struct dc_package *package, struct dc_error *err);
/* A damaged record is left out. */
void dc_package_skip (struct dc_package_loader *loader);

/* Copies VALUE unless its text is NULL. */
int dc_package_set (char **out, struct dc_span value, struct dc_error *err);
/* Append VALUE as a line to *LINES, a buffer of relations. */
int dc_package_line (struct dc_buffer *lines, struct dc_span value,
                     struct dc_error *err);
int dc_package_add_conffile (struct dc_package *package, struct dc_span path,
                             const struct dc_checksum *sum,
                             struct dc_error *err);
/* Can NAME be a package's?  Names become paths of lists, so what Debian
 * Policy 5.6.1 allows, capitals, and '_' and '@' of the others.
 */
bool dc_package_is_name (struct dc_span name);
/* Is VALUE without a NUL byte and a newline? */
bool dc_package_is_word (struct dc_span value);
void dc_package_release (struct dc_package *package);

/* The name that apk and pacman write before "<=1.2" and the like. */
bool dc_relation_plain_name (struct dc_span *relation, struct dc_span *name);

#endif
