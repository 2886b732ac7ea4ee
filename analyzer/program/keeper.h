/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_KEEPER_H
#define DC_ANALYZER_PROGRAM_KEEPER_H

/* keeper: what the files that collect a service's files share. */

#include "analyzer/program/kept.h"

struct dc_keeper {
  struct dc_tree *tree;
  const struct dc_profile *profile;
  struct dc_programs *programs;
  struct dc_package_graph *graph;
  struct dc_keep_template *template;
  struct dc_apps apps;
  uint32_t *owners;   /* of each entry: a package, or DC_TREE_NONE */
  uint32_t *files;    /* entries that have an owner, by package ... */
  size_t *first_file; /* ... of which a package's begin here */
  bool *is_never;     /* of each entry: keep.yaml's `never` */
  uint32_t *links;    /* symbolic links, and ... */
  uint32_t *targets;  /* ... where each leads */
  uint32_t link_count;
  uint8_t *is_kept; /* of each entry: by the service at hand */
};

/* The service at hand. */
struct dc_keeping {
  struct dc_keeper *keeper;
  const struct dc_unit *unit;
  struct dc_kept *kept;
  size_t looked_at; /* items whose needs are followed */
};

/* Keep the entry, unless it is kept already. */
int dc_keep_entry (struct dc_keeping *keeping, uint32_t index,
                   enum dc_kept_reason reason, uint32_t because,
                   struct dc_error *err);
/* The same of all that is below a folder, and of the folder. */
int dc_keep_below (struct dc_keeping *keeping, uint32_t index,
                   enum dc_kept_reason reason, uint32_t because,
                   struct dc_error *err);
/* keptprograms.c: commands, programs, scripts, and all they are linked to. */
int dc_keep_commands (struct dc_keeping *keeping, struct dc_error *err);
int dc_keep_programs (struct dc_keeping *keeping, struct dc_error *err);
/* keptpackages.c: the packages of programs, and what these need. */
int dc_keep_packages (struct dc_keeping *keeping, struct dc_error *err);

#endif
