/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_ELFSECTIONS_H
#define DC_ANALYZER_LANGUAGE_ELFSECTIONS_H

/* elfsections: the sections of an ELF file, by name.
 *
 * What compilers leave for tools is in sections; analyzer/program/elfneeds.h
 * reads what the loader needs, which is in segments.
 *
 * Source: System V ABI, "Sections"; elf(5).
 */

#include "analyzer/language/excerpt.h"

#define DC_SECTION_MAX ((size_t) 4096)            /* of one file */
#define DC_SECTION_NAMES_MAX ((size_t) 64 * 1024) /* bytes of their names */

struct dc_elfsection {
  uint64_t address, offset, size; /* as loaded; in the file; bytes */
};

struct dc_elfsections {
  struct dc_excerpt excerpt;
  bool is_64, is_little;
  size_t count, entry_size;
  unsigned char *headers;
  char *names;
  size_t names_size;
};

/* 1, and the caller releases *OUT; 0: no ELF file with sections; -1. */
int dc_elfsections_open (const struct dc_excerpt *excerpt,
                         struct dc_elfsections *out, struct dc_error *err);
/* The section of this name that is in the file: true and *PLACE. */
bool dc_elfsections_find (const struct dc_elfsections *sections,
                          const char *name, struct dc_elfsection *place);
/* SIZE bytes at ADDRESS of the loaded program: as dc_excerpt_load(). */
int dc_elfsections_load (const struct dc_elfsections *sections,
                         uint64_t address, uint64_t size, size_t max,
                         unsigned char **out, struct dc_error *err);
/* The number of SIZE bytes at P in the file's byte order. */
uint64_t dc_elfsections_number (const struct dc_elfsections *sections,
                                const unsigned char *p, size_t size);
void dc_elfsections_release (struct dc_elfsections *sections);

#endif
