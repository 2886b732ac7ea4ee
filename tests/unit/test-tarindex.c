/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/machine/tarindex.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"

/* Archives of real tars: tests/functional/test-source-ova.sh. */

#define ROOM 16384

static unsigned char archive[ROOM];
static size_t used;

static void
sum_up (unsigned char *header)
{
  unsigned sum = 0;

  memset (header + 148, ' ', 8);
  for (int i = 0; i < 512; i++)
    sum += header[i];
  snprintf ((char *) header + 148, 8, "%06o", sum);
}

/* One more member; the place of its content. */
static size_t
put (const char *name, char type, const char *content)
{
  unsigned char *header = archive + used;
  const size_t size = strlen (content);

  ck_assert_uint_lt (used + 1024 + size, ROOM);
  memset (header, 0, 512);
  memcpy (header, name, strlen (name));
  snprintf ((char *) header + 124, 12, "%011o", (unsigned) size);
  header[156] = (unsigned char) type;
  memcpy (header + 257, "ustar\00000", 8);
  sum_up (header);
  memcpy (header + 512, content, size);
  used += 512 + (size + 511) / 512 * 512;
  return (size_t) (header + 512 - archive);
}

static int
read_index (struct dc_tarindex **out, struct dc_error *err)
{
  const int fd = memfd_create ("archive", MFD_CLOEXEC);

  /* No ck_assert: it would be what an allocation fails for. */
  if (write (fd, archive, used) != (ssize_t) used)
    abort ();
  const struct dc_window window = { fd, 0, used };
  const int status = dc_tarindex_read (&window, out, err);
  close (fd);
  return status;
}

static void
begin (void)
{
  memset (archive, 0, sizeof archive);
  used = 0;
}

START_TEST (test_good)
{
  struct dc_error err;
  struct dc_tarindex *index = NULL;

  begin ();
  const size_t a = put ("./a", '0', "alpha");
  put ("folder/", '5', "");
  put ("././@LongLink", 'L', "a long name");
  const size_t b = put ("a lo", '\0', "beta");
  put ("pax", 'x', "16 path=another\n10 size=3\n");
  const size_t c = put ("anot", '0', "gamma");
  OOM_LOOP (status, read_index (&index, &err))
  {
    if (status < 0) {
      ck_assert_int_eq (err.code, DC_ERR_SYSTEM);
      continue;
    }
    ck_assert_uint_eq (index->count, 3);
    ck_assert_uint_eq (dc_tarindex_find (index, "a")->window.offset, a);
    ck_assert_uint_eq (dc_tarindex_find (index, "./a")->window.size, 5);
    ck_assert_uint_eq (dc_tarindex_find (index, "a long name")->window.offset,
                       b);
    ck_assert_uint_eq (dc_tarindex_find (index, "another")->window.offset, c);
    ck_assert_uint_eq (dc_tarindex_find (index, "another")->window.size, 3);
    ck_assert_ptr_null (dc_tarindex_find (index, "folder/"));
    dc_tarindex_free (index);
  }
}
END_TEST

static void
fails (const char *words)
{
  struct dc_error err;
  struct dc_tarindex *index = NULL;

  ck_assert_fails (read_index (&index, &err), DC_ERR_INVALID, words);
}

START_TEST (test_bad)
{
  begin ();
  fails ("no tar archive");
  used = 1024; /* zeros: the end of an archive of nothing */
  fails ("no tar archive");
  put ("a", '0', "alpha");
  begin ();
  put ("a", '0', "alpha");
  archive[3] = 'x';
  fails ("no tar archive");
  begin ();
  put ("a", '0', "alpha");
  put ("b", '0', "beta");
  archive[1024 + 3] = 'x';
  fails ("a wrong checksum");
  begin ();
  put ("a", '0', "alpha");
  put ("./a", '0', "beta");
  fails ("two members 'a'");
  begin ();
  put ("a", '0', "alpha");
  archive[124] = 0x80; /* now binary, and larger than all disks */
  sum_up (archive);
  fails ("too large");
  begin ();
  put ("a", '0', "alpha");
  memset (archive + 124, '7', 11);
  sum_up (archive);
  fails ("ends within a member");
  begin ();
  put ("pax", 'x', "99 path=a\n");
  fails ("a pax record");
  begin ();
  put ("pax", 'x', "8 patha\n");
  fails ("has no value");
}
END_TEST

/* Headers that are right but say anything. */
START_TEST (test_damage)
{
  struct dc_error err;

  for (size_t i = 0; i < 4 * 512; i++) {
    struct dc_tarindex *index = NULL;
    begin ();
    put ("pax", 'x', "16 path=another\n10 size=3\n");
    put ("a", '0', "alpha");
    archive[i] = (unsigned char) (i * 37 + 128);
    sum_up (archive);
    sum_up (archive + 1024);
    if (read_index (&index, &err) == 0)
      dc_tarindex_free (index);
  }
}
END_TEST

static void
add (TCase *tcase)
{
  tcase_add_test (tcase, test_good);
  tcase_add_test (tcase, test_bad);
  tcase_add_test (tcase, test_damage);
}

int
main (void)
{
  return unit_run ("tarindex", add);
}
