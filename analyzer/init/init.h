/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_INIT_INIT_H
#define DC_ANALYZER_INIT_INIT_H

/* init: which program is the first process of a guest, and which manager
 * starts its services.
 *
 * They differ where the first process only begins: OpenRC runs below BusyBox
 * or sysvinit, whose inittab calls it.
 *
 * Source: kernel-parameters(7), "init="; init/main.c of Linux for the names
 * that it tries; inittab(5); measured with sysvinit 3.06, OpenRC 0.45 and
 * runit 2.1.2 of Debian 12.
 */

#include "analyzer/evidence.h"
#include "analyzer/unit/unit.h"
#include "lib/tree/tree.h"

#define DC_INIT_PROGRAM_MAX ((size_t) 16 * 1024 * 1024) /* bytes looked at */

struct dc_init {
  bool is_known;
  enum dc_manager manager; /* of the services, when it is known */
  char *program;  /* the first process, links followed; NULL: unknown */
  char *runlevel; /* "2", "default"; NULL: unknown, or there is no such */
  struct dc_evidence evidence; /* what names the manager */
};

/* Fill INIT, which is empty.  0, or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM. */
int dc_init_find (struct dc_tree *tree, struct dc_init *init,
                  struct dc_error *err);
void dc_init_release (struct dc_init *init);

#endif
