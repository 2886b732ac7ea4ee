/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_APACHESTATE_H
#define DC_ANALYZER_ENDPOINT_APACHESTATE_H

/* apachestate: what Apache knows while it reads its files, on which its
 * conditional sections depend: modules, defined names, its version.
 */

#include "analyzer/endpoint/conflines.h"

struct dc_apache {
  const struct dc_daemon *daemon;
  struct dc_conflines lines;
  char *root;                  /* ServerRoot; relative names begin here */
  struct dc_words defines;     /* names of Define and -D */
  struct dc_words variables;   /* of Define, "NAME=value" */
  struct dc_words environment; /* of the process */
  struct dc_words modules;     /* "ssl_module" and "mod_ssl.c" */
  struct dc_words macros;      /* those that may listen */
  char *macro;                 /* the one that is being defined */
  char *skipped;               /* the section that does not count, "ifmodule" */
  char *doubtful;              /* the one of which that cannot be told */
  unsigned skipped_depth, doubtful_depth; /* of sections of the same name */
  unsigned variable_count;                /* times they were used */
  unsigned folder_count, folder_depth;
  bool has_many_folders; /* too many, which was noted */
  size_t listen_count;
};

enum dc_apache_verdict { DC_APACHE_NO, DC_APACHE_YES, DC_APACHE_MAYBE };

/* Does the content of section WORDS ("<IfModule", "!ssl_module") count? */
enum dc_apache_verdict dc_apache_judge (const struct dc_apache *apache,
                                        const struct dc_words *words);
/* LoadModule, and those that are compiled in.  0 or -1: DC_ERR_SYSTEM. */
int dc_apache_load (struct dc_apache *apache, const char *identifier,
                    const char *file, struct dc_error *err);
int dc_apache_load_compiled (struct dc_apache *apache, struct dc_error *err);
/* Define and UnDefine; VALUE may be NULL. */
int dc_apache_define (struct dc_apache *apache, const char *name,
                      const char *value, struct dc_error *err);
void dc_apache_undefine (struct dc_apache *apache, const char *name);
/* PATH, or where it is below the ServerRoot. */
int dc_apache_path (const struct dc_apache *apache, const char *path,
                    char **out, struct dc_error *err);
void dc_apache_release (struct dc_apache *apache);

#endif
