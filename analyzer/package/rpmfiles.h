/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_RPMFILES_H
#define DC_ANALYZER_PACKAGE_RPMFILES_H

/* rpmfiles: the files of a package of rpm, out of its header. */

#include "analyzer/package/manager.h"
#include "analyzer/package/rpmheader.h"

#define DC_RPM_FOLDER_MAX 1000000 /* different folders of one package */

struct dc_rpm_files {
  struct dc_span *folders; /* "/usr/bin/" */
  size_t folder_count;
  enum dc_checksum_kind kind;
  struct dc_rpm_values names, folder_indexes, digests, links, flags, states,
      checks;
  bool has_whole_names; /* of rpm before 4 */
  size_t index;         /* of the next file */
  struct dc_buffer path;
  struct dc_checksum sum; /* of the file given last, also where it is none of
                             the package manager's business to compare it */
};

/* FILES is zero, or was released; it borrows HEADER's bytes.  0, or -1:
 * DC_ERR_LIMIT, DC_ERR_SYSTEM; release it in any case.
 */
int dc_rpm_files_begin (struct dc_rpm_files *files,
                        const struct dc_rpm_header *header,
                        struct dc_error *err);
/* The next file that is installed; FILE lives until the next call.  1, 0, or
 * -1: DC_ERR_SYSTEM.
 */
int dc_rpm_files_next (struct dc_rpm_files *files,
                       struct dc_packaged_file *file, struct dc_error *err);
void dc_rpm_files_release (struct dc_rpm_files *files);
#define AUTO_RPM_FILES __attribute__ ((__cleanup__ (dc_rpm_files_release)))

#endif
