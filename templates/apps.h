/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TEMPLATES_APPS_H
#define DC_TEMPLATES_APPS_H

/* apps: what we know of each application, a YAML file in templates/apps/.
 *
 * The files are compiled in.  What an application is found by (its programs,
 * init scripts, units and packages) is in an index that the build makes; a
 * file is parsed when a guest has that application, not before.  The format
 * is told in templates/apps/README.md.
 *
 * Names are shell patterns (lib/glob.h).  A pattern without anything but
 * ordinary bytes goes before one that has more, then the order is that of
 * the files' names.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/yaml.h"

enum dc_app_kind {
  DC_APP_APPLICATION, /* runs programs of others: tomcat, php-fpm */
  DC_APP_CACHE,
  DC_APP_CHAT,
  DC_APP_CLUSTER,
  DC_APP_CONTAINER,
  DC_APP_DATABASE,
  DC_APP_DEVELOPMENT, /* repositories, continuous integration */
  DC_APP_DIRECTORY,   /* accounts: LDAP, Kerberos, RADIUS */
  DC_APP_DNS,
  DC_APP_FILE, /* gives out files: NFS, SMB, FTP */
  DC_APP_LOG,
  DC_APP_LOGIN,
  DC_APP_MAIL,
  DC_APP_MEDIA,
  DC_APP_MONITORING,
  DC_APP_NETWORK, /* addresses, routes, interfaces */
  DC_APP_PRINT,
  DC_APP_PROXY,
  DC_APP_QUEUE,
  DC_APP_SCHEDULER,
  DC_APP_SEARCH,
  DC_APP_SECURITY,
  DC_APP_STORAGE, /* block devices over the network */
  DC_APP_SYSTEM,  /* a part of the operating system */
  DC_APP_TIME,
  DC_APP_VIRTUALIZATION,
  DC_APP_VPN,
  DC_APP_WEB,
};

/* How a configuration file is written; templates/apps/README.md. */
enum dc_app_dialect {
  DC_DIALECT_WORDS,
  DC_DIALECT_INI,
  DC_DIALECT_BLOCKS,
  DC_DIALECT_YAML,
  DC_DIALECT_JSON,
  DC_DIALECT_XML,
  DC_DIALECT_TAGS,
  DC_DIALECT_PHRASES,
  DC_DIALECT_VALUE,
};

enum dc_app_protocol { DC_APP_TCP, DC_APP_UDP, DC_APP_BOTH };

/* Which of several values of a setting counts. */
enum dc_app_pick {
  DC_PICK_LAST,
  DC_PICK_FIRST,
  DC_PICK_ALL,
  DC_PICK_FILE, /* all of the last of `files` that has any */
};

/* Where a value comes from: an option goes before a variable, that before a
 * file, and all of them before the default.
 */
struct dc_app_source {
  struct dc_yaml_texts options; /* "-p", "--port", "-Dserver.port" */
  struct dc_yaml_texts flags;   /* options without a value: "yes" */
  struct dc_yaml_texts env;     /* variables */
  struct dc_yaml_texts keys;    /* in the files, lower case; patterns */
  char *otherwise;              /* "default" in the file; NULL: none */
  struct dc_yaml_texts off;     /* values that stand for "not at all" */
  char *split; /* bytes between several values; NULL: the first word counts */
  int pick;    /* enum dc_app_pick, of keys and options that are repeated */
};

/* A condition: the value fits one of IS and none of IS_NOT. */
struct dc_app_when {
  struct dc_app_source source;
  struct dc_yaml_texts is, is_not; /* patterns, lower case */
};

/* The application listens, or connects to somebody. */
struct dc_app_listen {
  struct dc_app_source at;      /* port, address, address:port, URL or path */
  struct dc_app_source address; /* for an `at` that has none */
  int64_t port;                 /* the same; 0: it must have one */
  int protocol;                 /* enum dc_app_protocol */
  bool has_address;             /* `address` says something */
  bool by_family; /* the default of `address` stays for the other family */
  char *socket;   /* name of a Unix socket up to its port: ".s.PGSQL." */
  char *each;     /* path of blocks, of each of which this is said; NULL */
  struct dc_yaml_list when; /* of struct dc_app_when: all must hold */
};

/* Keys that name further files. */
struct dc_app_include {
  struct dc_yaml_texts keys;
  char *files; /* of a value that is a folder: "*.conf" */
  bool late;   /* they are read behind the file that names them */
};

struct dc_app_file {
  char *path;                   /* a pattern */
  struct dc_yaml_texts options; /* that name another in its place */
  struct dc_yaml_texts env;
  int dialect;                 /* enum dc_app_dialect */
  struct dc_yaml_list include; /* of struct dc_app_include */
  bool required;               /* without it the application does not start */
};

struct dc_app_secret {
  char *path;    /* a pattern; NULL: in the configuration files */
  char *setting; /* the key there */
  char *kind;    /* "password", "private key" */
};

struct dc_app_health {
  int64_t tcp;   /* the default port; 0: none */
  char *http;    /* a path; NULL */
  char *command; /* exit status 0 when it is well; NULL */
};

struct dc_app {
  size_t position; /* among all applications, when dc_apps_get() gave it */
  char *name;      /* "nginx", as the file */
  char *title;     /* "nginx" for people */
  int kind;        /* enum dc_app_kind */
  struct dc_yaml_texts programs; /* last components of paths */
  struct dc_yaml_texts scripts;  /* the same of init scripts */
  struct dc_yaml_texts units;
  struct dc_yaml_texts packages;
  char *command; /* what an init script runs; NULL: the first program */
  struct dc_yaml_texts environment; /* files of variables for that */
  /* Exactly one of these four says where it listens. */
  char *reader;                 /* a reader in C: analyzer/endpoint/daemon.c */
  struct dc_yaml_list listen;   /* of struct dc_app_listen */
  char *listens_nowhere;        /* and why */
  char *cannot_tell;            /* and why */
  struct dc_yaml_list connects; /* of struct dc_app_listen; may be empty */
  struct dc_yaml_list files;    /* of struct dc_app_file, for both */
  bool takes_sockets;           /* from systemd, instead of opening its own */
  bool dual_stack;              /* "::" is any address of both families */
  bool single_wildcard;         /* so is 0.0.0.0: programs in Go and Java */
  bool ipv4_star;               /* "*" is 0.0.0.0 */
  bool is_guess; /* what its rules find is inferred; they may find nothing */
  /* Patterns of paths. */
  struct dc_yaml_texts config, data, logs, sockets;
  struct dc_yaml_list secrets; /* of struct dc_app_secret */
  char *foreground;  /* arguments that keep it there; NULL: it stays */
  char *stop_signal; /* "SIGQUIT"; NULL: SIGTERM */
  struct dc_app_health health;
  char *notes; /* for planners; NULL */
};

/* The knowledge, as far as it was asked for; empty when all bytes are zero. */
struct dc_apps {
  struct dc_app **loaded; /* NULL where nobody asked yet */
};

enum dc_app_index {
  DC_APP_PROGRAMS,
  DC_APP_SCRIPTS,
  DC_APP_UNITS,
  DC_APP_PACKAGES,
};
#define DC_APP_INDEX_COUNT 4

/* The application that has NAME among its programs (scripts, ...): 1 and
 * *APP, which lives as long as APPS; 0: we know none; -1: DC_ERR_INVALID (a
 * mistake in our file, "FILE:LINE:COLUMN: ..."), DC_ERR_SYSTEM.
 */
int dc_apps_find (struct dc_apps *apps, enum dc_app_index index,
                  const char *name, const struct dc_app **app,
                  struct dc_error *err);
/* Is NAME among those of the application at POSITION? */
bool dc_apps_has (size_t position, enum dc_app_index index, const char *name);
/* Its position among all applications, without reading it, or SIZE_MAX. */
size_t dc_apps_position (enum dc_app_index index, const char *name);
size_t dc_apps_count (void);
/* The application at POSITION.  0, or -1 as above. */
int dc_apps_get (struct dc_apps *apps, size_t position,
                 const struct dc_app **app, struct dc_error *err);
void dc_apps_release (struct dc_apps *apps);

/* Read the file of an application; NAME is for messages.  0 and *OUT for the
 * caller, or -1 as above.
 */
int dc_app_parse (const char *text, size_t size, const char *name,
                  struct dc_app **out, struct dc_error *err);
/* How programs that we do not know say where they listen
 * (templates/stranger.yaml).  0 and *OUT for the caller, or -1 as above.
 */
int dc_app_stranger (struct dc_app **out, struct dc_error *err);
void dc_app_free (struct dc_app *app);
DC_DEFINE_AUTO (dc_app)

const char *dc_app_kind_name (enum dc_app_kind kind);

#endif
