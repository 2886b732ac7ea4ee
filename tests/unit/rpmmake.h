/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef DC_TESTS_UNIT_RPMMAKE_H
#define DC_TESTS_UNIT_RPMMAKE_H

/* rpmmake: small databases of rpm, byte by byte, to be damaged. */

#include <stddef.h>

#define RPM_PAGE 512

struct bytes {
  unsigned char data[16 * RPM_PAGE];
  size_t size;
};

void put_big (unsigned char *at, size_t size, unsigned long number);
void put_little (unsigned char *at, size_t size, unsigned long number);

/* A package's header: two files, a %config among them, in "/etc/" and
 * "/usr/bin/", PADDING bytes of summary.
 */
void make_header (struct bytes *b, const char *name, size_t padding);
/* The same two packages, "one" that needs an overflow page and "two", in each
 * format.
 */
void make_ndb (struct bytes *b);
void make_bdb (struct bytes *b);
void make_sqlite (struct bytes *b);

#endif
