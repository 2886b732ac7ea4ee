/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_RUNNER_H
#define DC_RUNTIME_RUNNER_H

/* runner: a result becomes a running container, and stops again.
 *
 * One struct of functions a tool; the table in runner.c is the order of
 * preference: podman, else runc or crun alone.
 *
 *   none ---- record "starting" ----> starting ---- start() ----> running
 *     ^                                  |                           |
 *     |                               remove()               stop(), remove()
 *     +----------------------------------+---------------------------+
 *
 * The record (runtime/record.h) is written before anything is made and goes
 * after everything is gone, so that whatever moment a run is killed at, the
 * next `run` or `stop` of that name removes what it left.  Each start has an
 * id of its own, by which the tools know its things again: what decant did
 * not make is never touched.
 */

#include "lib/buffer.h"
#include "lib/error.h"
#include "lib/oci/layout.h"
#include "lib/report.h"
#include "runtime/artifacts.h"
#include "runtime/ports.h"

#define DC_RUN_NAME_MAX 63 /* bytes, as a host name's label */
#define DC_RUN_STOP_S 100  /* seconds given to an ordered stop */
#define DC_RUN_ID_SIZE 33  /* 128 random bits in hexadecimal, and a NUL */

enum dc_network {
  DC_NETWORK_AUTO, /* a bridge where that is possible, else slirp4netns */
  DC_NETWORK_BRIDGE,
  DC_NETWORK_SLIRP,
  DC_NETWORK_NONE,
};

/* What to start.  All borrowed. */
struct dc_start {
  const char *name;        /* [a-z0-9][a-z0-9_.-]* */
  const char *layout_path; /* of the OCI layout */
  const char *tag;
  struct dc_layout *layout;
  const struct dc_image *image;
  const struct dc_ports *ports;
  enum dc_network network;
  const struct dc_artifacts *artifacts;  /* beside the image; NULL */
  const struct dc_artifact_image *wants; /* what they say of it; NULL */
  /* Also what leads out of the container: dc_grant_is_contained(). */
  bool grants_all;
};

/* A container of ours. */
struct dc_started {
  char name[DC_RUN_NAME_MAX + 1];
  char id[DC_RUN_ID_SIZE];
  char image[DC_DIGEST_TEXT_SIZE]; /* digest of the image's config */
  int stop_s; /* seconds given to an ordered stop; 0: DC_RUN_STOP_S */
};

/* A volume of ours (runtime/volumes.h). */
struct dc_kept_volume {
  char container[DC_RUN_NAME_MAX + 1];
  char volume[DC_ARTIFACTS_NAME_MAX + 1];
  char id[DC_RUN_ID_SIZE];
};

struct dc_runner {
  const char *name; /* the program's name too */
  /* Start it detached, its network never AUTO.  0 and in *PID its first
   * process as the host counts, 0 if it has ended by then; -1: remove() has
   * to follow.
   */
  int (*start) (const struct dc_runner *runner, const struct dc_start *start,
                const struct dc_started *started,
                const struct dc_report *report, int *pid, struct dc_error *err);
  /* Ask it to stop, wait its time, then kill.  One that has stopped or
   * is gone is no error.
   */
  int (*stop) (const struct dc_runner *runner, const struct dc_started *started,
               const struct dc_report *report, struct dc_error *err);
  /* Remove all that start() may have made, running or half made.  0 when
   * nothing of it is there any more.
   */
  int (*remove) (const struct dc_runner *runner,
                 const struct dc_started *started,
                 const struct dc_report *report, struct dc_error *err);
  /* Append the end of what it has said to TEXT; nothing where there is none.
   */
  void (*last_words) (const struct dc_runner *runner,
                      const struct dc_started *started,
                      const struct dc_report *report, struct dc_buffer *text);
  /* Make a volume from the archive FD, checked to have DIGEST; -1 and NULL: an
   * empty one.
   */
  int (*fill_volume) (const struct dc_runner *runner,
                      const struct dc_kept_volume *volume, int fd,
                      const char *digest, const struct dc_report *report,
                      struct dc_error *err);
  /* Is it there?  1, 0, -1. */
  int (*find_volume) (const struct dc_runner *runner,
                      const struct dc_kept_volume *volume,
                      const struct dc_report *report, struct dc_error *err);
  /* Remove it, whole or half made; one that is gone is no error. */
  int (*drop_volume) (const struct dc_runner *runner,
                      const struct dc_kept_volume *volume,
                      const struct dc_report *report, struct dc_error *err);
};

extern const struct dc_runner dc_runner_podman;
extern const struct dc_runner dc_runner_runc;
extern const struct dc_runner dc_runner_crun;

/* The runner called NAME, or the first that is installed when NAME is NULL.
 * DC_ERR_NOTFOUND: no such runner, or its program is not installed.
 */
int dc_runner_find (const char *name, const struct dc_runner **out,
                    struct dc_error *err);

/* See that NAME is free to be started: remove what a killed start of it
 * left.  DC_ERR_INVALID: no name for a container; DC_ERR_EXISTS: it was
 * started and not stopped; DC_ERR_BUSY: somebody starts or stops it at this
 * moment.
 */
int dc_container_clear (const char *name, const struct dc_report *report,
                        struct dc_error *err);
/* Start, see that it does not end at once, record it.  After -1 nothing of
 * it is left, also when it was cancelled.  The codes of
 * dc_container_clear(); DC_ERR_TOOL: it ended at once, the text has its last
 * words.
 */
int dc_container_start (const struct dc_runner *runner,
                        const struct dc_start *start,
                        const struct dc_report *report, int *pid,
                        struct dc_error *err);
/* The container NAME fell short and ERR says why: remove it without asking
 * it to stop.  IS_DEAD: it has ended by itself, so its last words are the
 * reason.  Always -1.
 */
int dc_container_give_up (const char *name, int is_dead,
                          const struct dc_report *report, struct dc_error *err);
/* Append the end of what NAME has said to TEXT; nothing where there is none. */
void dc_container_last_words (const char *name, const struct dc_report *report,
                              struct dc_buffer *text);
enum dc_volumes_fate { DC_VOLUMES_STAY, DC_VOLUMES_GO };
/* Stop the container NAME that we started, or remove what a killed start
 * left of it; with DC_VOLUMES_GO also its volumes, though it has stopped long
 * ago.  DC_ERR_NOTFOUND: there is none; DC_ERR_BUSY as above.
 */
int dc_container_stop (const char *name, enum dc_volumes_fate volumes,
                       const struct dc_report *report, struct dc_error *err);

#endif
