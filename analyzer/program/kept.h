/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROGRAM_KEPT_H
#define DC_ANALYZER_PROGRAM_KEPT_H

/* kept: the closed set of files that one service needs, each with the reason
 * why it is kept.
 *
 *   the unit --names--> commands --are--> programs and scripts
 *   programs --need--> loader, libraries; scripts --need--> interpreters, and
 *     name other files
 *   the packages that programs and scripts lie in, whole; what these packages
 *     need, whole; less what templates/keep.yaml says nobody needs
 *   configuration and data of an application that templates/apps/ knows
 *   what every service needs (templates/keep.yaml), where links among these
 *     lead, and the links and folders that lead to any of them
 *
 * A file has the first of these reasons that it meets, in the order of the
 * enumeration.  What a program opens by a name that it makes up at run time is
 * not found, unless it lies in one of the packages.
 */

#include "analyzer/package/packagegraph.h"
#include "analyzer/profile.h"
#include "analyzer/program/programs.h"
#include "templates/apps.h"
#include "templates/templates.h"

enum dc_kept_reason {
  DC_KEPT_UNIT,          /* the unit's files, and those of its variables */
  DC_KEPT_COMMAND,       /* the unit runs it */
  DC_KEPT_INTERPRETER,   /* BECAUSE is a script for it */
  DC_KEPT_LOADER,        /* BECAUSE is a program for it */
  DC_KEPT_LIBRARY,       /* BECAUSE is linked to it */
  DC_KEPT_NAMED,         /* BECAUSE, a script or the unit, names it */
  DC_KEPT_CONFIGURATION, /* of the application */
  DC_KEPT_DATA,          /* of the application */
  DC_KEPT_PACKAGE,       /* it lies in the package of BECAUSE, a program */
  DC_KEPT_NEEDED,        /* in package BECAUSE, which another package needs */
  DC_KEPT_ALWAYS,        /* BECAUSE is the index of keep.yaml's rule */
  DC_KEPT_TARGET,        /* BECAUSE, a symbolic link, leads to it */
  DC_KEPT_WAY,           /* it leads to BECAUSE */
};
#define DC_KEPT_REASON_COUNT (DC_KEPT_WAY + 1)

struct dc_kept_file {
  uint32_t index;   /* of the entry */
  uint32_t because; /* an entry, where the reason does not say otherwise;
                       DC_TREE_NONE: the unit */
  enum dc_kept_reason reason;
};

/* What one service needs. */
struct dc_kept {
  struct dc_kept_file *items; /* sorted by entry, that is by path */
  size_t count;
  struct dc_words programs; /* commands that were found, as paths */
  struct dc_words missing;  /* "PROGRAM: LIBRARY", or a command */
  struct dc_words packages; /* names of those that its programs lie in */
  struct dc_words plugins;  /* folders of libraries that no program is linked
                               to: opened by name */
  size_t needed_count;      /* further packages that those need */
};

/* What all services of a guest share. */
struct dc_keeper;
/* TREE and PROFILE are borrowed and must outlive it.  0 and *OUT for the
 * caller, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says.
 */
int dc_keeper_make (struct dc_tree *tree, const struct dc_profile *profile,
                    struct dc_keeper **out, struct dc_error *err);
/* 0 and *OUT filled (release it), or -1 as above. */
int dc_keeper_service (struct dc_keeper *keeper, const struct dc_unit *unit,
                       struct dc_kept *out, struct dc_error *err);
/* Why FILE is kept, a sentence for people, into B (cleared first). */
int dc_kept_because (const struct dc_keeper *keeper,
                     const struct dc_kept_file *file, struct dc_buffer *b,
                     struct dc_error *err);
/* "command", "library", ...: as in the profile. */
const char *dc_kept_reason_name (enum dc_kept_reason reason);
void dc_kept_release (struct dc_kept *kept);
void dc_keeper_free (struct dc_keeper *keeper);
DC_DEFINE_AUTO (dc_keeper)

#endif
