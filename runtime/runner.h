/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_RUNNER_H
#define DC_RUNTIME_RUNNER_H

/* runner: a result becomes a running container, and stops again.
 *
 * One struct of functions a tool; the table in runner.c is the order of
 * preference: podman, else runc or crun alone.  What was started is recorded
 * in the state folder ("running/NAME.json"), so that `stop` knows whom to ask
 * and never touches a container that decant did not start.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/oci/layout.h"
#include "lib/report.h"

#define DC_RUN_PORT_MAX 256 /* published ports of one container */
#define DC_RUN_NAME_MAX 63  /* bytes, as a host name's label */
#define DC_RUN_STOP_S 100   /* seconds given to an ordered stop */

enum dc_network {
  DC_NETWORK_AUTO, /* a bridge where that is possible, else slirp4netns */
  DC_NETWORK_BRIDGE,
  DC_NETWORK_SLIRP,
  DC_NETWORK_NONE,
};

/* One published port. */
struct dc_published {
  char address[46]; /* on the host: "127.0.0.1" */
  uint16_t outside; /* on the host */
  uint16_t inside;  /* in the container */
  bool is_udp;
};

struct dc_ports {
  struct dc_published items[DC_RUN_PORT_MAX];
  size_t count;
};

/* What to start.  All borrowed. */
struct dc_start {
  const char *name;        /* [a-z0-9][a-z0-9_.-]* */
  const char *layout_path; /* of the OCI layout */
  const char *tag;
  struct dc_layout *layout;
  const struct dc_image *image;
  const struct dc_ports *ports;
  enum dc_network network; /* never AUTO: dc_container_start() has chosen */
};

struct dc_runner {
  const char *name; /* the program's name too */
  /* Start it detached.  0 and in *PID its first process as the host counts,
   * or -1 with nothing left behind.
   */
  int (*start) (const struct dc_runner *runner, const struct dc_start *start,
                const struct dc_report *report, int *pid, struct dc_error *err);
  /* Ask it to stop, wait DC_RUN_STOP_S, then kill; remove all of it. */
  int (*stop) (const struct dc_runner *runner, const char *name,
               const struct dc_report *report, struct dc_error *err);
};

extern const struct dc_runner dc_runner_podman;
extern const struct dc_runner dc_runner_runc;
extern const struct dc_runner dc_runner_crun;

/* The runner called NAME, or the first that is installed when NAME is NULL.
 * DC_ERR_NOTFOUND says what to install.
 */
int dc_runner_find (const char *name, const struct dc_runner **out,
                    struct dc_error *err);

/* Start, wait until it runs, record it.  START's network may be AUTO.
 * DC_ERR_EXISTS: a container of that name was started and not stopped.
 */
int dc_container_start (const struct dc_runner *runner,
                        const struct dc_start *start,
                        const struct dc_report *report, int *pid,
                        struct dc_error *err);
/* Stop the container NAME that we started.  DC_ERR_NOTFOUND: we did not. */
int dc_container_stop (const char *name, const struct dc_report *report,
                       struct dc_error *err);

/* The ports that an image says it listens on, each published on ADDRESS
 * under its own number, or a free one where that is taken or needs root.
 */
int dc_ports_of_image (const struct dc_image *image, const char *address,
                       struct dc_ports *out, struct dc_error *err);
/* "[ADDRESS:][OUTSIDE:]INSIDE[/udp]" added to PORTS; DEFAULT_ADDRESS where
 * none is given.
 */
int dc_ports_parse (const char *text, const char *default_address,
                    struct dc_ports *ports, struct dc_error *err);

/* Wait until every TCP port of PORTS is listened on in the network of
 * process PID, at most TIMEOUT_MS.  1; 0 when the time is over, and in
 * *MISSING the first port that is not; -1 when the process is gone.
 * Source: proc(5), /proc/PID/net/tcp, state 0A is listening.
 */
int dc_ports_wait (int pid, const struct dc_ports *ports, unsigned timeout_ms,
                   const struct dc_report *report, uint16_t *missing,
                   struct dc_error *err);

#endif
