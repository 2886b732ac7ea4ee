/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_CONFLINES_H
#define DC_ANALYZER_ENDPOINT_CONFLINES_H

/* conflines: configuration files of one line after another that may include
 * each other.  The application's reader sees each line with its proof.
 */

#include "analyzer/endpoint/daemon.h"

struct dc_conflines {
  const struct dc_daemon *daemon;
  /* LINE is without its end; PROOF names the first of those that are joined.  1 to go on, 0 to leave the rest of the file,
   * -1.  PROOF may be kept: it lives as long as these lines.
   */
  int (*read) (void *self, const char *line, struct dc_proof proof,
               struct dc_error *err);
  void *self;
  bool
      is_joined; /* a backslash at the end of a line joins the next to it ... */
  bool is_comment_alone; /* ... but not one that begins with '#' */
  struct dc_words files; /* those read; release it at the end */
  bool is_incomplete;    /* something could not be read, and was noted */
  unsigned depth;        /* of files that are being read */
  bool is_too_deep;      /* and that was noted; once is enough */
};

/* Read the file at PATH, which PROOF mentions; what is wrong with it is
 * noted.  0 or -1: DC_ERR_SYSTEM, or what the reader fails with.
 */
int dc_conflines_read (struct dc_conflines *lines, const char *path,
                       struct dc_proof proof, struct dc_error *err);
/* Read all files that fit PATTERN, for a line that includes them. */
int dc_conflines_include (struct dc_conflines *lines, const char *pattern,
                          struct dc_proof proof, struct dc_error *err);
/* Something in the files is not as the application wants it. */
int dc_conflines_note (struct dc_conflines *lines, struct dc_proof proof,
                       const char *text, struct dc_error *err);

#endif
