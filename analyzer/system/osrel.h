/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_SYSTEM_OSREL_H
#define DC_ANALYZER_SYSTEM_OSREL_H

/* osrel: the operating system, by os-release or an older file.
 *
 * Source: os-release(5): /etc/os-release before /usr/lib/os-release; the
 * older files are analyzer/system/oldrelease.h's.
 */

#include "lib/tree/tree.h"

/* Bytes.  Real files are below 2 KiB; a hostile guest may send anything. */
#define DC_OSREL_SIZE_MAX ((size_t) 64 * 1024)

/* Owns its strings, any text as the guest wrote it.  NULL: the guest does not
 * say; "": it says that there is none.
 */
struct dc_osrel {
  char *id;          /* "debian" */
  char *id_like;     /* "rhel fedora" */
  char *version_id;  /* "12"; compare as text: "9" and "9.0" differ */
  char *codename;    /* "bookworm"; where VERSION_CODENAME is missing,
                        UBUNTU_CODENAME or what VERSION adds: "8 (jessie)" */
  char *pretty_name; /* "Debian GNU/Linux 12 (bookworm)" */
  char *file;        /* where it was found: "/etc/os-release" */
};

/* Parse SIZE bytes at TEXT; no NUL is needed.  A bad line is skipped.  0 and
 * *OUT for the caller (its `file` NULL), or -1: DC_ERR_LIMIT, DC_ERR_SYSTEM.
 */
int dc_osrel_parse (const char *text, size_t size, struct dc_osrel **out,
                    struct dc_error *err);
/* Find and parse it in TREE: 1 and *OUT; 0 when nothing says what it is (an
 * os-release without ID is passed over); -1 as above, the text names the
 * file.
 */
int dc_osrel_load (struct dc_tree *tree, struct dc_osrel **out,
                   struct dc_error *err);
void dc_osrel_free (struct dc_osrel *osrel);
DC_DEFINE_AUTO (dc_osrel)

#endif
