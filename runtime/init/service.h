/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_INIT_SERVICE_H
#define DC_INIT_SERVICE_H

/* service: the life of one service, as its keeper lives it.
 *
 *   CHECK -> PRE -> START -> POST -> RUNNING -> STOP -> TERM -> KILL -> STOP_POST
 *    ^                        |                                   |
 *    |                        v                                   v
 *    +------ WAIT             EXITED -> STOP                    FINAL
 *              ^             RELOAD (and back)                    |
 *              +------------------- DEAD <------------------------+
 *                                     |
 *                                     v
 *                                   DONE
 *
 * A failure or an order to stop before RUNNING, and a failed main process,
 * go to TERM (ExecStop= is for services that came up); a state without
 * commands of its own, or with nobody to kill, is passed through.
 *
 *   state      what is done in it                      it ends when
 *   CHECK      conditions, folders, ExecCondition=     the last succeeded
 *   PRE        ExecStartPre=                           the last succeeded
 *   START      ExecStart=                              the type says so
 *   POST       ExecStartPost=                          the last succeeded
 *   RUNNING    nothing                                 the main process ends
 *   EXITED     nothing (RemainAfterExit=)              asked to stop
 *   RELOAD     ExecReload=                             the last ended
 *   STOP       ExecStop=                               the last ended
 *   ABORT      WatchdogSignal= likewise                nobody is left
 *   TERM       KillSignal= as KillMode= says           nobody is left
 *   KILL       SIGKILL likewise                        nobody is left
 *   STOP_POST  ExecStopPost=                           the last ended
 *   FINAL      SIGKILL to what is left                 nobody is left
 *   DEAD       folders removed; again, or not?         at once
 *   WAIT       RestartSec=                             it is over
 *   DONE       the keeper says how it went and ends
 *
 * Source: systemd.service(5), systemd.kill(5); where those are silent, what
 * systemd 252 does.  Type=simple counts as started when its program runs,
 * as Type=exec does.
 */

#include <sys/types.h>

#include "runtime/init/manager.h"
#include "runtime/init/notify.h"
#include "runtime/init/output.h"
#include "runtime/init/plan.h"
#include "runtime/init/record.h"
#include "runtime/init/socket.h"
#include "runtime/init/verdict.h"

enum di_state {
  DI_CHECK,
  DI_PRE,
  DI_START,
  DI_POST,
  DI_RUNNING,
  DI_EXITED,
  DI_RELOAD,
  DI_STOP,
  DI_ABORT,
  DI_TERM,
  DI_KILL,
  DI_STOP_POST,
  DI_FINAL,
  DI_DEAD,
  DI_WAIT,
  DI_DONE,
};

/* What a keeper tells PID 1, through a pipe. */
enum di_news {
  DI_NEWS_STARTED,
  DI_NEWS_TRIED,    /* the first start failed, there will be another */
  DI_NEWS_IDLE,     /* it is up without any process */
  DI_NEWS_ENDED,    /* for good, and well; also when a condition was not true */
  DI_NEWS_FAILED,   /* for good; with the status to exit with */
  DI_NEWS_RELOADED, /* with status 0, or not */
};
struct di_report {
  enum di_news news;
  int status;
};

struct di_life {
  const struct di_service *service;
  struct di_record *record; /* shared with PID 1 */
  const struct di_manager *manager;
  const char *cause; /* the service whose end started it, or NULL */
  const struct di_record *cause_record;
  const struct di_passing *passing; /* its sockets */
  enum di_state state;
  struct di_verdict verdict; /* the first failure since the last start */
  pid_t main_pid;            /* 0: none, or not known */
  pid_t control_pid;         /* a command beside the main process, 0: none */
  bool has_main;             /* the main process is, or was, known */
  bool is_main_child;        /* its end is told to us */
  bool is_forgiven;          /* however it ends, that is success */
  int main_status;           /* wait status; -1: it did not end */
  int spawn_status;          /* of the last process that did not get to its
                                program; -1: it did, or there was none */
  const struct di_line *command; /* the last exec line that was run */
  size_t position;               /* in the service's lines, behind it */
  int64_t deadline_ms;           /* of the state */
  int64_t tick_ms;               /* when to look again */
  int64_t watchdog_ms;           /* 0: none */
  int64_t bark_ms;               /* when it barks, DI_NEVER */
  bool is_stopping;              /* it was asked to, and stays down */
  bool was_told;                 /* PID 1 knows how the first start went */
  bool is_idle;                  /* and that no process is left */
  bool is_refused;               /* an assertion of it is not true */
  bool is_skipped;               /* one of its ExecCondition= said no */
  bool was_up;                   /* since the last start */
  bool has_reload_failed;        /* the last one */
  int report_fd;
  struct di_notify notify;
  struct di_output output;
};

/* Start the service.  LIFE is zero but for service and report_fd, notify.fd
 * is -1, the output is open.
 */
void di_life_begin (struct di_life *life);
/* Events. */
void di_life_stop (struct di_life *life);
void di_life_reload (struct di_life *life);
/* Send SIGNAL as an order demands, whatever KillMode= says. */
enum di_target { DI_TARGET_MAIN, DI_TARGET_CONTROL, DI_TARGET_ALL };
void di_life_kill (struct di_life *life, enum di_target target, int signal);
void di_life_child_ended (struct di_life *life, pid_t pid, int status);
void di_life_emptied (struct di_life *life); /* no child is left */
void di_life_message (struct di_life *life, const struct di_message *message);
void di_life_deadline (struct di_life *life);
void di_life_tick (struct di_life *life);
void di_life_bark (struct di_life *life);

/* Run the exec line LINE: the process, or -1 after saying why not. */
pid_t di_command_run (struct di_life *life, const struct di_line *line);

/* Signal the processes that KillMode= names, all of them for SIGKILL. */
void di_life_signal (struct di_life *life, int signal);

#endif
