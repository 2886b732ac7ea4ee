/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_ENDPOINT_DOVECOTDEFAULTS_H
#define DC_ANALYZER_ENDPOINT_DOVECOTDEFAULTS_H

/* dovecotdefaults: where Dovecot listens when nothing is said of it.
 *
 * Source: "doveconf -d" of 2.3.19, and ss(8) for the socket of the master,
 * which no setting names.  Other versions have other Unix sockets.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_DOVECOT_SOCKETS_VERSION "2.3."

struct dc_dovecot_port {
  const char *service, *name;
  uint16_t port;
  bool is_tls;
};

struct dc_dovecot_socket {
  const char *service, *name; /* a path below base_dir */
  bool is_off;                /* mode = 0: only where a mode is set */
};

extern const struct dc_dovecot_port dc_dovecot_ports[];
extern const size_t dc_dovecot_port_count;
extern const struct dc_dovecot_socket dc_dovecot_sockets[];
extern const size_t dc_dovecot_socket_count;

/* Does SERVICE run with the PROTOCOLS, a list of blanks and commas? */
bool dc_dovecot_runs (const char *protocols, const char *service);

#endif
