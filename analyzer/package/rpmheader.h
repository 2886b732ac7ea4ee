/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_ANALYZER_PACKAGE_RPMHEADER_H
#define DC_ANALYZER_PACKAGE_RPMHEADER_H

/* rpmheader: what rpm knows of one package.
 *
 *   4 bytes   COUNT, how many entries
 *   4 bytes   SIZE of the store
 *   COUNT x   tag, type, offset in the store, count of values: 4 bytes each
 *   SIZE      the store: numbers, strings that end in NUL
 *
 * All numbers are big-endian.  Regions (tags 61 to 63) only group entries for
 * signatures and need no attention.
 *
 * Source: rpm 4.18 docs/manual/format.md and include/rpm/rpmtag.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/span.h"

#define DC_RPM_ENTRY_MAX 65536 /* rpm's own limit */

enum dc_rpm_tag {
  DC_RPM_NAME = 1000,
  DC_RPM_VERSION = 1001,
  DC_RPM_RELEASE = 1002,
  DC_RPM_EPOCH = 1003,
  DC_RPM_SIZE = 1009,
  DC_RPM_VENDOR = 1011,
  DC_RPM_PACKAGER = 1015,
  DC_RPM_GROUP = 1016,
  DC_RPM_ARCH = 1022,
  DC_RPM_OLD_FILE_NAMES = 1027,
  DC_RPM_FILE_STATES = 1029,
  DC_RPM_FILE_MODES = 1030,
  DC_RPM_FILE_DIGESTS = 1035,
  DC_RPM_FILE_LINKS = 1036,
  DC_RPM_FILE_FLAGS = 1037,
  DC_RPM_SOURCE = 1044,
  DC_RPM_FILE_CHECKS = 1045,
  DC_RPM_PROVIDE_NAMES = 1047,
  DC_RPM_REQUIRE_FLAGS = 1048,
  DC_RPM_REQUIRE_NAMES = 1049,
  DC_RPM_REQUIRE_VERSIONS = 1050,
  DC_RPM_PROVIDE_FLAGS = 1112,
  DC_RPM_PROVIDE_VERSIONS = 1113,
  DC_RPM_DIR_INDEXES = 1116,
  DC_RPM_BASE_NAMES = 1117,
  DC_RPM_DIR_NAMES = 1118,
  DC_RPM_LONG_SIZE = 5009,
  DC_RPM_FILE_DIGEST_KIND = 5011,
};

/* Borrows the bytes. */
struct dc_rpm_header {
  const unsigned char *entries;
  uint32_t entry_count;
  const unsigned char *store;
  size_t store_size;
};

/* 0, or -1: DC_ERR_INVALID. */
int dc_rpm_header_parse (const void *bytes, size_t size,
                         struct dc_rpm_header *header, struct dc_error *err);

/* The values of a tag. */
struct dc_rpm_values {
  struct dc_span rest; /* of the store; strings are taken from its front */
  uint32_t count;      /* how many there are, or are left of strings */
  uint32_t width;      /* bytes of a number; 0: strings */
};
/* COUNT is 0 when there is no such tag, or its numbers do not fit into the
 * store.
 */
struct dc_rpm_values dc_rpm_values (const struct dc_rpm_header *header,
                                    enum dc_rpm_tag tag);
/* The next string; false when there is none left. */
bool dc_rpm_next (struct dc_rpm_values *values, struct dc_span *text);
/* Number INDEX, or OTHERWISE when there is none. */
uint64_t dc_rpm_number (const struct dc_rpm_values *values, size_t index,
                        uint64_t otherwise);
/* The first string of TAG; its text is NULL when there is none. */
struct dc_span dc_rpm_text (const struct dc_rpm_header *header,
                            enum dc_rpm_tag tag);

#endif
