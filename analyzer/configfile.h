/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_CONFIGFILE_H
#define DC_ANALYZER_CONFIGFILE_H

/* configfile: configuration of a guest, file by file; a broken one is a
 * finding and the next is read.
 */

#include "analyzer/profile.h"
#include "lib/span.h"

#define DC_CONFIGFILE_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of one file */
#define DC_CONFIGFILE_MAX 1000 /* files of one read; further ones a finding */

struct dc_configfile {
  const char *path; /* "/etc/resolv.conf"; for evidence */
  const char *text;
  size_t size;
};

/* Who reads; one read is one kind of file. */
struct dc_configreader {
  struct dc_tree *tree;
  struct dc_profile *profile; /* gets the findings */
  const char *finding;        /* id of theirs: "network.unreadable" */
  /* 0 or -1, with what could be read kept in ARG. */
  int (*parse) (void *arg, const struct dc_configfile *file,
                struct dc_error *err);
  void *arg;
  size_t count; /* files read so far */
};

/* Read the file at PATH.  1; 0 when there is none, or none that could be
 * understood (then a finding says so); -1: DC_ERR_SYSTEM, the tree's medium.
 */
int dc_configfile_read (struct dc_configreader *reader, const char *path,
                        struct dc_error *err);
/* Those of the COUNT folders whose names end in SUFFIX ("": all), as
 * analyzer/unit/dropdir.h has it: of equal names the first folder's.  0; -1.
 */
int dc_configfile_read_folders (struct dc_configreader *reader,
                                const char *const *folders, size_t count,
                                const char *suffix, struct dc_error *err);

/* Lines "[section]" and "key = value" of one file; "#" and ";" begin comments.
 * Start with { .rest = text }.
 */
struct dc_configlines {
  struct dc_span rest, section;
  unsigned line;
};
struct dc_configline {
  struct dc_span section, key, value; /* trimmed; section "" before any */
  unsigned line;
};
/* The next assignment: true; false at the end. */
bool dc_configline_next (struct dc_configlines *lines,
                         struct dc_configline *line);
/* Is LINE this key of this section? */
bool dc_configline_is (const struct dc_configline *line, const char *section,
                       const char *key);

#endif
