/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_IDENTITY_H
#define DC_ANALYZER_SYSTEM_IDENTITY_H

/* identity: who may use a guest beyond its own passwd file, and what makes it
 * this machine and no other: directories, sudo, time zone, machine id,
 * cloud-init's state.
 */

#include <stdbool.h>

#include "analyzer/evidence.h"
#include "lib/error.h"
#include "lib/words.h"

#define DC_LOOKUP_MAX ((size_t) 100)
#define DC_DIRECTORY_MAX ((size_t) 1000)
#define DC_SUDO_MAX ((size_t) 10000)

/* A line of nsswitch.conf that decides who there is. */
struct dc_lookup {
  char *database; /* "passwd" */
  struct dc_words services;
  unsigned line;
};

struct dc_directory {
  const char *kind; /* "sssd", "ldap", "winbind", "kerberos" */
  char *domain;     /* of sssd, of winbind; the base of LDAP; NULL */
  char *provider;   /* sssd's id_provider: "ad", "ipa", "ldap"; NULL */
  char *realm;      /* of Kerberos; NULL */
  struct dc_words servers;
  struct dc_evidence evidence;
};

struct dc_sudo {
  char *who;      /* "alice", "%wheel", "ADMINS" */
  char *host;     /* "ALL" */
  char *runas;    /* "root"; NULL: root by default */
  char *commands; /* as written */
  bool is_free;   /* of a password, at least in part */
  struct dc_evidence evidence;
};

struct dc_identity {
  struct dc_lookup *lookups;
  struct dc_directory *directories;
  struct dc_sudo *sudo;
  size_t lookup_count, directory_count, sudo_count;

  char *time_zone, *time_zone_file; /* "Europe/Berlin"; NULL: not said */
  char *locale, *locale_file;       /* "de_DE.UTF-8" */
  const char *machine_id;           /* "set", "empty", "uninitialized",
                                       "absent"; its value is never kept */
  bool has_cloud_init, is_cloud_init_off;
  char *cloud_source; /* the one that was used: "DataSourceNoCloud"; NULL */
  char *cloud_source_file;
  struct dc_words cloud_sources; /* those it may try */
};

/* A new directory of this kind; *OUT is borrowed until the next call. */
int dc_identity_directory (struct dc_identity *identity, const char *kind,
                           const char *file, unsigned line,
                           struct dc_directory **out, struct dc_error *err);
void dc_identity_release (struct dc_identity *identity);

#endif
