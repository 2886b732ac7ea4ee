/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_REPOSITORIES_H
#define DC_ANALYZER_PACKAGE_REPOSITORIES_H

/* repositories: where the guest gets packages from, as it is configured.
 *
 * Source: sources.list(5); dnf.conf(5), "Repo Options"; zypper(8); pacman.conf
 * (5); apk-repositories(5).
 */

#include <stdbool.h>

#include "analyzer/evidence.h"
#include "lib/span.h"
#include "lib/tree/tree.h"

#define DC_REPOSITORY_MAX ((size_t) 10000)
#define DC_REPOSITORIES_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes read */

struct dc_repository {
  const char *manager; /* "dpkg" */
  char *name;          /* suite ("bookworm"), section ("fedora"), tag ("edge");
                          NULL */
  char *location;      /* URI, list of mirrors, included file; NULL */
  char *components;    /* "main contrib"; NULL */
  bool is_enabled;
  struct dc_evidence evidence;
};

struct dc_repositories {
  struct dc_repository *items; /* in the order of files and lines */
  size_t count;
};

/* Fill REPOSITORIES, which is empty; what cannot be understood is no
 * repository.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says;
 * what was read until then is there.
 */
int dc_repositories_load (struct dc_tree *tree,
                          struct dc_repositories *repositories,
                          struct dc_error *err);
void dc_repositories_release (struct dc_repositories *repositories);

/* Parsers of the kinds of file; they add to REPOSITORIES. */
struct dc_repository_file {
  struct dc_repositories *repositories;
  const char *manager, *file;
  struct dc_span text;
};
int dc_repositories_apt (const struct dc_repository_file *file,
                         struct dc_error *err);
int dc_repositories_apt822 (const struct dc_repository_file *file,
                            struct dc_error *err);
int dc_repositories_ini (const struct dc_repository_file *file,
                         struct dc_error *err);
int dc_repositories_apk (const struct dc_repository_file *file,
                         struct dc_error *err);

/* For them: add one; a text that is NULL stays so, one with a NUL byte makes
 * it none.
 */
struct dc_repository_words {
  struct dc_span name, location, components;
};
int dc_repositories_add (const struct dc_repository_file *file, unsigned line,
                         const struct dc_repository_words *words,
                         bool is_enabled, struct dc_error *err);

#endif
