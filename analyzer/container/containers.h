/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_CONTAINER_CONTAINERS_H
#define DC_ANALYZER_CONTAINER_CONTAINERS_H

/* containers: those that the guest itself runs.
 *
 *   docker     DATA/containers/ID/config.v2.json and hostconfig.json, DATA
 *              being data-root of /etc/docker/daemon.json
 *   podman     .../storage/overlay-containers/containers.json; whether podman
 *              restarts one is in its database, which is not read
 *   quadlet    NAME.container files, units that podman's generator makes
 *
 * Source: what Docker 20 to 27 and podman 4.3 write; Docker's "Start
 * containers automatically"; podman-systemd.unit(5).
 */

#include "analyzer/evidence.h"
#include "analyzer/section.h"
#include "lib/words.h"

#define DC_CONTAINER_MAX ((size_t) 10000) /* further ones are counted */
#define DC_CONTAINER_FILE_MAX ((size_t) 1024 * 1024)       /* bytes */
#define DC_CONTAINER_STORE_MAX ((size_t) 16 * 1024 * 1024) /* bytes */

enum dc_container_engine {
  DC_ENGINE_DOCKER,
  DC_ENGINE_PODMAN,
  DC_ENGINE_QUADLET,
};

enum dc_container_start {
  DC_CONTAINER_IDLE,
  DC_CONTAINER_STARTED,
  DC_CONTAINER_UNKNOWN,
};

/* Owns its texts; NULL: not said. */
struct dc_container {
  enum dc_container_engine engine;
  char *name;
  char *image; /* "nginx:1.25" */
  char *restart;
  char *user;            /* whose it is, "root" */
  struct dc_words ports; /* "127.0.0.1:8080:80/tcp", as podman publishes */
  enum dc_container_start start; /* at boot */
  struct dc_evidence evidence;
};

/* The section's functions (analyzer/section.h). */
int dc_containers_read (struct dc_tree *tree, struct dc_profile *profile,
                        struct dc_error *err);
json_t *dc_containers_json (const struct dc_profile *profile);
int dc_containers_text (struct dc_page *page, struct dc_error *err);
void dc_containers_forget (struct dc_profile *profile);

/* For the readers of this room: take CONTAINER, also on failure. */
int dc_containers_take (struct dc_profile *profile,
                        struct dc_container *container, struct dc_error *err);
/* A copy of TEXT, which may be NULL, in *OUT. */
int dc_containers_keep (const char *text, char **out, struct dc_error *err);

/* docker.c, podman.c, quadlet.c: each adds to PROFILE; what is broken becomes
 * a finding.
 */
int dc_docker_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err);
int dc_podman_read (struct dc_tree *tree, struct dc_profile *profile,
                    struct dc_error *err);
int dc_quadlets_read (struct dc_tree *tree, struct dc_profile *profile,
                      struct dc_error *err);
/* Read and parse the JSON file at PATH: 1 and *OUT; 0 when there is none, or
 * it is broken, which is noted; -1.
 */
int dc_containers_file (struct dc_tree *tree, struct dc_profile *profile,
                        const char *path, size_t max, json_t **out,
                        struct dc_error *err);

#endif
