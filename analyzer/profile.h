/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PROFILE_H
#define DC_ANALYZER_PROFILE_H

/* profile: everything we can say about a guest, each statement with proof.
 *
 * The struct lives in the confined worker, where it is made and where
 * transform reads it; between processes and on disk it is JSON, whose schema
 * is doc/profile.schema.json.  Same tree, same profile, whatever backend read
 * it: only `guest` (how it was read) may differ.
 */

#include <jansson.h>

#include "analyzer/guest.h"
#include "analyzer/osrel.h"
#include "analyzer/packages.h"
#include "analyzer/unitload.h"
#include "analyzer/users.h"

#define DC_PROFILE_VERSION 1
#define DC_FINDING_MAX ((size_t) 10000)          /* further ones are counted */
#define DC_FSTAB_SIZE_MAX ((size_t) 1024 * 1024) /* bytes */
#define DC_MOUNT_COUNT_MAX ((size_t) 10000)
#define DC_ENDPOINT_COUNT_MAX ((size_t) 5000)
#define DC_HOSTNAME_SIZE_MAX ((size_t) 64) /* bytes of a name: HOST_NAME_MAX */

enum dc_confidence {
  DC_OBSERVED, /* seen on the live host */
  DC_DECLARED, /* the configuration says so */
  DC_INFERRED, /* a default, or a guess with a reason */
  DC_UNKNOWN,
};

/* Where a statement comes from. */
struct dc_evidence {
  char *file;    /* "/etc/nginx/sites-enabled/default" */
  unsigned line; /* 0: the file as a whole */
};

enum dc_protocol { DC_TCP, DC_UDP, DC_UNIX };

struct dc_endpoint {
  char *service; /* unit name: "nginx.service" */
  enum dc_protocol protocol;
  char *address; /* "0.0.0.0", "::", "127.0.0.1", "" (any, both families) */
  uint16_t port; /* 0 for a Unix socket */
  char *path;    /* of a Unix socket, "@name" when abstract; else NULL */
  struct dc_evidence evidence;
  enum dc_confidence confidence;
};

struct dc_endpoints {
  struct dc_endpoint
      *items; /* sorted: service, protocol, port, address, path */
  size_t count;
};

/* A line of fstab, its octal escapes resolved. */
struct dc_mount {
  char *device, *mountpoint, *type;
  char *options; /* "defaults" where the line has none */
  unsigned line;
};

struct dc_mounts {
  struct dc_mount *items; /* in file order */
  size_t count;
};

/* Something a reader should know: what is missing or was not understood. */
struct dc_finding {
  char *id;   /* "tree.damaged", "endpoint.unknown" */
  char *text; /* one sentence */
  struct dc_evidence evidence;
};

/* Packages, users and units are there, if empty, also when the guest has none
 * or they could not be read (then a finding says so).
 */
struct dc_profile {
  struct dc_guest *guest;
  struct dc_osrel *os; /* NULL: unknown */
  char *arch;          /* OCI's word: "amd64", "arm64"; NULL: unknown */
  char *arch_variant;  /* "v7"; NULL */
  char *hostname;      /* NULL */
  struct dc_packages *packages;
  struct dc_users *users;
  struct dc_units *units;
  struct dc_endpoints endpoints;
  struct dc_mounts mounts;
  struct dc_finding *findings;
  size_t finding_count;
  uint64_t findings_lost; /* beyond DC_FINDING_MAX */
};

/* Read everything from TREE.  GUEST is taken on success.  What a guest has
 * broken becomes a finding and the rest goes on; -1 only without memory, when
 * the tree's medium fails or the user stops us.
 */
int dc_profile_make (struct dc_tree *tree, struct dc_guest *guest,
                     const struct dc_report *report, struct dc_profile **out,
                     struct dc_error *err);
/* Add a finding; FILE NULL and LINE 0 where there is no such.  FMT makes one
 * sentence, guest bytes in it through dc_quote().  0, or -1: DC_ERR_SYSTEM.
 */
int dc_profile_note (struct dc_profile *profile, const char *id,
                     const char *file, unsigned line, struct dc_error *err,
                     const char *fmt, ...)
    __attribute__ ((__format__ (__printf__, 6, 7)));
/* Release the findings alone. */
void dc_findings_release (struct dc_profile *profile);
int dc_profile_json (const struct dc_profile *profile, json_t **out,
                     struct dc_error *err);
/* A profile's JSON as text for people, at most WIDTH columns. */
int dc_profile_text (const json_t *json, unsigned width, struct dc_buffer *out,
                     struct dc_error *err);
void dc_profile_free (struct dc_profile *profile);
DC_DEFINE_AUTO (dc_profile)

/* endpoint.c: the listening endpoints of the services that start and whose
 * programs we know (analyzer/daemon.h), and of the sockets that start.  What
 * cannot be told becomes a finding "endpoint.unknown".  0 or -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_endpoints_find (struct dc_tree *tree, struct dc_profile *profile,
                       struct dc_error *err);
/* A place that proves something; borrowed. */
struct dc_proof {
  const char *file;
  unsigned line; /* 0: the file as a whole */
};
/* What becomes an endpoint; all texts are borrowed. */
struct dc_listen {
  enum dc_protocol protocol;
  const char *address; /* as of an endpoint; NULL for a Unix socket */
  uint16_t port;
  const char *path;
  struct dc_proof proof;
  enum dc_confidence confidence;
};
/* SERVICE listens.  An endpoint that is there already stays, with the better
 * proof of the two.  0 or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_endpoint_add (struct dc_endpoints *endpoints, const char *service,
                     const struct dc_listen *listen, struct dc_error *err);
void dc_endpoints_sort (struct dc_endpoints *endpoints);
void dc_endpoints_release (struct dc_endpoints *endpoints);
/* mounts.c: fstab, as fstab(5) has it.  A line without the first three fields
 * is skipped.  0 and *OUT for the caller (release it), or -1: DC_ERR_LIMIT
 * (too large, too many lines), DC_ERR_SYSTEM.
 */
int dc_mounts_parse (const char *text, size_t size, struct dc_mounts *out,
                     struct dc_error *err);
void dc_mounts_release (struct dc_mounts *mounts);
/* elf.c: the architecture of the guest, from the header of a program that
 * every system has; 1 and both words (VARIANT may become NULL), 0 unknown.
 */
int dc_elf_arch (struct dc_tree *tree, char **arch, char **variant,
                 struct dc_error *err);

#endif
