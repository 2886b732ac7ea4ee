/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_CLIENT_H
#define DC_INIT_CLIENT_H

/* client: decant-init as the one who asks the decant-init that is PID 1.
 *
 * The words for how a unit is are those of systemd, because scripts read
 * them.  Source: systemctl(1); org.freedesktop.systemd1(5), ActiveState.
 */

#include "runtime/init/control.h"

#define DI_ANSWER_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes */

/* A service as it was when we asked; its texts lie in the view. */
struct di_unit {
  const char *name; /* of the plan: "nginx" */
  enum di_standing standing;
  int state;
  int64_t main_pid, since_ms, restarts;
  const char *result; /* "exit-code" */
  int main_status;    /* wait status, -1: none */
  const char *text;   /* its own words */
  bool is_on_demand, can_reload, has_keeper;
  char *const *aliases;
  size_t alias_count;
};

struct di_view {
  char *text;   /* the answer */
  char **words; /* of all its lines */
  const char *system;
  struct di_unit units[DI_SERVICE_MAX];
  size_t count;
};

/* Send a request and wait for the answer.  0, and the lines that follow in
 * *LINES, which the caller frees (LINES may be NULL); 1 and the reason in ERR:
 * it was refused; -1: nobody answers.
 */
int di_ask (const char *verb, const char *const *words, size_t count,
            char **lines, struct di_error *err);

/* How all services are: 0, or -1 with ERR. */
int di_view_load (struct di_view *view, struct di_error *err);
void di_view_release (struct di_view *view);
/* The service that NAME means, with or without ".service", by any of its
 * names; NULL.
 */
const struct di_unit *di_view_find (const struct di_view *view,
                                    const char *name);

/* "active", "inactive", "failed", "activating", "deactivating", "reloading" */
const char *di_unit_active (const struct di_unit *unit);
/* "running", "dead", "start-pre" ... */
const char *di_unit_sub (const struct di_unit *unit);
/* Is everything up that starts at boot?  Else the first that is not. */
const struct di_unit *di_view_unready (const struct di_view *view);

/* Be the program that argv[0] or argv[1] names: true with its exit status. */
bool di_client_main (int argc, char **argv, int *status);
/* systemctl.c: systemctl and its kin.  ARGV[0] is the name.
 */
int di_systemctl_main (int argc, char **argv);
int di_rc_service_main (int argc, char **argv);
int di_initctl_main (int argc, char **argv);
int di_runlevel_main (int argc, char **argv);
int di_halt_main (int argc, char **argv);

#endif
