/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_INITLOAD_H
#define DC_ANALYZER_INIT_INITLOAD_H

/* initload: the services of the managers that are not systemd, as units.
 *
 * Each manager is one reader, which adds a unit for what it would start or
 * could be asked to start; the settings are what a unit would say, with the
 * file and line that say it in the manager's own words.
 *
 *   sysvinit    inittab, /etc/init.d and its links, rc.local; also BusyBox
 *   openrc      /etc/init.d, /etc/conf.d, /etc/runlevels, local.d
 *   runit       folders with a "run"
 *   upstart     /etc/init
 *   supervisor  the programs of supervisord, whatever started that
 *
 * A section [X-Init] says what systemd has no word for: "Order" (when the
 * manager starts it, in its own numbers), "Log" (the program that gets the
 * output).  What a script starts is in [X-Daemon] (scriptdaemon.h).
 */

#include "analyzer/init/shell.h"
#include "analyzer/profile.h"
#include "analyzer/unit/unitloader.h"

struct dc_initload {
  struct dc_tree *tree;
  struct dc_profile *profile; /* gets the findings */
  struct dc_loader loader;    /* without systemd's units */
  size_t shell_budget;        /* bytes, of dc_shell */
};

/* The services of a guest whose manager is PROFILE->init's, into
 * PROFILE->units, which has none.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_inits_load (struct dc_tree *tree, struct dc_profile *profile,
                   struct dc_error *err);
/* The services of managers that are services themselves (supervisord,
 * runsvdir), of whatever started them.
 */
int dc_inits_load_inner (struct dc_tree *tree, struct dc_profile *profile,
                         struct dc_error *err);

/* For the readers.  A new unit "NAME.service" of MANAGER: 1 and *UNIT; 0 when
 * there is one already, or NAME cannot be a unit's (with a finding).
 */
int dc_initload_add (struct dc_initload *load, const char *name,
                     enum dc_manager manager, const char *file, uint32_t *unit,
                     struct dc_error *err);
struct dc_unit *dc_initload_unit (struct dc_initload *load, uint32_t unit);
int dc_initload_set (struct dc_initload *load, uint32_t unit,
                     const char *section, const char *key, const char *value,
                     struct dc_proof proof, struct dc_error *err);
/* One word more of a command line, quoted as systemd reads it. */
int dc_initload_quote (struct dc_buffer *command, const char *word,
                       struct dc_error *err);
/* The unit starts, WHY is "FILE:LINE" or a path; a second time is nothing. */
int dc_initload_start (struct dc_initload *load, uint32_t unit, const char *why,
                       struct dc_error *err);
/* The text of the file at PATH into B, cleared first: 1; 0 when there is
 * none, or it cannot be used (with a finding); -1.
 */
int dc_initload_read (struct dc_initload *load, const char *path,
                      struct dc_buffer *b, struct dc_error *err);
/* A shell that shares the budget. */
struct dc_shell dc_initload_shell (struct dc_initload *load, const char *name,
                                   dc_shell_reader *read, void *self);

int dc_sysvinit_load (struct dc_initload *load, struct dc_error *err);
/* Units of all scripts in /etc/init.d that have none yet. */
int dc_sysvinit_scripts (struct dc_initload *load, enum dc_manager manager,
                         struct dc_error *err);
/* The links of one folder: S links start, in the order of their numbers. */
int dc_sysvinit_links (struct dc_initload *load, const char *folder,
                       struct dc_error *err);
/* What inittab itself runs. */
int dc_sysvinit_inittab (struct dc_initload *load, struct dc_error *err);
int dc_sysvinit_rc_local (struct dc_initload *load, struct dc_error *err);
int dc_openrc_load (struct dc_initload *load, struct dc_error *err);
int dc_runit_load (struct dc_initload *load, struct dc_error *err);
/* The services in the folder at PATH. */
int dc_runit_folder (struct dc_initload *load, const char *path,
                     struct dc_error *err);
int dc_upstart_load (struct dc_initload *load, struct dc_error *err);
/* CONF: its configuration file, NULL: the usual places. */
int dc_supervisor_load (struct dc_initload *load, const char *conf,
                        bool is_started, struct dc_error *err);

#endif
