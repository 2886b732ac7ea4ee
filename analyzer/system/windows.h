/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_WINDOWS_H
#define DC_ANALYZER_SYSTEM_WINDOWS_H

/* windows: what the registry of a Windows says: version, edition, services,
 * roles, programs.
 *
 * Source: Microsoft's documentation of the keys "Windows NT\CurrentVersion",
 * "CurrentControlSet\Services", "Uninstall" and of server roles
 * (ServerComponentCache, since Windows Server 2012).  No real hive of Windows
 * was at hand: tested with hives that hivex wrote.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

#define DC_WINDOWS_ITEM_MAX ((size_t) 20000) /* of each list */

struct dc_windows_service {
  char *name;
  char *display_name; /* NULL */
  char *program;      /* command line; NULL */
  char *account;      /* "LocalSystem"; NULL */
  const char *start;  /* "auto", "manual", "disabled" */
};

struct dc_windows_program {
  char *name;
  char *version; /* NULL */
};

struct dc_windows {
  char *software, *system; /* the hives' paths; NULL: not there */
  char *product;           /* "Windows Server 2019 Standard" */
  char *edition;           /* "ServerStandard" */
  char *installation;      /* "Server Core", "Server", "Client" */
  char *version, *build;   /* "10.0", "17763.1234" */
  char *feature_update;    /* "1809", "22H2" */
  char *computer_name;
  char *processor; /* "AMD64" */
  bool is_unclean; /* a hive's log would have to be replayed */
  struct dc_windows_service *services; /* programs, not drivers */
  struct dc_windows_program *programs;
  char **roles; /* roles and features that are installed */
  size_t service_count, program_count, role_count;
};

/* Read the hives of TREE.  0, or -1 with what could be read in *OUT, which the
 * caller releases in both cases: DC_ERR_INVALID (damaged), DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_windows_load (struct dc_tree *tree, struct dc_windows *out,
                     struct dc_error *err);
void dc_windows_release (struct dc_windows *windows);

#endif
