/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_LANGUAGE_ZIP_H
#define DC_ANALYZER_LANGUAGE_ZIP_H

/* zip: the members of a ZIP archive, by its central directory.
 *
 *   [program that unpacks itself] members ... central directory, end record
 *
 * One member is read without the others.  ZIP64 and encryption are not read: no
 * archive of Java classes that we want something of needs them.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
 */

#include "analyzer/language/excerpt.h"

#define DC_ZIP_DIRECTORY_MAX ((size_t) 16 * 1024 * 1024) /* bytes */
#define DC_ZIP_MEMBER_MAX ((size_t) 1024 * 1024)         /* bytes, unpacked */

struct dc_zip_member {
  struct dc_span name;   /* "META-INF/MANIFEST.MF" */
  unsigned method;       /* 0: stored, 8: deflated */
  uint64_t packed, size; /* bytes */
  uint64_t header;       /* where its local header is in the excerpt */
};

struct dc_zip {
  struct dc_excerpt excerpt;
  unsigned char *directory;
  size_t size;   /* bytes of the directory */
  uint64_t skew; /* bytes before what the archive calls its start */
};

/* 1, and the caller releases *OUT; 0: it is no archive that we can read; -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM, what the tree says.
 */
int dc_zip_open (const struct dc_excerpt *excerpt, struct dc_zip *out,
                 struct dc_error *err);
/* The member at *AT, which begins as 0 and moves on: true; false at the end
 * and at what is damaged.
 */
bool dc_zip_next (const struct dc_zip *zip, size_t *at,
                  struct dc_zip_member *member);
/* The content, with a NUL behind it, into new memory for the caller: 1; 0:
 * damaged, or too large; -1.
 */
int dc_zip_read (const struct dc_zip *zip, const struct dc_zip_member *member,
                 char **out, struct dc_error *err);
/* The place of a stored member: 1; 0: it is not stored, or damaged; -1. */
int dc_zip_excerpt (const struct dc_zip *zip,
                    const struct dc_zip_member *member, struct dc_excerpt *out,
                    struct dc_error *err);
void dc_zip_release (struct dc_zip *zip);

#endif
