/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_INITCOMPILER_H
#define DC_TRANSFORM_INITCOMPILER_H

/* initcompiler: what the parts of initplan share.
 *
 *   initplan      the whole
 *   initorder     who waits for whom
 *   initties      what else they have to do with each other
 *   initservice   the lines of one service, which come from
 *   inituser        its user and groups
 *   initsetting     its plain settings
 *   initlimit       its times, counts and limits
 *   initprivilege   its capabilities
 *   initschedule    its priorities
 *   initstream      its input and output
 *   initfilter      its system calls, of which
 *   callset           are those of SystemCallFilter=
 *   initmount       its name spaces and mounts
 *   initcredential  its credentials
 *   initspecifier   what specifiers stand for, before all that
 *   initmask        the words that are bits in some of these
 *   initignored     what else is set, which decant-init does not do
 *   initenv         its variables and folders
 *   initexec        its commands
 *   initcondition   its conditions and assertions, of which
 *   initfact          answers what is known when converting
 *   initline      how a line is written
 */

#include "analyzer/unit/unitexec.h"
#include "lib/buffer.h"
#include "transform/init/initplan.h"

#define DC_DYNAMIC_UID_MIN 61184 /* systemd's own range for DynamicUser= */
#define DC_DYNAMIC_UID_MAX 65519

struct dc_init_triggers;

struct dc_initcompiler {
  struct dc_tree *tree;
  const struct dc_units *units;
  const struct dc_users *users;
  const char *hostname;
  char *arch; /* the guest's, OCI's word; NULL: unknown */
  const struct dc_unit *const *kept; /* of the plan, sorted by name */
  size_t kept_count;
  struct dc_words locale;  /* the guest's: "LANG=C.UTF-8" */
  struct dc_words release; /* the guest's os-release, once it was asked for */
  bool has_release;
  uint32_t dynamic_uids[DC_INITPLAN_SERVICE_MAX]; /* given so far */
  struct dc_words dynamic_names;                  /* theirs */
  size_t dynamic_count;
  struct dc_init_triggers *triggers; /* of the kept units */
  struct dc_buffer global;           /* lines before the first service */
  struct dc_words *findings;
};

/* A service while its lines are written. */
struct dc_initservice {
  struct dc_initcompiler *compiler;
  const struct dc_unit *unit;
  const struct dc_init_choice *choice;
  const char *name; /* the plan's: "nginx" of "nginx.service" */
  struct dc_buffer *lines;
  const char *type; /* the plan's word */
  const char *home; /* of its user; borrowed */
};

/* Add the finding "UNIT: TEXT (FILE:LINE)", once; WHERE may be NULL. */
int dc_init_note (struct dc_initcompiler *compiler, const struct dc_unit *unit,
                  const struct dc_setting *where, struct dc_error *err,
                  const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 5, 6)));

/* initline.c: a line of KEYWORD and words up to NULL, in pieces or at once. */
int dc_initline_begin (struct dc_buffer *lines, const char *keyword,
                       struct dc_error *err);
int dc_initline_word (struct dc_buffer *lines, const char *word,
                      struct dc_error *err);
int dc_initline_end (struct dc_buffer *lines, struct dc_error *err);
int dc_initline (struct dc_buffer *lines, struct dc_error *err,
                 const char *keyword, ...) __attribute__ ((__sentinel__));
/* A number as the text of a word. */
struct dc_init_number {
  char text[24];
};
struct dc_init_number dc_init_decimal (uint64_t number);
struct dc_init_number dc_init_octal (unsigned mode);

/* The value of SETTING with its specifiers expanded, for the caller: 1; 0
 * when only a running system knows them (with a finding).
 */
int dc_init_expand (const struct dc_initservice *service,
                    const struct dc_setting *setting, char **out,
                    struct dc_error *err);
/* The same of the plain setting KEY: also 0 when it is not set.  WHERE may be
 * NULL.
 */
int dc_init_value (const struct dc_initservice *service, const char *section,
                   const char *key, char **out, const struct dc_setting **where,
                   struct dc_error *err);
/* The words of all settings KEY, unquoted and expanded. */
int dc_init_words (const struct dc_initservice *service, const char *section,
                   const char *key, struct dc_words *words,
                   struct dc_error *err);

/* The finding that a value is not understood; systemd, too, ignores such. */
int dc_init_note_value (const struct dc_initservice *service,
                        const struct dc_setting *where, struct dc_error *err);
/* Is KEY of [Service] set and true? */
bool dc_init_is (const struct dc_initservice *service, const char *key);
/* The octal mode in KEY as a word, "0755" when there is none. */
int dc_init_mode (const struct dc_initservice *service, const char *key,
                  char **mode, struct dc_error *err);

/* Each writes lines of SERVICE: 1; 0 when it cannot be in the plan (with a
 * finding); -1.
 */
int dc_init_user (struct dc_initservice *service, struct dc_error *err);
int dc_init_settings (struct dc_initservice *service, struct dc_error *err);
int dc_init_limits (struct dc_initservice *service, struct dc_error *err);
int dc_init_privileges (struct dc_initservice *service, struct dc_error *err);
int dc_init_schedule (struct dc_initservice *service, struct dc_error *err);
int dc_init_mounts (struct dc_initservice *service, struct dc_error *err);
int dc_init_filter (struct dc_initservice *service, struct dc_error *err);
int dc_init_streams (struct dc_initservice *service, struct dc_error *err);
int dc_init_credentials (struct dc_initservice *service, struct dc_error *err);
int dc_init_env (struct dc_initservice *service, struct dc_error *err);
int dc_init_defaults (struct dc_initservice *service, struct dc_error *err);
int dc_init_folders (struct dc_initservice *service, struct dc_error *err);
int dc_init_execs (struct dc_initservice *service, struct dc_error *err);
int dc_init_conditions (struct dc_initservice *service, struct dc_error *err);
/* One finding for each fate (directive.h) that settings of UNIT, of any type,
 * have: 1; 0 when the unit must be left out for one; -1.
 */
int dc_init_note_fates (struct dc_initcompiler *compiler,
                        const struct dc_unit *unit, struct dc_error *err);
/* Writes nothing: the same of a service. */
int dc_init_ignored (struct dc_initservice *service, struct dc_error *err);
/* initservice.c: all of them. */
int dc_init_service (struct dc_initservice *service, struct dc_error *err);

/* initties.c: its other names; and, when all that are kept are known, the lines
 * that tie UNIT to others of them.
 */
int dc_init_aliases (struct dc_initservice *service, struct dc_error *err);
int dc_init_ties (const struct dc_initcompiler *compiler,
                  const struct dc_unit *unit, struct dc_buffer *plan,
                  struct dc_error *err);

/* Add to HANDLERS the services that UNIT starts when it fails or ends well. */
int dc_init_handlers (const struct dc_initcompiler *compiler,
                      const struct dc_unit *unit, struct dc_words *handlers,
                      struct dc_error *err);

/* initenv.c: read the guest's locale. */
int dc_init_locale (struct dc_initcompiler *compiler, struct dc_error *err);

/* initorder.c: TO waits for FROM; indexes of kept units. */
struct dc_init_edge {
  uint32_t from, to;
  bool is_needed;
};
/* The orderings among the kept units, sorted by TO, then FROM, without
 * cycles: *EDGES for the caller.
 */
int dc_init_order (struct dc_initcompiler *compiler,
                   struct dc_init_edge **edges, size_t *count,
                   struct dc_error *err);

#endif
