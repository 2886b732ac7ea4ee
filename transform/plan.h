/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TRANSFORM_PLAN_H
#define DC_TRANSFORM_PLAN_H

/* plan: the decision of a conversion: what becomes which image, and how.
 *
 *   profile --- dc_plan_make() ---> struct dc_plan --- dc_plan_write() ---> YAML
 *                                        ^                                   |
 *                                        +------- dc_plan_read() <-----------+
 *
 * There is one way to an image: `decant image SOURCE` makes a plan with the
 * defaults and does it, `decant image PLAN` does one that a person may have
 * edited.  Reading refuses keys that it does not know, with line and column;
 * what a plan says of the guest (a service it does not have, a folder that is
 * not there) is checked against the profile before the first byte is written.
 *
 * The format is doc/plan.schema.json and decant-plan(5).
 */

#include "analyzer/profile.h"
#include "lib/words.h"
#include "lib/yaml.h"

#define DC_PLAN_VERSION 1
#define DC_PLAN_SIZE_MAX ((size_t) 4 * 1024 * 1024) /* bytes of YAML */
#define DC_PLAN_IMAGE_MAX 64
#define DC_PLAN_VOLUME_MAX 64 /* of one image, ... */
#define DC_PLAN_SECRET_MAX 1000
#define DC_PLAN_SERVICE_MAX 256
#define DC_PLAN_LEFT_MAX 100 /* reasons to leave something out */

/* How the services of an image are started. */
enum dc_plan_init {
  DC_PLAN_INIT_DECANT,  /* "decant-init" */
  DC_PLAN_INIT_SERVICE, /* "service": the program itself is PID 1 */
  DC_PLAN_INIT_SYSTEMD, /* "systemd": the guest's own */
  DC_PLAN_INIT_NONE,    /* "none": a shell */
};

/* Which files of the guest an image gets. */
enum dc_plan_files {
  DC_PLAN_FILES_SYSTEM, /* "system": all but what is left out */
  DC_PLAN_FILES_NEEDED, /* "needed": the closure of its services */
};

/* What becomes of the content of a volume. */
enum dc_plan_data {
  DC_PLAN_DATA_EXPORT, /* "export": a volume, its content beside the image */
  DC_PLAN_DATA_IMAGE,  /* "image": stays in a layer; no volume */
  DC_PLAN_DATA_EMPTY,  /* "empty": a volume without content */
};

/* What becomes of a secret. */
enum dc_plan_secret_way {
  DC_PLAN_SECRET_EXPORT, /* "export": beside the image, mounted at run time */
  DC_PLAN_SECRET_IMAGE,  /* "image": in a layer, because somebody said so */
  DC_PLAN_SECRET_DROP,   /* "drop": nowhere */
  DC_PLAN_SECRET_NEW,    /* "new": made at the first start (SSH host keys) */
};

/* All texts are owned by the plan, as dc_yaml_release() releases them. */
struct dc_plan_left { /* services or paths that are left out */
  char *reason;
  struct dc_yaml_texts names; /* of units; patterns of paths as select.yaml's,
                                 but with a leading slash */
};

struct dc_plan_volume {
  char *path;    /* in the guest: "/var/lib/postgresql" */
  char *name;    /* of the volume: "var-lib-postgresql" */
  char *service; /* whose data it is; NULL */
  char *reason;
  int data;      /* enum dc_plan_data */
  int64_t bytes; /* as the profile has it; for people, not checked */
};

struct dc_plan_secret {
  char *path; /* of the file in the guest */
  char *name; /* of the secret: "etc-ssl-private-web.key" */
  char *kind; /* "TLS private key" */
  int way;    /* enum dc_plan_secret_way */
};

struct dc_plan_port {
  int64_t port;
  int protocol;  /* 0 tcp, 1 udp */
  char *service; /* who listens; NULL */
};

/* Zero and NULL: no limit. */
struct dc_plan_resources {
  int64_t memory_bytes;
  int64_t milli_cpus; /* thousandths of a processor */
  int64_t pids;
};

struct dc_plan_service {
  char *unit;     /* "nginx.service" */
  bool essential; /* its failure stops the container */
};

struct dc_plan_job { /* a timer or a line of a crontab */
  char *name;
  char *when; /* as systemd.time(7) has it */
  char *user;
  char *command;
};

struct dc_plan_image {
  char *name;                   /* also its tag */
  int init;                     /* enum dc_plan_init */
  char *reason;                 /* why that, or what is lost by it; NULL */
  int files;                    /* enum dc_plan_files */
  struct dc_yaml_list services; /* of struct dc_plan_service */
  /* Of process 1, where that is not decant-init. */
  struct dc_yaml_texts command;
  char *user;        /* "UID:GID"; NULL: root */
  char *folder;      /* working directory; NULL: / */
  char *stop_signal; /* NULL: SIGTERM */
  int64_t stop_timeout_s;
  struct dc_yaml_texts environment;  /* "NAME=VALUE" */
  struct dc_yaml_list ports;         /* of struct dc_plan_port */
  struct dc_yaml_list volumes;       /* of struct dc_plan_volume */
  struct dc_yaml_list secrets;       /* of struct dc_plan_secret */
  struct dc_yaml_list schedule;      /* of struct dc_plan_job */
  struct dc_yaml_texts capabilities; /* beyond those a container has */
  struct dc_yaml_texts sysctls;      /* "net.core.somaxconn=1024" */
  struct dc_yaml_texts devices;      /* "/dev/fuse" */
  struct dc_plan_resources resources;
};

/* Images that share network and IPC: what talks over localhost. */
struct dc_plan_pod {
  char *name;
  struct dc_yaml_texts members; /* names of images */
  struct dc_yaml_texts reasons; /* "web: visits.service connects to ..." */
};

/* As the options of `decant analyze` of the same names take it; NULL: not
 * given.  A relative NAME is below the plan's folder.
 */
struct dc_plan_source {
  char *name;
  struct dc_yaml_texts add; /* further disks */
  char *format, *root, *connect;
  struct dc_yaml_texts allow_backing;
};

struct dc_plan_identity {
  char *hostname; /* NULL: the container's own */
  char *timezone; /* NULL: UTC, or as the guest has it in /etc/localtime */
  struct dc_yaml_texts hosts;     /* "10.0.0.1 db db.example": /etc/hosts */
  struct dc_yaml_texts addresses; /* own ones that become parameters */
};

struct dc_plan {
  int64_t version;
  struct dc_plan_source source;
  struct dc_plan_identity identity;
  struct dc_yaml_list images;        /* of struct dc_plan_image */
  struct dc_yaml_list pods;          /* of struct dc_plan_pod */
  struct dc_yaml_list services_left; /* of struct dc_plan_left */
  struct dc_yaml_list paths_left; /* the same; more than templates/select.yaml
                                        says */
  /* What it was read from, for the places in messages: borrowed from the caller
   * of dc_plan_read(), and no part of the plan; NULL: it was made.
   */
  const char *text, *file;
  size_t text_size;
};

/* How the services are put into images. */
enum dc_plan_grouping {
  DC_PLAN_WHOLE,  /* one image */
  DC_PLAN_GROUPS, /* one a group of coupled services, pods where needed */
};

struct dc_plan_options {
  const struct dc_plan_source *source; /* what the plan names; NULL: nothing */
  enum dc_plan_grouping grouping;
  const char *name;             /* of the one image; NULL: "latest" */
  const struct dc_words *units; /* only these services; NULL: all */
  enum dc_plan_init init;
  enum dc_plan_files files;
  enum dc_plan_data data;          /* of volumes */
  enum dc_plan_secret_way secrets; /* EXPORT, or what was asked for */
  bool parametrizes_addresses;
};

/* A plan on its way.  Each part of the decision is a row of the table in
 * transform/plan/planmake.c: a function that fills its members of all images
 * (whose names and services are there already), or of the plan.
 */
struct dc_plan_making {
  struct dc_tree *tree;
  const struct dc_profile *profile;
  const struct dc_plan_options *options;
  struct dc_plan *plan;
};
struct dc_plan_chooser {
  const char *what; /* for messages: "ports" */
  int (*choose) (const struct dc_plan_making *making, struct dc_error *err);
};

/* In the worker: the default decision for a guest.  *OUT is for the caller.
 * DC_ERR_NOTFOUND: a unit of OPTIONS that the guest does not have.
 */
int dc_plan_make (struct dc_tree *tree, const struct dc_profile *profile,
                  const struct dc_plan_options *options, struct dc_plan **out,
                  struct dc_error *err);
/* FILE is for messages, which read "FILE:LINE:COLUMN: what is wrong".  TEXT
 * and FILE must outlive the plan.  DC_ERR_INVALID, DC_ERR_LIMIT,
 * DC_ERR_SYSTEM.
 */
int dc_plan_read (const char *text, size_t size, const char *file,
                  struct dc_plan **out, struct dc_error *err);
/* Append it as YAML with comments; PROFILE (or NULL) gives their evidence. */
int dc_plan_write (const struct dc_plan *plan, const struct dc_profile *profile,
                   struct dc_buffer *yaml, struct dc_error *err);
/* Does the guest have what the plan speaks of, and does the plan speak of all
 * that the guest starts?  DC_ERR_INVALID, with the place in the plan's file.
 * What needs no guest, dc_plan_read() has checked.
 */
int dc_plan_check (const struct dc_plan *plan, struct dc_tree *tree,
                   const struct dc_profile *profile, struct dc_error *err);
/* Image INDEX, borrowed. */
const struct dc_plan_image *dc_plan_image (const struct dc_plan *plan,
                                           size_t index);
/* Does IMAGE start UNIT? */
bool dc_plan_image_has (const struct dc_plan_image *image, const char *unit);
/* Release what PLAN owns, not PLAN itself. */
void dc_plan_release (struct dc_plan *plan);
void dc_plan_free (struct dc_plan *plan);
DC_DEFINE_AUTO (dc_plan)

#endif
