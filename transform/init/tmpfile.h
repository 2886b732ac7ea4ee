/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_TMPFILE_H
#define DC_TRANSFORM_TMPFILE_H

/* tmpfile: one line of tmpfiles.d(5). */

#include <stdbool.h>

#include "analyzer/system/users.h"
#include "transform/init/bootfile.h"

/* What lines are read against. */
struct dc_tmpfile_reader {
  const struct dc_bootfile *bootfile;
  const struct dc_users *users;
  const struct dc_group **groups; /* sorted by name, then as in the file */
};

struct dc_tmpfile {
  char *path;     /* expanded, absolute, without needless slashes */
  char *text;     /* the argument; NULL: none */
  char *age;      /* for comparing; NULL: none */
  char mode[8];   /* as the plan has it: "0755", ":~0755", "-" */
  char owner[16]; /* "33", ":33", "-" */
  char group[16];
  char type;     /* the line's letter */
  char unknown;  /* a specifier that only a running system knows; 0: none */
  char flags[4]; /* of "+=-", sorted so */
};

/* Make READER ready; BOOTFILE and USERS are borrowed. */
int dc_tmpfile_reader_init (struct dc_tmpfile_reader *reader,
                            const struct dc_bootfile *bootfile,
                            const struct dc_users *users, struct dc_error *err);
void dc_tmpfile_reader_release (struct dc_tmpfile_reader *reader);

/* Read a line: 1 and *LINE for the caller to release; 0: systemd passes over
 * it in silence, or it is none; -1: DC_ERR_INVALID, DC_ERR_UNSUPPORTED (what
 * is wrong with the line), DC_ERR_SYSTEM.
 */
int dc_tmpfile_parse (const struct dc_tmpfile_reader *reader, const char *text,
                      struct dc_tmpfile *line, struct dc_error *err);
void dc_tmpfile_release (struct dc_tmpfile *line);

/* Is the path a pattern for what is there? */
bool dc_tmpfile_is_glob (const struct dc_tmpfile *line);
/* Does it decide what its path is, so that a second such line is ignored? */
bool dc_tmpfile_owns (const struct dc_tmpfile *line);

#endif
