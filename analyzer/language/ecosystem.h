/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_ECOSYSTEM_H
#define DC_ANALYZER_LANGUAGE_ECOSYSTEM_H

/* ecosystem: what each kind of language packages does for us.
 *
 * A new one is a file with these functions and a row in languages.c.
 */

#include <stdbool.h>

#include "analyzer/profile.h"
#include "lib/span.h"

#define DC_LANGUAGE_DEPTH 16 /* folders above a file that are looked at */

/* What is being read; one for all ecosystems. */
struct dc_language_reader {
  struct dc_tree *tree;
  struct dc_profile *profile;
  uint64_t room;         /* bytes that may still be read */
  uint32_t index;        /* the entry at hand, ... */
  const char *path;      /* ... "/opt/app/x.jar" */
  enum dc_answer system; /* by its place: does the distribution bring it? */
};

/* A package found, borrowed for the call; spans without text: not known. */
struct dc_language_facts {
  const char *ecosystem; /* static */
  struct dc_span name, version, revision, channel;
  struct dc_span path; /* without text: the reader's */
  struct dc_span file; /* evidence; without text: the reader's path */
  unsigned line;
  enum dc_confidence confidence;
};

struct dc_ecosystem {
  /* What the names of entries that interest it end in, or after a slash the
   * whole name; a NULL ends them.
   */
  const char *const *endings;
  /* Is it one?  By metadata only; asked for every entry of such a name. */
  bool (*is_one) (const struct dc_tree *tree, uint32_t index);
  /* It is asked about entries in places of the distribution, too, and corrects
   * the reader's `system`; else those are only counted.
   */
  bool judges_place;
  /* Add the packages of the reader's entry.  0, or -1; what fails with a fault
   * of the guest (dc_is_fault_of_guest()) is noted and left out.
   */
  int (*read) (struct dc_language_reader *reader, struct dc_error *err);
};

extern const struct dc_ecosystem dc_ecosystem_composer;
extern const struct dc_ecosystem dc_ecosystem_conda;
extern const struct dc_ecosystem dc_ecosystem_flatpak;
extern const struct dc_ecosystem dc_ecosystem_gem;
extern const struct dc_ecosystem dc_ecosystem_java;
extern const struct dc_ecosystem dc_ecosystem_npm;
extern const struct dc_ecosystem dc_ecosystem_pip;
extern const struct dc_ecosystem dc_ecosystem_program; /* Go, Rust */
extern const struct dc_ecosystem dc_ecosystem_snap;

/* Keep a package; one without a name is left out.  0, or -1: DC_ERR_SYSTEM. */
int dc_language_add (struct dc_language_reader *reader,
                     const struct dc_language_facts *facts,
                     struct dc_error *err);
/* SIZE bytes are about to be read.  0, or -1: DC_ERR_LIMIT. */
int dc_language_spend (struct dc_language_reader *reader, uint64_t size,
                       struct dc_error *err);
/* The content of the regular file INDEX, appended to B.  1; 0: no such file;
 * -1: DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says.
 */
int dc_language_file (struct dc_language_reader *reader, uint32_t index,
                      struct dc_buffer *b, struct dc_error *err);
/* The same of as many first bytes as B may have. */
int dc_language_head (struct dc_language_reader *reader, uint32_t index,
                      struct dc_buffer *b, struct dc_error *err);
/* A whole file of at most MAX bytes, parsed as JSON: 1 and *OUT for the caller; 0; -1 (also
 * DC_ERR_INVALID).
 */
int dc_language_json (struct dc_language_reader *reader, uint32_t index,
                      size_t max, json_t **out, struct dc_error *err);

/* The folder that the reader's entry lies in. */
struct dc_span dc_language_folder (const struct dc_language_reader *reader);
/* Is the LEVEL-th folder above INDEX (0: its own) called NAME? */
bool dc_language_is_in (const struct dc_tree *tree, uint32_t index,
                        unsigned level, const char *name);
bool dc_language_is_file (const struct dc_tree *tree, uint32_t index);
/* The text of a key of OBJECT that is a string; else none. */
struct dc_span dc_language_text (const json_t *object, const char *key);
/* Take NAME-VERSION apart at the first '-' before a word that begins with a
 * digit and has a dot ("net-ssh-7.0.1-java": "net-ssh", "7.0.1-java"), else at
 * the last before a digit.  False: no version in it; then *NAME is all.
 */
bool dc_language_split (struct dc_span text, struct dc_span *name,
                        struct dc_span *version);

#endif
