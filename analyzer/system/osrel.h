/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_OSREL_H
#define DC_ANALYZER_SYSTEM_OSREL_H

/* osrel: the operating system, by os-release or an older file.
 *
 * Source: os-release(5): /etc/os-release before /usr/lib/os-release; the
 * older files are analyzer/system/oldrelease.h's.
 */

#include <stdbool.h>

#include "lib/tree/tree.h"

/* Bytes.  Real files are below 2 KiB; a hostile guest may send anything. */
#define DC_OSREL_SIZE_MAX ((size_t) 64 * 1024)

/* Owns its strings, any text as the guest wrote it.  NULL: the guest does not
 * say; "": it says that there is none.
 */
struct dc_osrel {
  char *id;          /* "debian" */
  char *name;        /* "Debian GNU/Linux" */
  char *id_like;     /* "rhel fedora" */
  char *version_id;  /* "12"; compare as text: "9" and "9.0" differ */
  char *codename;    /* "bookworm"; where VERSION_CODENAME is missing,
                        UBUNTU_CODENAME or what VERSION adds: "8 (jessie)" */
  char *pretty_name; /* "Debian GNU/Linux 12 (bookworm)" */
  char *file;        /* where it was found: "/etc/os-release" */

  /* dc_osrel_load() fills these, too. */
  char *release;      /* the most exact version that any file has: "12.5" */
  char *release_file; /* where that stands: "/etc/debian_version" */
  const char *family; /* analyzer/system/osfamily.h; NULL: not known */
  const char *kernel; /* "linux", "freebsd", "windows"; never NULL */
  char *problem;      /* a file that had to be passed over; NULL */
  bool is_inferred;   /* by files that only such a system has */
};

/* Parse SIZE bytes at TEXT; no NUL is needed.  A bad line is skipped.  0 and
 * *OUT for the caller (its `file` NULL), or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_osrel_parse (const char *text, size_t size, struct dc_osrel **out,
                    struct dc_error *err);
/* Find and parse it in TREE: 1 and *OUT; 0 when nothing says what it is (an
 * os-release without ID is passed over); -1 as above, the text names the
 * file.  In this order: os-release, the older files of Linux distributions,
 * the files by which other systems show (analyzer/system/foreign.h), any
 * other file named *-release, and issue.
 */
int dc_osrel_load (struct dc_tree *tree, struct dc_osrel **out,
                   struct dc_error *err);
/* Is it a Linux?  What is not known (NULL) may be one. */
bool dc_osrel_is_linux (const struct dc_osrel *osrel);
void dc_osrel_free (struct dc_osrel *osrel);
DC_DEFINE_AUTO (dc_osrel)

#endif
