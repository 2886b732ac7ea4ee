/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_RUNTIME_ARTIFACTS_H
#define DC_RUNTIME_ARTIFACTS_H

/* artifacts: what lies beside an image and does not belong into it, and how
 * the image wants to be run.
 *
 *   DIR/decant.json         this: the structs below, key by key
 *   DIR/volumes/NAME.tar    content of volumes, a pax archive with holes
 *   DIR/secrets/NAME        files with secrets, mode 0600
 *   DIR/compose.yaml        the same for docker compose and podman-compose
 *   DIR/README
 *
 * `decant image` writes it beside the layout: LAYOUT.artifacts, for a tag
 * other than the default LAYOUT.TAG.artifacts.  It may come from anywhere, so
 * it is hostile: what is read here is checked before anybody uses it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/digest.h"
#include "lib/error.h"
#include "lib/yaml.h"

#define DC_ARTIFACTS_VERSION 1
#define DC_ARTIFACTS_FILE "decant.json"
#define DC_ARTIFACTS_SUFFIX ".artifacts"
#define DC_ARTIFACTS_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* of decant.json */
#define DC_ARTIFACTS_IMAGE_MAX 64
#define DC_ARTIFACTS_LIST_MAX 4096 /* of one list in it */
#define DC_ARTIFACTS_NAME_MAX 100  /* bytes */
#define DC_ARTIFACTS_SECRET_SIZE_MAX ((size_t) 1024 * 1024) /* of a file */

/* A folder of the container that outlives it. */
struct dc_artifact_volume {
  char *name;   /* [A-Za-z0-9][A-Za-z0-9_.-]* */
  char *path;   /* where it is mounted: absolute, without "..", ':' or ',' */
  char *digest; /* of volumes/NAME.tar; NULL: it begins as the image has it */
  int64_t size; /* bytes of that file */
};

/* A file that is mounted, read-only, with this owner and mode. */
struct dc_artifact_secret {
  char *name; /* of the file in secrets/, as of a volume */
  char *path; /* where it is mounted, as of a volume */
  char *kind; /* "TLS private key" */
  int64_t uid, gid;
  int64_t mode; /* permission bits */
};

struct dc_artifact_port {
  int64_t port;
  char *protocol; /* "tcp" or "udp" */
};

/* Zero: no limit. */
struct dc_artifact_resources {
  int64_t memory_bytes, milli_cpus, pids;
};

struct dc_artifact_image {
  char *name;                        /* its tag */
  char *digest;                      /* of its manifest */
  char *init;                        /* "decant-init", "service", ... */
  struct dc_yaml_list volumes;       /* of struct dc_artifact_volume */
  struct dc_yaml_list secrets;       /* of struct dc_artifact_secret */
  struct dc_yaml_list ports;         /* of struct dc_artifact_port */
  struct dc_yaml_texts hosts;        /* "10.0.0.1 db db.example" */
  struct dc_yaml_texts sysctls;      /* "net.core.somaxconn=1024" */
  struct dc_yaml_texts capabilities; /* "CAP_NET_ADMIN": beyond the usual */
  struct dc_yaml_texts devices;      /* "/dev/fuse" */
  struct dc_artifact_resources resources;
  int64_t stop_timeout_s; /* 0: the runner's own */
};

/* Images that share their network. */
struct dc_artifact_pod {
  char *name;
  struct dc_yaml_texts images; /* their names */
};

struct dc_artifacts {
  int64_t version;
  struct dc_yaml_list images; /* of struct dc_artifact_image */
  struct dc_yaml_list pods;   /* of struct dc_artifact_pod */
  char *path;                 /* of the folder */
  int dir_fd;
};

/* Open the folder PATH.  0 and *OUT for the caller, or -1: DC_ERR_NOTFOUND
 * (no such folder, or no decant.json in it), DC_ERR_INVALID (the text names
 * the place in the file), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_artifacts_open (const char *path, struct dc_artifacts **out,
                       struct dc_error *err);
/* Those that lie beside the layout LAYOUT_PATH for the image TAG with the
 * manifest DIGEST: 1 and *OUT; 0 when there are none, or only such as speak of
 * another image; -1 as above.
 */
int dc_artifacts_beside (const char *layout_path, const char *tag,
                         const char *digest, struct dc_artifacts **out,
                         struct dc_error *err);
/* The default folder of the artifacts of TAG, for the caller to free. */
int dc_artifacts_path (const char *layout_path, const char *tag, char **out,
                       struct dc_error *err);
/* What is said of the image with this manifest; NULL: nothing. */
const struct dc_artifact_image *
dc_artifacts_image (const struct dc_artifacts *artifacts, const char *digest);
/* Parse a decant.json; dir_fd is -1 and path NULL then.  FILE is for
 * messages.
 */
int dc_artifacts_parse (const char *text, size_t size, const char *file,
                        struct dc_artifacts **out, struct dc_error *err);
/* volumes/NAME.tar or secrets/NAME, open for reading, or -1: DC_ERR_NOTFOUND,
 * DC_ERR_INVALID (no regular file), DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_artifacts_volume (const struct dc_artifacts *artifacts,
                         const struct dc_artifact_volume *volume,
                         struct dc_error *err);
int dc_artifacts_secret (const struct dc_artifacts *artifacts,
                         const struct dc_artifact_secret *secret,
                         struct dc_error *err);
void dc_artifacts_free (struct dc_artifacts *artifacts);
DC_DEFINE_AUTO (dc_artifacts)

#endif
