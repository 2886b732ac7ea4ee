/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_DAEMON_H
#define DC_ANALYZER_ENDPOINT_DAEMON_H

/* daemon: a service that starts and whose program we know.
 *
 * The joint between endpoint.c, which finds such services, and one reader an
 * application (conf_nginx.c, ...), which knows where that application writes
 * what it listens on.  A reader sees the tree, the unit and the command line,
 * and tells with the functions below what it found; each statement names the
 * file and line that prove it.
 */

#include "analyzer/profile.h"
#include "analyzer/unit/unitexec.h"
#include "lib/buffer.h"
#include "templates/apps.h"

#define DC_CONF_SIZE_MAX ((size_t) 16 * 1024 * 1024) /* bytes of one file */
#define DC_CONF_DEPTH_MAX 16 /* files that include each other */
/* Of all services of a guest together, because a guest may have many. */
#define DC_CONF_TOTAL_MAX ((size_t) 16 * 1024 * 1024) /* bytes read, in 0.5 s */
#define DC_CONF_FILE_MAX 50000                        /* files read */
#define DC_CONF_INCLUDE_MAX 5000                      /* patterns followed */

/* What may still be read. */
struct dc_conf_budget {
  size_t bytes, files, includes;
  bool is_exhausted; /* and somebody was told */
};

struct dc_daemon {
  struct dc_tree *tree;
  struct dc_profile *profile; /* gets the endpoints and findings */
  struct dc_conf_budget *budget;
  const struct dc_unit *unit;
  const struct dc_app *app;           /* what we know of it */
  const struct dc_exec *command;      /* of ExecStart= */
  const struct dc_words *argv;        /* the same with all variables put in */
  const struct dc_words *environment; /* those variables, "NAME=value" */
};

/* Returns 1 when the reader has told everything, which may be nothing; 0 when
 * it cannot tell, or not all: then it has noted why, or the caller notes
 * that the ports are unknown; -1: DC_ERR_SYSTEM, DC_ERR_LIMIT (endpoints).
 */
typedef int dc_daemon_reader (const struct dc_daemon *daemon,
                              struct dc_error *err);

/* The reader that files of templates/apps/ call NAME, or NULL. */
dc_daemon_reader *dc_daemon_reader_find (const char *name);

/* Which application UNIT, a service, is, by what it runs or else by its name:
 * its position among all (templates/apps.h), or SIZE_MAX.  0 or -1:
 * DC_ERR_SYSTEM.
 */
int dc_daemon_position (struct dc_profile *profile, const struct dc_unit *unit,
                        size_t *position, struct dc_error *err);

/* Where the command line is. */
struct dc_proof dc_daemon_command (const struct dc_daemon *daemon);

/* The service listens.  0 or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_daemon_listens (const struct dc_daemon *daemon,
                       const struct dc_listen *listen, struct dc_error *err);
/* The service connects to this.  0 or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_daemon_connects (const struct dc_daemon *daemon,
                        const struct dc_target *target, struct dc_error *err);
/* "endpoint.unknown": why a port of this daemon cannot be told.  FMT is what
 * follows "nginx.service: ".
 */
int dc_daemon_note (const struct dc_daemon *daemon, struct dc_proof proof,
                    struct dc_error *err, const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 4, 5)));
/* The content of a configuration file, appended to B: 1; 0 when there is none
 * or it is unusable (too large, unreadable, with NUL bytes), after a note
 * that names PROOF, where it is mentioned; -1: DC_ERR_SYSTEM.
 */
int dc_daemon_read (const struct dc_daemon *daemon, const char *path,
                    struct dc_proof proof, struct dc_buffer *b,
                    struct dc_error *err);
/* Append to PATHS the files that fit PATTERN, in byte order; a path without a
 * pattern in it is taken as it is.  1, 0 after a note, -1: DC_ERR_SYSTEM.
 */
int dc_daemon_include (const struct dc_daemon *daemon, const char *pattern,
                       struct dc_proof proof, struct dc_words *paths,
                       struct dc_error *err);
/* The options of the command line as getopt(3) finds them, up to the first
 * word that is none: READ is called with SELF, the letter and its value (NULL
 * for letters that are not in WITH_VALUE).  0, or -1 as soon as READ fails.
 */
int dc_daemon_options (const struct dc_daemon *daemon, const char *with_value,
                       int (*read) (void *self, char letter, const char *value,
                                    struct dc_error *err),
                       void *self, struct dc_error *err);
/* The version of its package, less the epoch: "2.4.57-2"; NULL: unknown. */
const char *dc_daemon_version (const struct dc_daemon *daemon);
/* PATH, or where it leads from the working directory of the service. */
int dc_daemon_path (const struct dc_daemon *daemon, const char *path,
                    char **out, struct dc_error *err);

#endif
