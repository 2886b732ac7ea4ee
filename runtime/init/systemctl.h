/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_SYSTEMCTL_H
#define DC_INIT_SYSTEMCTL_H

/* systemctl: what its two halves share, the one that gives orders
 * (systemctl.c) and the one that tells how things are (systemshow.c).
 */

#include "runtime/init/client.h"

#define DI_NAME_COUNT_MAX 256
#define DI_PROPERTY_MAX 32

/* Exit statuses: systemctl(1), "Exit status". */
enum {
  DI_STATUS_FAILED = 1,
  DI_STATUS_INACTIVE = 3,
  DI_STATUS_UNKNOWN = 4,
  DI_STATUS_NOT_INSTALLED = 5,
};

struct di_systemctl {
  char *words[DI_NAME_COUNT_MAX]; /* the verb and its names */
  size_t count;
  char *properties[DI_PROPERTY_MAX];
  size_t property_count;
  const char *signal, *whom, *type, *state; /* NULL: not given */
  bool is_quiet, is_no_block, is_now, is_value;
  struct di_view view;
};

/* The units that the words after the verb name, each pattern all it fits; at
 * most DI_NAME_COUNT_MAX.  Names of no unit are said and counted.
 */
size_t di_systemctl_units (const struct di_systemctl *call,
                           const struct di_unit **units, size_t *unknown);
bool di_systemctl_has_file (const char *name);
bool di_systemctl_is_target (const char *name);

/* Verbs: their exit status. */
int di_systemctl_is_active (struct di_systemctl *call);
int di_systemctl_is_failed (struct di_systemctl *call);
int di_systemctl_is_enabled (struct di_systemctl *call);
int di_systemctl_is_running (struct di_systemctl *call);
int di_systemctl_status (struct di_systemctl *call);
int di_systemctl_show (struct di_systemctl *call);
int di_systemctl_list (struct di_systemctl *call);
int di_systemctl_list_files (struct di_systemctl *call);

#endif
