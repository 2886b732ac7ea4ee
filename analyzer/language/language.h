/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_LANGUAGE_H
#define DC_ANALYZER_LANGUAGE_LANGUAGE_H

/* language: packages that no package manager of the distribution knows: those
 * of programming languages, and snaps and flatpaks.
 *
 * They are found by the names of files, in one pass over the tree.  Left out,
 * but counted, is what lies where only the distribution's packages install
 * (they are in `packages`); left out altogether is what lies inside the
 * storage of containers and flatpaks.
 */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/evidence.h"
#include "analyzer/package/packages.h"

#define DC_LANGUAGE_PACKAGE_MAX ((size_t) 100000) /* further ones: counted */
/* Bytes read for all of them; a large Java or Node server: some 50 MB. */
#define DC_LANGUAGE_SIZE_MAX ((uint64_t) 256 * 1024 * 1024)

/* Owns its texts but the first; NULL: not known. */
struct dc_language_package {
  const char *ecosystem; /* "pip", "npm", ...; static */
  char *name;            /* "requests", "org.slf4j:slf4j-api" */
  char *version;
  char *revision; /* of a snap: "2105"; of a flatpak: the commit */
  char *channel;  /* of a snap: "latest/stable"; of a flatpak: the branch */
  char *path;     /* what it is: its folder, program or archive */
  enum dc_confidence confidence;
  enum dc_answer system; /* brought by a package of the distribution? */
  struct dc_evidence evidence;
};

struct dc_language_packages {
  struct dc_language_package *items; /* sorted by ecosystem, path, name */
  size_t count;
  uint64_t lost;   /* beyond DC_LANGUAGE_PACKAGE_MAX */
  uint64_t system; /* left out: the distribution's own */
};

#endif
