/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_UNIT_UNIT_H
#define DC_ANALYZER_UNIT_UNIT_H

/* unit: a systemd unit as its file and drop-ins together say it.
 *
 * Source: systemd.syntax(7), systemd.unit(5) of systemd 257: comments begin
 * with # or ;, a backslash at the end continues a line, an assignment of
 * nothing resets a list, the last assignment of a plain value wins.
 */

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/unit/unitname.h"
#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/words.h"

#define DC_UNIT_SIZE_MAX ((size_t) 1024 * 1024) /* bytes of one file */
#define DC_UNIT_SETTING_MAX 16384               /* of one unit */
#define DC_UNIT_WORD_MAX DC_UNIT_SIZE_MAX       /* bytes, expanded */

/* The unit owns the texts. */
struct dc_setting {
  const char *section; /* "Service" */
  const char *key;     /* "ExecStart" */
  const char *value;   /* trimmed, continued lines joined by a blank; raw */
  const char *file;    /* "/etc/systemd/system/x.service.d/10.conf" */
  unsigned line;       /* of the assignment's first line, from 1 */
};

/* What `systemctl is-enabled` would say. */
enum dc_unit_state {
  DC_UNIT_ENABLED,   /* as [Install] has it: a link in a .wants or .requires
                        folder, or an alias, in /etc/systemd/system */
  DC_UNIT_DISABLED,  /* has [Install], and no such link */
  DC_UNIT_STATIC,    /* nothing in [Install] */
  DC_UNIT_INDIRECT,  /* only Also=; or a link that [Install] does not have:
                        another alias, another instance of a template */
  DC_UNIT_MASKED,    /* linked to /dev/null, or empty */
  DC_UNIT_GENERATED, /* a generator makes it at boot (sysv script) */
  DC_UNIT_LINKED,    /* the file lies outside the load path, else disabled */
  DC_UNIT_BAD,       /* systemd refuses it; `problem` says why */
};

/* What the preset files say `systemctl preset` should do.  Information only:
 * the links say what is.
 */
enum dc_unit_preset {
  DC_PRESET_NONE, /* cannot be enabled, or is to be left alone */
  DC_PRESET_ENABLE,
  DC_PRESET_DISABLE,
};

/* A service of another manager is told in the same words: a .service whose
 * settings are what a unit would say, with the file and line they stand for.
 */
enum dc_manager {
  DC_MANAGER_SYSTEMD,
  DC_MANAGER_SYSVINIT,
  DC_MANAGER_OPENRC,
  DC_MANAGER_RUNIT,
  DC_MANAGER_UPSTART,
  DC_MANAGER_BUSYBOX,    /* inittab of BusyBox's init */
  DC_MANAGER_SUPERVISOR, /* supervisord: itself started by another one */
  DC_MANAGER_CRON,       /* @reboot */
  DC_MANAGER_RC_LOCAL,
};

struct dc_unit {
  enum dc_manager manager;
  char *name;                  /* "ssh.service", "getty@tty1.service" */
  char *file;                  /* the main file; NULL: none (masked, missing) */
  char *instance;              /* "tty1"; NULL: not an instance */
  struct dc_words aliases;     /* other names, sorted */
  struct dc_setting *settings; /* main file, then drop-ins, in order */
  size_t setting_count;
  struct dc_words texts; /* of the settings */
  enum dc_unit_state state;
  enum dc_unit_preset preset;
  bool is_started;  /* pulled in by default.target at boot */
  char *started_by; /* why: a link's path or "FILE:LINE"; NULL */
  char *problem;    /* of DC_UNIT_BAD */
};

/* Append the settings of one file's text to UNIT.  A line without '=' and
 * what stands before the first section is skipped, as systemd does.  0, or
 * -1: DC_ERR_INVALID "FILE:LINE: ..." for what makes systemd refuse the file
 * (a section without its bracket, a line that is not UTF-8) and for a NUL
 * byte, DC_ERR_LIMIT, DC_ERR_SYSTEM.  The settings before the fault stay.
 */
int dc_unit_parse (struct dc_unit *unit, const char *text, size_t size,
                   const char *file, struct dc_error *err);
/* Append one setting; the texts are copied. */
int dc_unit_set (struct dc_unit *unit, const struct dc_setting *setting,
                 struct dc_error *err);

/* The last value of a plain setting, NULL when never set or set to nothing;
 * in *WHERE (may be NULL) the setting.
 */
const char *dc_unit_value (const struct dc_unit *unit, const char *section,
                           const char *key, const struct dc_setting **where);
/* The settings of a list, those before the last reset left out: starts with
 * *POSITION = 0; 1 and *SETTING, or 0 at the end.
 */
int dc_unit_next (const struct dc_unit *unit, const char *section,
                  const char *key, size_t *position,
                  const struct dc_setting **setting);
/* As systemd reads booleans: 1, yes, y, true, t, on; OTHERWISE if unset or
 * no boolean.
 */
bool dc_unit_is (const struct dc_unit *unit, const char *section,
                 const char *key, bool otherwise);

/* The next word of *S by systemd's quoting: 1 and *WORD for the caller, *S
 * moved to the one after it; 0 at the end; -1 DC_ERR_INVALID (a quote that
 * stays open), DC_ERR_SYSTEM.  An escape that does not exist is kept as it is
 * written, as systemd does with a warning.
 */
int dc_unit_word (const char **s, char **word, struct dc_error *err);
/* All words of TEXT.  0, or -1 with some of them appended. */
int dc_unit_words (const char *text, struct dc_words *words,
                   struct dc_error *err);
/* One word in the value of a variable that becomes words ($X): a backslash
 * only protects what follows it, and a quote may stay open.
 */
int dc_unit_variable_word (const char **s, char **word, struct dc_error *err);

/* All of TEXT with its escapes replaced, blanks and quotes kept. */
int dc_unit_text (const char *text, char **out, struct dc_error *err);

/* Expand the specifiers of systemd.unit(5) for UNIT, which has a name, into
 * *OUT, those that a cold disk tells: of the name (%n %N %p %P %i %I %j %J
 * %f), the file (%y %Y), the folders of the system manager (%t %S %C %L %E %d
 * %T %V), its user (%u %U %g %G %h), HOSTNAME (%H %l; may be NULL), and %%.
 * 0, or -1: DC_ERR_UNSUPPORTED for a specifier that only the running system
 * knows, DC_ERR_LIMIT, DC_ERR_SYSTEM.  A letter that is no specifier stays,
 * with its percent sign, as in systemd.
 */
int dc_unit_expand (const struct dc_unit *unit, const char *text,
                    const char *hostname, char **out, struct dc_error *err);

/* Does the unit run an init script, which starts something else? */
bool dc_unit_is_script (const struct dc_unit *unit);

void dc_unit_release (struct dc_unit *unit);
const char *dc_unit_state_name (enum dc_unit_state state);
/* "systemd", "sysvinit", ...: as in the profile. */
const char *dc_manager_name (enum dc_manager manager);

#endif
